"""Agreements as they were published. In the commons: who pays what is everybody's business."""

from __future__ import annotations

from django.db import models


class PublishedAgreement(models.Model):
    """A version of an agreement, word for word. Never changed: a settlement keeps the version that it was settled by."""

    agreement = models.SlugField(max_length=60)
    version = models.PositiveIntegerField()
    cooperation = models.SlugField(max_length=60, blank=True, help_text="Whose page it is shown on, if any")
    text = models.TextField(help_text="The file, as agreement.schema.yaml says")
    published_at = models.DateTimeField()
    published_by = models.CharField(max_length=60, help_text="The command line, or the role that somebody had; no name")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agreement", "version"], name="agreement_version_once")]

    def __str__(self) -> str:
        return f"{self.agreement} {self.version}"
