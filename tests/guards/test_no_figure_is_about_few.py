"""No number about fewer than five people leaves those who see the rows themselves: every place that counts is known."""

import ast
import re
from pathlib import Path

import yaml
from django.apps import apps
from django.db import models

from allmenning.tenancy import walls

PLATFORM = Path(__file__).resolve().parents[2] / "allmenning"

# Every module that counts rows, and who is told: whoever sees the rows, or who is told in fives (`basics.few`).
COUNTS = {
    "commons/catalogue/queries.py": "versions of services: about nobody",
    "journeys/administered.py": "an administrator of their own staff, units and services, each of them named on the next page",
    "journeys/deciding.py": "rounds of one case, as a number of the row",
    "journeys/entering_costs.py": "lines of suppliers' invoices: about nobody",
    "journeys/figures.py": "the municipality's own; `commons.figures.actions` publishes them in fives",
    "journeys/health.py": "operators, of what waits, in fives; of jobs, which are about nobody",
    "journeys/reviewing.py": "a leader, of the findings that are their own to review, shown below",
    "journeys/using.py": "the municipality's own; `commons.figures.actions` publishes them in fives",
    "journeys/standing_out.py": "nobody: whether there is something new",
    "journeys/unusual_reading.py": "a leader, of one employee's reading, each case that was opened listed",
    "journeys/rotating.py": "the command, which tells operators in fives",
    "journeys/stuck.py": "operators, in fives",
    "journeys/witnessing.py": "cosignatures of a head: about nobody",
    "municipal/access/sealing.py": "rows of the log that no head has: to the sealer, not told",
    "municipal/cases/figures.py": "leaders: in fives by `journeys.leading`; of who has what to do, the rows of their own queue",
    "municipal/cases/queries.py": "staff, of the rows of their own work list, shown below",
    "municipal/cases/records.py": "staff, of the lines of a file for the accounts, which they are given",
    "municipal/people/queries.py": "words of a name, in a condition",
}
_NOT_ABOUT_ROWS = ("tenancy/", "vault/", "letters/", "backup/", "transparency/", "web/", "rules/", "basics/", "demo/")
_COUNTING = re.compile(r"\.count\(\)|\bCount\(|\bcount\((?:\*|distinct)|\bAvg\(|percentile_")

# Every number in the commons, which all municipalities and their operators share.
NUMBERS_IN_COMMONS = {
    "costs.PublishedAgreement.version": "of an agreement, which is public",
    "costs.CostBatch.lines": "how many lines",
    "costs.CostBatch.net_ore": "øre in all, without VAT",
    "costs.CostLine.line": "line of the file",
    "costs.CostLine.net_ore": "øre without VAT",
    "costs.CostLine.vat_ore": "øre of VAT",
    "costs.CostAttachment.size": "bytes",
    "costs.Grant.ore": "øre",
    "costs.MeasuredUse.amount": "what a municipality used of all that an agreement is about, as its bill says it; of no service",
    "costs.Budget.year": "year",
    "costs.Budget.ore": "øre",
    "costs.Settlement.version": "which version of the agreement",
    "costs.Settlement.number": "which draft of the period",
    "costs.Settlement.ore": "øre in all",
    "costs.Correction.ore": "øre more or less",
    "costs.IssuedBill.serial": "which of the host's bills",
    "costs.IssuedBill.net_ore": "øre without VAT",
    "costs.IssuedBill.vat_ore": "øre of VAT",
    "costs.BillLine.place": "which line",
    "costs.BillLine.ore": "øre without VAT",
    "costs.BillLine.vat_percent": "rate of VAT",
    "costs.Payment.ore": "øre",
    "costs.Payment.line": "line of the file",
    "figures.PublishedFigure.value": "in fives, held by a constraint; days",
    "figures.PublishedFigure.count": "in fives, held by a constraint",
    "figures.PublishedUse.year": "a year",
    "figures.PublishedUse.value": "of all services together: in fives, held by a constraint; gigabytes",
    "figures.PublishedUse.count": "in fives, held by a constraint",
    "governance.Plan.first_year": "a year",
    "governance.Plan.last_year": "a year",
    "governance.ItemText.version": "of a text of the plan, which is public",
    "governance.Cost.year": "a year",
    "governance.Cost.amount_ore": "øre of a municipality or a project",
    "governance.Estimate.from_year": "a year",
    "governance.Estimate.amount_ore": "øre of a municipality or a project",
    "governance.Estimate.hours": "an estimate for a whole municipality, about no person",
    "governance.Baseline.figure": "what a municipality states of a year",
    "governance.Risk.number": "of a row in the plan",
    "governance.Risk.version": "of a text of the plan, which is public",
    "governance.Risk.likelihood": "1 to 5",
    "governance.Risk.consequence": "1 to 5",
    "governance.Milestone.number": "of a row in the plan",
    "governance.Milestone.version": "of a text of the plan, which is public",
    "governance.Matter.number": "of a row in the plan",
    "governance.MatterText.version": "of a text of the plan, which is public",
    "governance.Statement.version": "of a text of the plan, which is public",
    "governance.CouncilDecision.votes_for": "a council's minutes, which are public",
    "governance.CouncilDecision.votes_against": "a council's minutes, which are public",
    "governance.Preparation.number": "of a row in the plan",
    "governance.Preparation.version": "of a text of the plan, which is public",
    "pools.PoolMember.contribution_ore": "kroner between municipalities: about nobody",
    "pools.PoolMember.population": "Statistics Norway's inhabitants",
    "pools.Application.asked_ore": "kroner between municipalities: about nobody",
    "pools.Application.own_ore": "kroner between municipalities: about nobody",
    "pools.GrantDecision.granted_ore": "kroner between municipalities: about nobody",
    "pools.GrantDecision.fixed_ore": "kroner between municipalities: about nobody",
    "pools.GrantDecision.inhabitant_ore": "kroner between municipalities: about nobody",
    "pools.Adoption.ore": "kroner between municipalities: about nobody",
    "pools.Adoption.population": "Statistics Norway's inhabitants",
    "pools.Entry.ore": "kroner between municipalities: about nobody",
    "journeys.Backlog.waiting": "in fives",
    "journeys.Backlog.failing": "in fives",
    "journeys.Backlog.not_whole": "in fives",
    "journeys.Backlog.files_gone": "in fives",
    "journeys.LogSealing.rows": "rows of the log of all areas, which grow by each reading: the size that witnesses sign",
    "journeys.LogSealing.witnessed": "the same",
    "municipalities.Population.number": "Statistics Norway's inhabitants",
}


