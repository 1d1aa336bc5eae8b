"""The shared catalogue: published services, links to the state's, and the topics and words of Los. No personal data.

Texts in three languages are JSON: `{"nb": …, "nn": …, "en": …}`.
"""

from django.db import models
from django.db.models import Q


class Service(models.Model):
    """A service that municipalities share. What it is, is in its versions."""

    id = models.SlugField(primary_key=True, max_length=60)
    withdrawn_at = models.DateTimeField(null=True, help_text="No longer offered to new municipalities and residents")

    def __str__(self) -> str:
        return self.id


class ServiceVersion(models.Model):
    """A published version: the whole folder. Never changed or removed; a trigger in the database refuses it."""

    service = models.ForeignKey(Service, models.PROTECT, related_name="versions")
    version = models.CharField(max_length=20)
    files = models.JSONField(help_text="Every file of the folder: path → text")
    sha256 = models.CharField(max_length=64)
    about = models.JSONField(help_text="What lists and search need of service.yaml, so that they parse no YAML")
    published_at = models.DateTimeField()
    published_by = models.CharField(max_length=100)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["service", "version"], name="version_once"),
            models.CheckConstraint(condition=Q(version__regex=r"^[0-9]+\.[0-9]+\.[0-9]+$"), name="version_is_semantic"),
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="sha256_is_hex"),
        ]

    def __str__(self) -> str:
        return f"{self.service_id} {self.version}"


class OfferedService(models.Model):
    """A municipality offers a service, in a version. A copy for the cooperation's page; the municipality's own
    database is what counts. Service is no foreign key: a municipality's word is kept as it was said."""

    municipality = models.SlugField(max_length=60)
    service = models.SlugField(max_length=60)
    version = models.CharField(max_length=20)
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "service"], name="offered_once")]

    def __str__(self) -> str:
        return f"{self.municipality}: {self.service} {self.version}"


class StateService(models.Model):
    """A service of the state or a county, shown as a link beside the municipality's own."""

    id = models.SlugField(primary_key=True, max_length=60)
    about = models.JSONField(
        help_text="title, summary, url, owner, audience, los and synonyms, as in state-services.yaml"
    )

    def __str__(self) -> str:
        return self.id


class LosTopic(models.Model):
    """A topic of Los (tema, undertema) or one of its life events (hendelse)."""

    class Kind(models.TextChoices):
        TOPIC = "topic"
        EVENT = "event"

    id = models.SlugField(primary_key=True, max_length=100)
    kind = models.CharField(max_length=5, choices=Kind.choices)
    label = models.JSONField()
    synonyms = models.JSONField(default=dict)
    parents = models.JSONField(default=list, help_text="Ids of the topics above; none for a main topic")
    words = models.JSONField(default=list, help_text="Ids of a life event's words")


class LosWord(models.Model):
    """A word of Los (emneord): what a service is about, in three languages, with synonyms."""

    id = models.SlugField(primary_key=True, max_length=100)
    label = models.JSONField()
    synonyms = models.JSONField(default=dict)
    note = models.JSONField(default=dict)
    topics = models.JSONField(default=list)
    municipal = models.BooleanField(help_text="In Los' own collection for municipalities")
