"""A case is erased when its records may be disposed of, by two persons, and not before; what must remain remains."""

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connections
from django.db.utils import IntegrityError
from django.urls import reverse

from allmenning import vault
from allmenning.basics import dates
from allmenning.basics.dates import OSLO
from allmenning.commons.identity.client_tokens import Client
from allmenning.commons.identity.models import Presence
from allmenning.doors.cli.__main__ import main
from allmenning.doors.desk import urls
from allmenning.doors.desk.testing import at_desk, hire
from allmenning.doors.portal.testing import answered
from allmenning.journeys import (
    ages,
    disposing,
    erasing,
    following,
    outbox,
    proving,
    retaining,
    reviewing,
    standing_out,
    stuck,
    sweeping,
)
from allmenning.journeys import errors as e
from allmenning.journeys.testing import ALICE, BOB, number, rita
from allmenning.journeys.tests.counting import statements
from allmenning.journeys.tests.test_main_job import as_resident, desk, send_inquiry
from allmenning.journeys.tests.test_sending import filled
from allmenning.journeys.tests.test_witnessing import clients, grow  # noqa: F401 (a fixture)
from allmenning.municipal.access import actions as access
from allmenning.municipal.access.errors import NotYours
from allmenning.municipal.access.models import BreakGlass, LogEntry, NearOne, PartialInCase, Review
from allmenning.municipal.access.rules import Asked, Facts, judge
from allmenning.municipal.archive.models import CaseFile, Disposal, RegistryEntry, RetentionRule
from allmenning.municipal.cases import queries
from allmenning.municipal.cases.actions import ask_for_access
from allmenning.municipal.cases.errors import CaseNotFound
from allmenning.municipal.cases.models import AccessRequest, Case, Event, State
from allmenning.municipal.cases.queries import Filters
from allmenning.municipal.documents.models import Document
from allmenning.municipal.forms.models import Draft
from allmenning.municipal.people import protection
from allmenning.municipal.people.models import Export, NamePart, Person, Representation
from allmenning.municipal.people.protection import Level
from allmenning.municipal.post.models import Outbox
from allmenning.municipal.profile.models import AdoptedService
from allmenning.tenancy import use, walls
from allmenning.tenancy.models import SealedField

SOURCE = "riksarkivarens forskrift § 7-24, arkivplanen 3. mars 2026"
YEARS = 10


@pytest.fixture
def town(averoy):
    """With two archivists beside the caseworker Alice and the leader Bob."""
    hire(averoy, number(307), "archivist", name="Hege Hassel")
    hire(averoy, number(308), "archivist", name="Ida Istre")
    return averoy


@pytest.fixture
def closed(town):
    """An inquiry that was answered, with its documents made and its letter sent."""
    case_id = send_inquiry(town, rita()).case_id
    answered(town, case_id, ALICE)
    outbox.drain(town.id, "ordinary")
    return case_id


def confirm(town, rule="dispose", years=str(YEARS), source=SOURCE, by="hege"):
    with desk(town):
        return retaining.confirm("inquiry", rule, years, source, town.working(by))


def later(years=YEARS + 2):
    return dates.clock.frozen(dates.now() + timedelta(days=366 * years))


def propose(town, case_id, by="hege"):
    with desk(town):
        return disposing.propose([case_id], town.working(by))


def decide(town, case_id, outcome="approved", by="ida"):
    with desk(town):
        row = Disposal.objects.get(case_id=case_id)
        return disposing.decide([row.id], outcome, town.working(by))


def approved(town, case_id):
    propose(town, case_id)
    decide(town, case_id)


# --- the plan ---


