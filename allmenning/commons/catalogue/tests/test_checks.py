"""Folders with one thing wrong must be refused, with a sentence about that thing."""

import json
from pathlib import Path

import pytest
import yaml

from allmenning.basics.plain_yaml import read_yaml
from allmenning.commons.catalogue.content import UnreadablePackage
from allmenning.commons.catalogue.package import check, check_files
from allmenning.commons.catalogue.reading import read_folder

FOLDER = Path(__file__).parents[4] / "services" / "reduced-kindergarten-fee"
GOOD = read_folder(FOLDER)


def changed(file, old, new):
    """The folder with one text replaced; the text must be there, or the test tests nothing."""
    assert old in GOOD[file], old
    return {**GOOD, file: GOOD[file].replace(old, new, 1)}


def with_decision(change):
    decision = json.loads(GOOD["decision.json"])
    change(decision)
    return {**GOOD, "decision.json": json.dumps(decision)}


def without(file):
    return {name: text for name, text in GOOD.items() if name != file}


def with_form(change):
    form = json.loads(GOOD["form.schema.json"])
    change(form)
    return {**GOOD, "form.schema.json": json.dumps(form)}


def node(decision, name):
    return next(each for each in decision["nodes"] if each["id"] == name)


def errors(files):
    return " ".join(str(problem) for problem in check_files(files) if problem.level == "error")


CASES = {
    "nynorsk is missing in service.yaml": (
        lambda: changed("service.yaml", "  nn: Redusert foreldrebetaling i barnehage\n", ""),
        "nynorsk",
    ),
    "nynorsk is missing in the form": (
        lambda: with_form(lambda f: f["properties"]["from_month"]["x-title"].pop("nn")),
        "nn",
    ),
    "an empty text": (lambda: changed("service.yaml", "en: Reduced kindergarten fee", 'en: " "'), "does not match"),
    "a letter in nynorsk is missing": (lambda: without("letters/granted.nn.md"), "the letter is missing"),
    "a letter with an unknown field": (
        lambda: changed("letters/granted.nb.md", "{{ case.number }}", "{{ applicant.identity_number }}"),
        "applicant.identity_number",
    ),
    "a letter with code": (
        lambda: changed("letters/granted.nb.md", "{{ case.number }}", "{% for x in y %}"),
        "never code",
    ),
    "a letter with HTML": (
        lambda: changed("letters/granted.nb.md", "## Hvorfor", "<b>Hvorfor</b>"),
        "letters/granted.nb.md",
    ),
    "a letter about a decision without reasons": (
        lambda: changed("letters/granted.nb.md", "{{ decision.reasons }}", ""),
        "must have {{ decision.reasons }}",
    ),
    "a letter about a decision without appeal notice": (
        lambda: changed("letters/rejected.en.md", "{{ appeal.deadline }}", "soon"),
        "must have {{ appeal.deadline }}",
    ),
    "a decision without legal basis": (
        lambda: {
            **GOOD,
            "routine.yaml": GOOD["routine.yaml"].replace(
                "  legal_basis:\n  - act\n  - maximum-price\n  - household\n  - sibling-reduction\n  - six-per-cent\n"
                "  - free-core-time\n",
                "",
            ),
        },
        "needs its legal basis",
    ),
    "a function node": (
        lambda: with_decision(lambda d: node(d, "base").update(type="functionNode", content={"source": "x"})),
        "functionNode is not allowed",
    ),
    "code in an expression": (
        lambda: with_decision(
            lambda d: node(d, "base")["content"]["expressions"][0].update(value="import('os').system('true')")
        ),
        "import is not on the list",
    ),
    "the clock in an expression": (
        lambda: with_decision(lambda d: node(d, "base")["content"]["expressions"][0].update(value="d('now').year()")),
        "depends on the day",
    ),
    "a name that nothing gives a value": (
        lambda: with_decision(lambda d: node(d, "base")["content"]["expressions"][0].update(value="secret.limit")),
        "secret is read",
    ),
    "a reason without words": (
        lambda: with_decision(lambda d: node(d, "who")["content"]["rules"][0].update(reason="'because'")),
        "the reason because has no text",
    ),
    "an outcome that the routine does not know": (
        lambda: with_decision(lambda d: node(d, "outcome")["content"]["rules"][0].update(outcome="'maybe'")),
        "'maybe' in the column outcome",
    ),
    "another amount than the examples say": (
        lambda: with_decision(lambda d: node(d, "share")["content"]["expressions"][1].update(value="1")),
        "monthly_share_ore is 1",
    ),
    "dates that overlap": (
        lambda: changed("service.yaml", "starts: 2026-08-01\n", "starts: 2025-08-01\n"),
        "must follow each other",
    ),
    "a source in one language": (
        lambda: changed(
            "service.yaml", "source: forvaltningsloven § 11 a (LOV-1967-02-10)", "source: Known since § 11"
        ),
        "/source",
    ),
    "a hand-over to somebody unknown": (
        lambda: changed("routine.yaml", "  kind: individual-decision\n", "  kind: hand-over\n  hand_over_to: nobody\n"),
        "nobody is not a receiver that we know",
    ),
    "a hand-over of what the municipality decides": (
        lambda: changed(
            "routine.yaml", "kind: individual-decision\n", "kind: individual-decision\n  hand_over_to: husbanken\n"
        ),
        "only an outcome of the kind hand-over",
    ),
    "a law that is not listed": (
        lambda: changed("routine.yaml", "  - six-per-cent\n", "  - seven-per-cent\n"),
        "seven-per-cent",
    ),
    "a register that we do not know": (
        lambda: with_form(lambda f: f["properties"]["applicant_income_ore"].update({"x-source": "facebook:income"})),
        "facebook:income",
    ),
    "a form that takes whatever is sent": (
        lambda: with_form(lambda f: f.pop("additionalProperties")),
        "additionalProperties",
    ),
    "a field on no page": (
        lambda: with_form(
            lambda f: f["properties"].update(
                extra={"type": "string", "x-title": {"nb": "Mer", "nn": "Meir", "en": "More"}}
            )
        ),
        "extra is on no page",
    ),
    "a file that nobody reads": (lambda: {**GOOD, "run.py": "print('hei')"}, "may not hold this file"),
    "a file outside the folder": (lambda: {**GOOD, "../service.yaml": "x"}, "may not hold this file"),
    "a missing file": (lambda: without("access.yaml"), "access.yaml: the file is missing"),
    "a key written twice": (
        lambda: changed("access.yaml", "login: required", "login: required\nlogin: optional"),
        "written twice",
    ),
    "an alias": (lambda: changed("access.yaml", "start:", "start: &a\nx: *a\ny:"), "aliases are not allowed"),
    "an unknown key": (
        lambda: changed("access.yaml", "login: required", "login: required\nbackdoor: true"),
        "backdoor",
    ),
    "text that turns around": (lambda: changed("CHANGELOG.md", "1.0.0", "1.0.0\u202e"), "U+202E"),
    "broken JSON": (lambda: {**GOOD, "decision.json": "{"}, "decision.json"),
    "JSON a thousand deep": (lambda: {**GOOD, "decision.json": "[" * 100_000}, "decision.json"),
}


