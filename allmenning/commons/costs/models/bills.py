"""What is billed and paid: whom a bill goes to, bills as they were issued, and payments."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from .costs import PROJECT, WHO
from .settlements import Settlement


class BillingDetails(models.Model):
    """What a bill needs to know of a party. The newest row of a party holds; `scope` is the cooperation, or the agreement."""

    scope = models.SlugField(max_length=60)
    party = models.CharField(max_length=120)
    organisation = models.CharField(max_length=9, help_text="Organisation number")
    name = models.CharField(max_length=120)
    street = models.CharField(max_length=120)
    postcode = models.CharField(max_length=4)
    city = models.CharField(max_length=60)
    is_registered = models.BooleanField(help_text="In the VAT register")
    account = models.CharField(max_length=11, blank=True, help_text="Bank account: the host needs one")
    buyer_reference = models.CharField(max_length=60, blank=True)
    language = models.CharField(max_length=2, help_text="nb or nn, as the party writes")
    entered_at = models.DateTimeField()
    entered_by = models.CharField(max_length=200, help_text=WHO)

    class Meta:
        indexes = [models.Index(fields=["scope", "party"], name="details_of_party")]
        constraints = [models.CheckConstraint(condition=Q(language__in=["nb", "nn"]), name="details_in_norwegian")]


class IssuedBill(models.Model):
    """An invoice or a credit note as it was issued. Numbers follow each other without a gap, for each host.

    What is given back is negative here. credits: the invoice that a credit note corrects.
    """

    class Kind(models.TextChoices):
        INVOICE = "invoice"
        CREDIT_NOTE = "credit-note"

    settlement = models.ForeignKey(Settlement, models.PROTECT, related_name="bills")
    agreement = models.SlugField(max_length=60)
    host = models.CharField(max_length=120)
    serial = models.PositiveIntegerField()
    number = models.CharField(max_length=20)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    party = models.CharField(max_length=120)
    is_outside = models.BooleanField(help_text="Outside VAT: what is, has a bill of its own")
    name = models.CharField(max_length=120, help_text="The payer's, as on the bill")
    net_ore = models.BigIntegerField()
    vat_ore = models.BigIntegerField()
    kid = models.CharField(max_length=25)
    buyer_reference = models.CharField(max_length=60)
    issued = models.DateField()
    due = models.DateField()
    credits = models.ForeignKey("self", models.PROTECT, null=True, related_name="credited_by")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["host", "serial"], name="bill_number_once"),
            models.UniqueConstraint(fields=["host", "kid"], name="bill_kid_once"),
            models.UniqueConstraint(fields=["settlement", "party", "is_outside"], name="bill_of_a_party_once"),
            models.CheckConstraint(
                condition=Q(kind="invoice", net_ore__gte=-F("vat_ore"))
                | Q(kind="credit-note", net_ore__lt=-F("vat_ore")),
                name="bill_is_of_its_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.host} {self.number}"

    @property
    def gross_ore(self) -> int:
        """What is to be paid, or paid back, in øre."""
        return self.net_ore + self.vat_ore


class BillLine(models.Model):
    """A line of a bill: a project's part of the period, or of a correction of an earlier one."""

    bill = models.ForeignKey(IssuedBill, models.PROTECT, related_name="lines")
    place = models.PositiveSmallIntegerField()
    project = models.CharField(max_length=62, blank=True, help_text=PROJECT)
    corrects = models.ForeignKey(Settlement, models.PROTECT, null=True, related_name="correction_lines")
    text = models.CharField(max_length=300)
    note = models.CharField(max_length=1000)
    ore = models.BigIntegerField(help_text="Without VAT; negative for what is given back")
    vat_category = models.CharField(max_length=1)
    vat_percent = models.PositiveSmallIntegerField()
    vat_reason = models.CharField(max_length=300)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bill", "place"], name="bill_line_once")]


class BillFile(models.Model):
    """The bill's files, byte for byte as they were issued."""

    bill = models.OneToOneField(IssuedBill, models.PROTECT, related_name="files")
    xml = models.BinaryField(help_text="Peppol BIS Billing 3.0")
    pdf = models.BinaryField(help_text="PDF/A")


class Payment(models.Model):
    """Money that came for an invoice, or went back for a credit note. Øre are never negative."""

    bill = models.ForeignKey(IssuedBill, models.PROTECT, related_name="payments")
    day = models.DateField()
    ore = models.BigIntegerField()
    reference = models.CharField(max_length=60, blank=True, help_text="The bank's, if it gives one")
    file = models.CharField(max_length=120, blank=True, help_text="Empty where it was entered by hand")
    line = models.PositiveIntegerField(help_text="In the file; 0 by hand")
    entered_at = models.DateTimeField()
    entered_by = models.CharField(max_length=200, help_text=WHO)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(ore__gt=0), name="payment_is_more_than_nothing")]
