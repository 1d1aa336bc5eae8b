"""The joint plan, what the councils decide of it, and its roll-out. In the commons: it is everybody's business.

Rows are added and never changed or removed; the database holds it (migration 0002). What is said anew is a new row, and the
newest holds. So what stood in the plan on any day can be read again, and a council's paper is what it was when it was sent.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from .words import WordsField


class Kept(models.Model):
    """Something that happened: when, and in what role somebody wrote it down (`planner, ikt-orkide`). Never a name."""

    at = models.DateTimeField()
    by = models.CharField(max_length=120)

    class Meta:
        abstract = True


def _has_bokmaal(name: str, *fields: str) -> models.CheckConstraint:
    said = Q(**{f"{fields[0]}__has_key": "nb"})
    for field in fields[1:]:
        said &= Q(**{f"{field}__has_key": "nb"})
    return models.CheckConstraint(condition=said, name=name)


class Plan(Kept):
    """The joint plan of a cooperation for some years. scope: the cooperation, or an agreement that belongs to none."""

    scope = models.SlugField(max_length=60)
    title = WordsField()
    first_year = models.PositiveSmallIntegerField()
    last_year = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope", "first_year"], name="plan_once"),
            models.CheckConstraint(condition=Q(last_year__gte=F("first_year")), name="plan_ends_after_it_begins"),
            _has_bokmaal("plan_has_bokmaal", "title"),
        ]

    @property
    def years(self) -> range:
        return range(self.first_year, self.last_year + 1)


class Item(Kept):
    """A goal, a measure under it, or a project under that. What it says is in its newest `ItemText`."""

    class Kind(models.TextChoices):
        GOAL = "goal"
        MEASURE = "measure"
        PROJECT = "project"

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="items")
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    code = models.SlugField(max_length=60, help_text="In addresses, and for whoever points at it")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "code"], name="item_once_in_a_plan"),
            models.CheckConstraint(
                condition=Q(kind="goal", parent=None) | ~Q(kind="goal") & Q(parent__isnull=False),
                name="goals_stand_at_the_top",
            ),
        ]


class OfItem(Kept):
    """A row about an item."""

    item = models.ForeignKey(Item, models.PROTECT, related_name="%(class)ss")

    class Meta:
        abstract = True


class ItemText(OfItem):
    """What an item says, who owns it, and what it claims to be worth. A new version stands beside the earlier ones."""

    version = models.PositiveSmallIntegerField()
    title = WordsField()
    description = WordsField()
    owner = WordsField(help_text="A role or a body, never a person")
    services = ArrayField(models.SlugField(max_length=60), default=list)
    gains = ArrayField(models.SlugField(max_length=40), default=list, help_text="Kinds of benefit that are measured")
    why = models.CharField(max_length=500, blank=True, help_text="Why it was changed")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "version"], name="item_version_once"),
            _has_bokmaal("item_has_bokmaal", "title"),
        ]


class Removal(OfItem):
    """An item that was taken out of the plan, and why. It is shown no more among the others, and can still be read."""

    reason = WordsField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item"], name="removed_once"),
            _has_bokmaal("removal_has_bokmaal", "reason"),
        ]


class Cost(OfItem):
    """What an item costs in a year, as planned. The newest of an item, year and kind holds."""

    class Kind(models.TextChoices):
        INVESTMENT = "investment"
        OPERATION = "operation"

    year = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    amount_ore = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount_ore__gte=0), name="cost_is_not_negative")]


class Estimate(OfItem):
    """What a party expects to gain each year when the item is in full use. The newest of an item and party holds.

    Money, hours and quality are told apart: hours are not made into money here.
    """

    party = models.SlugField(max_length=60)
    from_year = models.PositiveSmallIntegerField()
    amount_ore = models.BigIntegerField(null=True)
    hours = models.PositiveIntegerField(null=True)
    quality = WordsField()
    builds_on = WordsField(help_text="What the estimate builds on")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_ore__isnull=False) | Q(hours__isnull=False) | Q(quality__has_key="nb"),
                name="estimate_says_something",
            ),
            _has_bokmaal("estimate_says_what_it_builds_on", "builds_on"),
        ]


class Baseline(OfItem):
    """How it was before, for a kind of measured benefit at a party: what the measurement is held against. Newest holds."""

    party = models.SlugField(max_length=60)
    gain = models.SlugField(max_length=40)
    figure = models.DecimalField(max_digits=14, decimal_places=2)
    unit = models.CharField(max_length=20, help_text="The gain's own, or per-cent of its whole")
    start = models.DateField()
    end = models.DateField(help_text="The last day")
    source = WordsField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(figure__gte=0), name="baseline_is_not_negative"),
            models.CheckConstraint(condition=Q(end__gte=F("start")), name="baseline_ends_after_it_begins"),
            _has_bokmaal("baseline_has_its_source", "source"),
        ]


class Risk(OfItem):
    """What may go wrong, how likely and how bad from 1 to 5, what is done about it, and by whom. number: within the item."""

    number = models.PositiveSmallIntegerField()
    version = models.PositiveSmallIntegerField()
    text = WordsField()
    likelihood = models.PositiveSmallIntegerField()
    consequence = models.PositiveSmallIntegerField()
    response = WordsField()
    who = WordsField(help_text="A role or a body, never a person")
    is_over = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "number", "version"], name="risk_version_once"),
            models.CheckConstraint(
                condition=Q(likelihood__range=(1, 5), consequence__range=(1, 5)), name="risk_is_from_one_to_five"
            ),
            _has_bokmaal("risk_has_bokmaal", "text"),
        ]

    @property
    def weight(self) -> int:
        """Likelihood times consequence: 1 to 25."""
        return self.likelihood * self.consequence


class Milestone(OfItem):
    """What is to be reached by when. A new date or that it was reached is a new version."""

    number = models.PositiveSmallIntegerField()
    version = models.PositiveSmallIntegerField()
    title = WordsField()
    due = models.DateField()
    reached = models.DateField(null=True)
    why = models.CharField(max_length=500, blank=True, help_text="Why the date was moved")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "number", "version"], name="milestone_version_once"),
            _has_bokmaal("milestone_has_bokmaal", "title"),
        ]


class StatusReport(OfItem):
    """How it goes, in a word and in words. The newest holds."""

    class State(models.TextChoices):
        ON_TRACK = "on-track"
        DELAYED = "delayed"
        AT_RISK = "at-risk"
        STOPPED = "stopped"
        DONE = "done"

    state = models.CharField(max_length=10, choices=State.choices)
    text = WordsField()
    on = models.DateField()

    class Meta:
        constraints = [_has_bokmaal("status_has_bokmaal", "text")]


class Matter(Kept):
    """A measure or project that is put before the councils. What it says is in its newest `MatterText`."""

    item = models.ForeignKey(Item, models.PROTECT, related_name="matters")
    number = models.PositiveSmallIntegerField(help_text="Within the plan")
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="matters")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "number"], name="matter_number_once")]


class OfMatter(Kept):
    """A row about a matter."""

    matter = models.ForeignKey(Matter, models.PROTECT, related_name="%(class)ss")

    class Meta:
        abstract = True


class MatterText(OfMatter):
    """The decision basis in words, the same for every council. No new version once it is put before them."""

    version = models.PositiveSmallIntegerField()
    title = WordsField()
    proposal = WordsField(help_text="What the council is asked to decide")
    background = WordsField()
    alternatives = WordsField()
    budget = WordsField(help_text="Consequences for the budget and the four-year economic plan, in words")
    employees = WordsField(help_text="Consequences for the employees")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["matter", "version"], name="matter_version_once"),
            _has_bokmaal("matter_has_bokmaal", "title", "proposal"),
        ]


class Hearing(OfMatter):
    """The employees' representatives are asked, until a day. A later one moves the day; the newest holds."""

    deadline = models.DateField(help_text="The last day")


