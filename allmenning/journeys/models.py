"""What the journeys note in the commons about their own work."""

from django.db import models


class Backlog(models.Model):
    """How much waits in a municipality's outbox, since when, and what is stuck; for operators. Written by the sweeps."""

    municipality = models.SlugField(primary_key=True, max_length=60)
    waiting = models.PositiveIntegerField()
    oldest_at = models.DateTimeField(null=True)
    counted_at = models.DateTimeField()
    # Has failed many times, or waited long; of what is waiting.
    failing = models.PositiveIntegerField(db_default=0)
    # Looked for each hour: documents that nobody is set to make, submissions without their entry in the journal.
    not_whole = models.PositiveIntegerField(db_default=0)
    # Looked for each night.
    files_gone = models.PositiveIntegerField(db_default=0)

    def __str__(self) -> str:
        return f"{self.municipality}: {self.waiting}"
