"""What every model of a municipality stands on: its identity, and who may see its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from django.db import models

from allmenning.basics.identifiers import uuid7


@dataclass(frozen=True)
class Walls:
    """Who may see and write a model's rows. The database holds it, by grants and row policies (see walls.py)."""

    kind: Literal["area", "shared", "own", "person", "apart", "resident"]
    append_only: bool = False
    changes: tuple[str, ...] = ()
    changes_if: str = ""
    resident: Literal["own", "case", "participant"] | None = None
    resident_party: str = ""
    resident_adds_as_party: bool = False
    resident_names_parties: bool = False
    resident_party_adds: str = ""
    resident_let: str = ""
    resident_parties: str = ""
    resident_given: str = ""
    resident_given_if: str = ""
    resident_if: str = ""
    resident_writes: bool = False
    resident_adds: str = ""
    resident_changes: tuple[str, ...] = ()
    resident_changes_if: str = ""
    resident_leaves: str = ""
    residents_read: bool = False
    areas_read: bool = True
    areas_write: bool = False
    resident_sees_too: str = ""
    resident_listed: str = ""
    sealer: tuple[Literal["select", "insert"], ...] = ()

    @classmethod
    def of_area(
        cls,
        resident: Literal["own", "case", "participant"] | None = None,
        *,
        resident_party: str = "",
        resident_adds_as_party: bool = False,
        resident_names_parties: bool = False,
        resident_party_adds: str = "",
        resident_sees_too: str = "",
        resident_let: str = "",
        resident_parties: str = "",
        resident_given: str = "",
        resident_given_if: str = "",
        append_only: bool = False,
        changes: tuple[str, ...] = (),
        changes_if: str = "",
        resident_if: str = "",
        resident_writes: bool = False,
        resident_adds: str = "",
        resident_changes: tuple[str, ...] = (),
        resident_changes_if: str = "",
        resident_leaves: str = "",
        resident_listed: str = "",
        sealer_reads: bool = False,
    ) -> Walls:
        """The model has a column `area`; each area's login sees, adds and changes that area's rows alone.

        Nobody removes a row: what is about a case is disposed of by rule, and drafts are the writer's own.

        append_only: nobody changes a row.
        changes, changes_if: the columns that staff may change (empty: all), and in which rows, as SQL.
        resident: what residents see. "own": rows whose `owner_key` (IndexField) is one of their keys; "case": rows
        whose `case_id` is a case of theirs in the same area; "participant": those by which they are themselves named in
        another's case, and they add such rows to cases of their own; None: nothing.
        resident_party: a column (IndexField) with the key of a party to whom the row is addressed, or from whom it is: they
        alone of residents see it, also of a case that is not theirs, and add such rows where they are a participant.
        resident_adds_as_party: residents may add rows to cases where they are a participant, too.
        resident_names_parties: to a case of theirs they may add rows of other parties, whom the form that they send names.
        resident_party_adds: what must hold for those that they add of another's case, beside `resident_adds`.
        resident_sees_too: a further column (IndexField) with the key of somebody who sees the row, and adds none by it.
        resident_let: a column (array of slugs) with scopes: whoever is let see one of them in the case, by a consent that
        holds today, sees the row. Of rows with resident_party, those of who gave the consent.
        resident_parties: a column (boolean) of rows that the parties of the case see while they are that, and whom one of them
        lets see (resident_let); not, by it, whose the case is.
        resident_if: a further condition on the rows that residents see but by resident_parties, such as "status = 'issued'".
        resident_given, resident_given_if: a column with ids of consents, and in which rows, as SQL: whoever gave one of them as a
        party of another's case sees the row.
        resident_writes: residents may add rows about themselves, also where they see none: a row to send.
        resident_adds: what must hold for the rows that they add, such as "direction = 'in'".
        resident_changes: the columns that they may change then; empty: none.
        resident_changes_if, resident_leaves: how a row that they change must be before, and after.
        resident_listed: a column with ids of cases, in rows of no one case: residents see those that list a case of
        theirs, and of no row that column, which has the others' ids.
        sealer_reads: whoever seals the log reads the rows, of every area.
        """
        if resident not in (None, "own", "case", "participant"):
            raise ValueError(f"residents see None, 'own', 'case' or 'participant', not {resident!r}")
        return cls(
            "area",
            append_only=append_only,
            changes=changes,
            changes_if=changes_if,
            resident=resident,
            resident_party=resident_party,
            resident_adds_as_party=resident_adds_as_party,
            resident_names_parties=resident_names_parties,
            resident_party_adds=resident_party_adds,
            resident_sees_too=resident_sees_too,
            resident_let=resident_let,
            resident_parties=resident_parties,
            resident_given=resident_given,
            resident_given_if=resident_given_if,
            resident_if=resident_if,
            resident_writes=resident_writes,
            resident_adds=resident_adds,
            resident_changes=resident_changes,
            resident_changes_if=resident_changes_if,
            resident_leaves=resident_leaves,
            resident_listed=resident_listed,
            sealer=("select",) if sealer_reads else (),
        )

    @classmethod
    def own(cls) -> Walls:
        """The writer's alone, whoever that is: rows whose `owner_key` is one of the keys given to `use`.

        Residents see and write their own in every area; staff (with a key of theirs) their own in the area at hand.
        """
        return cls("own")

    @classmethod
    def of_person(cls, *, resident_adds: str = "") -> Walls:
        """About a person, whatever the area (`owner_key`): every area sees and adds, nobody changes or removes a row.

        Residents see their own, and add what `resident_adds` lets them. Administrators see nothing.
        """
        return cls("person", append_only=True, resident="own", resident_writes=True, resident_adds=resident_adds)

    @classmethod
    def of_resident(
        cls,
        *,
        sees_too: str = "",
        adds: str = "",
        changes: tuple[str, ...] = (),
        changes_if: str = "",
        leaves: str = "",
    ) -> Walls:
        """A resident's own, of no area: rows whose `owner_key` is theirs. No staff sees them, and nobody removes one.

        Who acts for the resident sees, adds and changes none of them.

        sees_too: a further column (IndexField) with the key of somebody who sees the row.
        adds, changes, changes_if, leaves: as `resident_adds` and its neighbours of `of_area`.
        """
        return cls(
            "resident",
            resident="own",
            resident_writes=True,
            resident_sees_too=sees_too,
            resident_adds=adds,
            resident_changes=changes,
            resident_changes_if=changes_if,
            resident_leaves=leaves,
        )

    @classmethod
    def shared(
        cls,
        residents_read: bool = False,
        *,
        areas_read: bool = True,
        areas_write: bool = False,
        append_only: bool = False,
    ) -> Walls:
        """Of no area: `administration` writes, the areas read if areas_read and write if areas_write.

        append_only: nobody changes or removes a row.
        """
        return cls(
            "shared",
            residents_read=residents_read,
            areas_read=areas_read,
            areas_write=areas_write,
            append_only=append_only,
        )

    @classmethod
    def apart(cls) -> Walls:
        """No login of a request sees or writes them: what is counted over all areas would tell of each.

        Whoever seals the log reads and adds rows, and changes none.
        """
        return cls("apart", append_only=True, sealer=("select", "insert"))


class MunicipalModel(models.Model):
    """A row in a municipality's own database. Its id is made here, in time order, so that no sequence tells a count."""

    walls: ClassVar[Walls]
    # Columns that PostgreSQL fills in, which are no fields: the areas read them besides.
    filled_in: ClassVar[tuple[str, ...]] = ()
    # The counter that `sequence` is taken from, where rows of the model are numbered.
    numbered_by: ClassVar[str] = ""

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
