"""Omar acts for Rita by a power of attorney; parents for children; guardians for wards. And nobody else, nor further."""

import importlib
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import ProgrammingError, connections

from allmenning import vault
from allmenning.basics import dates
from allmenning.basics.errors import AllmenningError
from allmenning.doors.desk.testing import send
from allmenning.doors.portal.testing import FEE as PORTAL_FEE
from allmenning.doors.portal.testing import PLACE, answered, browser_of, sent_image, sent_inquiry
from allmenning.journeys import administering, applying, casework, my_log, my_page, outbox, representing
from allmenning.journeys.errors import (
    CanNotBeGiven,
    MayNotRepresent,
    NobodyElse,
    NoLongerRepresents,
    NotCoveredHere,
    NothingChosen,
    NotOfAge,
    NotThatLong,
    ProtectedGiver,
    RegisterMustAnswer,
    WorksThere,
)
from allmenning.journeys.testing import ALICE, NAMES, OMAR, RITA, number, omar, rita
from allmenning.municipal.access.models import LogEntry
from allmenning.municipal.access.resident_log import LEFT_OUT
from allmenning.municipal.cases.models import Case
from allmenning.municipal.documents.models import Document
from allmenning.municipal.documents.tests import files
from allmenning.municipal.forms.models import Draft, Submission
from allmenning.municipal.people import ports, protection
from allmenning.municipal.people.models import Representation
from allmenning.municipal.people.protection import Level
from allmenning.municipal.post.models import Message
from allmenning.tenancy import current, use

NEXT_YEAR = dates.add_months(dates.today(), 12)
CHILD = number(300, date(2020, 2, 3))
STRICT = ports.AddressProtection.STRICTLY_CONFIDENTIAL
FEE = {
    **PORTAL_FEE,
    "household_kind": "cohabitant",
    "cohabitant_basis": "common-child",
    "partner_income_ore": 0,
    "children": [{"name": "Lun", "birth_date": "2022-05-17", **PLACE}],
}


@pytest.fixture(autouse=True)
def fresh_register():
    representing.forget()
    yield
    representing.forget()


def given(place, scope=("ordinary/inquiry",), last_day=NEXT_YEAR, name=NAMES[OMAR]):
    with representing.working_for(place.id, rita()):
        return representing.give(rita(), representing.Power(OMAR, name, scope, last_day))


def omar_for_rita(place, power):
    return replace(omar(), represented=representing.choose_by_power(omar(), place.id, power))


def a_child(registers, born=date(2020, 2, 3), **facts):
    """Rita and Omar have a child together."""
    responsible = tuple(ports.ParentalResponsibility(CHILD, parent, "felles") for parent in (RITA, OMAR))
    registers.people[CHILD] = replace(
        registers.people[RITA],
        identity_number=CHILD,
        name=ports.Name("Una", "Rogn"),
        birth_date=born,
        parental_responsibility=responsible,
        **facts,
    )
    registers.contacts[CHILD] = registers.contacts[RITA]
    for parent in (RITA, OMAR):
        registers.people[parent] = replace(registers.people[parent], children=(CHILD,))
    [child] = representing.candidates(rita(), "averoy").children
    return child


def rows(place, **like):
    with use(place.id, "owner"):
        return list(LogEntry.objects.filter(**like).order_by("at"))


def test_one_who_has_a_power_of_attorney_applies_and_reads_and_the_giver_sees_it(averoy):
    power = given(averoy)
    acting = omar_for_rita(averoy, power)
    receipt = sent_inquiry(averoy, acting)
    [case] = my_page.my_page(rita()).cases
    assert case.id == receipt.case_id
    with representing.working_for(averoy.id, acting):
        my_page.open_mine(receipt.case_id)
    lines = my_log.my_log(rita()).lines
    assert [(line.entry.action, line.by_name, line.entry.relation) for line in lines] == [
        ("read", "Omar Osp", "power-of-attorney"),
        ("submit", "Omar Osp", "power-of-attorney"),
    ]
    assert {line.entry.representation_id for line in lines} == {power}


