"""What the commons know of people who log in: that somebody has something somewhere, and nothing more.

A person is here only as an HMAC of the identity number under a key of the commons. No name, no service, no area.
"""

from django.db import models


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
