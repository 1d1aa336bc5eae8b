"""What a folder may say of its report to a register: every name is the service's own, every code the register's."""

from pathlib import Path

import pytest
import yaml

from allmenning.commons.catalogue import package as packages
from allmenning.commons.catalogue import state_reports
from allmenning.commons.catalogue.checks import check_files
from allmenning.commons.catalogue.reading import from_files

FOLDER = Path(__file__).resolve().parents[4] / "services" / "child-welfare-concern"
FILES = dict(packages.read_folder(FOLDER))
RAW = yaml.safe_load(FILES[state_reports.FILE])


def problems(change):
    raw = yaml.safe_load(FILES[state_reports.FILE])
    change(raw)
    files = {**FILES, state_reports.FILE: yaml.safe_dump(raw, allow_unicode=True)}
    return [str(each) for each in check_files(files) if each.file == state_reports.FILE and each.level == "error"]


def test_the_folder_as_it_is_has_one_warning():
    found = [each for each in check_files(FILES) if each.file == state_reports.FILE]
    assert [(each.level, each.where) for each in found] == [("warning", "/due")]


def test_a_service_without_one_reports_nothing():
    other = packages.load(FOLDER.parent / "inquiry")
    assert state_reports.of(other) is None
    assert state_reports.of(from_files(FILES)).register.id == "barnevernsregister"


def _set(path, value):
    def change(raw):
        *outer, last = path
        for each in outer:
            raw = raw[each]
        if value is None:
            del raw[last]
        else:
            raw[last] = value

    return change


REPORTER = ["entries", 0, "facts", "reporter"]


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (["register"], "another", "there is no register another"),
        (["people", "each"], "concern", "the form has no list concern"),
        (["people", "number"], "shoe_size", "children has no field shoe_size"),
        (["entries", 0, "kind"], "visit", "the register takes no visit"),
        (["entries", 0, "facts", "kind", "is"], "7", "7 is no code of kind"),
        ([*REPORTER, "codes", "police"], "99", "99 is no code of reporter"),
        ([*REPORTER, "codes", "police"], None, "say what police is to the register"),
        ([*REPORTER, "codes", "neighbour"], "4", "neighbour is no answer of the form"),
        ([*REPORTER, "from"], "form.shoe_size", "the form does not ask for shoe_size"),
        ([*REPORTER, "from"], "values.x", "values is read, but only the form is known"),
        ([*REPORTER, "from"], "form.reporter_kind ==", ""),
        (["entries", 0, "facts", "shoes"], {"is": "1"}, "the register takes no shoes of it"),
        (["entries", 0, "concluded_by", "dismissed"], None, "say what dismissed is to the register"),
        (["entries", 0, "concluded_by", "burnt"], "1", "nothing that is decided is called burnt"),
        (["entries", 0, "concluded_by", "moved"], "17", "17 is no code of conclusion"),
        (["entries", 1, "extended_by"], "never", "there is no deadline never"),
        (["totals", 0, "of"], "plan", "no plan is reported"),
        (["totals", 1, "by"], "shoes", "contact has no shoes"),
        (["totals", 0, "within"], "P1W", "how long something took is known of what is concluded"),
        (["totals", 0, "where"], {"conclusion": ["77"]}, "77 is no code of conclusion"),
        (["entries", 1, "facts", "plan", "record"], "shoes", "records.yaml has no kind shoes"),
        (["entries", 1, "facts", "participation", "states"], ["worn"], "step has no state worn"),
        (["entries", 1, "facts", "participation", "answers"], {"kind": "dance"}, "dance is no answer of step.kind"),
        (["entries", 0, "facts", "kind"], {"record": "plan", "is": "2"}, "kind is not of a day, so no record tells it"),
        (["entries", 3, "led_to_by"], "shoes", "no shoes is reported"),
        (["entries", 3, "opened_by"], None, "each: of which decisions is not said"),
        (
            ["entries", 3, "facts", "law"],
            {"from": "form.history", "every": True},
            "law is of every record, but not said",
        ),
        (["entries", 4, "day"], "why", "day: the record has no date why"),
        (["colour"], "blue", ""),
    ],
)
def test_what_points_at_nothing_is_an_error(path, value, said):
    found = problems(_set(path, value))
    assert found
    assert any(said in each for each in found), found


def test_every_code_of_a_list_is_once_and_every_fact_has_a_title():
    for id in state_reports.known_registers():
        register = state_reports.register(id)
        for kind in register.kinds.values():
            for fact in kind.facts.values():
                assert fact.title.nb
                assert fact.codes is None or fact.is_section or fact.codes