def sources():
    for path in sorted(PLATFORM.rglob("*.py")):
        name = path.relative_to(PLATFORM).as_posix()
        if "/tests/" not in name and "/migrations/" not in name and not name.startswith(_NOT_ABOUT_ROWS):
            yield name, path.read_text("utf-8")


def test_every_module_that_counts_says_who_is_told():
    found = {name for name, text in sources() if _COUNTING.search(text) and not name.endswith("testing.py")}
    assert found == set(COUNTS)


def test_every_number_in_the_commons_says_what_it_is_about():
    municipal = set(walls.municipal_models())
    kinds = (models.IntegerField, models.DecimalField, models.FloatField)
    found = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model not in municipal and model.__module__.startswith("allmenning.") and ".tests." not in model.__module__
        for field in model._meta.local_concrete_fields
        if isinstance(field, kinds) and not field.primary_key
    }
    assert found == set(NUMBERS_IN_COMMONS)


def test_one_place_publishes_figures():
    """Nothing but its action writes a figure, and nothing but what rounds decides what is told."""
    writes = re.compile(
        r"Published(?:Figure|Use)\b.*\.(?:create|update|bulk_create|get_or_create|update_or_create|save)\b"
    )
    assert {name for name, text in sources() if writes.search(text)} == {"commons/figures/actions.py"}
    tree = ast.parse((PLATFORM / "commons/figures/actions.py").read_text("utf-8"))
    called = {each.func.id for each in ast.walk(tree) if isinstance(each, ast.Call) and isinstance(each.func, ast.Name)}
    assert "whole_fives" in called


# Names of the numbers in what the API takes and gives.
NUMBERS_OF_THE_API = {
    "value": "of a figure: in fives; days",
    "people": "of a figure: in fives",
    "year": "of the figures",
    "files": "how many a question takes",
    "expires_in": "seconds of a token",
    "status": "of HTTP",
}


def test_every_number_of_the_api_says_what_it_is_about():
    contract = yaml.safe_load((PLATFORM / "doors/api/openapi.yaml").read_text("utf-8"))
    assert set(numbers_in(contract["components"]["schemas"])) == set(NUMBERS_OF_THE_API)


def numbers_in(schema, name=""):
    """The names of the fields that are numbers, however deep."""
    for key, inner in schema.items() if isinstance(schema, dict) else enumerate(schema):
        if key == "type" and inner in ("integer", "number"):
            yield name
        if isinstance(inner, dict | list):
            yield from numbers_in(inner, name if key in ("items", "properties", "allOf", "oneOf") else key)
