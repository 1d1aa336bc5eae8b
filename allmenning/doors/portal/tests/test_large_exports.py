"""A large export: made by a worker, told of, mine alone, for some days, and never half."""

import json
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.conf import settings

from allmenning import vault
from allmenning.basics import dates
from allmenning.doors.portal.testing import browser_of, sent_image, sent_inquiry
from allmenning.journeys import exporting, making_exports, my_data, outbox, representing
from allmenning.journeys.testing import OMAR, omar, rita
from allmenning.municipal.access.models import LogEntry
from allmenning.municipal.documents.models import Document
from allmenning.municipal.documents.tests.files import image
from allmenning.municipal.people.models import Export, ExportPart, Representation
from allmenning.tenancy import use
from allmenning.vault import files


@pytest.fixture
def much(averoy, monkeypatch):
    """Rita has more than is made at once, and enough for several parts."""
    monkeypatch.setattr(my_data, "AT_ONCE", 100)
    monkeypatch.setattr(making_exports, "PART", 3000)
    case_id = sent_inquiry(averoy, rita(), subject="Hull i veien").case_id
    for number in range(3):
        sent_image(averoy, case_id, rita(), image("PNG"), f"hull-{number}.png")
    outbox.drain(averoy.id, "ordinary")  # so that every document is made already
    return case_id


def links(client):
    page = client.get("/my/data/").text
    return [part.split('"')[0] for part in page.split('href="') if part.startswith("/my/data/averoy/")]


def parts_of(client):
    return [ZipFile(BytesIO(client.get(link).content)) for link in links(client)]


def read(parts, name):
    [part] = [each for each in parts if name in each.namelist()]
    return part.read(name)


def test_it_is_asked_for_made_told_of_and_downloaded(averoy, registers, much):
    client = browser_of(rita())
    asked = client.post("/my/data/download/", follow=True)
    assert "Blir laget" in asked.text
    assert links(client) == []
    assert making_exports.make_waiting(averoy.id) == 1
    parts = parts_of(client)
    assert len(parts) > 1
    names = [name for part in parts for name in part.namelist()]
    assert len(names) == len(set(names))
    assert sum(name.endswith(".png") for name in names) == 3
    told = json.loads(read(parts, "data.json"))
    assert [case["answers"]["subject"] for place in told["municipalities"] for case in place["cases"]] == [
        "Hull i veien"
    ]
    named = {each["path"] for place in told["municipalities"] for case in place["cases"] for each in case["documents"]}
    assert named <= set(names)
    assert "Hull i veien" in read(parts, "index.html").decode()
    [sent] = [each for each in registers.sent if each["key"].startswith("export:")]
    assert (sent["to"], "Hull" in sent["text"]) == ("rita@example.test", False)
    making_exports.make_waiting(averoy.id)
    assert len([each for each in registers.sent if each["key"].startswith("export:")]) == 1
    with use(averoy.id, "owner"):
        assert LogEntry.objects.filter(action="export", case_id=much).count() == 1


def test_what_is_small_is_handed_over_at_once_and_nothing_is_kept(averoy):
    sent_inquiry(averoy, rita())
    assert browser_of(rita()).post("/my/data/download/")["Content-Type"] == "application/zip"
    with use(averoy.id, "owner"):
        assert not Export.objects.exists()


def test_asking_twice_makes_one(averoy, much):
    client = browser_of(rita())
    for _ in range(2):
        client.post("/my/data/download/")
    making_exports.make_waiting(averoy.id)
    client.post("/my/data/download/")
    with use(averoy.id, "owner"):
        assert Export.objects.count() == 1


def test_it_is_sealed_on_the_disk(averoy, much):
    browser_of(rita()).post("/my/data/download/")
    making_exports.make_waiting(averoy.id)
    with use(averoy.id, "owner"):
        for part in ExportPart.objects.all():
            kept = (settings.FILES_DIR / part.path).read_bytes()
            assert not kept.startswith(b"PK")
            assert b"hull-" not in kept


def test_nobody_else_has_it_not_even_one_who_acts_for_me(averoy, much):
    representing.forget()
    mine = browser_of(rita())
    mine.post("/my/data/download/")
    making_exports.make_waiting(averoy.id)
    [link, *_] = links(mine)
    assert browser_of(omar()).get(link)["Location"] == "/my/data/"
    last_day = dates.add_months(dates.today(), 1).isoformat()
    mine.post(
        "/my/powers/averoy/give/",
        {"number": OMAR, "name": "Omar Osp", "scope": "ordinary/inquiry", "last_day": last_day},
    )
    with use(averoy.id, "owner"):
        power = Representation.objects.get().id
    acting = browser_of(omar())
    acting.post("/act-for/", {"power": f"averoy/{power}"})
    assert acting.get(link)["Location"] == "/act-for/"
    assert acting.post("/my/data/download/")["Location"] == "/act-for/"
    assert links(acting) == []