def test_an_archivist_confirms_a_rule_with_its_source_and_the_newest_counts(town):
    with desk(town):
        [line] = [each for each in retaining.plan(town.working("hege")) if each.package.id == "inquiry"]
        assert (line.rule, line.package.retention.confirmed) == (None, False)
    first, second = confirm(town), confirm(town, "preserve", "")
    with desk(town):
        line = retaining.line_of("inquiry", town.working("hege"))
        assert (line.rule, line.before) == (second, (first,))
        assert (line.rule.staff_name, line.rule.years, line.rule.source) == ("Hege Hassel", None, SOURCE)
        logged = LogEntry.objects.filter(action="confirm-retention", object_kind="retention-rule")
        assert set(logged.values_list("object_id", flat=True)) == {first.id, second.id}


@pytest.mark.parametrize(
    ("rule", "years", "source", "refusal"),
    [
        ("dispose", "", SOURCE, e.RuleIncomplete),
        ("dispose", "0", SOURCE, e.RuleIncomplete),
        ("dispose", "201", SOURCE, e.RuleIncomplete),
        ("dispose", "²", SOURCE, e.RuleIncomplete),
        ("dispose", "9" * 30, SOURCE, e.RuleIncomplete),
        ("dispose", "010000", SOURCE, e.RuleIncomplete),  # and not ten thousand years
        ("dispose", "5", "x" * 301, e.SourceTooLong),
        ("burn", "5", SOURCE, e.RuleIncomplete),
        ("dispose", "5", "  lov  ", e.SourceMissing),
    ],
)
def test_a_rule_without_years_or_source_is_none(town, rule, years, source, refusal):
    with pytest.raises(refusal):
        confirm(town, rule, years, source)


@pytest.mark.parametrize("by", ["alice", "bob"])
def test_nobody_but_an_archivist_confirms(town, by):
    with pytest.raises(e.NotArchivist):
        confirm(town, by=by)


def test_what_was_confirmed_is_never_changed_in_the_database(town):
    rule = confirm(town)
    with desk(town) as acting, connections[acting.alias].cursor() as cursor:
        for change in ("update archive_retentionrule set years = 1", "delete from archive_retentionrule"):
            with pytest.raises(Exception, match="permission denied"):
                cursor.execute(change)
    assert rule.years == YEARS


def test_the_database_too_knows_the_longest(town):
    with use(town.id, "owner"), pytest.raises(IntegrityError, match="years_to_disposal"):
        RetentionRule.objects.create(
            area="ordinary",
            service="inquiry",
            rule="dispose",
            years=201,
            source=SOURCE,
            staff_id=uuid4(),
            staff_name="x",
        )


# --- the conditions, each with its law ---


def test_what_no_archivist_has_confirmed_is_kept(town, closed):
    with later(), pytest.raises(e.DisposalNotConfirmed, match=r"arkivlova.*art\. 17 nr\. 3"):
        propose(town, closed)


def test_what_must_be_preserved_is_refused_with_its_source(town, closed):
    confirm(town, "preserve", "")
    with later(), pytest.raises(e.MustBePreserved, match=rf"art\. 17 nr\. 3.*{SOURCE}"):
        propose(town, closed)


def test_the_years_are_counted_from_the_end_of_the_one_in_which_it_was_closed(town, closed):
    confirm(town)
    with desk(town):
        year = Case.objects.get().closed_at.astimezone(OSLO).year
    last = datetime(year + YEARS, 12, 31, 23, 59, tzinfo=OSLO)
    with dates.clock.frozen(last):
        with desk(town):
            assert disposing.due(town.working("hege")) == []
        with pytest.raises(e.TooEarlyToErase, match=rf"1\. januar {year + YEARS + 1}.*art\. 17 nr\. 3"):
            propose(town, closed)
    with dates.clock.frozen(last + timedelta(minutes=1)):
        with desk(town):
            assert [each.case.id for each in disposing.due(town.working("hege"))] == [closed]
        assert propose(town, closed) == 1
    assert retaining.first_day(datetime(2026, 12, 31, 23, 30, tzinfo=OSLO), 5) == date(2032, 1, 1)


