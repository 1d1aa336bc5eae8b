"""The register of municipalities through time, and their cooperations. In the commons; no personal data.

A range of days is half open everywhere: `start` is the first day, `end` the first day after; None is «not in our time».
"""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import F, Func, Q


def same(*fields: str) -> tuple[Func, str]:
    """Part of an exclusion constraint: rows with the same values in these fields.

    A one-element range of the text's 64-bit hash, since GiST has no `=` for text without the extension btree_gist,
    which the login that owns the commons may not install.
    """
    # In the alphabet's order, as migrations write arguments: Django compares them in the order that they were given.
    value = Func(*map(F, fields), arg_joiner=" || '|' || ", template="hashtextextended(%(expressions)s, 0)")
    return Func(value, template="int8range(%(expressions)s, %(expressions)s, '[]')"), "&&"


DAYS = (Func("start", "end", template="daterange(%(expressions)s, '[)')"), "&&")
ENDS_AFTER_START = Q(end__gt=F("start")) | Q(start=None) | Q(end=None)


class Municipality(models.Model):
    """A municipality that is or was. Its number changes; this id never does."""

    id = models.SlugField(primary_key=True, max_length=60)
    qualifier = models.CharField(max_length=60, blank=True, help_text="The county, where two share a name")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id__regex=r"^[a-z]+(-[a-z]+)*$"), name="id_is_words")]

    def __str__(self) -> str:
        return self.id


class MunicipalityName(models.Model):
    """An official name in a language (nb, se, sma, smj, fkv) and when it was so."""

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="names")
    language = models.CharField(max_length=3)
    name = models.CharField(max_length=100)
    start = models.DateField(null=True)
    end = models.DateField(null=True)

    class Meta:
        constraints = [
            ExclusionConstraint(name="one_name_at_a_time", expressions=[same("municipality", "language"), DAYS]),
            models.CheckConstraint(condition=ENDS_AFTER_START, name="name_ends_after_start"),
        ]


class MunicipalityNumber(models.Model):
    """A four-digit number and when it was this municipality's. Numbers are reused: 0716 was Våle's, then Re's."""

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="numbers")
    number = models.CharField(max_length=4)
    start = models.DateField(null=True)
    end = models.DateField(null=True)

    class Meta:
        constraints = [
            ExclusionConstraint(name="number_has_one_municipality", expressions=[same("number"), DAYS]),
            ExclusionConstraint(name="municipality_has_one_number", expressions=[same("municipality"), DAYS]),
            models.CheckConstraint(condition=Q(number__regex=r"^[0-9]{4}$"), name="number_is_four_digits"),
            models.CheckConstraint(condition=ENDS_AFTER_START, name="number_ends_after_start"),
        ]


class Population(models.Model):
    """Inhabitants on a day, from a named source."""

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="populations")
    date = models.DateField()
    number = models.PositiveIntegerField()
    source = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "date", "source"], name="population_once")]


class Succession(models.Model):
    """From a day, one municipality is, is part of, or has part of another."""

    class Kind(models.TextChoices):
        RENUMBERED = "renumbered"
        MERGED = "merged"
        SPLIT = "split"
        RESTORED = "restored"

    date = models.DateField()
    kind = models.CharField(max_length=12, choices=Kind.choices)
    predecessor = models.ForeignKey(Municipality, models.CASCADE, related_name="+")
    successor = models.ForeignKey(Municipality, models.CASCADE, related_name="+")
    predecessor_number = models.CharField(max_length=4)
    successor_number = models.CharField(max_length=4)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["date", "predecessor", "successor"], name="succession_once"),
        ]


class Cooperation(models.Model):
    """Municipalities that do something together, in one of the law's forms."""

    class Form(models.TextChoices):
        HOST_MUNICIPALITY = "host-municipality"  # vertskommune, kommuneloven ch. 20
        JOINT_BODY = "joint-body"  # kommunalt oppgavefellesskap, ch. 19
        POLITICAL_COUNCIL = "political-council"  # interkommunalt politisk råd, ch. 18
        COMPANY = "company"  # interkommunalt selskap (IKS)
        AGREEMENT = "agreement"

    id = models.SlugField(primary_key=True, max_length=60)
    name = models.CharField(max_length=100)
    form = models.CharField(max_length=20, choices=Form.choices)
    form_source = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return self.id


class Membership(models.Model):
    """When a municipality is a member of a cooperation. Leaving ends it; the row stays, for old settlements."""

    cooperation = models.ForeignKey(Cooperation, models.PROTECT, related_name="memberships")
    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="memberships")
    start = models.DateField()
    end = models.DateField(null=True)
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            ExclusionConstraint(name="member_once_at_a_time", expressions=[same("cooperation", "municipality"), DAYS]),
            models.CheckConstraint(condition=ENDS_AFTER_START, name="membership_ends_after_start"),
        ]


class Placement(models.Model):
    """Where a live municipality's own database is. No password: the vault derives those."""

    municipality = models.OneToOneField(Municipality, models.PROTECT, primary_key=True, related_name="placement")
    server = models.CharField(max_length=60)
    database = models.CharField(max_length=63)
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["server", "database"], name="database_has_one_municipality"),
            models.CheckConstraint(condition=Q(database__regex=r"^[a-z0-9_-]+$"), name="database_name_is_plain"),
        ]
