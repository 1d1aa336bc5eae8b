"""A pool: who is a member, what is applied for and granted, and an account that always balances.

Every amount is a row between two accounts (`Entry`), so that what is on one side is on the other. Rows are added, and never changed.
Nobody's name is kept: who did something is told as a role.

Accounts, by kind: `bank`; `claim:<party>` is what a party or the state owes the pool; `owed:<application>` is what is granted and
not yet paid out; `contributions`, `state` and `adopters` are where money comes from; `grants` is what it was used for.
"""

from __future__ import annotations

from uuid import uuid4

from django.db import models
from django.db.models import F, Q


class Pool(models.Model):
    """A pool, by the id of its agreement. Its row is locked while something is entered, so that no krone is granted twice."""

    id = models.SlugField(max_length=60, primary_key=True)
    opened_on = models.DateField()


class PoolMember(models.Model):
    """Who has joined: once, with what the agreement asks for. Whoever else may look, and neither apply nor adopt."""

    pool = models.ForeignKey(Pool, models.PROTECT)
    party = models.CharField(max_length=120)
    joined = models.DateField()
    contribution_ore = models.BigIntegerField()
    population = models.PositiveIntegerField(null=True, help_text="That the contribution was reckoned from")
    counted_on = models.DateField(null=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=120, help_text="A role; no name")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pool", "party"], name="pool_member_once"),
            models.CheckConstraint(condition=Q(contribution_ore__gte=0), name="contribution_is_not_negative"),
        ]


class Application(models.Model):
    """A member asks for money to make something that others can use too."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    pool = models.ForeignKey(Pool, models.PROTECT)
    party = models.CharField(max_length=120)
    title = models.CharField(max_length=120)
    about = models.TextField()
    asked_ore = models.BigIntegerField()
    own_ore = models.BigIntegerField(help_text="What the applicant pays by itself")
    at = models.DateTimeField()
    by = models.CharField(max_length=120, help_text="A role; no name")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(asked_ore__gt=0, own_ore__gte=0), name="application_asks")]


class GrantDecision(models.Model):
    """What an application was answered. granted_ore: 0 is a refusal. Adopters pay a fixed sum and one for each inhabitant."""

    application = models.OneToOneField(Application, models.PROTECT, related_name="decision")
    granted_ore = models.BigIntegerField()
    fixed_ore = models.BigIntegerField(default=0)
    inhabitant_ore = models.BigIntegerField(default=0)
    reason = models.TextField()
    day = models.DateField()
    at = models.DateTimeField()
    by = models.CharField(max_length=120, help_text="A role; no name")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(granted_ore__gte=0, fixed_ore__gte=0, inhabitant_ore__gte=0), name="grant_is_not_negative"
            )
        ]


class Adoption(models.Model):
    """A member takes what the pool paid for into use, and pays the pool for it."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="adoptions")
    party = models.CharField(max_length=120)
    ore = models.BigIntegerField()
    population = models.PositiveIntegerField(null=True, help_text="That the price was reckoned from")
    day = models.DateField()
    at = models.DateTimeField()
    by = models.CharField(max_length=120, help_text="A role; no name")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "party"], name="pool_adopted_once"),
            models.CheckConstraint(condition=Q(ore__gte=0), name="adoption_is_not_negative"),
        ]


class Entry(models.Model):
    """A line of the account: an amount from one account to another, on a day."""

    class Kind(models.TextChoices):
        JOINED = "joined"
        STATE_PROMISED = "state-promised"
        PAID_IN = "paid-in"
        GRANTED = "granted"
        PAID_OUT = "paid-out"
        GIVEN_UP = "given-up"
        ADOPTED = "adopted"

    pool = models.ForeignKey(Pool, models.PROTECT)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    debit = models.CharField(max_length=140)
    credit = models.CharField(max_length=140)
    ore = models.BigIntegerField()
    day = models.DateField()
    text = models.CharField(max_length=200, blank=True)
    party = models.CharField(max_length=120, blank=True)
    application = models.ForeignKey(Application, models.PROTECT, null=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=120, help_text="A role; no name")

    class Meta:
        verbose_name_plural = "entries"
        constraints = [
            models.CheckConstraint(condition=Q(ore__gt=0), name="entry_is_positive"),
            models.CheckConstraint(condition=~Q(debit=F("credit")), name="entry_between_two"),
        ]
        indexes = [models.Index(fields=["pool", "day", "id"], name="entries_in_order")]
