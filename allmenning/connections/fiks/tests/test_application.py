"""Applications from nav.no: every example of the service's folder is valid as the publisher's JSON, and comes back as it was."""

from datetime import UTC, datetime

import pytest
import yaml

from allmenning.commons.catalogue import package as packages
from allmenning.connections.fiks import application, contracts
from allmenning.journeys.testing import SERVICES
from allmenning.rules.forms import Form

from .standards import schemas

ENVELOPE = application.Envelope("02813299952", "Kari Mellom Prøve", datetime(2026, 11, 23, 9, tzinfo=UTC), "1554")
# What the contract has no place for, in any words.
NOT_THERE = {"emergency_money_ore", "next_money_date", "declaration", "documents_sent_before", "residence_permit"}
FILES = {"documents_income", "documents_account", "documents_costs", "documents_other"}


def examples():
    for file in sorted((SERVICES / "financial-assistance" / "examples").glob("*.yaml")):
        example = yaml.safe_load(file.read_text("utf-8"))
        if "errors" not in example["expect"]:
            yield pytest.param(example["form"], id=file.stem)


def written(form):
    """A form as it would be read: amounts in whole kroner, numbers as they are printed, only the applicant's own."""
    told = {name: value for name, value in form.items() if name not in NOT_THERE | FILES}
    for rows in ("incomes", "payments", "expenses", "assets"):
        kept = [row for row in told.pop(rows, []) if row.get("whose", "applicant") == "applicant"]
        whole = [{k: v // 100 * 100 if k.endswith("_ore") else v for k, v in row.items()} for row in kept]
        if whole:
            told[rows] = whole
    if told.get("civil_status") != "married":
        for name in (
            "partner_name",
            "partner_birth_date",
            "partner_number",
            "partner_lives_here",
            "partner_not_here_why",
        ):
            told.pop(name, None)
    if "account_number" in told:
        digits = told["account_number"].replace(" ", "").replace(".", "")
        told["account_number"] = f"{digits[:4]} {digits[4:6]} {digits[6:]}"
    if not told.get("stays_elsewhere"):
        told.pop("stays_elsewhere", None)
    if not told.get("incomes"):
        told.pop("has_income", None)
    if not told.get("has_other_costs"):
        told.pop("has_other_costs", None)
    return told


def by_kind(data):
    """The same with rows in one order: the contract has two lists where we have one."""
    return {
        name: sorted(value, key=repr) if name in ("expenses", "incomes", "payments", "assets") else value
        for name, value in data.items()
    }


@pytest.mark.parametrize("form", list(examples()))
def test_an_example_goes_out_and_comes_back(form):
    message = application.to_message(form, ENVELOPE)
    schemas().check(contracts.APPLICATION, message)
    assert by_kind(application.from_message(message)) == by_kind(written(form))


def message(**data):
    document = {
        "personalia": {
            "personIdentifikator": {"kilde": "system", "verdi": "02813299952"},
            "navn": {"kilde": "system", "fornavn": "Kari", "mellomnavn": "", "etternavn": "Prøve"},
            "kontonummer": {"kilde": "bruker"},
        },
        "begrunnelse": {"kilde": "bruker", "hvaSokesOm": "Husleie"},
        "okonomi": {"opplysninger": {"utbetaling": []}},
    } | data
    whole = application.to_message({"applied_for": "x"}, ENVELOPE) | {"data": document}
    schemas().check(contracts.APPLICATION, whole)
    return whole


def rows(part, name, *each):
    economy = {"opplysninger": {"utbetaling": []}, "oversikt": {"inntekt": []}}
    economy[part][name] = [{"kilde": "system", "tittel": "Noe", "overstyrtAvBruker": False} | row for row in each]
    return application.from_message(message(okonomi=economy))


def test_the_least_that_the_contract_takes_leaves_the_rest_unanswered():
    assert application.from_message(message()) == {"applied_for": "Husleie"}


def test_who_it_is_from_is_read_from_it():
    assert application.applicant(message()) == ("02813299952", "Kari Prøve")


def test_kroner_become_øre():
    assert rows("oversikt", "formue", {"type": "bsu", "tittel": "BSU", "belop": 1999})["assets"] == [
        {"asset_kind": "housing-savings", "asset_text": "BSU", "value_ore": 199900}
    ]


def test_a_type_that_nobody_knows_keeps_its_title():
    data = rows("oversikt", "inntekt", {"type": "sluttoppgjoer", "netto": 100})
    assert data["incomes"] == [
        {"income_kind": "other-income", "income_text": "Noe", "net_ore": 10000, "whose": "applicant"}
    ]


def test_what_a_register_paid_out_counts_as_what_came_into_the_account():
    data = rows("opplysninger", "utbetaling", {"type": "navytelse", "netto": 100.5, "brutto": 150})
    assert data["payments"][0]["amount_ore"] == 10050


def test_what_is_outdated_is_nowhere_and_what_was_corrected_is_not_counted():
    data = rows(
        "oversikt",
        "inntekt",
        {"type": "jobb", "kilde": "utdatert"},
        {"type": "jobb", "overstyrtAvBruker": True},
        {"type": "bostotte", "netto": 5},
    )
    assert [row["income_kind"] for row in data["incomes"]] == ["housing-allowance"]


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ({"type": "gateadresse", "gatenavn": "Storgata", "husnummer": "1", "husbokstav": "B", "postnummer": "6530",
          "poststed": "Averøy", "adresselinjer": ["c/o Per"]},
         {"street": "c/o Per, Storgata 1B", "postal_code": "6530", "city": "Averøy"}),
        ({"type": "postboks", "postboks": "Boks 1", "postnummer": "6530"}, {"street": "Boks 1", "postal_code": "6530"}),
        ({"type": "matrikkeladresse", "gaardsnummer": "12", "bruksnummer": "3"}, {"street": "12/3"}),
        ({"type": "ustrukturert", "adresse": ["Hytta", "ved vannet"]}, {"street": "Hytta, ved vannet"}),
        ({"type": "ustrukturert"}, {}),
    ],
)  # fmt: skip
def test_every_kind_of_address_is_read(address, told):
    person = message()["data"]["personalia"]
    person["oppholdsadresse"] = {"kilde": "bruker", "adresseValg": "soknad"} | address
    assert application.from_message(message(personalia=person))["stay_address"] == told


