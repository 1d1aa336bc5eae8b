"""Each register's adapter against its stand-in."""

from datetime import date

import pytest

from allmenning.basics import dates
from allmenning.connections.addresses import Addresses
from allmenning.connections.altinn import Altinn
from allmenning.connections.enhetsregisteret import Enhetsregisteret
from allmenning.connections.folkeregister import Folkeregister
from allmenning.connections.http import Unreachable
from allmenning.connections.kontaktregister import Kontaktregister
from allmenning.connections.maskinporten import Maskinporten
from allmenning.connections.skatteetaten import Skatteetaten
from allmenning.municipal.people.ports import (
    FAMILY_PARTS,
    AddressProtection,
    IncomeNotFound,
    OrganisationNotFound,
    Part,
    PersonNotFound,
    RegisterRefused,
    RegisterUnavailable,
)
from demo.people import world

WHO = {key: one.number for key, one in world().characters.items()}
NOBODY = "02813299952"


@pytest.fixture
def population(norway):
    return Folkeregister(norway.config("folkeregister"), norway.tokens, transport=norway.transport)


@pytest.fixture
def business(norway):
    return Enhetsregisteret(norway.config("enhetsregisteret"), transport=norway.transport)


@pytest.fixture
def contact(norway):
    return Kontaktregister(norway.config("kontaktregister"), norway.tokens, transport=norway.transport)


@pytest.fixture
def tax(norway):
    return Skatteetaten(norway.config("skatteetaten"), norway.tokens, transport=norway.transport)


@pytest.fixture
def addresses(norway):
    return Addresses(norway.config("addresses"), transport=norway.transport)


def test_a_person_has_a_name_and_an_address(population):
    parent = population.person(WHO["parent"], municipality="averoy")
    assert parent.name.full() == "Varm Linerle"
    assert parent.address.one_line() == "Linerlevegen 12, 6530 Averøy"
    assert parent.address.municipality_number == "1554"
    assert parent.protection is AddressProtection.NONE
    assert parent.updated[Part.NAME].year == 2026


def test_a_part_that_is_not_asked_for_is_not_fetched(population):
    parent = population.person(WHO["parent"], municipality="averoy", parts={Part.NAME})
    assert parent.name
    assert (parent.address, parent.spouse, parent.children) == (None, None, ())


def test_a_family_is_told_with_who_is_responsible(population):
    parent = population.person(WHO["parent"], municipality="averoy", parts=FAMILY_PARTS)
    assert len(parent.children) == 3
    assert parent.spouse == WHO["father"]
    assert {one.child for one in parent.parental_responsibility} == set(parent.children)
    child = population.person(parent.children[0], municipality="averoy", parts=FAMILY_PARTS)
    assert set(child.parents) == {WHO["parent"], WHO["father"]}
    assert {one.responsible for one in child.parental_responsibility} == {WHO["parent"], WHO["father"]}


def test_an_address_never_comes_without_its_protection(population):
    hidden = population.person(WHO["protected"], municipality="tonsberg", parts={Part.ADDRESS})
    assert hidden.protection is AddressProtection.CONFIDENTIAL
    strict = population.person(WHO["strictly-protected"], municipality="bergen", parts={Part.ADDRESS})
    assert strict.protection is AddressProtection.STRICTLY_CONFIDENTIAL
    assert strict.address is None


def test_a_guardian_is_named(population):
    ward = next(one for one in world().people.values() if one.guardian)
    found = population.person(ward.number, municipality="kristiansand", parts={Part.GUARDIANSHIP})
    assert [one.guardian for one in found.guardians] == [WHO["guardian"]]


def test_several_are_asked_of_in_one_question(population, norway):
    both = {WHO["parent"], WHO["father"]}
    found = population.persons([*both, NOBODY], municipality="averoy", parts=FAMILY_PARTS)
    assert found.keys() == both
    assert found[WHO["parent"]].spouse == WHO["father"]
    assert population.persons([], municipality="averoy") == {}
    with pytest.raises(RegisterRefused):
        population.persons([WHO["parent"]] * 1001, municipality="averoy")


def test_nobody_is_not_found(population):
    with pytest.raises(PersonNotFound):
        population.person(NOBODY, municipality="averoy")


def test_a_number_can_not_change_the_address_that_is_called(population):
    with pytest.raises((PersonNotFound, RegisterRefused)):
        population.person("../../../_control", municipality="averoy")


def test_a_wrong_integration_is_refused(norway):
    config = norway.config("folkeregister") | {"integrations": {"averoy": {"id": "x", "password": "y"}}}
    population = Folkeregister(config, norway.tokens, transport=norway.transport)
    with pytest.raises(RegisterRefused):
        population.person(WHO["parent"], municipality="averoy")
    with pytest.raises(RegisterRefused):
        population.person(WHO["parent"], municipality="smola")