def test_a_list_that_a_representative_is_shown_is_logged(averoy):
    mine = sent_inquiry(averoy, rita()).case_id
    my_page.my_page(omar_for_rita(averoy, given(averoy)))
    [row] = rows(averoy, action="list")
    assert (row.shown_ids, row.relation) == ([mine], "power-of-attorney")


def test_it_ends_at_once(averoy):
    power = given(averoy)
    acting = omar_for_rita(averoy, power)
    with representing.working_for(averoy.id, rita()):
        representing.revoke(rita(), power)
    with pytest.raises(NoLongerRepresents), representing.working_for(averoy.id, acting):
        pass


def test_it_runs_out_after_its_last_day(averoy, monkeypatch):
    acting = omar_for_rita(averoy, given(averoy, last_day=dates.today()))
    monkeypatch.setattr(dates, "today", lambda: date.today() + timedelta(days=2))
    with pytest.raises(NoLongerRepresents), representing.working_for(averoy.id, acting):
        pass


def test_only_the_giver_ends_it(averoy):
    power = given(averoy)
    with representing.working_for(averoy.id, omar()), pytest.raises(representing.people.NoSuchRepresentation):
        representing.revoke(omar(), power)


def test_it_holds_in_one_municipality(averoy, smola):
    acting = omar_for_rita(averoy, given(averoy))
    sent_inquiry(smola, rita())
    with pytest.raises(NotCoveredHere), representing.working_for(smola.id, acting):
        pass
    assert my_page.my_page(acting).cases == []


def test_the_database_shows_nothing_outside_its_scope(averoy):
    sent_inquiry(averoy, rita())
    acting = omar_for_rita(averoy, given(averoy, scope=("ordinary/housing-allowance",)))
    with representing.working_for(averoy.id, acting), connections[current().alias].cursor() as cursor:
        for table in ("cases_case", "forms_submission", "access_logentry", "people_representation"):
            cursor.execute(f"select count(*) from {table}")
            assert cursor.fetchone() == (0,), table


def test_another_than_the_holder_gets_nothing_of_it(averoy, smola):
    power = given(averoy)
    with pytest.raises(NoLongerRepresents):
        representing.choose_by_power(replace(omar(), number=number(310)), averoy.id, power)


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"number": RITA}, NobodyElse),
        ({"scope": ()}, NothingChosen),
        ({"scope": ("child-welfare/inquiry",)}, NothingChosen),
        ({"last_day": None}, NotThatLong),
        ({"last_day": dates.today() - timedelta(days=1)}, NotThatLong),
        ({"last_day": dates.add_months(dates.today(), 61)}, NotThatLong),
        ({"number": number(311)}, CanNotBeGiven),
        ({"name": "Rita Rogn"}, CanNotBeGiven),
        ({"name": "Omar"}, CanNotBeGiven),
        ({"name": ""}, CanNotBeGiven),
    ],
)
def test_what_can_not_be_given_is_refused_in_words(averoy, facts, refusal):
    power = replace(representing.Power(OMAR, NAMES[OMAR], ("ordinary/inquiry",), NEXT_YEAR), **facts)
    with representing.working_for(averoy.id, rita()), pytest.raises(refusal):
        representing.give(rita(), power)
    assert representing.given(rita(), averoy.id) == []


def test_both_must_be_of_age(averoy, registers):
    young = date.today().year - 15
    registers.people[OMAR] = replace(registers.people[OMAR], birth_date=date(young, 1, 1))
    with pytest.raises(NotOfAge):
        given(averoy)