class Statement(OfMatter):
    """What the representatives of the employees say, word for word. It stands in every council's paper unchanged."""

    party = models.SlugField(max_length=60)
    body = models.CharField(max_length=120, help_text="The organisation that speaks, never a person")
    text = models.TextField()
    language = models.CharField(max_length=2)
    version = models.PositiveSmallIntegerField(help_text="Of the matter's text that they had before them")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(text="") & ~Q(body=""), name="statement_says_something"),
            models.UniqueConstraint(fields=["matter", "party", "body"], name="statement_once"),
        ]


class Submission(OfMatter):
    """The matter is put before the councils. From now on the decision basis is as it was at this moment."""

    decide_by = models.DateField(help_text="The last day that the councils are asked to decide by")
    parties = ArrayField(models.SlugField(max_length=60))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["matter"], name="submitted_once"),
            models.CheckConstraint(condition=Q(parties__len__gt=0), name="submitted_to_somebody"),
        ]


class CouncilDecision(OfMatter):
    """What a council decided, as its secretary registered it. The newest of a council holds; earlier ones can be read."""

    class Outcome(models.TextChoices):
        ADOPTED = "adopted"
        CHANGED = "changed"
        REJECTED = "rejected"
        POSTPONED = "postponed"

    party = models.SlugField(max_length=60)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    decided_on = models.DateField()
    case_reference = models.CharField(max_length=60)
    votes_for = models.PositiveSmallIntegerField()
    votes_against = models.PositiveSmallIntegerField()
    text = models.TextField(help_text="The decision as the minutes have it")
    language = models.CharField(max_length=2)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(case_reference="") & ~Q(text=""), name="decision_says_something"),
            models.UniqueConstraint(fields=["matter", "party", "case_reference"], name="decided_once_in_a_case"),
        ]