def test_a_making_that_breaks_off_shows_nothing_and_is_tried_again(averoy, much, monkeypatch):
    client = browser_of(rita())
    client.post("/my/data/download/")
    write, done = files.write, []

    def breaks(*args):
        if done:
            raise OSError("no space")
        done.append(write(*args))
        return done[0]

    monkeypatch.setattr(making_exports.files, "write", breaks)
    assert making_exports.make_waiting(averoy.id) == 0
    assert "Blir laget" in client.get("/my/data/").text
    assert links(client) == []
    assert making_exports.make_waiting(averoy.id) == 0, "not at once again"
    monkeypatch.setattr(making_exports.files, "write", write)
    with use(averoy.id, "owner"):
        Export.objects.update(not_before=dates.now())
    assert making_exports.make_waiting(averoy.id) == 1
    assert len(parts_of(client)) > 1
    assert not files.is_there(averoy.id, done[0].path), "what the first try left is gone"


def test_what_a_killed_try_left_goes_before_the_next(averoy, much, monkeypatch):
    browser_of(rita()).post("/my/data/download/")
    monkeypatch.setattr(making_exports, "_as_page", lambda *_: (_ for _ in ()).throw(SystemExit()))
    with pytest.raises(SystemExit):
        making_exports.make_waiting(averoy.id)
    with use(averoy.id, "owner"):
        left = list(ExportPart.objects.values_list("path", flat=True))
        Export.objects.update(not_before=dates.now())
    assert left
    assert all(files.is_there(averoy.id, path) for path in left)
    monkeypatch.setattr(making_exports, "_as_page", lambda *_: "page")
    assert making_exports.make_waiting(averoy.id) == 1
    assert not any(files.is_there(averoy.id, path) for path in left)


def test_what_could_not_be_ordered_is_said_by_municipality(averoy, much, monkeypatch):
    def away(*_):
        raise vault.KeeperAway("no answer")

    client = browser_of(rita())
    monkeypatch.setattr(exporting.vault, "new_case_key", away)
    page = client.post("/my/data/download/", follow=True).text
    assert "Vi fekk ikkje tinga frå" in page or "Vi fikk ikke bestilt fra" in page
    assert "Du får beskjed når" not in page
    assert "Blir laget" not in page


def test_one_document_that_can_not_be_opened_is_noted_and_the_rest_given(averoy, much):
    with use(averoy.id, "owner"):
        files.remove(averoy.id, Document.objects.filter(path__gt="", case_id=much).first().path)
    client = browser_of(rita())
    client.post("/my/data/download/")
    assert making_exports.make_waiting(averoy.id) == 1
    told = json.loads(read(parts_of(client), "data.json"))
    documents = [each for place in told["municipalities"] for case in place["cases"] for each in case["documents"]]
    assert [each["path"] for each in documents if each.get("unreadable")] == [None]
    assert sum(bool(each["path"]) for each in documents) >= 3


def test_what_was_made_before_a_case_is_erased_is_handed_over_no_more(averoy, much):
    client = browser_of(rita())
    client.post("/my/data/download/")
    making_exports.make_waiting(averoy.id)
    [link, *_] = links(client)
    with use(averoy.id, "owner"):
        paths = list(ExportPart.objects.values_list("path", flat=True))
        making_exports.withdraw(bytes(Export.objects.get().owner_key))
    assert client.get(link)["Location"] == "/my/data/"
    making_exports.remove_old(averoy.id)
    assert not any(files.is_there(averoy.id, path) for path in paths)


def test_what_is_being_made_while_a_case_is_erased_is_made_anew(averoy, much, monkeypatch):
    client = browser_of(rita())
    client.post("/my/data/download/")

    def erased_meanwhile(*_):
        with use(averoy.id, "owner"):
            making_exports.withdraw(bytes(Export.objects.get().owner_key))
        return "page"

    monkeypatch.setattr(making_exports, "_as_page", erased_meanwhile)
    assert making_exports.make_waiting(averoy.id) == 0
    assert links(client) == []
    monkeypatch.setattr(making_exports, "_as_page", lambda *_: "page")
    assert making_exports.make_waiting(averoy.id) == 1


def test_what_never_can_be_made_says_so_and_may_be_asked_for_again(averoy, much):
    client = browser_of(rita())
    client.post("/my/data/download/")
    with use(averoy.id, "owner"):
        Export.objects.update(attempts=exporting.MOST_TRIES)
    assert making_exports.make_waiting(averoy.id) == 0
    assert "Den kunne ikke lages" in client.get("/my/data/").text
    client.post("/my/data/download/")
    assert making_exports.make_waiting(averoy.id) == 1


def test_after_some_days_it_is_gone_from_page_and_disk(averoy, much, monkeypatch):
    client = browser_of(rita())
    client.post("/my/data/download/")
    making_exports.make_waiting(averoy.id)
    [link, *_] = links(client)
    with use(averoy.id, "owner"):
        paths = list(ExportPart.objects.values_list("path", flat=True))
    assert making_exports.remove_old(averoy.id) == 0
    later = dates.today() + timedelta(days=exporting.KEPT_DAYS + 1)
    monkeypatch.setattr(exporting.dates, "today", lambda: later)
    assert client.get(link)["Location"] == "/my/data/"
    assert links(client) == []
    assert making_exports.remove_old(averoy.id) == 1
    assert not any(files.is_there(averoy.id, path) for path in paths)
    with use(averoy.id, "owner"):
        assert not Export.objects.exists()
