"""What every model of a municipality stands on: its identity, and who may see its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from django.db import models

from allmenning.basics.identifiers import uuid7


@dataclass(frozen=True)
class Walls:
    """Who may see and write a model's rows. The database holds it, by grants and row policies (see walls.py)."""

    kind: Literal["area", "shared", "own"]
    resident: Literal["own", "case"] | None = None
    resident_writes: bool = False
    resident_if: str = ""
    resident_changes: tuple[str, ...] = ()
    append_only: bool = False
    residents_read: bool = False
    areas_write: bool = False

    @classmethod
    def of_area(
        cls,
        resident: Literal["own", "case"] | None = None,
        resident_writes: bool = False,
        append_only: bool = False,
        resident_if: str = "",
        resident_changes: tuple[str, ...] = (),
    ) -> Walls:
        """The model has a column `area`; each area's login sees and writes that area's rows alone.

        resident: what residents see. "own": rows whose `owner_key` (IndexField) is one of their keys; "case": rows
        whose `case_id` is a case of theirs; None: nothing.
        resident_writes: residents may add and change rows that they may see. With resident=None they may add rows
        (of a case of theirs, where the model has `case_id`; with a key of theirs, where it has `owner_key`) and never
        read or change them: a task, a log row, a row to send.
        resident_changes: the columns that residents may change, where they write; empty: all of them.
        append_only: nobody changes or removes a row.
        resident_if: a further condition in SQL on the rows that residents see, such as "status = 'issued'".
        """
        if resident not in (None, "own", "case"):
            raise ValueError(f"residents see None, 'own' or 'case', not {resident!r}")
        return cls(
            "area",
            resident=resident,
            resident_writes=resident_writes,
            resident_if=resident_if,
            resident_changes=tuple(resident_changes),
            append_only=append_only,
        )

    @classmethod
    def own(cls) -> Walls:
        """The writer's alone, whoever that is: rows whose `owner_key` is one of the keys given to `use`.

        Residents see and write their own in every area; staff (with a key of theirs) their own in the area at hand.
        """
        return cls("own")

    @classmethod
    def shared(cls, residents_read: bool = False, areas_write: bool = False, append_only: bool = False) -> Walls:
        """Of no area: every staff login reads, `administration` writes, the areas too if areas_write.

        append_only: nobody changes or removes a row.
        """
        return cls("shared", residents_read=residents_read, areas_write=areas_write, append_only=append_only)


class MunicipalModel(models.Model):
    """A row in a municipality's own database. Its id is made here, in time order, so that no sequence tells a count."""

    walls: ClassVar[Walls]

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    class Meta:
        abstract = True


class _BytesField(models.BinaryField):
    """Bytes that come back as bytes, may be compared, and are never shown."""

    def from_db_value(self, value: Any, *args: Any) -> bytes | None:
        return None if value is None else bytes(value)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is not None and not isinstance(value, bytes | bytearray | memoryview):
            # Clear text here would be stored clear: better to fail loudly.
            raise TypeError(f"{self.name} takes bytes from the vault, not {type(value).__name__}")
        return super().get_db_prep_value(value, connection, prepared)


class SealedField(_BytesField):
    """A value sealed by the vault (AES-256-GCM): unreadable to who holds only the database. Can't be searched."""

    description = "sealed value"


class IndexField(_BytesField):
    """A blind index (HMAC-SHA-256 from the vault): finds equal values without telling them."""

    description = "blind index"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 32)
        super().__init__(*args, **kwargs)