def test_a_parent_acts_for_a_child_and_each_area_has_its_age(averoy, registers):
    child = a_child(registers)
    with representing.working_for(averoy.id, replace(rita(), represented=child)):
        assert current().behalf.scope == ("ordinary", "care", "educational-psychology")
    seventeen = dates.add_months(dates.today(), -17 * 12)
    registers.people[CHILD] = replace(registers.people[CHILD], birth_date=seventeen)
    representing.forget()
    with representing.working_for(averoy.id, replace(rita(), represented=child)):
        assert current().behalf.scope == ("ordinary",)
    registers.people[CHILD] = replace(registers.people[CHILD], birth_date=dates.add_months(dates.today(), -18 * 12))
    representing.forget()
    with pytest.raises(NoLongerRepresents), representing.working_for(averoy.id, replace(rita(), represented=child)):
        pass


def test_one_parent_is_not_told_of_the_others_contact(averoy, registers):
    child = a_child(registers)
    for_child = {name: replace(each, represented=child) for name, each in (("rita", rita()), ("omar", omar()))}
    sent_inquiry(averoy, for_child["omar"])
    assert my_log.my_log(for_child["rita"]).lines == []
    assert [line.entry.action for line in my_log.my_log(for_child["omar"]).lines] == ["submit"]
    omitted = rows(averoy, action=LEFT_OUT)[0]
    assert omitted.field_kinds == ["other-parent"]
    assert omitted.shown_ids == [rows(averoy, action="submit")[0].id]


def opened_by_alice(place, case_id):
    with use(place.id, "ordinary"):
        key = casework.staff_resident_key(place.id, ALICE)
        casework.open_case(case_id, place.working("alice"), "case-handling", staff_key=key)


def test_staffs_opening_of_what_one_parent_sent_is_in_that_parents_log_alone_and_the_omission_recorded(
    averoy, registers
):
    child = a_child(registers)
    ritas, omars = (replace(each, represented=child) for each in (rita(), omar()))
    case_id = sent_inquiry(averoy, omars).case_id
    opened_by_alice(averoy, case_id)
    assert my_log.my_log(ritas).lines == []
    omitted = rows(averoy, action=LEFT_OUT)[-1]
    assert {"submit", "read"} == {row.action for row in rows(averoy, id__in=omitted.shown_ids)}
    assert (omitted.case_id, omitted.relation, omitted.field_kinds) == (case_id, "parent", ["other-parent"])
    assert {"submit", "read"} <= {line.entry.action for line in my_log.my_log(omars).lines}
    as_child = replace(rita(), number=CHILD)
    assert {"submit", "read"} <= {line.entry.action for line in my_log.my_log(as_child).lines}


@pytest.fixture
def of_the_child(averoy, registers):
    """The parents' browsers, both acting for their child: Omar has sent an inquiry with an image, and has an answer, and a draft."""
    child = a_child(registers)
    omars = replace(omar(), represented=child)
    case_id = sent_inquiry(averoy, omars).case_id
    sent_image(averoy, case_id, replace(omar(), number=CHILD), files.photo())
    answered(averoy, case_id, ALICE)
    with representing.working_for(averoy.id, omars):
        draft = applying.begin(omars, "inquiry", "nb", owner_key=omars.keys(averoy.id)[0])
    browsers = {"rita": browser_of(rita()), "omar": browser_of(omar())}
    for browser in browsers.values():
        browser.post("/act-for/", {"known": representing.token(CHILD)})
    return browsers, case_id, draft.id


def test_what_one_parent_began_is_on_no_page_for_the_other(averoy, of_the_child):
    browsers, case_id, draft_id = of_the_child
    with use(averoy.id, "owner"):
        letter = Message.objects.get(case_id=case_id, direction="out").id
        image = Document.objects.get(case_id=case_id, media_type="image/jpeg").id
    case, draft = f"/my/averoy/cases/{case_id}/", f"/averoy/drafts/{draft_id}/"
    pages = ["", "sent/", "who-has-looked/", f"letters/{letter}/", f"documents/{image}/", f"previews/{image}/"]
    pages += [f"previews/{image}/small.jpg", "answer/", "send-more/", "withdraw/", "appeal/", "access/"]
    for page in [*(case + page for page in pages), draft + "page/topic/", draft + "review/", draft + "delete/"]:
        assert browsers["rita"].get(page).status_code == 404, page
        assert browsers["omar"].get(page).status_code in (200, 302), page
    for page in ("/my/", "/my/mailbox/", "/my/log/"):
        assert str(case_id) not in browsers["rita"].get(page).text, page
        assert str(case_id) in browsers["omar"].get(page).text, page
    assert str(draft_id) not in browsers["rita"].get("/my/").text
    assert str(draft_id) in browsers["omar"].get("/my/").text


