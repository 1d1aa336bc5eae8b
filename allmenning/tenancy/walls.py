"""The walls inside a municipality: grants and row policies, written from what each model declares.

Everything is refused that is not written here. Grants go to the groups `allmenning_area`, `allmenning_resident` and
`allmenning_administration`, in which each database's logins are members: a clone inherits them, and they open nothing,
since only a database's own logins may connect to it. Which area, and whether the login is this database's at all, the
policies ask of `session_user`, which no SQL can change.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from django.apps import apps
from django.db import models

from .context import AREAS
from .models import MunicipalModel, Walls
from .routing import is_municipal

AREA, RESIDENT, ADMINISTRATION, OWNER = (
    "allmenning_area",
    "allmenning_resident",
    "allmenning_administration",
    "allmenning_owner",
)
GROUPS = (AREA, RESIDENT, ADMINISTRATION, OWNER)
# The model of cases, for rooms below it that know a case by its id alone.
CASE_TABLE = "cases_case"

# In parentheses each: PostgreSQL then works them out once for a statement, not once for a row.
_SESSION = "(select session_area())"
_KEYS = "(select resident_keys())::bytea[]"
_ANY_AREA = "area in (" + ", ".join(f"'{area}'" for area in AREAS) + ")"


def municipal_models() -> list[type[models.Model]]:
    """Every model that has a table in a municipality's database, made by Django for many-to-many included."""
    found = apps.get_models(include_auto_created=True)
    return sorted(
        (m for m in found if is_municipal(m.__module__) and m._meta.managed and not m._meta.proxy),
        key=lambda m: m._meta.db_table,
    )


def problems(tables: list[type[models.Model]] | None = None) -> list[str]:
    """Models that do not say who may see their rows, or say what their columns can't hold. Empty: all is well."""
    return [problem for model in tables or municipal_models() for problem in _problems(model)]


def sql(tables: list[type[models.Model]] | None = None) -> str:
    """The SQL that puts up all walls. Run it as the owner, in one transaction; it may be run again."""
    chosen = municipal_models() if tables is None else tables
    names = {model._meta.db_table for model in chosen}
    return "\n".join([_SCHEMA, *(_walls_of(model, names) for model in chosen)])


def digest(text: str) -> str:
    """Hash by which a database knows that it has these walls already."""
    return hashlib.sha256(text.encode()).hexdigest()


# --- what a model must have ---


def _problems(model: type[models.Model]) -> Iterator[str]:
    name = model._meta.label
    walls = getattr(model, "walls", None)
    if not issubclass(model, MunicipalModel) or not isinstance(walls, Walls):
        yield f"{name} lives in a municipality's database: make it a MunicipalModel with walls"
        return
    columns = _columns(model)
    for needed in _needed(walls):
        if needed not in columns:
            yield f"{name}: its walls need the column {needed}"
    if walls.kind in ("area", "own"):
        yield from (f"{name}: {each} must hold `area`, or it tells who exists elsewhere" for each in _telling(model))


def _needed(walls: Walls) -> list[str]:
    needed = ["area"] if walls.kind in ("area", "own") else []
    if walls.resident == "own" or walls.kind == "own":
        needed.append("owner_key")
    if walls.resident == "case":
        needed.append("case_id")
    return [*needed, *walls.resident_changes]


def _telling(model: type[models.Model]) -> Iterator[str]:
    """Unique constraints over areas: the second area's insert fails where the first has the value."""
    # A random identifier tells nothing: nobody can guess which one to try.
    guessable = [f for f in model._meta.local_concrete_fields if f.unique and not _is_unguessable(f)]
    yield from (f"the unique field {field.name}" for field in guessable)
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint):
            fields = [field for field in model._meta.local_concrete_fields if field.name in constraint.fields]
            if "area" not in constraint.fields and not any(_is_unguessable(field) for field in fields):
                yield f"the constraint {constraint.name}"


def _is_unguessable(field: models.Field) -> bool:
    target = field.target_field if isinstance(field, models.ForeignKey) else field
    return isinstance(target, models.UUIDField | models.BinaryField)


def _columns(model: type[models.Model]) -> set[str]:
    return {field.column for field in model._meta.local_concrete_fields if field.column}


# --- the SQL ---

_SCHEMA = f"""\
revoke all on schema public from public;
grant usage on schema public to {", ".join(GROUPS)};
revoke all on all tables in schema public from public, {AREA}, {RESIDENT}, {ADMINISTRATION};
revoke all on all sequences in schema public from public, {AREA}, {RESIDENT}, {ADMINISTRATION};
"""

_DROP_POLICIES = """\
do $$
declare
  policy name;
begin
  for policy in select polname from pg_policy where polrelid = format('public.%I', TABLE)::regclass loop
    execute format('drop policy %I on public.%I', policy, TABLE);
  end loop;
end $$;"""

