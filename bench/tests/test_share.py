"""`bin/bench share` measures what it says, on few lines."""

import json

from bench import share


def test_every_figure_stands_beside_its_limit(capsys):
    assert share.main(["--lines", "200", "--json"]) in (
        0,
        1,
    )  # of memory, whatever ran before in this process counts too
    figures = json.loads(capsys.readouterr().out)
    assert [each["unit"] for each in figures] == ["s", "MB", "s", "s"]
    assert "357 invoices, each valid by 2 sets of rules" in figures[-1]["what"]


def test_the_ledger_is_the_same_each_time():
    assert share._ledger(50) == share._ledger(50)
    assert share._ledger(1).decode().splitlines()[1].count(";") == 8
