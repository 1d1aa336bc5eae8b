"""What costs, by agreement: lines of suppliers' invoices, grants, what was used, and the budget beside it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

WHO = "A role and whose it is; no name"
PROJECT = "Empty for the joint operation"


class CostBatch(models.Model):
    """Lines that were entered together: a file, whole, or one line by hand."""

    agreement = models.SlugField(max_length=60)
    file = models.CharField(max_length=120, blank=True, help_text="Empty where it was entered by hand")
    lines = models.PositiveIntegerField()
    net_ore = models.BigIntegerField()
    entered_at = models.DateTimeField()
    entered_by = models.CharField(max_length=200, help_text=WHO)

    class Meta:
        indexes = [models.Index(fields=["agreement"], name="cost_batch_of_agreement")]

    def __str__(self) -> str:
        return f"{self.agreement} {self.file or 'by hand'}"


class CostLine(models.Model):
    """A line of a bill that somebody has sent the host. Whoever enters lines holds the agreement's lock, so ids follow time."""

    batch = models.ForeignKey(CostBatch, models.PROTECT, related_name="rows")
    agreement = models.SlugField(max_length=60, db_index=False)
    line = models.PositiveIntegerField(help_text="In the file; 0 by hand")
    day = models.DateField()
    supplier = models.CharField(max_length=120)
    invoice = models.CharField(max_length=60)
    text = models.CharField(max_length=300)
    net_ore = models.BigIntegerField()
    vat_ore = models.BigIntegerField()
    project = models.CharField(max_length=62, blank=True, help_text=PROJECT)
    art = models.CharField(max_length=3, blank=True)
    function = models.CharField(max_length=3, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["agreement", "day"], name="cost_by_day"),
            models.Index(fields=["agreement", "invoice"], name="cost_by_invoice"),
        ]

    def __str__(self) -> str:
        return f"{self.supplier} {self.invoice}"


class CostAttachment(models.Model):
    """The supplier's invoice as a file: looked at before it is kept, and sealed by the commons' key."""

    cost = models.ForeignKey(CostLine, models.PROTECT, related_name="attachments")
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField(help_text="Bytes")
    content = models.BinaryField()
    attached_at = models.DateTimeField()
    attached_by = models.CharField(max_length=200, help_text=WHO)


class Grant(models.Model):
    """Money from somebody else, which reduces what is shared in the period of its day."""

    agreement = models.SlugField(max_length=60)
    day = models.DateField()
    giver = models.CharField(max_length=120)
    text = models.CharField(max_length=300)
    ore = models.BigIntegerField()
    project = models.CharField(max_length=62, blank=True, help_text=PROJECT)
    entered_at = models.DateTimeField()
    entered_by = models.CharField(max_length=200, help_text=WHO)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(ore__gt=0), name="grant_is_more_than_nothing")]


class MeasuredUse(models.Model):
    """How much of something a party used in a period: entered by hand, or measured by the platform from the period's first day.

    The newest row of a party and measure holds. source: empty where the platform measured it, and told it itself.
    """

    agreement = models.SlugField(max_length=60)
    start = models.DateField(help_text="The first day of the period")
    party = models.CharField(max_length=120)
    measure = models.CharField(max_length=20)
    amount = models.PositiveBigIntegerField()
    source = models.CharField(max_length=200, blank=True)
    measured_until = models.DateField(null=True, help_text="The last day that is counted; empty by hand")
    entered_at = models.DateTimeField()
    entered_by = models.CharField(max_length=200, help_text=WHO)

    class Meta:
        indexes = [models.Index(fields=["agreement", "start"], name="use_by_period")]
        constraints = [
            models.CheckConstraint(
                condition=Q(measured_until=None) & ~Q(source="") | Q(measured_until__isnull=False, source=""),
                name="use_has_one_source",
            ),
            models.CheckConstraint(
                condition=Q(measured_until=None) | Q(measured_until__gte=F("start")),
                name="use_is_measured_in_its_period",
            ),
        ]


class Budget(models.Model):
    """What a project, or the joint operation, may cost in a year. The newest row of a year and project holds."""

    agreement = models.SlugField(max_length=60)
    year = models.PositiveSmallIntegerField()
    project = models.CharField(max_length=62, blank=True, help_text=PROJECT)
    ore = models.BigIntegerField()
    entered_at = models.DateTimeField()
    entered_by = models.CharField(max_length=200, help_text=WHO)

    class Meta:
        indexes = [models.Index(fields=["agreement", "year"], name="budget_by_year")]
        constraints = [models.CheckConstraint(condition=Q(ore__gte=0), name="budget_is_not_negative")]


class TakenOut(models.Model):
    """Something that was entered by mistake, and does not count: a cost, a grant, a correction by hand or a payment. Once, with why."""

    agreement = models.SlugField(max_length=60)
    cost = models.OneToOneField(CostLine, models.PROTECT, null=True, related_name="taken_out")
    grant = models.OneToOneField(Grant, models.PROTECT, null=True, related_name="taken_out")
    correction = models.OneToOneField("Correction", models.PROTECT, null=True, related_name="taken_out")
    payment = models.OneToOneField("Payment", models.PROTECT, null=True, related_name="taken_out")
    reason = models.CharField(max_length=300)
    at = models.DateTimeField()
    by = models.CharField(max_length=200, help_text=WHO)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(cost__isnull=False, grant=None, correction=None, payment=None)
                | Q(cost=None, grant__isnull=False, correction=None, payment=None)
                | Q(cost=None, grant=None, correction__isnull=False, payment=None)
                | Q(cost=None, grant=None, correction=None, payment__isnull=False),
                name="taken_out_is_one_thing",
            )
        ]
