"""The joint plan of the demo, as `plan.yaml` tells it, written by the platform's own actions with the clock set back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from allmenning.basics import dates
from allmenning.basics.plain_yaml import read_yaml
from allmenning.commons.governance import actions, queries
from allmenning.commons.governance.actions import Said
from allmenning.commons.governance.models import Item, Plan
from allmenning.commons.governance.words import Words

FILE = Path(__file__).parent / "plan.yaml"
BEGAN = -8  # months: when the plan was made


def seed() -> None:
    """Write the plan; one that is there is left as it is."""
    data = read_yaml(FILE.read_text("utf-8"))
    if not queries.plans(data["scope"]):
        _Seeding(data).plan()


class _Seeding:
    """Writes one plan, each thing when it happened."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data, self.by = data, f"planner, {data['scope']}"
        self.this_month = dates.today().replace(day=1)
        self.first_year = self.this_month.year

    def month(self, number: int) -> date:
        """The first of a month that is so many from this one, whatever the clock says meanwhile."""
        return dates.add_months(self.this_month, number)

    @contextmanager
    def then(self, number: int) -> Iterator[None]:
        """Some months ago."""
        with dates.clock.frozen(self.month(number)):
            yield

    def plan(self) -> Plan:
        data = self.data
        last = self.first_year + data["years"] - 1
        with self.then(BEGAN):
            plan = actions.make_plan(
                scope=data["scope"],
                title=Words.of(data["title"]),
                first_year=self.first_year,
                last_year=last,
                by=self.by,
            )
        for goal in data["items"]:
            top = self._item(plan, "goal", goal, None)
            for measure in goal["measures"]:
                above = self._item(plan, "measure", measure, top)
                for project in measure["projects"]:
                    self._item(plan, "project", project, above)
        self._take_out(plan, data["taken_out"])
        return plan

    def _item(self, plan: Plan, kind: str, told: dict[str, Any], under: Item | None) -> Item:
        said = Said(
            Words.of(told["title"]),
            Words.of(told.get("description")),
            Words.of(told.get("owner")),
            told.get("services", ()),
            told.get("gains", ()),
        )
        with self.then(BEGAN):
            item = actions.add_item(plan=plan, kind=kind, code=told[kind], said=said, under=under, by=self.by)
            self._as_planned(item, told)
        self._as_it_went(item, told)
        return item

    def _as_planned(self, item: Item, told: dict[str, Any]) -> None:
        for kind, amounts in told.get("costs", {}).items():
            for number, kroner in enumerate(amounts):
                year = self.first_year + number
                actions.plan_cost(item=item, year=year, kind=kind, amount_ore=kroner * 100, by=self.by)
        for risk in told.get("risks", ()):
            actions.assess_risk(
                item=item,
                text=Words.of(risk["text"]),
                likelihood=risk["likelihood"],
                consequence=risk["consequence"],
                response=Words.of(risk["response"]),
                who=Words.of(risk["who"]),
                by=self.by,
            )
        if "estimates" in told:
            self._estimates(item, told["estimates"])
        for baseline in told.get("baselines", ()):
            self._baseline(item, baseline, Words.of(told["baseline_source"]))

    def _estimates(self, item: Item, told: dict[str, Any]) -> None:
        for party, expected in told["parties"].items():
            kroner = expected.get("kroner")
            quality = Words.of(told.get("quality"))
            actions.estimate(
                item=item,
                party=party,
                from_year=self.first_year + told["from"],
                builds_on=Words.of(told["builds_on"]),
                amount_ore=None if kroner is None else kroner * 100,
                hours=expected.get("hours"),
                quality=quality,
                by=self.by,
            )

    def _baseline(self, item: Item, told: dict[str, Any], source: Words) -> None:
        actions.state_baseline(
            item=item,
            party=told["party"],
            gain=told["gain"],
            figure=Decimal(told["figure"]),
            unit=told["unit"],
            start=date(self.first_year - 1, 1, 1),
            end=date(self.first_year - 1, 12, 31),
            source=source,
            by=self.by,
        )

    def _as_it_went(self, item: Item, told: dict[str, Any]) -> None:
        for each in told.get("milestones", ()):
            with self.then(BEGAN):
                set_ = actions.set_milestone(
                    item=item, title=Words.of(each["title"]), due=self.month(each["due"]), by=self.by
                )
            if "reached" in each:
                with self.then(each["reached"]):
                    actions.set_milestone(
                        item=item,
                        title=set_.title,
                        due=set_.due,
                        reached=self.month(each["reached"]),
                        number=set_.number,
                        made_from=set_.version,
                        by=self.by,
                    )
        for party, number in told.get("joined", {}).items():
            with self.then(min(number, -1)):
                actions.participate(item=item, party=party, on=self.month(number), is_in=True, by=self.by)
        for each in told.get("status", ()):
            with self.then(each["at"]):
                actions.report_status(item=item, state=each["state"], text=Words.of(each["text"]), by=self.by)

    def _take_out(self, plan: Plan, told: dict[str, Any]) -> None:
        under = Item.objects.get(plan=plan, code=told["under"])
        with self.then(BEGAN):
            item = actions.add_item(
                plan=plan,
                kind="measure",
                code=told["code"],
                said=Said(Words.of(told["title"])),
                under=under,
                by=self.by,
            )
        with self.then(-3):
            actions.take_out(item=item, reason=Words.of(told["reason"]), by=self.by)
