"""What a municipality shows of itself, and which services it offers."""

from django.db import models

from allmenning.basics import dates
from allmenning.tenancy.models import MunicipalModel, Walls


class Letterhead(MunicipalModel):
    """Name, address and contact details on letters and pages. One row for each municipality."""

    walls = Walls.shared(residents_read=True)

    name = models.CharField(max_length=120)
    address_line = models.CharField(max_length=120, blank=True)
    postal_code = models.CharField(max_length=4, blank=True)
    postal_place = models.CharField(max_length=60, blank=True)
    organisation_number = models.CharField(max_length=9, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    email = models.EmailField(blank=True)
    website = models.URLField(blank=True)
    logo = models.BinaryField(null=True, blank=True)
    logo_type = models.CharField(max_length=20, blank=True)


class AdoptedService(MunicipalModel):
    """A published version of a service that this municipality offers, with the values it sets itself."""

    walls = Walls.shared(residents_read=True)

    service = models.SlugField(max_length=60)
    version = models.CharField(max_length=20)
    values = models.JSONField(default=dict, blank=True)
    active = models.BooleanField(default=True)
    adopted_at = models.DateTimeField(default=dates.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["service"], name="adopted_once")]