def test_an_open_case_is_not_erased(town):
    confirm(town)
    case_id = send_inquiry(town, rita()).case_id
    with later(), pytest.raises(e.CaseNotClosed):
        propose(town, case_id)
    with use(town.id, "owner"):  # closed once, and opened again by an appeal
        Case.objects.update(closed_at=dates.now(), state=State.APPEALED)
    with later():
        with desk(town):
            assert disposing.due(town.working("hege")) == []
        with pytest.raises(e.CaseNotClosed):
            propose(town, case_id)


def test_a_case_in_which_something_waits_is_not_erased(town, closed):
    confirm(town)
    with use(town.id, "owner"):
        Outbox.objects.create(area="ordinary", case_id=closed, kind="deliver", object_id=closed)
    with later(), pytest.raises(e.StillAtWork):
        propose(town, closed)


def test_a_case_whose_party_waits_for_access_is_neither_proposed_nor_approved_nor_erased(town, closed):
    confirm(town)

    def asked(waits):
        with use(town.id, "owner"):
            AccessRequest.objects.filter(case=closed).delete()
            if waits:
                ask_for_access(Case.objects.get(), message_id=uuid4(), at=dates.now(), due_on=dates.today())

    with later():
        for step in (lambda: propose(town, closed), lambda: decide(town, closed)):
            asked(waits=True)
            with desk(town):
                assert disposing.due(town.working("hege")) == []
            with pytest.raises(e.StillAtWork):
                step()
            asked(waits=False)
            step()
        asked(waits=True)
        with pytest.raises(e.StillAtWork):
            erasing.erase_case(town.id, closed)
        assert erasing.erase_approved(town.id) == 0
        asked(waits=False)
        assert erasing.erase_approved(town.id) == 1
        asked(waits=True)  # as it was where it was erased before this was asked
        with desk(town):
            assert queries.counts(town.working("alice"))["access"] == 0


# --- two persons ---


def test_one_proposes_and_another_approves(town, closed):
    confirm(town)
    with later():
        assert propose(town, closed) == 1
        assert propose(town, closed) == 0
        with pytest.raises(e.ProposedByThemselves):
            decide(town, closed, by="hege")
        assert decide(town, closed, by="bob") == 1
        with pytest.raises(e.NotProposed):
            decide(town, closed)
    with desk(town):
        done = LogEntry.objects.filter(case_id=closed, purpose="archive").values_list("action", "staff_name")
        assert set(done) == {("propose-disposal", "Hege Hassel"), ("approve-disposal", "Bob Bjørk")}


@pytest.mark.parametrize("by", ["alice", "bob"])
def test_only_an_archivist_proposes(town, closed, by):
    confirm(town)
    with later(), pytest.raises(CaseNotFound):
        propose(town, closed, by=by)


def test_a_caseworker_approves_nothing_and_sees_no_list(town, closed):
    confirm(town)
    with later():
        propose(town, closed)
        with pytest.raises(e.NotProposed):
            decide(town, closed, by="alice")
        with desk(town):
            for page in (disposing.due, disposing.proposed, disposing.decided):
                with pytest.raises(NotYours):
                    page(town.working("alice"))


def test_each_list_of_cases_is_a_row_of_the_log_with_their_ids(town, closed):
    confirm(town)
    with later(), desk(town):
        disposing.due(town.working("hege"))
    with later():
        propose(town, closed)
    with desk(town):
        disposing.proposed(town.working("hege"))
        rows = LogEntry.objects.filter(action="list", purpose=disposing.PURPOSE)
        assert [(row.shown_ids, row.field_kinds) for row in rows] == [([closed], ["case-number"])] * 2


def test_the_database_too_wants_two(town, closed):
    confirm(town)
    with later(), desk(town):
        propose(town, closed)
        row = Disposal.objects.get()
        row.outcome, row.decided_by = "approved", row.proposed_by
        with pytest.raises(IntegrityError, match="another_decides_disposal"):
            row.save(update_fields=["outcome", "decided_by"])


