"""Residents and organisations as one service area of a municipality knows them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from allmenning import vault
from allmenning.basics import dates
from allmenning.tenancy.models import IndexField, MunicipalModel, SealedField, Walls


class Person(MunicipalModel):
    """A resident or an organisation that has, or had, something to do with this area.

    The same person is another row, under another key, in another area: one area can't learn of the other's.
    The id is made from the blind index, so that registering a known person again writes nothing.
    """

    walls = Walls.of_area(resident="own", resident_writes=True)

    area = models.CharField(max_length=30)
    kind = models.CharField(max_length=12)
    owner_key = IndexField()
    number_index = IndexField()
    number = SealedField()
    name = SealedField()
    created_at = models.DateTimeField(default=dates.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["area", "kind", "number_index"], name="person_once")]

    def opened_name(self, municipality: str) -> str:
        return vault.open_text(municipality, self.area, f"people.Person.name:{self.id}", bytes(self.name))

    def opened_number(self, municipality: str) -> str:
        return vault.open_text(municipality, self.area, f"people.Person.number:{self.id}", bytes(self.number))


class NamePart(MunicipalModel):
    """One word of a person's name, as a blind index, so that a name can be found without being readable."""

    walls = Walls.of_area(resident="own", resident_writes=True)

    area = models.CharField(max_length=30)
    owner_key = IndexField()
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="name_parts")
    part_index = IndexField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "part_index"], name="name_part_once")]
        indexes = [models.Index(fields=["area", "part_index"], name="name_part_found")]


class Protection(MunicipalModel):
    """Somebody's address is protected, or no longer is: one row for each time that this was said. Never changed.

    The level and the rest are sealed apart, both under the vault's key `protection`: opening the level, to know what must
    be hidden, opens nothing of why, by whom, or how letters reach the person. Of what a register
    said, the platform opens why, where whom the person named in a form must not count (`protection.standing_but_named`).
    `lowers` names the rows that a hand knew of and set aside. What it did not know of still stands.
    """

    walls = Walls.of_person(resident_adds="source = 'register'")

    class Source(models.TextChoices):
        REGISTER = "register"
        HAND = "hand"

    owner_key = IndexField()
    at = models.DateTimeField(default=dates.now)
    source = models.CharField(max_length=10, choices=Source.choices)
    level = SealedField()
    detail = SealedField()
    lowers = ArrayField(models.UUIDField(), default=list)

    class Meta:
        indexes = [models.Index(fields=["owner_key", "at"], name="protection_of")]
        constraints = [
            models.CheckConstraint(condition=models.Q(source__in=("register", "hand")), name="protection_source"),
            models.CheckConstraint(condition=models.Q(source="hand") | models.Q(lowers=[]), name="only_a_hand_lowers"),
        ]


class Representation(MunicipalModel):
    """Somebody may act for a resident here: by a power of attorney from the resident, or by law, as the register tells.

    `scope` holds areas (`ordinary`) and services of areas (`ordinary/inquiry`). A parent's and a guardian's row is made
    when they first act here; whether they still may is asked of the register, so the row alone lets nobody in.
    """

    class Kind(models.TextChoices):
        POWER_OF_ATTORNEY = "power-of-attorney"
        PARENT = "parent"
        GUARDIAN = "guardian"

    walls = Walls.of_resident(
        sees_too="representative_key",
        adds="ended_at is null",
        changes=("ended_at",),
        changes_if="ended_at is null",
        leaves="ended_at is not null",
    )

    owner_key = IndexField()
    representative_key = IndexField()
    kind = models.CharField(max_length=20, choices=Kind.choices)
    scope = ArrayField(models.CharField(max_length=95))
    represented_number = SealedField()
    represented_name = SealedField()
    representative_number = SealedField()
    representative_name = SealedField()
    given_at = models.DateTimeField(default=dates.now)
    last_day = models.DateField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["owner_key"], name="representations_of_owner"),
            models.Index(fields=["representative_key"], name="representations_held"),
        ]
        constraints = [
            # What is given has a last day; what stands on the law ends by it.
            models.CheckConstraint(
                condition=models.Q(last_day__isnull=False) | ~models.Q(kind="power-of-attorney"),
                name="power_of_attorney_ends",
            ),
            models.CheckConstraint(
                condition=~models.Q(owner_key=models.F("representative_key")), name="represents_another"
            ),
        ]


class Export(MunicipalModel):
    """A resident asked for all of their own data here (GDPR art. 15, 20), and it is too large to be made while they wait.

    Made by a worker as the resident, so `number` is kept, sealed, until the export goes. `wrapped_key` seals its files.
    """

    walls = Walls.of_resident(
        adds="ready_at is null and last_day is null",
        changes=("ready_at", "last_day"),
        changes_if="ready_at is null",
        leaves="ready_at is not null and last_day is not null",
    )

    owner_key = IndexField()
    number = SealedField()
    name = SealedField()
    language = models.CharField(max_length=2)
    wrapped_key = models.BinaryField()
    asked_at = models.DateTimeField(default=dates.now)
    not_before = models.DateTimeField(default=dates.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    ready_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    last_day = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["owner_key"], name="exports_of_owner")]


class ExportPart(MunicipalModel):
    """One ZIP of an export: a file that is sealed with the export's key, whole in itself."""

    walls = Walls.of_resident()

    owner_key = IndexField()
    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveSmallIntegerField()
    path = models.CharField(max_length=120)
    size = models.PositiveBigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["export", "number"], name="export_part_once")]
