"""Who steals a municipality's database, files, keys, back-up and logs, or reads what programs were told, learns nothing.

What is looked for are a resident's name, number and address, and what was written, sent and answered, in each form in
which bytes are commonly written down.
"""

import base64
import json
import logging
from itertools import islice
from pathlib import Path

import pytest
from django.conf import settings as configured

from allmenning import vault
from allmenning.backup import databases, making, sealing
from allmenning.commons.municipalities import actions as municipalities
from allmenning.doors.portal.testing import answered, sent_image
from allmenning.journeys import outbox
from allmenning.journeys.testing import ALICE, NAMES, RITA, rita
from allmenning.journeys.tests.test_main_job import send_inquiry
from allmenning.municipal.access.models import BreakGlass, Review
from allmenning.municipal.cases.models import Case, Note, Participant
from allmenning.municipal.documents.models import Document
from allmenning.municipal.documents.tests.files import image
from allmenning.municipal.forms.actions import open_submission
from allmenning.municipal.forms.models import Submission
from allmenning.municipal.people import protection
from allmenning.tenancy import use
from allmenning.tenancy.placement import Placement, placement_of
from attack import living, stolen
from bench.people import people

PLANTED = {
    "name": NAMES[RITA],
    "number": RITA,
    "address": "Hemmeligveien 4711",
    "phone": "+4740001234",
    "message": "blåbærsyltetøyet",
    "subject": "Kråkereirhaugen",
    "file": "legeerklæring-rygg",
    "number of whom somebody is partial to": next(people())[0],
    **living.words_of("care"),
}


def hits(content, planted=PLANTED):
    return stolen.hits(content, planted)


def dump(placed):
    with databases._running("pg_dump", "--format=plain", database=placed, stdout=databases.subprocess.PIPE) as process:
        return process.stdout.read()


def below(folder):
    """Content and names of all files below a folder."""
    return [
        path.read_bytes() + b"\n" + str(path.relative_to(folder)).encode()
        for path in folder.rglob("*")
        if path.is_file()
    ]


def told():
    """Environment and command line of every process that we may look into."""
    for process in Path("/proc").glob("[0-9]*"):
        for name in ("environ", "cmdline"):
            try:
                yield (process / name).read_bytes()
            except OSError:
                continue


@pytest.fixture
def lived(averoy, caplog):
    """A resident has sent, been answered and been written to; everything that waits has been done."""
    caplog.set_level(logging.INFO)  # the programs write from WARNING on
    municipalities.load_register()
    text = f"Om {PLANTED['message']}: jeg bor i {PLANTED['address']}. Ring {PLANTED['phone']}."
    subject = f"{PLANTED['subject']}: {PLANTED['name']} {RITA}, {PLANTED['phone']}, {PLANTED['address']}"
    case_id = send_inquiry(averoy, rita(), subject=subject, message=text).case_id
    sent_image(averoy, case_id, rita(), image("PNG"), f"{PLANTED['file']}.png")
    answered(averoy, case_id, ALICE)
    staff = [each for each, _ in islice(people(), 10, 13)]
    living.live_in(averoy.id, rita(), PLANTED["number of whom somebody is partial to"], PLANTED, ["care"], staff)
    for area in ("ordinary", "care"):
        outbox.drain(averoy.id, area)
    return averoy


def test_nothing_stolen_tells_who_or_what(lived, tmp_path, caplog, record_property):
    recipient = sealing.make_key(tmp_path / "private.key")
    (tmp_path / "backup").mkdir()
    making.back_up(tmp_path / "backup", [recipient], lived.id, 1)
    found = {
        "databases": [dump(placement_of(lived.id)), dump(Placement(*configured.COMMONS_PLACEMENT))],
        "files": below(Path(configured.FILES_DIR)),
        "keys": below(Path(configured.VAULT_DIR)),
        "back-up": below(tmp_path / "backup"),
        "logs": [caplog.text.encode()],
        "processes": list(told()),
    }
    assert [where for where, some in found.items() if not any(some)] in ([], ["logs"])  # nothing may be worth a line
    searched = {where: sum(map(len, some)) for where, some in found.items()}
    looked_for = sum(len(set(stolen.forms(text))) for text in PLANTED.values())
    record_property(
        "told", f"the dump search: {looked_for} forms of {len(PLANTED)} planted texts, in bytes of {searched}"
    )
    assert {where: hits(each) for where, some in found.items() for each in some if hits(each)} == {}


def test_what_is_planted_was_written_where_it_is_looked_for(lived):
    """Each word of the sensitive area opens for who may open it; else nothing would be found of what was never there."""
    with use(lived.id, "care"):
        [case] = Case.objects.all()
        notes, [broken], [review] = Note.objects.all(), BreakGlass.objects.all(), Review.objects.all()
        municipality, named = lived.id, Participant.objects.all()
        told = [
            str(open_submission(Submission.objects.get(case_id=case.id), case.key).data),
            *(case.key.open_text("cases.Participant.name", bytes(each.name), each.id) for each in named),
            *(case.key.open_text("cases.Note.text", bytes(each.text), each.id) for each in notes),
            *(case.key.open_text("cases.Note.third_party", bytes(each.third_party), each.id) for each in notes),
            case.key.open_text("access.BreakGlass.reason", bytes(broken.reason), broken.id),
            vault.open_text(municipality, "care", f"access.Review.comment:{review.id}", bytes(review.comment)),
            *protection.postal_address(bytes(case.owner_key)),
        ]
        kept = {
            case.key.open_text("documents.Document.file_name", bytes(d.file_name), d.id) for d in Document.objects.all()
        }
    words = {
        PLANTED[f"{what} in care"]
        for what in ("subject", "message", "note", "neighbour", "guardian", "emergency", "conclusion", "postal address")
    }
    assert {word for word in words if not any(word in each for each in told)} == set()
    assert f"{PLANTED['file in care']}.png" in kept


def test_what_is_clear_is_found_so_the_search_can_find(lived):
    clear = dump(placement_of(lived.id))
    assert hits(clear, {"caseworker": NAMES[ALICE]})


@pytest.mark.parametrize("text", PLANTED.values())
def test_every_form_is_recognised(text):
    for shift in range(3):
        assert hits(base64.b64encode(b"x" * shift + text.encode() + b"y"), {"it": text})
    for content in (text.encode().hex().encode(), text.encode("utf-16-le"), json.dumps({"a": text}).encode()):
        assert hits(b"before" + content + b"after", {"it": text})