def test_a_case_of_lasting_value_is_preserved_for_good(town, closed):
    confirm(town)
    with later():
        propose(town, closed)
        assert decide(town, closed, "preserved") == 1
        with desk(town):
            assert disposing.due(town.working("hege")) == []
        with pytest.raises(e.MustBePreserved):
            propose(town, closed)
        with pytest.raises(e.NotApproved):
            erasing.erase_case(town.id, closed)


def test_nothing_is_erased_that_two_have_not_approved(town, closed):
    confirm(town)
    with later():
        for step in (lambda: None, lambda: propose(town, closed)):
            step()
            with pytest.raises(e.NotApproved):
                erasing.erase_case(town.id, closed)
    with desk(town):
        assert queries.case_for(closed).opened_applicant_name == "Rita Rogn"


def test_a_rule_that_was_changed_after_the_approval_stops_the_worker(town, closed):
    confirm(town)
    with later():
        approved(town, closed)
        confirm(town, "preserve", "")
        with pytest.raises(e.MustBePreserved):
            erasing.erase_case(town.id, closed)
        assert erasing.erase_approved(town.id) == 0
        confirm(town)  # another rule than the one that it was approved by, though it says the same
        assert erasing.erase_approved(town.id) == 0
        with pytest.raises(e.NotApproved):
            erasing.erase_case(town.id, closed)
    with desk(town):
        assert queries.case_for(closed)


def test_an_approval_of_a_case_that_was_opened_again_falls_away(town, closed):
    """Approved, opened again, handled, closed anew: years later it is erased only if two persons decide so anew."""
    confirm(town)
    with later():
        approved(town, closed)
        with use(town.id, "owner"):
            Case.objects.update(closed_at=dates.now() + timedelta(days=1))
    with later(2 * YEARS + 5):
        with desk(town):
            assert [each.has_fallen for each in disposing.decided(town.working("ida"))] == [True]
        with pytest.raises(e.NotApproved):
            erasing.erase_case(town.id, closed)
        assert erasing.erase_approved(town.id) == 0
        assert propose(town, closed) == 1
        with desk(town):
            [row] = Disposal.objects.filter(outcome="")
            disposing.decide([row.id], "approved", town.working("ida"))
        assert erasing.erase_approved(town.id) == 1
        with desk(town):
            assert [each.has_fallen for each in disposing.decided(town.working("ida"))] == [False, True]


def test_many_are_read_together(town):
    """As many statements for three as for one."""
    confirm(town)
    ids = [send_inquiry(town, rita()).case_id for _ in range(4)]
    with use(town.id, "owner"):
        Case.objects.update(closed_at=dates.now(), state=State.DECIDED)
        Outbox.objects.update(done_at=dates.now())
    counted = []
    with later(), desk(town):
        disposing.due(town.working("hege"))  # who is strictly protected is remembered for a while
        for some in (ids[:1], ids[1:]):
            with statements() as proposing:
                assert disposing.propose(some, town.working("hege")) == len(some)
            with statements() as deciding:
                rows = Disposal.objects.filter(case_id__in=some).values_list("id", flat=True)
                assert disposing.decide(list(rows), "approved", town.working("ida")) == len(some)
            counted.append((len(proposing), len(deciding)))
    assert counted[0] == counted[1]


def test_a_strictly_protected_case_is_proposed_by_its_number_and_stays_closed_to_the_archivist(town, closed):
    confirm(town)
    with use(town.id, "owner"):
        key = bytes(Case.objects.get().owner_key)
    with desk(town):
        protection.set_by_hand(key, Level.STRICT, protection.Detail("threat"))
    with later():
        with desk(town):
            [found] = disposing.due(town.working("hege"))
            assert found.case.number
        approved(town, closed)
        with desk(town):
            case = queries.case_for(closed)
            assert not judge(Facts(Asked("read", town.working("hege"), "archive"), case)).allowed
            relations = LogEntry.objects.filter(case_id=closed, purpose="archive").values_list("relation", flat=True)
            assert set(relations) == {"archive"}
        assert erasing.erase_approved(town.id) == 1


# --- erased ---


