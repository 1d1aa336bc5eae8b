"""`allmenning staff add-administrator`: from the operator's command to somebody who administers the municipality."""

import pytest

from allmenning.doors.cli.__main__ import main
from allmenning.journeys.testing import OMAR, START
from allmenning.journeys.workplaces import workplace_in
from allmenning.municipal.access.models import AdministrationChange, Position, StaffMember
from allmenning.tenancy import use


@pytest.fixture
def numbers(tmp_path):
    def file(number: str) -> str:
        path = tmp_path / "number"
        path.write_text(number + "\n")
        return str(path)

    return file


def add(municipality: str, file: str) -> int:
    return main(["staff", "add-administrator", municipality, "--name", "Omar Osp", "--number-file", file])


def test_the_first_administrator_can_log_in_and_administer(municipality_a, numbers, capsys):
    assert add("averoy", numbers(OMAR)) == 0
    assert "can log in and administer averoy" in capsys.readouterr().out
    assert workplace_in("averoy", OMAR).is_administrator
    with use("averoy", "administration"):
        assert {change.staff_name for change in AdministrationChange.objects.all()} == {"drift"}


def test_again_changes_nothing(municipality_a, numbers):
    assert add("averoy", numbers(OMAR)) == add("averoy", numbers(OMAR)) == 0
    with use("averoy", "administration"):
        assert (StaffMember.objects.count(), Position.objects.count()) == (1, 1)


def test_one_who_has_left_can_be_made_administrator_again(municipality_a, numbers):
    add("averoy", numbers(OMAR))
    with use("averoy", "administration"):
        StaffMember.objects.update(start=START, end=START)
    assert add("averoy", numbers(OMAR)) == 0
    assert workplace_in("averoy", OMAR).is_administrator


@pytest.mark.parametrize(("municipality", "number"), [("averoy", "12345678901"), ("nowhere", OMAR)])
def test_what_can_not_be_is_said_in_a_line(municipality_a, numbers, capsys, municipality, number):
    assert add(municipality, numbers(number)) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert number not in said