_ALL = "select, insert, update, delete"


def _walls_of(model: type[models.Model], names: set[str]) -> str:
    walls: Walls = model.walls  # type: ignore[attr-defined]
    table = '"' + model._meta.db_table.replace('"', '""') + '"'
    policies = _policies(model, walls, names)
    lines = [
        f"alter table {table} enable row level security;",
        f"alter table {table} force row level security;",
        _drop_policies(model._meta.db_table),
        _policy(table, "owner", OWNER, "all", f"{_SESSION} = 'owner'"),
    ]
    for group, rights, condition, check in policies:
        lines.append(f"grant {_granted(rights, group, walls)} on {table} to {group};")
        lines.extend(
            _policy(table, f"{group.removeprefix('allmenning_')}_{right}", group, right, condition, check)
            for right in rights.split(", ")
        )
    return "\n".join(lines) + "\n"


def _granted(rights: str, group: str, walls: Walls) -> str:
    if group != RESIDENT or not walls.resident_changes:
        return rights
    columns = ", ".join(f'"{column}"' for column in walls.resident_changes)
    return rights.replace("update", f"update ({columns})")


_Policy = tuple[str, str, str, str | None]  # group, rights, which rows it sees, which it may write (None: the same)


def _policies(model: type[models.Model], walls: Walls, names: set[str]) -> list[_Policy]:
    if walls.kind == "own":
        return _own_policies()
    return _area_policies(model, walls, names) if walls.kind == "area" else _shared_policies(walls)


def _own_policies() -> list[_Policy]:
    mine = f"owner_key = any ({_KEYS})"
    return [
        (AREA, _ALL, f"area = {_SESSION} and {mine}", None),
        (RESIDENT, _ALL, _resident(f"{mine} and {_ANY_AREA}"), None),
    ]


def _area_policies(model: type[models.Model], walls: Walls, names: set[str]) -> list[_Policy]:
    rights = "select, insert" if walls.append_only else _ALL
    policies: list[_Policy] = [(AREA, rights, f"area = {_SESSION}", None)]
    own = _own_rows(model, walls.resident, names)
    if own is not None:
        rights = "select" + ", insert" * walls.resident_writes
        rights += ", update" * (walls.resident_writes and not walls.append_only)
        seen = f"{own} and ({walls.resident_if})" if walls.resident_if else own
        policies.append((RESIDENT, rights, _resident(seen), _resident(f"{own} and {_ANY_AREA}")))
    elif walls.resident is None and walls.resident_writes:
        policies.append((RESIDENT, "insert", "false", _resident(f"{_addable(model, names)} and {_ANY_AREA}")))
    return policies


def _shared_policies(walls: Walls) -> list[_Policy]:
    here = f"{_SESSION} is not null"
    written = "select, insert" if walls.append_only else _ALL
    policies: list[_Policy] = [
        (ADMINISTRATION, written, here, None),
        (AREA, written if walls.areas_write else "select", here, None),
    ]
    if walls.residents_read:
        policies.append((RESIDENT, "select", here, None))
    return policies


def _own_rows(model: type[models.Model], resident: str | None, names: set[str]) -> str | None:
    if resident == "own":
        return f"owner_key = any ({_KEYS})"
    if resident == "case":
        case_table = _case_table(model)
        # Without a table of cases nobody has a case: the default, nothing, stands.
        return _of_own_case(case_table) if case_table in names else None
    return None


def _addable(model: type[models.Model], names: set[str]) -> str:
    """What a resident may add to a table that residents can't read: rows about themselves, as far as columns tell."""
    columns = _columns(model)
    if "case_id" in columns and _case_table(model) in names:
        return f"(case_id is null or {_of_own_case(_case_table(model))})"
    if "owner_key" in columns:
        return f"owner_key = any ({_KEYS})"
    return "true"


def _of_own_case(case_table: str) -> str:
    own = f'select own.id from "{case_table}" own where own.owner_key = any ({_KEYS})'  # noqa: S608 (a model's table)
    return f"case_id in ({own})"


def _case_table(model: type[models.Model]) -> str:
    for field in model._meta.local_concrete_fields:
        if field.column == "case_id" and isinstance(field, models.ForeignKey):
            return field.related_model._meta.db_table
    return CASE_TABLE


def _resident(condition: str) -> str:
    return f"{_SESSION} = 'resident' and {condition}"


def _policy(table: str, name: str, group: str, right: str, condition: str, check: str | None = None) -> str:
    using = f" using ({condition})" if right != "insert" else ""
    with_check = f" with check ({check or condition})" if right in ("all", "insert", "update") else ""
    return f"create policy {name} on {table} for {right} to {group}{using}{with_check};"


def _drop_policies(table: str) -> str:
    literal = "'" + table.replace("'", "''") + "'"
    return _DROP_POLICIES.replace("TABLE", literal)