def test_a_caseworker_is_shown_what_has_no_question_here():
    told = message()
    told["kompatibilitet"] = [{"minVersion": "1.0.0", "maxVersion": "1.0.11", "text": "Les dette."}]
    told["data"]["okonomi"] = {
        "opplysninger": {
            "utbetaling": [],
            "bekreftelse": [{"kilde": "bruker", "type": "nytt", "tittel": "Noe nytt", "verdi": False}],
        },
        "oversikt": {"inntekt": [{"kilde": "system", "type": "jobb", "tittel": "Lønn", "overstyrtAvBruker": True}]},
    }
    schemas().check(contracts.APPLICATION, told)
    assert list(application.remarks(told)) == ["Les dette.", "Noe nytt: nei", "Lønn: rettet av søkeren"]


def test_attachments_are_put_to_the_question_that_they_answer():
    listed = {
        "vedlegg": [
            {"type": "lonnslipp", "tilleggsinfo": "arbeid", "status": "LastetOpp",
             "filer": [{"filnavn": "a.pdf", "sha512": "AB"}, {"filnavn": "b.pdf", "sha512": "cd"}]},
            {"type": "noe_nytt", "filer": [{"filnavn": "c.pdf", "sha512": "ef"}]},
            {"type": "skattemelding", "status": "VedleggAlleredeSendt", "filer": []},
        ]
    }  # fmt: skip
    schemas().check(contracts.ATTACHMENTS, listed)
    assert [(each.name, each.sha512, each.field) for each in application.attachments(listed)] == [
        ("a.pdf", "ab", "documents_income"),
        ("b.pdf", "cd", "documents_income"),
        ("c.pdf", "ef", "documents_other"),
    ]
    assert application.was_sent_before(listed)


def test_an_appeal_is_read():
    told = {
        "klageId": "k", "vedtakId": "v", "digisosId": "d",
        "personIdentifikator": {"kilde": "system", "verdi": "02813299952"},
        "navn": {"kilde": "system", "fornavn": "Kari", "mellomnavn": "", "etternavn": "Prøve"},
        "mottaker": {}, "innsendingstidspunkt": "2026-11-23T09:00:00.000Z",
        "autentisering": {"autentisertDigitalt": True, "autentiseringsTidspunkt": "2026-11-23T09:00:00.000Z"},
        "begrunnelse": {"kilde": "bruker", "klageTekst": "Jeg er uenig."},
    }  # fmt: skip
    schemas().check(contracts.APPEAL, told)
    assert application.appeal(told) == application.Appeal("k", "v", "d", "Jeg er uenig.")
    assert application.applicant(told)[1] == "Kari Prøve"


def test_rows_that_our_form_would_not_have_asked_for_are_shown_by_their_own_questions():
    """Rent is stated, and whether there are housing costs is not: the page hides its questions, and nothing may be lost."""
    data = rows("oversikt", "utgift", {"type": "husleie", "belop": 7500})
    package = packages.load(SERVICES / "financial-assistance")
    form = Form(package.form_schema, package.form_ui)
    assert "has_housing_costs" not in data
    *_, last = form.summary(data, "nb", not_asked=application.UNASKED)
    assert last.title == "Også sendt, uten at skjemaet vårt ville spurt"
    assert [row.label.partition(":")[0] for row in last.rows] == ["Utgifter hver måned 1"] * 3
    assert [row.text for row in last.rows] == ["Husleie", "Noe", "7\N{NO-BREAK SPACE}500\N{NO-BREAK SPACE}kr"]
    assert form.summary(data, "nb")[-1].title != last.title