class Participation(OfItem):
    """A party joins an item from a day, or is out of it from a day; by its council's decision where there is one.

    replaces: the row whose day was wrong, which holds no more.
    """

    party = models.SlugField(max_length=60)
    on = models.DateField()
    is_in = models.BooleanField()
    decision = models.ForeignKey(CouncilDecision, models.PROTECT, null=True, related_name="joinings")
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaced_by")


class AgendaProposal(Kept):
    """What an elected member puts on the agenda. scope: of the cooperation that is to answer."""

    scope = models.SlugField(max_length=60)
    party = models.SlugField(max_length=60)
    title = models.CharField(max_length=200)
    text = models.TextField()
    language = models.CharField(max_length=2)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(title="") & ~Q(text=""), name="agenda_says_something")]


class AgendaAnswer(Kept):
    """What came of it: taken up as a matter, taken into the plan's work, or declined; always with words."""

    class Outcome(models.TextChoices):
        MATTER = "matter"
        WORKED_ON = "worked-on"
        DECLINED = "declined"

    proposal = models.ForeignKey(AgendaProposal, models.PROTECT, related_name="answers")
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    text = models.TextField()
    language = models.CharField(max_length=2)
    matter = models.ForeignKey(Matter, models.PROTECT, null=True, related_name="asked_for")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["proposal"], name="agenda_answered_once"),
            models.CheckConstraint(
                condition=Q(outcome="matter", matter__isnull=False) | ~Q(outcome="matter") & Q(matter=None),
                name="taken_up_as_a_matter",
            ),
        ]


class RollOut(Kept):
    """A party is to take a service into use. When is in its newest `RollOutDate`."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="roll_outs")
    party = models.SlugField(max_length=60)
    service = models.SlugField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "party", "service"], name="roll_out_once")]


class RollOutDate(Kept):
    """When a service is to be, or was, taken into use. The newest holds."""

    roll_out = models.ForeignKey(RollOut, models.PROTECT, related_name="dates")
    due = models.DateField()
    in_use = models.DateField(null=True)
    why = models.CharField(max_length=500, blank=True, help_text="Why the date was moved")


class Preparation(Kept):
    """What must be done before a service is taken into use. A new date or that it is done is a new version."""

    class Kind(models.TextChoices):
        AGREEMENT = "agreement"
        TRAINING = "training"
        CASES = "cases"
        OTHER = "other"

    roll_out = models.ForeignKey(RollOut, models.PROTECT, related_name="preparations")
    number = models.PositiveSmallIntegerField()
    version = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    title = WordsField()
    due = models.DateField()
    done = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["roll_out", "number", "version"], name="preparation_version_once"),
            _has_bokmaal("preparation_has_bokmaal", "title"),
        ]