def test_the_database_itself_shows_one_parent_nothing_that_the_other_began(averoy, registers, of_the_child):
    _, case_id, draft_id = of_the_child
    [child] = representing.candidates(rita(), "averoy").children
    with representing.working_for(averoy.id, replace(rita(), represented=child)):
        assert not any(model.objects.exists() for model in (Case, Draft, Message, Document, Submission, LogEntry))
        with pytest.raises(ProgrammingError, match="row-level security"):
            Draft.objects.create(
                area="ordinary",
                owner_key=current().keys[0],
                service="inquiry",
                version="1",
                wrapped_key=b"",
                content=b"",
            )  # with no mark
    with representing.working_for(averoy.id, replace(omar(), represented=child)):
        assert (Case.objects.get().id, Draft.objects.get().id) == (case_id, draft_id)
    with use(averoy.id, "resident", keys=replace(rita(), number=CHILD).keys(averoy.id)):
        assert (Case.objects.get().id, Draft.objects.get().id) == (case_id, draft_id)


def test_a_parent_finds_what_they_began_by_a_new_representation_too(averoy, registers):
    child = a_child(registers)
    omars = replace(omar(), represented=child)
    case_id = sent_inquiry(averoy, omars).case_id
    with use(averoy.id, "owner"):
        Representation.objects.update(ended_at=dates.now())
    assert [case.id for case in my_page.my_page(omars).cases] == [case_id]
    with use(averoy.id, "owner"):
        assert Representation.objects.filter(kind="parent").count() == 2


def test_what_the_child_or_a_guardian_began_is_there_for_both_parents(averoy, registers):
    child = a_child(registers)
    case_id = sent_inquiry(averoy, replace(rita(), number=CHILD, name="Una Rogn")).case_id
    for parent in (rita(), omar()):
        assert [case.id for case in my_page.my_page(replace(parent, represented=child)).cases] == [case_id]


def test_cases_and_drafts_from_before_are_marked_by_what_the_log_tells(averoy, registers):
    child = a_child(registers)
    ritas, omars = (replace(each, represented=child) for each in (rita(), omar()))
    case_id, of_child = sent_inquiry(averoy, omars).case_id, sent_inquiry(averoy, replace(rita(), number=CHILD)).case_id
    with representing.working_for(averoy.id, omars):
        applying.begin(omars, "inquiry", "nb", owner_key=omars.keys(averoy.id)[0])
    marking = [
        importlib.import_module(f"allmenning.municipal.{name}_begun_by_parent")
        for name in ("cases.migrations.0008", "forms.migrations.0003")
    ]
    with use(averoy.id, "owner") as owner:
        Case.objects.update(parent_index=None)
        Draft.objects.update(parent_index=None)
        with connections[owner.alias].cursor() as cursor:
            for migration in marking:
                cursor.execute(migration.Migration.operations[-1].sql)
    assert {case.id for case in my_page.my_page(omars).cases} == {case_id, of_child}
    assert len(my_page.my_page(omars).drafts) == 1  # he alone has acted for the child
    assert [case.id for case in my_page.my_page(ritas).cases] == [of_child]
    assert my_page.my_page(ritas).drafts == []


def test_nobody_acts_for_a_protected_child(averoy, registers):
    child = a_child(registers)
    key = vault.resident_key(averoy.id, "person", CHILD)
    with use(averoy.id, "resident", keys=(key,)):
        protection.raise_by_register(key, Level.CONFIDENTIAL, because="household")
    with pytest.raises(NoLongerRepresents), representing.working_for(averoy.id, replace(rita(), represented=child)):
        pass