def test_nothing_of_it_can_be_opened_afterwards_by_anybody(town, closed):
    confirm(town)
    with use(town.id, "owner"):
        Case.objects.update(parent_index=b"p" * 32, home_keys=[b"h" * 32], named_keys=[b"n" * 32])
        wrapped, owner_key = Case.objects.values_list("wrapped_key", "owner_key").get()
    key = vault.open_case_key(town.id, "ordinary", bytes(wrapped))
    with desk(town):
        paths = list(Document.objects.exclude(path="").values_list("path", flat=True))
    assert paths
    with later():
        approved(town, closed)
        assert erasing.erase_approved(town.id) == 1
        assert erasing.erase_case(town.id, closed) == 0  # again is harmless
    assert not any(vault.files.is_there(town.id, path) for path in paths)
    with use(town.id, "owner") as acting:
        everything = dump(acting)
        assert key.identity.hex() not in everything
        assert bytes(owner_key).hex() not in everything
        assert not any((each * 32).hex() in everything for each in (b"p", b"h", b"n"))
        for model in walls.municipal_models():
            if any(f.column == "case_id" for f in model._meta.concrete_fields):
                for field in (f for f in model._meta.concrete_fields if isinstance(f, SealedField)):
                    assert not any(filter(None, model.objects.values_list(field.name, flat=True))), (model, field)
    with desk(town):
        with pytest.raises(vault.CannotOpen):
            _ = Case.objects.get().key
        with pytest.raises(CaseNotFound):
            queries.case_for(closed)
        for view in ("closed", "unit"):
            assert queries.work_list(town.working("alice"), Filters(view=view)).cases == []
        assert Disposal.objects.get().erased_at is not None
    with as_resident(town, rita()):
        assert not Case.objects.exists()
    assert stuck.files_gone(town.id) == []


def test_what_leaders_have_not_reviewed_and_have_stands_without_their_words(town, closed):
    confirm(town)
    with later(), desk(town):
        case, alice, bob = queries.case_for(closed), town.working("alice"), town.working("bob")
        for about in ("closed", "open"):
            reviewing.note(Review.Kind.DISQUALIFIED, about=about, working=alice, case=case, reason="near-case")
        reviewing.close(Review.objects.get(about="closed").id, "fine", "Snakket med Alice om det.", bob)
    with later():
        approved(town, closed)
        assert erasing.erase_approved(town.id) == 1
    with desk(town):
        assert [(row.about, row.comment) for row in Review.objects.order_by("about")] == [
            ("closed", b""),
            ("open", None),
        ]


def test_it_stands_as_erased_only_when_its_files_are_gone_and_stops_no_other(town, closed, monkeypatch):
    confirm(town)
    other = send_inquiry(town, rita()).case_id
    answered(town, other, ALICE)
    outbox.drain(town.id, "ordinary")
    with desk(town):
        paths = {row.path: row.case_id for row in Document.objects.exclude(path="")}
    remove = vault.files.remove

    def fails(municipality, path):
        if paths[path] == closed:
            raise OSError("input/output error")
        remove(municipality, path)

    with later():
        approved(town, closed)
        approved(town, other)
        monkeypatch.setattr(vault.files, "remove", fails)
        assert erasing.erase_approved(town.id) == 1
        with desk(town):
            assert Case.objects.get(id=closed).is_erased
            assert Disposal.objects.get(case_id=closed).erased_at is None
            assert Disposal.objects.get(case_id=other).erased_at
        monkeypatch.setattr(vault.files, "remove", remove)
        assert erasing.erase_approved(town.id) == 1
        with desk(town):
            assert Disposal.objects.get(case_id=closed).erased_at
    assert not any(vault.files.is_there(town.id, path) for path in paths)


@pytest.fixture
def erased(town, closed):
    confirm(town)
    with later():
        approved(town, closed)
        assert erasing.erase_approved(town.id) == 1
    return closed


