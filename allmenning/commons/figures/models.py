"""What the municipalities tell each other about their work, in figures that are never about fewer than five people."""

from django.db import models
from django.db.models import Q

FEWEST = 5  # people behind a figure that is shown


class PublishedFigure(models.Model):
    """One figure of one municipality's service in a year. `value` and `count` are empty for fewer than five people.

    What is about fewer never leaves the municipality's own database, so there is nothing here to find by differencing.
    Years alone: a year and its months together would tell what the hidden months hold.
    """

    class Measure(models.TextChoices):
        CASES = "cases"  # how many were received
        DECIDED = "decided"  # how many got their answer
        MEDIAN_DAYS = "median-days"  # from received to answered

    municipality = models.SlugField(max_length=60)
    service = models.SlugField(max_length=60)
    period = models.CharField(max_length=4, help_text="The year")
    measure = models.CharField(max_length=20, choices=Measure.choices)
    value = models.DecimalField(max_digits=12, decimal_places=1, null=True)
    count = models.PositiveIntegerField(null=True, help_text="Different people behind the figure")
    published_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "service", "period", "measure"], name="figure_once"),
            models.CheckConstraint(
                condition=Q(count__gte=FEWEST, value__isnull=False) | Q(count=None, value=None),
                name="figure_is_about_five_or_more",
            ),
            models.CheckConstraint(condition=Q(period__regex=r"^[0-9]{4}$"), name="period_is_a_year"),
            models.CheckConstraint(condition=Q(value__gte=0) | Q(value=None), name="figure_is_not_negative"),
        ]
