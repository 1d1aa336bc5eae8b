"""What other systems send becomes one case, in the right place, and gets one answer, wherever we are stopped on the way."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError

from allmenning import vault
from allmenning.basics import dates
from allmenning.journeys import (
    administering,
    dialogue,
    outbox,
    receiving_from_systems,
    stuck,
    sweeping,
    telling_outside,
)
from allmenning.journeys.outside import connect, outside
from allmenning.journeys.receiving_from_systems import receive_waiting
from allmenning.journeys.receiving_keys import make_key, private_keys, published
from allmenning.journeys.rendering import content_of
from allmenning.journeys.testing import RITA, offers
from allmenning.municipal.access.actor import SYSTEM
from allmenning.municipal.cases.models import Case
from allmenning.municipal.documents.models import Document
from allmenning.municipal.documents.tests.files import pdf
from allmenning.municipal.forms.actions import open_submission
from allmenning.municipal.forms.models import Submission
from allmenning.municipal.post.models import OutsideCase, SystemMessage
from allmenning.municipal.post.ports import Box, MessageUnreadable, Read, SentFile, SystemsUnavailable, Waiting
from allmenning.municipal.post.queries import messages_of
from allmenning.tenancy import use

AREA, SERVICE = "child-welfare", "child-welfare-concern"
SOCIAL, APPLICATION = "social-services", "financial-assistance"
CONCERN = {
    "reporter_kind": "private",
    "reporter_name": "Nabo Nabosen",
    "children": [{"name": "Anna Eksempel", "address_line1": "Prøveveien 1"}],
    "concern": "Kort.",
}
ORIGINAL = SentFile("bekymringsmelding.json", "application/json", b'{"melding": "Kort."}', is_original=True)
PRINT = SentFile("bekymringsmelding.pdf", "application/pdf", pdf())


class Systems:
    """Messages in memory: what waits, what was answered, and what may go wrong."""

    def __init__(self):
        self.queue, self.says, self.answers, self.keys = {}, {}, [], []
        self.down = False

    def sends(self, says, box="concern", kind="report", sent_as="", id=None):
        waiting = Waiting(id or uuid4(), kind, uuid4(), sent_as)
        self.queue.setdefault(box, []).append(waiting)
        self.says[waiting.id] = says
        return waiting

    def boxes(self, municipality):
        return [Box("concern", SERVICE), Box("application", APPLICATION)]

    def waiting(self, municipality, box):
        if self.down:
            raise SystemsUnavailable(system="test")
        return list(self.queue.get(box.key, []))

    def is_notice(self, kind):
        return kind == "notice"

    def content(self, municipality, box, waiting):
        return b"as it came"

    def read(self, box, waiting, content, keys):
        self.keys = keys
        said = self.says[waiting.id]
        if isinstance(said, Exception):
            raise said
        return said

    def answer(self, municipality, box, message, kind, sender, *, reason=""):
        if self.down:
            raise SystemsUnavailable(system="test")
        self.answers.append((message, reason))

    def take_away(self, municipality, box, waiting):
        if self.down:
            raise SystemsUnavailable(system="test")
        self.queue[box.key].remove(waiting)


class Status:
    def __init__(self):
        self.files, self.histories, self.down = [], [], False

    def tells(self, kind, shows):
        return shows == "payments"

    def hand_over(self, municipality, case, file):
        self.files.append(file)
        return UUID(int=len(self.files))

    def replace(self, municipality, case, history):
        if self.down:
            raise SystemsUnavailable(system="test")
        self.histories.append(list(history))


@pytest.fixture
def systems(averoy):
    held, status = Systems(), Status()
    held.status = status
    offers(averoy, SERVICE)
    offers(averoy, APPLICATION, "Nav Averøy")
    connect(replace(outside(), systems=held, status=status))
    return held


def concern(**changes):
    return Read(**{"what": "submission", "place": "1554", "data": CONCERN, "name": "Nabo Nabosen", "files": [ORIGINAL, PRINT],
                   "unasked": ("immediate_danger", "urgency")} | changes)  # fmt: skip


def application(follows, **changes):
    data = {"application_type": "standard", "applied_for": "Husleie"}
    original = SentFile("soknad.json", "application/json", b"{}", is_original=True)
    return Read(**{"what": "submission", "place": "1554", "data": data, "number": RITA, "name": "Rita Rogn",
                   "files": [original], "unasked": ("emergency",), "follows": follows, "reference": "110004PCC"}
                | changes)  # fmt: skip


def only(model, area=AREA):
    with use("averoy", area):
        return model.objects.get()


def drain(area=AREA):
    return outbox.drain("averoy", area)


def test_a_report_becomes_a_case_of_its_area_and_is_answered(averoy, systems):
    sent = systems.sends(concern())
    assert receive_waiting(averoy.id) == 1
    assert systems.queue["concern"] == []
    with use(averoy.id, AREA):
        case = Case.objects.get()
        assert (case.service, case.channel, case.applicant_id) == (SERVICE, "api", None)
        assert case.unit_id
        assert case.opened_applicant_name == "Nabo Nabosen"
    drain()
    assert systems.answers == [(sent.id, "")]
    assert only(SystemMessage).answered_at


def test_what_lacks_answers_is_kept_as_it_came_and_shown_as_not_asked(averoy, systems):
    systems.sends(concern())
    receive_waiting(averoy.id)
    with use(averoy.id, AREA):
        case, submission = Case.objects.get(), Submission.objects.get()
        content = open_submission(submission, case.key)
        assert content.data == CONCERN
        assert content.not_asked == ("immediate_danger", "urgency")
        original = next(each for each in Document.objects.all() if each.media_type == "application/json")
        assert content_of(original, case) == ORIGINAL.content
        view = receiving_from_systems.offered(SERVICE)
        rows = [row for part in view.form.summary(content.data, "nb", not_asked=content.not_asked) for row in part.rows]
    said = {row.pointer: row.text for row in rows}
    assert said["/immediate_danger"] == said["/urgency"] == "Ikke spurt om"
    assert said["/concern"] == "Kort."
    assert said["/family_may_know"] == "Ikke besvart"


def test_when_it_was_sent_is_told_and_it_is_received_when_it_is_here(averoy, systems):
    sent = dates.now() - timedelta(days=2)
    systems.sends(concern(sent_at=sent))
    receive_waiting(averoy.id)
    with use(averoy.id, AREA):
        case = Case.objects.get()
        remarks = open_submission(Submission.objects.get(), case.key).remarks
        assert case.received_at > sent + timedelta(days=1)
    assert remarks == (f"Sendt {dates.format_datetime(sent, 'nb')}.",)


def test_the_same_message_again_is_the_same_case(averoy, systems):
    sent = systems.sends(concern())
    receive_waiting(averoy.id)
    systems.sends(concern(), id=sent.id)
    assert receive_waiting(averoy.id) == 1
    drain()
    assert systems.answers == [(sent.id, "")]
    only(Case)


def test_what_the_sender_sends_again_is_answered_again_and_is_the_same_case(averoy, systems):
    first = systems.sends(concern(), sent_as="report-7")
    again = systems.sends(concern(), sent_as="report-7")
    receive_waiting(averoy.id)
    drain()
    assert sorted(systems.answers) == sorted([(first.id, ""), (again.id, "")])
    only(Case)
    with use(averoy.id, AREA):
        assert set(SystemMessage.objects.values_list("state", flat=True)) == {"taken", "duplicate"}


def test_stopped_before_it_is_taken_away_it_is_found_again(averoy, systems, monkeypatch):
    systems.sends(concern())
    monkeypatch.setattr(systems, "take_away", lambda *args: (_ for _ in ()).throw(SystemsUnavailable(system="test")))
    assert receive_waiting(averoy.id) == 0
    monkeypatch.undo()
    assert receive_waiting(averoy.id) == 1
    only(Case)


def test_stopped_in_the_transaction_nothing_is_written(averoy, systems, monkeypatch):
    def stops(*args, **options):
        raise DatabaseError("stopped")

    systems.sends(concern())
    monkeypatch.setattr(receiving_from_systems, "_note", stops)
    assert receive_waiting(averoy.id) == 0
    with use(averoy.id, AREA):
        assert not Case.objects.exists()
        assert not Document.objects.exists()
    monkeypatch.undo()
    assert receive_waiting(averoy.id) == 1


def test_what_cannot_be_read_is_refused_and_kept_as_it_came(averoy, systems, caplog):
    sent = systems.sends(MessageUnreadable(reason="signature"))
    other = systems.sends(concern())
    assert receive_waiting(averoy.id) == 2
    drain()
    assert set(systems.answers) == {(sent.id, "signature"), (other.id, "")}
    with use(averoy.id, AREA):
        refused = SystemMessage.objects.get(state="refused")
        assert b"as it came" not in bytes(refused.content)
        held = vault.open(averoy.id, AREA, receiving_from_systems.content_context(refused.id), bytes(refused.content))
    assert held == b"as it came"
    assert "Anna" not in caplog.text
    assert "Nabo" not in caplog.text


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"place": "1573"}, "place"), ({"place": "9999"}, "place"), ({"number": "123"}, "applicant")],
)
def test_what_is_not_for_us_is_refused(averoy, systems, changes, reason):
    systems.sends(concern(**changes))
    receive_waiting(averoy.id)
    message = only(SystemMessage)
    assert (message.state, message.reason, message.case_id) == ("refused", reason, None)


def ended(averoy, service):
    with use(averoy.id, "administration"):
        administering.stop_offering(administering.OPERATOR, service)


def test_what_is_for_a_service_that_is_not_offered_is_refused_and_nothing_is_written(averoy, systems):
    ended(averoy, SERVICE)
    first = systems.sends(concern())  # there is no key, so it is not even opened
    assert receive_waiting(averoy.id) == 1
    with use(averoy.id, AREA):
        make_key(AREA)
    second = systems.sends(concern())
    assert receive_waiting(averoy.id) == 1
    drain()
    assert systems.answers == [(first.id, "not-offered"), (second.id, "not-offered")]
    with use(averoy.id, AREA):
        assert not Case.objects.exists()
        assert not Document.objects.exists()
        assert set(SystemMessage.objects.values_list("state", "reason")) == {("refused", "not-offered")}


def test_what_belongs_to_a_case_is_taken_after_the_service_has_ended(averoy, systems):
    follows = uuid4()
    with use(averoy.id, SOCIAL):
        make_key(SOCIAL)
    systems.sends(application(follows), box="application")
    receive_waiting(averoy.id)
    ended(averoy, APPLICATION)
    systems.sends(Read("more", follows=follows, files=[], text="Mer."), box="application")
    receive_waiting(averoy.id)
    with use(averoy.id, SOCIAL):
        case = Case.objects.get()
        assert [each.body for each in messages_of(case.id, case.key)] == ["Mer."]


def test_another_area_sees_nothing_of_it(averoy, systems):
    systems.sends(concern())
    receive_waiting(averoy.id)
    for area in ("ordinary", SOCIAL, "care"):
        with use(averoy.id, area):
            assert not Case.objects.exists()
            assert not SystemMessage.objects.exists()
            assert not private_keys(AREA)


def test_a_failure_of_ours_leaves_it_where_it_is_and_logs_no_content(averoy, systems, caplog):
    systems.sends(RuntimeError("Anna Eksempel"))
    assert receive_waiting(averoy.id) == 0
    assert len(systems.queue["concern"]) == 1
    assert "RuntimeError" in caplog.text
    assert "Anna" not in caplog.text


def test_a_file_that_may_not_be_kept_stops_nothing_and_is_named(averoy, systems):
    systems.sends(concern(files=[ORIGINAL, SentFile("virus.exe", "application/pdf", b"MZ\x90\x00")]))
    receive_waiting(averoy.id)
    with use(averoy.id, AREA):
        case = Case.objects.get()
        assert open_submission(Submission.objects.get(), case.key).not_taken == ("virus.exe",)
        content_of(Document.objects.get(origin="submission"), case)


def test_what_could_not_be_read_is_emptied_by_its_age(averoy, systems):
    systems.sends(MessageUnreadable(reason="schema"))
    receive_waiting(averoy.id)
    assert sweeping.sweep_messages(averoy.id) == 0
    with dates.clock.frozen(dates.now() + timedelta(days=31)):
        assert sweeping.sweep_messages(averoy.id) == 1
        assert sweeping.sweep_messages(averoy.id) == 0
    assert only(SystemMessage).content is None


def test_operators_see_how_many_were_refused_and_why(averoy, systems):
    systems.sends(MessageUnreadable(reason="schema"))
    receive_waiting(averoy.id)
    [told] = stuck.find(averoy.id)
    assert (told.area, told.what, told.error, told.count) == (AREA, "message-refused", "schema", 5)


def test_a_notice_is_noted_and_not_answered(averoy, systems):
    systems.sends(None, kind="notice")
    assert receive_waiting(averoy.id) == 1
    drain()
    assert systems.answers == []
    assert only(SystemMessage).state == "noted"


def test_keys_are_kept_for_what_is_on_its_way(averoy, systems):
    with use(averoy.id, AREA):
        assert published(AREA) == ""
        first, second = make_key(AREA), make_key(AREA)
        assert published(AREA) == second != first
        held = private_keys(AREA)
    assert len(held) == 2
    assert all(each.startswith(b"-----BEGIN PRIVATE KEY-----") for each in held)
    systems.sends(concern())
    receive_waiting(averoy.id)
    assert systems.keys == held


def kinds(history):
    return [each.kind for each in history]


def test_every_update_tells_the_whole_history(averoy, systems):
    follows = uuid4()
    systems.sends(application(follows), box="application")
    receive_waiting(averoy.id)
    drain(SOCIAL)
    assert kinds(systems.status.histories[-1]) == ["received"]
    case = only(Case, SOCIAL)
    assert case.applicant_id is not None
    assert telling_outside.note_changed(averoy.id) == 0
    with use(averoy.id, SOCIAL):
        dialogue.ask(case.id, "Send husleiekontrakten.", date(2027, 1, 15), SYSTEM, revision=case.revision)
    assert telling_outside.note_changed(averoy.id) == 1
    drain(SOCIAL)
    last = systems.status.histories[-1]
    assert kinds(last) == ["received", "handling", "asked"]
    assert last[2].file == UUID(int=1)
    assert last[2].due == date(2027, 1, 15)
    assert systems.status.files[0].content.startswith(b"%PDF")
    assert telling_outside.note_changed(averoy.id) == 0


def test_an_update_that_fails_is_tried_again_and_hands_no_letter_over_twice(averoy, systems):
    systems.sends(application(uuid4()), box="application")
    receive_waiting(averoy.id)
    drain(SOCIAL)
    with use(averoy.id, SOCIAL):
        case = Case.objects.get()
        dialogue.ask(case.id, "Hva?", date(2027, 1, 15), SYSTEM, revision=case.revision)
    systems.status.down = True
    telling_outside.note_changed(averoy.id)
    drain(SOCIAL)
    assert len(systems.status.histories) == 1
    systems.status.down = False
    with dates.clock.frozen(dates.now() + timedelta(hours=2)):
        drain(SOCIAL)
    assert len(systems.status.histories) == 2
    row = only(OutsideCase, SOCIAL)
    assert row.told_revision == only(Case, SOCIAL).revision


def test_more_documents_and_an_appeal_come_into_the_case_that_they_are_about(averoy, systems):
    follows = uuid4()
    systems.sends(application(follows), box="application")
    more = SentFile("vedlegg.json", "application/json", b"{}", is_original=True)
    paper = SentFile("kontrakt.pdf", "application/pdf", pdf(), "documents_costs")
    systems.sends(Read("more", follows=follows, files=[more, paper]), box="application")
    systems.sends(Read("appeal", follows=follows, files=[], text="Jeg er uenig."), box="application")
    systems.sends(Read("more", follows=uuid4(), files=[]), box="application")
    assert receive_waiting(averoy.id) == 4
    with use(averoy.id, SOCIAL):
        case = Case.objects.get()
        said = messages_of(case.id, case.key)
        assert [each.kind for each in said] == ["more-documents", "more-documents"]
        # Nothing is decided yet, and what they wrote is taken all the same.
        assert said[1].body == "Dette er sendt som en klage på vedtak:\n\nJeg er uenig."
        assert list(SystemMessage.objects.order_by("received_at").values_list("state", "reason")) == [
            ("taken", ""), ("taken", ""), ("taken", ""), ("refused", "not-followed")
        ]  # fmt: skip
