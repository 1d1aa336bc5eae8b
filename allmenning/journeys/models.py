"""What the journeys note in the commons about their own work."""

from django.db import models


class Backlog(models.Model):
    """How much waits in a municipality's outbox, and since when; for operators. Written at each sweep."""

    municipality = models.SlugField(primary_key=True, max_length=60)
    waiting = models.PositiveIntegerField()
    oldest_at = models.DateTimeField(null=True)
    counted_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.municipality}: {self.waiting}"