@pytest.mark.parametrize("case", CASES)
def test_refused(case):
    make, said = CASES[case]
    assert said in errors(make())


def test_the_folder_unchanged_is_accepted():
    assert errors(GOOD) == ""


def test_what_nobody_has_confirmed_is_said_as_a_warning():
    said = [str(problem) for problem in check_files(GOOD) if problem.level == "warning"]
    assert any("national_maximum_price_ore" in each for each in said)


def test_a_folder_must_be_named_as_the_service(tmp_path):
    folder = tmp_path / "another-name"
    for name, text in GOOD.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    assert "the id must be the folder's name" in " ".join(map(str, check(folder)))


def test_a_link_out_of_the_folder_is_not_followed(tmp_path):
    (tmp_path / "service.yaml").write_text("id: x")
    (tmp_path / "CHANGELOG.md").symlink_to("/etc/hostname")
    with pytest.raises(UnreadablePackage):
        read_folder(tmp_path)


def test_yaml_keeps_dates_and_norwegian_as_they_are_written():
    assert read_yaml("{from: 2026-08-01, no: nei, on: true}") == {"from": "2026-08-01", "no": "nei", "on": True}


@pytest.mark.parametrize(
    "text",
    ["a: &once 1\nb: *once", "a: &itself [*itself]", "a: 1\na: 2", "[" * 100_000, "{a: " * 100_000],
    ids=["an alias", "an alias of itself", "a key twice", "lists in lists", "keys in keys"],
)
def test_yaml_that_makes_much_of_little_is_refused(text):
    with pytest.raises(yaml.YAMLError):
        read_yaml(text)