@pytest.mark.parametrize("number_of", [ALICE, BOB, number(307)])
def test_no_page_or_form_of_the_desk_stumbles_over_it(town, erased, number_of):
    client = at_desk(town, number_of)
    with use(town.id, "owner"):
        case = Case.objects.get()
        document = Document.objects.first()
    about = {
        "case_id": erased,
        "document_id": document.id,
        "kept_id": erased,
        "deadline_id": erased,
        "note_id": erased,
        "kind_id": "measure",
        "series": erased,
        "phase": "help",
        "participant_id": erased,
        "consent_id": erased,
        "size": "small",
        "first": 1,
        "last": 1,
    }
    filled_in = {"number": case.number, "reason": "Barnet er alene hjemme nå, og ingen svarer", "minutes": "15"}
    for pattern in urls.urlpatterns:
        names = set(pattern.pattern.converters)
        if "case_id" in names:
            address = reverse(f"desk:{pattern.name}", kwargs={name: about[name] for name in names})
            assert client.get(address).status_code < 500, pattern.name
            answer = client.post(address, filled_in)
            assert answer.status_code in (302, 403, 404, 405, 422), pattern.name
    assert client.post(reverse("desk:break-glass"), filled_in).status_code < 500
    with use(town.id, "owner"):
        assert not BreakGlass.objects.exists()
        assert not PartialInCase.objects.exists()


def test_another_system_finds_it_no_more(town, erased):
    follower = Client(town.id, uuid4(), "Innbyggerappen", ("cases", "documents"), ("ordinary",))
    for way_in in (following.follow, following.documents):
        with pytest.raises(CaseNotFound):
            way_in(follower, erased)
    with pytest.raises(CaseNotFound):
        following.download(follower, erased, uuid4())


def test_it_does_not_stop_the_nightly_review(town, closed):
    with use(town.id, "owner"):
        NearOne.objects.create(
            staff_id=town.staff["alice"].id, kind="street", near_key=b"s" * 32, source="register", at=dates.now()
        )
    with desk(town):
        working = town.working("alice")
        access.log_case(working.as_actor(), area="ordinary", case_id=closed, action="read", purpose="case-handling")
    with use(town.id, "owner"):
        Case.objects.update(wrapped_key=b"")
    assert standing_out.find(town.id) == 0


def dump(acting):
    """Every row of every table, as text."""
    with connections[acting.alias].cursor() as cursor:
        found = []
        for model in walls.municipal_models():
            cursor.execute(f'select t::text from "{model._meta.db_table}" t')
            found += [row for (row,) in cursor.fetchall()]
        return "\n".join(found)


def test_what_was_made_for_its_owner_before_goes_too(town, closed):
    confirm(town)
    with later():
        approved(town, closed)
        with use(town.id, "owner"):
            made = {"ready_at": dates.now(), "last_day": dates.today() + timedelta(days=5)}
            Export.objects.create(owner_key=Case.objects.get().owner_key, **made)
            other = Export.objects.create(owner_key=b"o" * 32, **made)
        assert erasing.erase_approved(town.id) == 1
        with use(town.id, "owner"):
            assert list(Export.objects.all()) == [other]


def test_the_journal_remains_and_tells_of_no_person(town, closed):
    """Number, dates, kind and public title, which is the service's name: what the resident wrote is gone with the key."""
    confirm(town)
    with desk(town):
        before = list(RegistryEntry.objects.order_by("id").values_list("year", "sequence", "kind", "document_date"))
        events = Event.objects.count()
        assert CaseFile.objects.get().public_title == "Henvendelse til kommunen"
    with later():
        approved(town, closed)
        assert erasing.erase_approved(town.id) == 1
    with desk(town):
        after = list(RegistryEntry.objects.order_by("id").values_list("year", "sequence", "kind", "document_date"))
        assert after == before
        assert len(after) >= 2
        assert Event.objects.count() >= events
    with use(town.id, "owner") as acting:
        assert "Hull i veien" not in dump(acting)