def test_the_registers_protection_ends_a_power_of_attorney(averoy, registers):
    acting = omar_for_rita(averoy, given(averoy))
    registers.people[RITA] = replace(
        registers.people[RITA], protection=ports.AddressProtection.STRICTLY_CONFIDENTIAL, address=None
    )
    representing.forget()
    with pytest.raises(NoLongerRepresents), representing.working_for(averoy.id, acting):
        pass


def test_a_guardian_acts_within_the_mandate(averoy, registers):
    mandate = ports.Guardianship(OMAR, "voksen", "oekonomiskeInteresser")
    registers.people[RITA] = replace(registers.people[RITA], guardians=(mandate,))
    ward = representing.choose_ward(omar(), RITA, averoy.id)
    with representing.working_for(averoy.id, replace(omar(), represented=ward)):
        assert current().behalf.scope == ("ordinary", "social-services")
    with pytest.raises(MayNotRepresent):
        representing.choose_ward(rita(), OMAR, averoy.id)


def test_a_guardian_writes_the_wards_number_once_and_only_whom_the_register_names_is_shown_again(averoy, registers):
    mandate = ports.Guardianship(OMAR, "voksen", "personligeOgOekonomiskeInteresser")
    registers.people[RITA] = replace(registers.people[RITA], guardians=(mandate,))
    assert representing.candidates(omar(), averoy.id).wards == []
    ward = representing.choose_ward(omar(), RITA, averoy.id)
    with representing.working_for(averoy.id, replace(omar(), represented=ward)):
        pass
    [again] = representing.candidates(omar(), averoy.id).wards
    assert representing.choose_known(omar(), representing.token(RITA), averoy.id) == again == ward
    registers.people[RITA] = replace(registers.people[RITA], guardians=())
    representing.forget()
    assert representing.candidates(omar(), averoy.id).wards == []
    with pytest.raises(MayNotRepresent):
        representing.choose_known(omar(), representing.token(RITA), averoy.id)


def test_who_works_in_the_field_can_not_use_a_power_of_attorney_in_it_and_the_giver_is_not_told(averoy, registers):
    """Nor where somebody is protected works: to the giver everybody is alike."""
    registers.people[ALICE] = replace(registers.people[ALICE], protection=STRICT)
    alice = replace(omar(), number=ALICE, name=NAMES[ALICE])
    with representing.working_for(averoy.id, rita()):
        power = representing.give(rita(), representing.Power(ALICE, "alice alm", ("ordinary/inquiry",), NEXT_YEAR))
    assert [(each.representative.name, each.holds) for each in representing.given(rita(), averoy.id)] == [
        ("alice alm", True)
    ]
    acting = replace(alice, represented=representing.choose_by_power(alice, averoy.id, power))
    with pytest.raises(WorksThere), representing.working_for(averoy.id, acting):
        pass


@pytest.mark.parametrize("typed", ["OMAR OSP", "omar  osp", "Omar Ås Osp"])
def test_the_giver_types_the_name_and_sees_what_they_typed(averoy, registers, typed):
    registers.people[OMAR] = replace(registers.people[OMAR], name=ports.Name("Omar Ali", "Osp", "Ås"))
    given(averoy, name=typed)
    [power] = representing.given(rita(), averoy.id)
    assert power.representative.name == typed


def test_a_dead_one_an_unknown_one_and_a_wrong_name_get_the_same_answer(averoy, registers):
    registers.people[OMAR] = replace(registers.people[OMAR], status="doed")
    said = set()
    for number_, name in ((OMAR, NAMES[OMAR]), (number(311), "Per Pil"), (ALICE, "Omar Osp")):
        with representing.working_for(averoy.id, rita()), pytest.raises(AllmenningError) as refused:
            representing.give(rita(), representing.Power(number_, name, ("ordinary/inquiry",), NEXT_YEAR))
        said.add((refused.type, str(refused.value)))
    assert said == {(CanNotBeGiven, str(CanNotBeGiven()))}


