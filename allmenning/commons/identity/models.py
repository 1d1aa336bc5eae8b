"""What the commons know of people who log in: that somebody has something somewhere, and nothing more.

A person is here only as an HMAC of the identity number under a key of the commons. No name, no service, no area.
"""

from uuid import uuid4

from django.db import models
from django.db.models import Q


class Presence(models.Model):
    """Somebody has at least one draft or case in a municipality: tells my page which municipalities to ask."""

    person_key = models.BinaryField(max_length=32)
    municipality = models.SlugField(max_length=60)
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person_key", "municipality"], name="presence_once")]


class StaffPresence(models.Model):
    """Somebody is staff, or has a mandate, in a municipality: tells the login which municipalities to offer."""

    person_key = models.BinaryField(max_length=32)
    municipality = models.SlugField(max_length=60)
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person_key", "municipality"], name="staff_presence_once")]


class RevokedSession(models.Model):
    """A session that was ended before its time; held until it would have expired by itself."""

    session_id = models.UUIDField(primary_key=True)
    revoked_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)


class UsedAssertion(models.Model):
    """What another system proved itself with, so that nobody does it again with the same; held until it is too old."""

    digest = models.BinaryField(max_length=32, primary_key=True)
    expires_at = models.DateTimeField(db_index=True)


class OfficeRole(models.Model):
    """A role in a cooperation's office: of the cooperation itself, or of one who stands for a party of its agreements.

    What the roles may do is said where they do it (`office_only` and the journeys); here is only who has them, and when.
    """

    class Role(models.TextChoices):
        TREASURER = "treasurer"
        APPROVER = "approver"
        BOARD = "board"
        PLANNER = "planner"
        MEMBER_TREASURER = "member-treasurer"
        SECRETARY = "secretary"
        ELECTED = "elected"
        EMPLOYEES = "employees"

    id = models.UUIDField(primary_key=True, default=uuid4)
    person_key = models.BinaryField(max_length=32)
    role = models.CharField(max_length=20, choices=Role.choices)
    scope = models.SlugField(max_length=60, blank=True, help_text="The cooperation, or an agreement without one")
    party = models.CharField(max_length=120, blank=True, help_text="Whom they stand for, as agreements name it")
    start = models.DateField()
    end = models.DateField(null=True, help_text="The first day without it")
    given_at = models.DateTimeField()
    given_by = models.CharField(max_length=120, help_text="A role; no name")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person_key", "role", "scope", "party"], condition=Q(end=None), name="office_role_once"
            ),
            models.CheckConstraint(condition=Q(scope="") ^ Q(party=""), name="office_role_of_one"),
            models.CheckConstraint(condition=Q(end=None) | Q(end__gte=models.F("start")), name="office_role_in_time"),
        ]
        indexes = [models.Index(fields=["person_key"], name="office_role_of_person")]
