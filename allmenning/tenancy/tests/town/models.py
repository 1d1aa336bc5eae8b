"""One model for each kind of wall. Matters stand for cases, letters for what hangs on them."""

from __future__ import annotations

from django.db import models

from allmenning.tenancy.models import IndexField, MunicipalModel, SealedField, Walls


class Matter(MunicipalModel):
    walls = Walls.of_area(
        resident="own", resident_writes=True, resident_changes=("title",), resident_leaves="title <> ''"
    )

    area = models.CharField(max_length=30)
    owner_key = IndexField()
    title = models.CharField(max_length=100)
    secret = SealedField(null=True)


class Letter(MunicipalModel):
    walls = Walls.of_area(resident="case", append_only=True)

    area = models.CharField(max_length=30)
    case = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="letters")
    text = models.CharField(max_length=100)


class Task(MunicipalModel):
    walls = Walls.of_area(resident_writes=True)

    area = models.CharField(max_length=30)
    case = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="tasks")
    title = models.CharField(max_length=100)


class Unit(MunicipalModel):
    walls = Walls.shared(residents_read=True)

    name = models.CharField(max_length=100)


class Phrase(MunicipalModel):
    walls = Walls.shared(areas_write=True)

    text = models.CharField(max_length=100)


class Stamp(MunicipalModel):
    walls = Walls.shared(append_only=True)

    text = models.CharField(max_length=100)


class Draft(MunicipalModel):
    walls = Walls.own()

    area = models.CharField(max_length=30)
    owner_key = IndexField()
    text = models.CharField(max_length=100)


class Wish(MunicipalModel):
    walls = Walls.of_area(resident="own", resident_writes=True, resident_if="open", resident_changes=("text",))

    area = models.CharField(max_length=30)
    owner_key = IndexField()
    text = models.CharField(max_length=100)
    answer = models.CharField(max_length=100, blank=True)
    open = models.BooleanField(default=False)