def names_as_cohabitant(place, registers, by, other):
    """Who says in a form that they live with somebody protected."""
    registers.people[other] = replace(registers.people[other], protection=STRICT)
    send(place, "reduced-kindergarten-fee", {**FEE, "partner_number": other, "partner_name": NAMES[other]}, by)
    outbox.drain(place.id, "ordinary")
    with use(place.id, "ordinary"):
        key = vault.resident_key(place.id, "person", by)
        assert protection.levels_of_owners([key]) == {key: Level.STRICT}
    representing.forget()


def test_who_names_somebody_protected_learns_it_by_no_power_of_attorney_and_no_form(averoy, registers):
    power = given(averoy)
    names_as_cohabitant(averoy, registers, RITA, ALICE)
    with representing.working_for(averoy.id, omar_for_rita(averoy, power)):
        pass
    given(averoy)
    keys = rita().keys(averoy.id)
    with use(averoy.id, "resident", keys=keys):
        draft = applying.begin(rita(), "housing-allowance", "nb", owner_key=keys[0])
        content = applying.open_draft(draft.id).content
    assert content.protected == ""
    assert "Fjordvegen" in content.to_json()


def test_a_parent_who_names_somebody_in_a_childs_name_learns_nothing(averoy, registers):
    child = a_child(registers)
    NAMES[CHILD] = "Una Rogn"
    names_as_cohabitant(averoy, registers, CHILD, ALICE)
    with representing.working_for(averoy.id, replace(rita(), represented=child)):
        pass
    key = vault.resident_key(averoy.id, "person", CHILD)
    with use(averoy.id, "resident", keys=(key,)):  # what the register says of the household still counts, after it
        protection.raise_by_register(key, Level.CONFIDENTIAL, because="household")
    with pytest.raises(NoLongerRepresents), representing.working_for(averoy.id, replace(rita(), represented=child)):
        pass


def test_who_is_protected_gives_no_power_and_is_told_why(averoy, registers):
    key = vault.resident_key(averoy.id, "person", RITA)
    with use(averoy.id, "resident", keys=(key,)):
        protection.raise_by_register(key, Level.STRICT, because="household")  # by a spouse: it may be kept from her
    power = given(averoy)
    with use(averoy.id, "ordinary"):
        protection.set_by_hand(key, Level.CONFIDENTIAL, protection.Detail("threat"))
    with pytest.raises(ProtectedGiver):
        given(averoy)
    with pytest.raises(NoLongerRepresents), representing.working_for(averoy.id, omar_for_rita(averoy, power)):
        pass


def test_who_begins_to_work_in_the_field_can_no_longer_use_theirs(averoy, monkeypatch):
    power = given(averoy)
    acting = omar_for_rita(averoy, power)
    with use(averoy.id, "administration"):
        by = administering.OPERATOR
        omar_ = administering.add_staff(by, number=OMAR, name="Omar Osp", title="", email="", start=dates.today())
        administering.add_position(by, omar_.id, averoy.unit.id, "caseworker", start=dates.today())
    representing.forget()
    with pytest.raises(WorksThere), representing.working_for(averoy.id, acting):
        pass
    monkeypatch.setattr(representing.authority, "staff_are_barred", lambda on: False)
    with representing.working_for(averoy.id, acting):
        assert current().behalf.scope == ("ordinary/inquiry",)


def test_without_the_register_nobody_acts_for_another(averoy, registers):
    child = a_child(registers)
    representing.forget()
    registers.down.add("folkeregister")
    with pytest.raises(RegisterMustAnswer), representing.working_for(averoy.id, replace(rita(), represented=child)):
        pass
    assert representing.candidates(rita(), averoy.id).register_is_down


def test_a_case_that_staff_open_is_in_the_log(averoy):
    case_id = sent_inquiry(averoy, rita()).case_id
    answered(averoy, case_id, ALICE)
    assert "issue-decision" in {line.entry.action for line in my_log.my_log(rita()).lines}
    assert my_log.my_log(omar()).lines == []
