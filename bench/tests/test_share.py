"""`bin/bench share` measures what it says, on few lines."""

import json

from bench import share


def test_every_figure_stands_beside_its_limit(capsys, tmp_path):
    # Of memory, whatever ran before in this process counts too.
    assert share.main(["--lines", "200", "--json", "--data", str(tmp_path)]) in (0, 1)
    figures = json.loads(capsys.readouterr().out)
    assert [each["unit"] for each in figures] == ["s", "MB", "s", "s"] * 2
    assert "357 invoices, each valid by both sets of rules" in figures[3]["what"]
    assert "357 bills issued as EHF and PDF, each EHF valid" in figures[7]["what"]
    assert all(each["cpu"] > 0 for each in figures if each["unit"] == "s")


def test_entering_and_settling_take_as_many_statements_however_many_lines(tmp_path):
    few, many = (next(share.rows(lines, tmp_path)).statements for lines in (50, 500))
    assert few == many <= 25


def test_the_ledger_is_the_same_each_time():
    assert share._ledger(50) == share._ledger(50)
    assert share._ledger(1).decode().splitlines()[1].count(";") == 8
