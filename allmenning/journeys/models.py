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
    # Steps of the last night's work that failed, by name.
    night_failed = models.JSONField(default=list, db_default=[])

    def __str__(self) -> str:
        return f"{self.municipality}: {self.waiting}"


class LogSealing(models.Model):
    """How far a municipality's log is sealed and witnessed, for operators. Written by the sweep. Counts all areas together."""

    municipality = models.SlugField(primary_key=True, max_length=60)
    rows = models.PositiveBigIntegerField()  # under a signed head
    witnessed = models.PositiveBigIntegerField()  # under a head that is good
    unsealed_since = models.DateTimeField(null=True)  # the oldest row that no head has
    unwitnessed_since = models.DateTimeField(null=True)  # the oldest head after the last good one
    # Name of a witness that has not cosigned the last head -> since when: the oldest head after the last that it cosigned.
    silent_since = models.JSONField(default=dict, db_default={})
    counted_at = models.DateTimeField()
    refused = models.JSONField(default=dict, db_default={})  # name of a witness -> why it does not cosign
    # Looked through each night, from the first row on.
    wrong = models.TextField(default="", db_default="")  # what was found, in a sentence
    looked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.municipality}: {self.rows}"
