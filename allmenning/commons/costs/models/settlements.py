"""Settling a period: drafts, what the members say of them, who approved and issued which, and what was wrong afterwards."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from .costs import PROJECT, WHO, CostLine, Grant


class Settlement(models.Model):
    """A draft of a period's settlement, whole as it was made: by which version of the agreement, among whom, with which figures.

    It is never changed. Another draft of the period is another row, and withdraws this one; one that is issued stands.
    """

    agreement = models.SlugField(max_length=60)
    version = models.PositiveIntegerField(help_text="Of the agreement")
    start = models.DateField()
    end = models.DateField(help_text="The first day after the period")
    number = models.PositiveIntegerField(help_text="Which draft of the period it is, from 1")
    ore = models.BigIntegerField(help_text="What is shared in all, corrections too")
    inputs = models.JSONField(
        help_text="Up to which row of each kind was counted: tells whether something has come since"
    )
    content = models.JSONField(help_text="Pots, parties, figures and shares, exact: see frozen.py")
    drafted_at = models.DateTimeField()
    drafted_by = models.CharField(max_length=200, help_text=WHO)
    drafted_role = models.UUIDField(null=True, help_text="The row of the role: whoever approves is another person")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agreement", "start", "number"], name="draft_of_a_period_once"),
            models.CheckConstraint(condition=Q(start__lt=F("end")), name="period_has_days"),
        ]

    def __str__(self) -> str:
        return f"{self.agreement} {self.start} ({self.number})"


class SettlementWithdrawal(models.Model):
    """A draft that no longer stands: another was made."""

    settlement = models.OneToOneField(Settlement, models.PROTECT, related_name="withdrawal")
    reason = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=200, help_text=WHO)


class SettlementApproval(models.Model):
    """The host's approver has approved a draft. reason: why comments could stay unanswered, where some did."""

    settlement = models.OneToOneField(Settlement, models.PROTECT, related_name="approval")
    reason = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=200, help_text=WHO)


class SettlementIssue(models.Model):
    """A period is settled, once and for all: agreement and first day are here again so that the database can hold that."""

    settlement = models.OneToOneField(Settlement, models.PROTECT, related_name="issue")
    agreement = models.SlugField(max_length=60)
    start = models.DateField()
    due = models.DateField()
    accounts = models.JSONField(help_text="Art and function of host and payer, as the treasurer chose")
    treatments = models.JSONField(help_text="How VAT is treated, by project, each with its reason")
    at = models.DateTimeField()
    by = models.CharField(max_length=200, help_text=WHO)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agreement", "start"], name="period_issued_once")]


class Comment(models.Model):
    """What a party says of a draft. It is kept with that draft, and asked about when another is made."""

    settlement = models.ForeignKey(Settlement, models.PROTECT, related_name="comments")
    party = models.CharField(max_length=120)
    text = models.CharField(max_length=2000)
    at = models.DateTimeField()
    by = models.CharField(max_length=200, help_text=WHO)


class Answer(models.Model):
    """The treasurer's answer to a comment."""

    comment = models.ForeignKey(Comment, models.PROTECT, related_name="answers")
    text = models.CharField(max_length=2000)
    at = models.DateTimeField()
    by = models.CharField(max_length=200, help_text=WHO)


class Correction(models.Model):
    """Something was wrong in an issued settlement, or came too late for it: øre more, or less, of one of its pots.

    All who shared the pot share it, or it is one party's alone. cost, grant: what came too late, if something did.
    """

    agreement = models.SlugField(max_length=60)
    settlement = models.ForeignKey(Settlement, models.PROTECT, related_name="corrections")
    project = models.CharField(max_length=62, blank=True, help_text=PROJECT)
    party = models.CharField(max_length=120, blank=True, help_text="Whom alone it is of; empty where all share it")
    ore = models.BigIntegerField()
    reason = models.CharField(max_length=300)
    cost = models.OneToOneField(CostLine, models.PROTECT, null=True, related_name="correction")
    grant = models.OneToOneField(Grant, models.PROTECT, null=True, related_name="correction")
    entered_at = models.DateTimeField()
    entered_by = models.CharField(max_length=200, help_text=WHO)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(ore=0), name="correction_is_of_something"),
            models.CheckConstraint(
                condition=Q(grant=None) | Q(cost=None, party="", ore__lt=0), name="late_grant_is_less"
            ),
        ]

    @property
    def is_by_hand(self) -> bool:
        """Whether it was entered as a correction, and not as a cost or a grant that came too late."""
        return self.cost_id is None and self.grant_id is None


class CorrectionSettled(models.Model):
    """A correction became lines of an issued settlement: once."""

    correction = models.OneToOneField(Correction, models.PROTECT, related_name="settled")
    settlement = models.ForeignKey(Settlement, models.PROTECT, related_name="settled_corrections")
