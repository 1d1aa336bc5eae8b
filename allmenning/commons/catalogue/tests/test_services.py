"""The services in the repository: each of their examples is a test."""

from datetime import date
from pathlib import Path

import pytest
import yaml

from allmenning.basics.norwegian import LANGUAGES
from allmenning.commons.catalogue.examples import example_fields
from allmenning.commons.catalogue.package import check, decide, load, run_example
from allmenning.commons.catalogue.reading import parsed
from allmenning.letters import FieldTable, Letterhead, Metadata, render_letter
from allmenning.rules.forms import Form

SERVICES = Path(__file__).parents[4] / "services"
FOLDERS = sorted(path.parent for path in SERVICES.glob("*/service.yaml"))
PACKAGES = [load(folder) for folder in FOLDERS]
EXAMPLES = [
    pytest.param(package, file, id=f"{package.id}-{Path(file).stem}")
    for package in PACKAGES
    for file in package.example_files
]


@pytest.mark.parametrize(("package", "file"), EXAMPLES)
def test_example(package, file):
    assert run_example(package, file).failures == ()


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_each_service_may_be_published(folder):
    assert [str(problem) for problem in check(folder) if problem.level == "error"] == []


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.id)
def test_each_service_has_at_least_twelve_examples(package):
    assert len(package.example_files) >= 12


def test_one_service_takes_whatever_no_other_does():
    assert [package.id for package in PACKAGES if package.takes_anything] == ["inquiry"]


def test_these_outcomes_hand_over_what_came_and_a_reporter_does_not_follow_it():
    handed = {(p.id, o.id): o for p in PACKAGES for o in p.outcomes if o.hand_over_to}
    assert {each: outcome.hand_over_to for each, outcome in handed.items()} == {
        ("housing-allowance", "assisted"): "husbanken",
        ("child-welfare-concern", "moved"): "municipality",
        ("child-welfare-concern", "case-moved"): "municipality",
        ("financial-assistance", "forwarded"): "municipality",
        ("care-services", "moved"): "municipality",
        ("educational-psychology-referral", "moved"): "municipality",
    }
    assert [each for each, outcome in handed.items() if not outcome.sender_follows] == [
        ("child-welfare-concern", "moved"),
        ("child-welfare-concern", "case-moved"),
    ]


# Three weeks is the rule; a letter with another number of weeks names the act that says so in `legal_basis`.
WEEKS = {3: {"nb": "tre", "nn": "tre", "en": "three"}, 4: {"nb": "fire", "nn": "fire", "en": "four"}}
WITHIN = {
    "nb": "innen {weeks} uker fra du mottok brevet. Mottok du det digitalt {{{{ decision.date }}}}, er siste dag",
    "nn": "innan {weeks} veker frå du fekk brevet. Fekk du det digitalt {{{{ decision.date }}}}, er siste dagen",
    "en": "within {weeks} weeks of receiving this letter. If you received it digitally on {{{{ decision.date }}}}, the last day",
}
APPEALED = [
    pytest.param(package, outcome, language, id=f"{package.id}-{outcome.id}-{language}")
    for package in PACKAGES
    for outcome in package.outcomes
    if outcome.appeal.allowed
    for language in LANGUAGES
]


@pytest.mark.parametrize(("package", "outcome", "language"), APPEALED)
def test_letters_count_the_deadline_to_appeal_from_when_they_came(package, outcome, language):
    weeks = WEEKS[outcome.appeal.weeks][language]
    assert outcome.appeal.weeks == 3 or outcome.appeal.legal_basis
    assert WITHIN[language].format(weeks=weeks) in package.letter_template(outcome.id, language)


def test_links_to_the_state_are_whole():
    rows = yaml.safe_load((SERVICES / "state-services.yaml").read_text(encoding="utf-8"))["services"]
    assert len({row["id"] for row in rows}) == len(rows) >= 25
    for row in rows:
        assert row["url"].startswith("https://")
        assert set(row["audience"]) <= {"resident", "business"}
        for name in ("title", "summary", "owner"):
            assert set(row[name]) == set(LANGUAGES)


def test_los_words_exist_in_our_facts():
    facts = yaml.safe_load((SERVICES.parent / "data" / "los.json").read_text(encoding="utf-8"))
    known = {f"{kind}/{row['id']}" for kind, key in (("tema", "topics"), ("ord", "words")) for row in facts[key]}
    rows = yaml.safe_load((SERVICES / "state-services.yaml").read_text(encoding="utf-8"))["services"]
    used = {word for row in rows for word in row["los"]} | {word for package in PACKAGES for word in package.los}
    assert {word.removeprefix("https://psi.norge.no/los/") for word in used} - known == set()


LETTERS = [
    pytest.param(package, outcome.id, language, id=f"{package.id}-{outcome.id}-{language}")
    for package in PACKAGES
    for outcome in package.outcomes
    for language in LANGUAGES
]


@pytest.mark.parametrize(("package", "outcome", "language"), LETTERS)
def test_each_letter_becomes_a_pdf(package, outcome, language):
    example = parsed(package.files, package.example_files[0])
    on = date.fromisoformat(example["on"])
    decision = decide(package, example["form"], on=on)
    fields = example_fields(package, decision, outcome, language, on)
    fields["decision.reasons"] = fields["decision.reasons"] or ["Skrevet av saksbehandleren."]
    fields |= {f"value.{value.id}": "Skrevet av saksbehandleren." for value in package.entered_values(outcome)}
    fields |= {f"records.{kind.id}": FieldTable(["Hva", "Fra"], [["Hjelp", "1.1.2027"]]) for kind in package.records}
    head = Letterhead(municipality="Averøy kommune", unit="Barnehage")
    facts = Metadata(date=on, reference="2026/1", recipient=["Kari Prøve"])
    pdf = render_letter(package.letter_template(outcome, language), fields, head, language, facts)
    assert pdf.startswith(b"%PDF-")


def test_the_last_day_of_a_granted_service_is_asked_for_in_words():
    kept = next(
        kind
        for package in PACKAGES
        if package.id == "care-services"
        for kind in package.records
        if kind.id == "service"
    )
    granted = {"service": "alarm", "what": "Alarm", "starts": "2026-12-01", "lasts": "until-a-day"}
    said = [[each.message for each in Form(kept.schema, kept.ui).errors(granted, lang)] for lang in ("nb", "en")]
    assert said == [["Skriv den siste dagen."], ["Write the last day."]]