@pytest.mark.parametrize("mode", ["down", "rate_limited", "garbage", "huge", "redirect"])
def test_a_register_that_fails_is_unavailable(norway, population, business, contact, tax, addresses, mode):
    calls = {
        "folkeregister": lambda: population.person(WHO["parent"], municipality="averoy"),
        "enhetsregisteret": lambda: business.organisation("310000000"),
        "kontaktregister": lambda: contact.contact_details([WHO["parent"]]),
        "skatteetaten": lambda: tax.income(WHO["parent"], 2025, municipality="averoy"),
        "addresses": lambda: addresses.search("Linerlevegen"),
    }
    for target, call in calls.items():
        norway.misbehave(target, mode, seconds=7)
        with pytest.raises(RegisterUnavailable) as failure:
            call()
        assert failure.value.register == target
        assert failure.value.retry_after == (7 if mode == "rate_limited" else None)


def test_retry_after_is_respected_by_not_calling(norway, addresses):
    norway.misbehave("addresses", "rate_limited", times=1, seconds=30)
    for _ in range(2):
        with pytest.raises(RegisterUnavailable) as failure:
            addresses.search("Linerlevegen")
    assert failure.value.retry_after in (29, 30)


def test_no_token_is_the_same_as_no_register(norway, population):
    norway.misbehave("maskinporten", "down")
    with pytest.raises(RegisterUnavailable):
        population.person(WHO["parent"], municipality="averoy")


def test_a_token_is_kept_and_names_the_municipality(norway):
    tokens = norway.tokens
    assert tokens.token("ks:fiks", municipality="averoy") == tokens.token("ks:fiks", municipality="averoy")
    assert tokens.token("ks:fiks", municipality="averoy") != tokens.token("ks:fiks", municipality="smola")
    with pytest.raises(Unreachable, match="invalid_scope"):
        tokens.token("someone:elses")
    with pytest.raises(Unreachable, match="rindalen"):
        tokens.token("ks:fiks", municipality="rindalen")


def test_a_wrong_key_gives_no_token(norway):
    config = norway.config("maskinporten") | {"private_key": norway.config("idporten")["private_key"]}
    with pytest.raises(Unreachable, match="invalid_grant"):
        Maskinporten(config, transport=norway.transport).token("ks:fiks")


def test_an_organisation_and_its_roles(norway, business):
    found = business.search("kveite")[0]
    assert found.name == "KVEITE & KRÅKEBOLLE AS"
    assert business.organisation(found.number).address.city == "Kristiansund N"
    assert {(role.code, role.person_name) for role in business.roles(found.number)} == {
        ("DAGL", "Driftig Kveite"),
        ("LEDE", "Myndig Torsk"),
    }


def test_a_sub_unit_a_deleted_one_and_a_bankrupt_one(business):
    units = {unit.name: unit for unit in world().organisations.values()}
    sub = business.organisation(units["Kveite & Kråkebolle AS avd. Averøy"].number)
    assert sub.parent == units["Kveite & Kråkebolle AS"].number
    deleted = business.organisation(units["Nedlagt Naust AS"].number)
    assert (deleted.deleted_on, deleted.is_active) == (date(2024, 9, 30), False)
    assert not business.organisation(units["Konkurs Krabbe AS"].number).is_active


@pytest.mark.parametrize("number", ["399999999", "abc", "../enheter", ""])
def test_no_such_organisation(business, number):
    with pytest.raises(OrganisationNotFound):
        business.organisation(number)


def test_whom_a_person_may_act_for(norway):
    altinn = Altinn(norway.config("altinn"), norway.tokens, transport=norway.transport)
    roles = altinn.roles_of(WHO["manager"])
    assert {(role.organisation_name, role.code) for role in roles} == {
        ("KVEITE & KRÅKEBOLLE AS", "DAGL"),
        ("KVEITE & KRÅKEBOLLE AS AVD. AVERØY", "DAGL"),
    }
    assert altinn.roles_of(WHO["paper"]) == []
    assert altinn.roles_of(NOBODY) == []


def test_contact_details(contact):
    found = contact.contact_details([WHO["parent"], WHO["paper"], WHO["silent"], NOBODY])
    assert found[WHO["parent"]].email == "varm.linerle@example.no"
    assert not found[WHO["parent"]].gets_paper
    assert found[WHO["paper"]].is_reserved
    assert found[WHO["paper"]].gets_paper
    assert NOBODY not in found
    assert WHO["silent"] not in found or found[WHO["silent"]].gets_paper


def test_more_than_a_thousand_are_asked_in_turns(contact):
    assert len(contact.contact_details([*world().people, *[NOBODY] * 1_500])) > 100


def test_income_is_settled_in_june(tax):
    with dates.clock.frozen(date(2026, 9, 1)):
        income = tax.income(WHO["parent"], 2025, municipality="averoy")
    assert (income.personal_ore, income.capital_ore) == (318_000_00, 1_200_00)
    assert income.total_ore == 319_200_00
    assert income.is_settled


def test_income_that_is_not_there(tax):
    with pytest.raises(IncomeNotFound):
        tax.income(WHO["parent"], 2099, municipality="averoy")
    with pytest.raises(PersonNotFound):
        tax.income(NOBODY, 2025, municipality="averoy")


def test_an_address_is_found_by_words_and_by_point(addresses):
    found = addresses.search("Linerlevegen 12", municipality_number="1554")
    assert [one.address.one_line() for one in found] == ["Linerlevegen 12, 6530 Averøy"]
    near = addresses.near(found[0].latitude, found[0].longitude, radius_metres=50)
    assert near[0].address == found[0].address
    assert near[0].metres_away < 1
    assert addresses.search("  ") == []
