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
from allmenning.commons.governance import actions, council_actions, queries, rolling_out
from allmenning.commons.governance.actions import Said
from allmenning.commons.governance.council_actions import Basis, Decided
from allmenning.commons.governance.models import Item, Plan
from allmenning.commons.governance.rolling_out import First
from allmenning.commons.governance.words import Words

FILE = Path(__file__).parent / "plan.yaml"
BEGAN = -8  # months: when the plan was made


def seed() -> None:
    """Write the plan; one that is there is left as it is."""
    data = read_yaml(FILE.read_text("utf-8"))
    if not queries.plans(data["scope"]):
        _Seeding(data).plan()


def _said(told: dict[str, str] | None) -> Words:
    """A text by language; what is wrapped in the file is the file's own."""
    return Words.of({language: _flowing(text) for language, text in (told or {}).items()})


def _flowing(text: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in text.strip().split("\n\n"))


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
                title=_said(data["title"]),
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
        for each in data["roll_out"]:
            self._roll_out(plan, each)
        self._matter(plan, data["matter"])
        for each in data["agenda"]:
            self._asked(each)
        return plan

    def _item(self, plan: Plan, kind: str, told: dict[str, Any], under: Item | None) -> Item:
        said = Said(
            _said(told["title"]),
            _said(told.get("description")),
            _said(told.get("owner")),
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
                text=_said(risk["text"]),
                likelihood=risk["likelihood"],
                consequence=risk["consequence"],
                response=_said(risk["response"]),
                who=_said(risk["who"]),
                by=self.by,
            )
        for key in ("estimates", "estimates_above"):  # by the municipalities, and by the county and the state
            if key in told:
                self._estimates(item, told[key])
        for baseline in told.get("baselines", ()):
            self._baseline(item, baseline, _said(told["baseline_source"]))

    def _estimates(self, item: Item, told: dict[str, Any]) -> None:
        for party, expected in told["parties"].items():
            kroner = expected.get("kroner")
            quality = _said(told.get("quality"))
            actions.estimate(
                item=item,
                party=party,
                from_year=self.first_year + told["from"],
                builds_on=_said(told["builds_on"]),
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
                    item=item, title=_said(each["title"]), due=self.month(each["due"]), by=self.by
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
                actions.report_status(item=item, state=each["state"], text=_said(each["text"]), by=self.by)

    def _take_out(self, plan: Plan, told: dict[str, Any]) -> None:
        under = Item.objects.get(plan=plan, code=told["under"])
        with self.then(BEGAN):
            item = actions.add_item(
                plan=plan,
                kind="measure",
                code=told["code"],
                said=Said(_said(told["title"])),
                under=under,
                by=self.by,
            )
        with self.then(-3):
            actions.take_out(item=item, reason=_said(told["reason"]), by=self.by)

    def _roll_out(self, plan: Plan, told: dict[str, Any]) -> None:
        """Everything that comes first is done where the service is in use; else what the file says is."""
        kinds = self.data["first"]
        days = {kind: self.month(told["due"] - each["before"]) for kind, each in kinds.items()}
        first = [First(kind, _said(each["title"]), days[kind]) for kind, each in kinds.items()]
        with self.then(BEGAN):
            row = rolling_out.add(
                plan=plan,
                party=told["party"],
                service=told["service"],
                due=self.month(told["due"]),
                first=first,
                by=self.by,
            )
        done = list(kinds) if "in_use" in told else told["done"]
        with self.then(told.get("in_use", -1)):
            for number, each in enumerate(first, start=1):
                if each.kind in done:
                    day = min(each.due, dates.today())
                    rolling_out.prepare(
                        roll_out=row,
                        kind=each.kind,
                        title=each.title,
                        due=each.due,
                        done=day,
                        number=number,
                        made_from=1,
                        by=self.by,
                    )
            if "in_use" in told:
                rolling_out.take_into_use(roll_out=row, on=self.month(told["in_use"]), by=self.by)
            if "moved" in told:
                rolling_out.move(roll_out=row, due=self.month(told["moved"]), why=told["why"], by=self.by)

    def _matter(self, plan: Plan, told: dict[str, Any]) -> None:
        item = Item.objects.select_related("plan").get(plan=plan, code=told["item"])
        names = ("title", "proposal", "background", "alternatives", "budget", "employees")
        basis = Basis(**{name: _said(told[name]) for name in names})
        with self.then(told["hearing"]["opened"]):
            matter = council_actions.draft(item=item, basis=basis, by=self.by)
            deadline = self.month(told["hearing"]["deadline"])
            council_actions.open_hearing(matter=matter, deadline=deadline, by=self.by)
            for each in told["statements"]:
                council_actions.give_statement(matter=matter, **each, by=f"employees, {each['party']}")
        with self.then(told["submitted"]):
            decide_by = self.month(told["decide_by"])
            council_actions.submit(matter=matter, parties=told["parties"], decide_by=decide_by, by=self.by)
        for each in told["decisions"]:
            joins = each.pop("joins", None)
            party = each.pop("party")
            decided = Decided(**each, decided_on=self.this_month)
            with self.then(0):
                council_actions.register_decision(
                    matter=matter,
                    party=party,
                    decided=decided,
                    joins_on=None if joins is None else self.month(joins),
                    by=f"secretary, {party}",
                )

    def _asked(self, told: dict[str, Any]) -> None:
        said = {name: told[name] for name in ("party", "language", "title", "text")}
        with self.then(told["at"]):
            asked = council_actions.put_on_agenda(scope=self.data["scope"], **said, by=f"elected, {told['party']}")
            if "answer" in told:
                council_actions.answer(proposal=asked, **told["answer"], by=self.by)
