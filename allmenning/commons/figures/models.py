"""What the municipalities tell each other about their work, in figures that are never about fewer than five people."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Mod
from django.db.models.lookups import Exact

from allmenning.basics.few import FEWEST


class PublishedFigure(models.Model):
    """One figure of one municipality's service in a year. `value` and `count` are empty for fewer than five people.

    Cases and people are told in whole fives, rounded down: else the received less the decided were those who wait.
    `version`: of the service, as the municipality offered it when the figure was told: its minutes hold for the figure.
    What is about fewer never leaves the municipality's own database, so there is nothing here to find by differencing.
    Years alone: a year and its months together would tell what the hidden months hold.
    """

    class Measure(models.TextChoices):
        CASES = "cases"  # how many were received
        DECIDED = "decided"  # how many got their answer
        MEDIAN_DAYS = "median-days"  # from received to answered
        FORMS = "forms"  # how many forms were received, by any way
        DIGITAL = "digital"  # of them, sent in the portal or by another system: nobody keyed them in
        LETTERS = "letters"  # how many letters and questions went out
        LETTERS_DIGITAL = "letters-digital"  # of them, read in the portal and never printed
        AUTOMATIC = "automatic"  # of the decided, by rules alone
        INCOMPLETE = "incomplete"  # of the decided, those in which more had to be asked for

    municipality = models.SlugField(max_length=60)
    service = models.SlugField(max_length=60)
    period = models.CharField(max_length=4, help_text="The year")
    measure = models.CharField(max_length=20, choices=Measure.choices)
    value = models.DecimalField(max_digits=12, decimal_places=1, null=True)
    count = models.PositiveIntegerField(null=True, help_text="Different people behind the figure, at least")
    version = models.CharField(max_length=20, blank=True, help_text="Of the service, when it was told")
    published_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "service", "period", "measure"], name="figure_once"),
            models.CheckConstraint(
                condition=Q(count__isnull=False, count__gte=FEWEST, value__isnull=False) | Q(count=None, value=None),
                name="figure_is_about_five_or_more",
            ),
            models.CheckConstraint(
                condition=Q(count=None)
                | Q(Exact(Mod(F("count"), FEWEST), 0))
                & (Q(measure="median-days") | Q(Exact(Mod(F("value"), FEWEST), 0))),
                name="figure_is_in_fives",
            ),
            models.CheckConstraint(condition=Q(period__regex=r"^[0-9]{4}$"), name="period_is_a_year"),
            models.CheckConstraint(condition=Q(value__gte=0) | Q(value=None), name="figure_is_not_negative"),
        ]


class PublishedUse(models.Model):
    """How much of the platform a municipality used in a year, all of it together: what a bill by use is reckoned from.

    No service is named. Told as figures are: nothing about fewer than five people, cases and users in whole fives, and moved in
    steps of five people; gigabytes each time. `counted_until`: the last day that is in it.
    """

    class Measure(models.TextChoices):
        CASES = "cases"  # how many were received
        USERS = "users"  # staff who read or changed something of a case
        STORAGE = "storage"  # gigabytes of documents that are begun, at the end of `counted_until`

    municipality = models.SlugField(max_length=60)
    year = models.PositiveSmallIntegerField()
    measure = models.CharField(max_length=20, choices=Measure.choices)
    value = models.PositiveBigIntegerField(null=True)
    count = models.PositiveIntegerField(null=True, help_text="Different people behind it, at least")
    counted_until = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "year", "measure"], name="use_once"),
            models.CheckConstraint(
                condition=Q(count__isnull=False, count__gte=FEWEST, value__isnull=False) | Q(count=None, value=None),
                name="use_is_by_five_or_more",
            ),
            models.CheckConstraint(
                condition=Q(count=None)
                | Q(Exact(Mod(F("count"), FEWEST), 0)) & (Q(measure="storage") | Q(Exact(Mod(F("value"), FEWEST), 0))),
                name="use_is_in_fives",
            ),
        ]