def test_the_person_goes_with_the_last_case_and_not_before(town, closed):
    confirm(town)
    other = send_inquiry(town, rita()).case_id
    with later():
        approved(town, closed)
        assert erasing.erase_approved(town.id) == 1
        with desk(town):
            assert Person.objects.count() == 1
            assert NamePart.objects.exists()
    answered(town, other, ALICE)
    outbox.drain(town.id, "ordinary")
    assert Presence.objects.filter(municipality=town.id).exists()
    with later():
        approved(town, other)
        assert erasing.erase_approved(town.id) == 1
    with desk(town):
        assert not Person.objects.exists()
        assert not NamePart.objects.exists()
    assert not Presence.objects.filter(municipality=town.id).exists()


@pytest.mark.parametrize("key", ["owner_key", "representative_key"])
def test_who_gave_or_holds_a_power_of_attorney_is_still_asked_about_here(town, closed, key):
    confirm(town)
    with use(town.id, "owner"):
        keys = {"owner_key": b"o" * 32, "representative_key": b"r" * 32, key: bytes(Case.objects.get().owner_key)}
        Representation.objects.create(**keys, kind="power-of-attorney", scope=["ordinary"], last_day=dates.today())
    with later():
        approved(town, closed)
        assert erasing.erase_approved(town.id) == 1
    assert Presence.objects.filter(municipality=town.id).exists()


def test_a_person_whom_a_stopped_worker_left_goes_at_night(town, closed, monkeypatch):
    confirm(town)
    monkeypatch.setattr(erasing, "forget_people", lambda people: 0)
    with later():
        approved(town, closed)
        assert erasing.erase_approved(town.id) == 1
        with desk(town):
            assert Person.objects.exists()
        assert sweeping.sweep_people(town.id) == 1
        assert sweeping.sweep_people(town.id) == 0


def test_who_has_a_case_is_not_forgotten_at_night(town, closed):
    with later():
        assert sweeping.sweep_people(town.id) == 0


def test_the_log_is_whole_and_its_proofs_hold(town, closed, clients):  # noqa: F811
    confirm(town)
    assert grow(town.id, 1) == [True, True]
    with use(town.id, "owner"):
        before = LogEntry.objects.filter(case_id=closed).count()
    with later():
        approved(town, closed)
        assert erasing.erase_approved(town.id) == 1
    assert grow(town.id, 1) == [True, True]
    assert proving.verify(town.id).whole
    with use(town.id, "owner"):
        rows = LogEntry.objects.filter(case_id=closed)
        assert rows.count() == before + 3
        assert rows.filter(action="erase", actor_kind="system").count() == 1


def test_an_operator_finishes_what_was_approved_and_nothing_else(town, closed, capsys):
    confirm(town)
    assert main(["erase", town.id, str(closed), "--yes"]) != 0
    assert "Two persons" in capsys.readouterr().err
    with later():
        approved(town, closed)
        assert main(["erase", town.id, str(closed), "--yes"]) == 0
    assert "30" in capsys.readouterr().out


# --- by age alone ---


def test_drafts_go_by_their_age_and_those_of_an_ended_service_sooner(town):
    with as_resident(town, rita()):
        filled(town)
    with dates.clock.frozen(dates.now() + timedelta(days=31)):
        assert sweeping.sweep_drafts(town.id) == 0
        with use(town.id, "administration"):
            AdoptedService.objects.filter(service="inquiry").update(active=False)
        assert sweeping.sweep_drafts(town.id) == 1
    with as_resident(town, rita()):
        assert not Draft.objects.exists()


def test_each_age_says_since_when_and_by_which_law():
    assert (ages.kept("draft").days, ages.kept("draft-of-ended-service").days) == (90, 30)
    assert all(age.law and age.source for age in ages._ages())
    line = ages.Age("x", 5, "law", True, start=date(2026, 1, 1), end=date(2027, 1, 1))
    assert [line.holds(day) for day in (date(2025, 12, 31), date(2026, 1, 1), date(2027, 1, 1))] == [False, True, False]
    with pytest.raises(KeyError):
        ages.kept("what nobody said")
