import copy

import pytest

from allmenning.rules.tables import CannotDecide, RefusedTable, Table, reason_ids


def decision(**changes):
    """A share of the income, then one table for each child, then all the reasons."""
    jdm = {
        "nodes": [
            {"id": "in", "name": "Stated", "type": "inputNode", "content": {}},
            {
                "id": "share",
                "name": "Share",
                "type": "expressionNode",
                "content": {
                    "expressions": [{"id": "1", "key": "fee_ore", "value": "floor(income_ore * 6 / (100 * 11))"}],
                    "passThrough": True,
                },
            },
            {
                "id": "kids",
                "name": "Each child",
                "type": "decisionTableNode",
                "content": {
                    "hitPolicy": "first",
                    "executionMode": "loop",
                    "inputField": "kids",
                    "outputPath": "kids",
                    "passThrough": True,
                    "inputs": [{"id": "n", "name": "Number", "field": "number"}],
                    "outputs": [
                        {"id": "p", "name": "Percent", "field": "percent"},
                        {"id": "r", "name": "Reason", "field": "reason"},
                    ],
                    "rules": [
                        {"_id": "first-child", "n": "1", "p": "100", "r": "'pays-full'"},
                        {"_id": "more", "n": "", "p": "70", "r": "'sibling'"},
                    ],
                },
            },
            {"id": "out", "name": "Answer", "type": "outputNode", "content": {}},
        ],
        "edges": [
            {"id": "a", "sourceId": "in", "targetId": "share", "type": "edge"},
            {"id": "b", "sourceId": "share", "targetId": "kids", "type": "edge"},
            {"id": "c", "sourceId": "kids", "targetId": "out", "type": "edge"},
        ],
    }
    jdm.update(changes)
    return jdm


def test_the_trace_tells_which_rule_was_used_for_which_child_and_why():
    outcome = Table(decision()).evaluate({"income_ore": 40_000_050, "kids": [{"number": 1}, {"number": 2}]})
    assert outcome.result["fee_ore"] == 218_182
    assert [kid["percent"] for kid in outcome.result["kids"]] == [100, 70]
    assert outcome.reasons == [("pays-full", 0), ("sibling", 1)]
    share, first, second = outcome.trace
    assert (share.table, share.outputs) == ("Share", {"fee_ore": 218_182})
    assert (first.table, first.rule, first.inputs, first.item) == ("Each child", "first-child", {"number": 1}, 0)
    assert second.outputs == {"percent": 70, "reason": "sibling"}


def test_a_table_that_collects_gives_every_reason_that_applies():
    jdm = decision()
    jdm["nodes"][2]["content"].update(
        hitPolicy="collect",
        executionMode="single",
        inputField=None,
        outputPath="uncertain",
        inputs=[{"id": "n", "name": "Stated"}],
        rules=[
            {"_id": "a", "n": "income_ore > 5", "r": "'rich'"},
            {"_id": "b", "n": "income_ore > 500", "r": "'richer'"},
            {"_id": "c", "n": "income_ore > 5000", "r": "'richest'"},
        ],
    )
    outcome = Table(jdm).evaluate({"income_ore": 600})
    assert outcome.reasons == [("rich", None), ("richer", None)]
    assert [each["reason"] for each in outcome.result["uncertain"]] == ["rich", "richer"]
    assert [row.rule for row in outcome.trace[1:]] == ["a", "b"]


def test_a_table_in_which_no_rule_fits_gives_nothing():
    jdm = decision()
    jdm["nodes"][2]["content"]["rules"] = [{"_id": "never", "n": "99", "p": "1"}]
    assert Table(jdm).evaluate({"income_ore": 1, "kids": [{"number": 1}]}).reasons == []


def test_reason_ids_are_known_beforehand():
    assert reason_ids(decision()) == {"pays-full", "sibling"}


def test_half_an_ore_never_leaves_a_table():
    jdm = decision()
    jdm["nodes"][1]["content"]["expressions"][0]["value"] = "income_ore / 3"
    with pytest.raises(CannotDecide, match="fee_ore"):
        Table(jdm).evaluate({"income_ore": 100, "kids": []})


def test_a_missing_value_is_a_failure_with_a_name():
    with pytest.raises(CannotDecide):
        Table(decision()).evaluate({"kids": []})


def broken(change):
    jdm = copy.deepcopy(decision())
    change(jdm)
    return jdm


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("functionNode", lambda j: j["nodes"][1].update(type="functionNode", content={"source": "export const x"})),
        ("decisionNode", lambda j: j["nodes"][1].update(type="decisionNode", content={"key": "other.json"})),
        ("customNode", lambda j: j["nodes"][1].update(type="customNode")),
        ("rand", lambda j: j["nodes"][1]["content"]["expressions"][0].update(value="rand(5)")),
        ("rand", lambda j: j["nodes"][2]["content"]["rules"][0].update(p="rand(5)")),
        ("rand", lambda j: j["nodes"][2]["content"]["rules"][0].update(n="> rand(5)")),
        ("rand", lambda j: j["nodes"][2]["content"].update(inputField="rand(5)")),
        ("id in quotes", lambda j: j["nodes"][2]["content"]["rules"][0].update(r="'a' + 'b'")),
        ("id of its own", lambda j: j["nodes"][2]["content"]["rules"][0].pop("_id")),
        ("not a column", lambda j: j["nodes"][2]["content"]["rules"][0].update(zz="1")),
        ("not a name", lambda j: j["nodes"][1]["content"]["expressions"][0].update(key="__proto__")),
        ("hitPolicy", lambda j: j["nodes"][2]["content"].update(hitPolicy="all")),
        ("source is not allowed", lambda j: j["nodes"][1]["content"].update(source="x")),
        ("circle", lambda j: j["edges"].append({"id": "z", "sourceId": "kids", "targetId": "share"})),
        ("does not exist", lambda j: j["edges"].append({"id": "z", "sourceId": "kids", "targetId": "x"})),
        ("same id", lambda j: j["nodes"].append(copy.deepcopy(j["nodes"][1]))),
        ("not JDM", lambda j: j.pop("edges")),
        ("one input node", lambda j: j["nodes"].pop(0)),
    ],
)
def test_code_and_everything_unknown_is_refused(what, change):
    with pytest.raises(RefusedTable) as refused:
        Table(broken(change))
    assert what in str(refused.value)
