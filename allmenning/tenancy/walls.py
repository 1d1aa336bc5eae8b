"""The walls inside a municipality: grants and row policies, written from what each model declares.

Everything is refused that is not written here. Grants go to the groups `allmenning_area`, `allmenning_resident` and
`allmenning_administration`, in which each database's logins are members: a clone inherits them, and they open nothing,
since only a database's own logins may connect to it. Which area, and whether the login is this database's at all, the
policies ask of `session_user`, which no SQL can change.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import models

from .context import AREAS
from .models import MunicipalModel, Walls
from .routing import is_municipal

AREA, RESIDENT, ADMINISTRATION, SEALER, OWNER = (
    "allmenning_area",
    "allmenning_resident",
    "allmenning_administration",
    "allmenning_sealer",
    "allmenning_owner",
)
GROUPS = (AREA, RESIDENT, ADMINISTRATION, SEALER, OWNER)
# The model of cases, for rooms below it that know a case by its id alone.
CASE_TABLE = "cases_case"
# Who else has to do with a case, where each resident sees the rows that name themselves.
PARTICIPANT_TABLE = "cases_participant"
# Who lets whom see something of a case, and until when.
CONSENT_TABLE = "cases_consent"

# In parentheses each: PostgreSQL then works them out once for a statement, not once for a row.
_SESSION = "(select session_area())"
_ANY_SESSION = f"{_SESSION} is not null"
_KEYS = "(select resident_keys())::bytea[]"
_SCOPE = "(select resident_scope())::text[]"
_PARENT = "(select resident_parent())"
_TODAY = "(now() at time zone 'Europe/Oslo')::date"
# The column with the mark of the parent who began something for a child: no other parent sees the row.
PARENT_COLUMN = "parent_index"
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
    if walls.kind in ("area", "own", "resident"):
        yield from (f"{name}: {each} must hold `area`, or it tells who exists elsewhere" for each in _telling(model))


def _needed(walls: Walls) -> list[str]:
    needed = ["area"] if walls.kind in ("area", "own") else []
    if walls.resident in ("own", "participant") or walls.kind in ("own", "person"):
        needed.append("owner_key")
    if walls.resident == "case":
        needed.append("case_id")
    given = (walls.resident_sees_too, walls.resident_listed, walls.resident_party, walls.resident_let)
    too = [each for each in (*given, walls.resident_given, walls.resident_parties) if each]
    return [*needed, *too, *walls.changes, *walls.resident_changes]


def _telling(model: type[models.Model]) -> Iterator[str]:
    """Unique constraints over areas: the second area's insert fails where the first has the value."""
    # A random identifier tells nothing: nobody can guess which one to try.
    guessable = [f for f in model._meta.local_concrete_fields if f.unique and not is_unguessable(f)]
    yield from (f"the unique field {field.name}" for field in guessable)
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint):
            fields = [field for field in model._meta.local_concrete_fields if field.name in constraint.fields]
            if "area" not in constraint.fields and not any(is_unguessable(field) for field in fields):
                yield f"the constraint {constraint.name}"


def is_unguessable(field: models.Field) -> bool:
    """Whether a field holds, or points at, what nobody can guess: a random identifier or an HMAC."""
    target = field.target_field if isinstance(field, models.ForeignKey) else field
    return isinstance(target, models.UUIDField | models.BinaryField)


def _columns(model: type[models.Model]) -> set[str]:
    return {field.column for field in model._meta.local_concrete_fields if field.column}


# --- the SQL ---

_SCHEMA = f"""\
revoke all on schema public from public;
grant usage on schema public to {", ".join(GROUPS)};
revoke all on all tables in schema public from public, {AREA}, {RESIDENT}, {ADMINISTRATION}, {SEALER};
revoke all on all sequences in schema public from public, {AREA}, {RESIDENT}, {ADMINISTRATION}, {SEALER};
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

_ALL = ("select", "insert", "update", "delete")


@dataclass(frozen=True)
class Right:
    """One thing that a group of logins may do with a table: to which rows (`using`), leaving which (`check`)."""

    group: str
    verb: str
    using: str
    check: str
    columns: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Name of the policy."""
        return f"{self.group.removeprefix('allmenning_')}_{self.verb}"


def _walls_of(model: type[models.Model], names: set[str]) -> str:
    table = _quoted(model._meta.db_table)
    lines = [
        f"alter table {table} enable row level security;",
        f"alter table {table} force row level security;",
        _drop_policies(model._meta.db_table),
        _policy(table, "owner", OWNER, "all", f"{_SESSION} = 'owner'"),
    ]
    for right in rights_of(model, names):
        lines.append(f"grant {_granted(right, model)} on {table} to {right.group};")
        lines.append(_policy(table, right.name, right.group, right.verb, right.using, right.check))
    return "\n".join(lines) + "\n"


def _granted(right: Right, model: type[models.Model]) -> str:
    """Column by column, never the table as such: where a row lies and which transaction wrote it (ctid, xmin) would tell of
    the rows between one's own, and a lock on the table whether anybody is at work in it.
    """
    if right.verb not in ("select", "update"):
        return right.verb  # PostgreSQL takes `insert` and `delete` for a whole table alone
    columns = right.columns or tuple(str(field.column) for field in model._meta.local_concrete_fields)
    if right.group == RESIDENT and right.verb == "select":
        columns = tuple(column for column in columns if column != model.walls.resident_listed)  # type: ignore[attr-defined]
    if right.group == AREA and right.verb == "select":
        columns += model.filled_in  # type: ignore[attr-defined]
    return f"{right.verb} ({', '.join(map(_quoted, columns))})"


def rights_of(model: type[models.Model], names: set[str] | None = None) -> list[Right]:
    """Everything that anybody but the owner may do with a model's table."""
    walls: Walls = model.walls  # type: ignore[attr-defined]
    return [*_rights_of_requests(model, walls, names), *_sealer_rights(walls)]


def _rights_of_requests(model: type[models.Model], walls: Walls, names: set[str] | None) -> list[Right]:
    tables = {each._meta.db_table for each in municipal_models()} if names is None else names
    if walls.kind == "own":
        return _own_rights(model)
    if walls.kind == "person":
        return _person_rights(walls)
    if walls.kind == "apart":
        return []
    if walls.kind == "resident":
        return _resident_alone_rights(walls)
    return _area_rights(model, walls, tables) if walls.kind == "area" else _shared_rights(walls)


def _sealer_rights(walls: Walls) -> list[Right]:
    """Never to change or remove: what is sealed stays, whoever has taken over the sealer."""
    here = f"{_SESSION} = 'sealer'"
    return [Right(SEALER, verb, here, here) for verb in walls.sealer]


def _own_rights(model: type[models.Model]) -> list[Right]:
    mine = f"owner_key = any ({_KEYS})"
    conditions = {
        AREA: f"area = {_SESSION} and {mine}",
        RESIDENT: _resident(f"{mine} and {_ANY_AREA} and {_in_scope(model)}"),
    }
    return [
        Right(group, verb, condition, _and(condition, *_reached(model), *(_marked(model) if verb == "insert" else ())))
        for group, condition in conditions.items()
        for verb in _ALL
    ]


def _area_rights(model: type[models.Model], walls: Walls, names: set[str]) -> list[Right]:
    here = f"area = {_SESSION}"
    written = _and(here, *_reached(model))
    rights = [Right(AREA, "select", here, here), Right(AREA, "insert", here, written)]
    if not walls.append_only:
        rights.append(Right(AREA, "update", _and(here, walls.changes_if), written, walls.changes))
    return rights + _resident_rights(model, walls, names)


def _resident_rights(model: type[models.Model], walls: Walls, names: set[str]) -> list[Right]:
    own = _own_rows(model, walls.resident, names)
    own_or_listed = f"({_listed_or_own(own, walls)})" if own and walls.resident_listed else own
    if own and walls.resident_party:
        own_or_listed = own = f"({_own_or_addressed(own, walls)})"
    if own and walls.resident_sees_too:
        own_or_listed = f"({own} or {_quoted(walls.resident_sees_too)} = any ({_KEYS}) and {_SCOPE} is null)"
    if own and walls.resident_let and CONSENT_TABLE in names:
        own_or_listed = f"({own} or {_let(model, walls)})"
    theirs = _and(own_or_listed, walls.resident_if)
    if own and walls.resident_parties and {PARTICIPANT_TABLE, CONSENT_TABLE} <= names:
        theirs = f"({theirs} or {_for_parties(model, walls)})"
    if own and walls.resident_given and CONSENT_TABLE in names:
        theirs = f"({theirs} or {_given(walls)})"
    seen = _resident(theirs) if own else ""
    rights = [Right(RESIDENT, "select", seen, seen)] if seen else []
    addable = _adds(model, own, walls, names)
    if not (walls.resident_writes and addable):
        return rights
    # A party does not see the case; that it is one of theirs, in its own area, is asked already.
    written = (addable, _ANY_AREA, *_reached(model, but="case_id" if walls.resident_names_parties else ""))
    rights.append(Right(RESIDENT, "insert", "false", _resident(_and(*written, *_marked(model), walls.resident_adds))))
    if seen and walls.resident_changes and not walls.append_only:
        left = _resident(_and(*written, walls.resident_leaves))
        changed = _and(seen, walls.resident_changes_if)
        rights.append(Right(RESIDENT, "update", changed, left, walls.resident_changes))
    return rights


def _adds(model: type[models.Model], own: str, walls: Walls, names: set[str]) -> str:
    """To which cases residents add rows: their own, and where they are a participant where the model lets them."""
    addable = _addable(model, names) if walls.resident == "participant" else own or _addable(model, names)
    if not addable or PARTICIPANT_TABLE not in names:
        return addable
    if walls.resident_names_parties:
        as_party = _and(addable, _of_case_as_party(), walls.resident_party_adds)
        return f"({_of_own_case(model, names)} or {as_party})"
    if walls.resident_party:  # what they see is theirs; but only where they are a participant they write of it
        return f"({addable} and ({walls.resident_party} is null or {_of_case_as_party()}))"
    return f"({addable} or {_of_case_as_party()})" if walls.resident_adds_as_party else addable


def _of_case_as_party(of_those: str = "") -> str:
    named = _and(f"part.owner_key = any ({_KEYS})", of_those)
    own = f"select part.case_id, part.area from {_quoted(PARTICIPANT_TABLE)} part where {named}"  # noqa: S608 (our own words)  # nosec B608
    return f"({_SCOPE} is null and (case_id, area) in ({own}))"


def _for_parties(model: type[models.Model], walls: Walls) -> str:
    """Rows for the parties that a case has today, and for whom one of them lets see it: who sent the case gives nobody these."""
    is_party = f"part.is_party and part.starts <= {_TODAY} and (part.ends is null or part.ends >= {_TODAY})"
    let = f" or {_let(model, walls, by='let.party_key is not null')}" if walls.resident_let else ""
    return f"({_quoted(walls.resident_parties)} and ({_of_case_as_party(is_party)}{let}))"


def _own_or_addressed(own: str, walls: Walls) -> str:
    """Rows of a case of theirs that are addressed to no other party, and what is addressed to them, whoever's the case is."""
    party = _quoted(walls.resident_party)
    return f"{party} is null and {own} or {party} = any ({_KEYS}) and {_SCOPE} is null"


def _let(model: type[models.Model], walls: Walls, by: str = "") -> str:
    """Rows that somebody lets them see, by a consent that holds today and was not withdrawn. The same as `rules.letting`.

    by: of whose consents this is asked.
    """
    table, consent = _quoted(model._meta.db_table), _quoted(CONSENT_TABLE)
    if walls.resident_party:
        by = f"let.party_key is not distinct from {table}.{_quoted(walls.resident_party)}"
    given_by = f" and {by}" if by else ""
    return (
        f"({_SCOPE} is null and exists (select from {consent} let where let.to_key = any ({_KEYS})"  # noqa: S608 (our own words)  # nosec B608
        f" and let.case_id = {table}.case_id and let.area = {table}.area and let.sees && {table}.{_quoted(walls.resident_let)}"
        f" and let.withdraws_id is null and let.given_on <= {_TODAY} and (let.valid_until is null or let.valid_until >= {_TODAY})"
        f" and not exists (select from {consent} back where back.withdraws_id = let.id){given_by}))"
    )


def _given(walls: Walls) -> str:
    """Rows that name a consent which they gave, as a party of another's case. Found by the index on the case."""
    given = f"array(select mine.%s from {_quoted(CONSENT_TABLE)} mine where mine.party_key = any ({_KEYS}))"  # noqa: S608 (our own words)  # nosec B608
    named = f"{_quoted(walls.resident_given)} && {given % 'id'}"
    return f"{_SCOPE} is null and {walls.resident_given_if} and case_id = any ({given % 'case_id'}) and {named}"


def _person_rights(walls: Walls) -> list[Right]:
    area, own = _ANY_SESSION, _resident(f"owner_key = any ({_KEYS})")
    return [
        Right(AREA, "select", area, area),
        Right(AREA, "insert", area, area),
        Right(RESIDENT, "select", own, own),
        Right(RESIDENT, "insert", "false", _and(own, walls.resident_adds)),
    ]


def _resident_alone_rights(walls: Walls) -> list[Right]:
    own = f"owner_key = any ({_KEYS}) and {_SCOPE} is null"
    seen = own
    if walls.resident_sees_too:
        too = f"{_quoted(walls.resident_sees_too)} = any ({_KEYS})"
        seen = f"(owner_key = any ({_KEYS}) or {too}) and {_SCOPE} is null"
    rights = [
        Right(RESIDENT, "select", _resident(seen), _resident(seen)),
        Right(RESIDENT, "insert", "false", _resident(_and(own, walls.resident_adds))),
    ]
    if walls.resident_changes:
        before, after = _and(own, walls.resident_changes_if), _and(own, walls.resident_leaves)
        rights.append(Right(RESIDENT, "update", _resident(before), _resident(after), walls.resident_changes))
    return rights


def _shared_rights(walls: Walls) -> list[Right]:
    here = _ANY_SESSION
    written = _ALL[:2] if walls.append_only else _ALL
    rights = [Right(ADMINISTRATION, verb, here, here) for verb in written]
    verbs = written if walls.areas_write else _ALL[:1] if walls.areas_read else ()
    rights += [Right(AREA, verb, here, here) for verb in verbs]
    if walls.residents_read:
        rights.append(Right(RESIDENT, "select", here, here))
    return rights


def _own_rows(model: type[models.Model], resident: str | None, names: set[str]) -> str:
    if resident == "own":
        return f"owner_key = any ({_KEYS}) and {_in_scope(model)}"
    if resident == "participant":
        return f"owner_key = any ({_KEYS}) and {_SCOPE} is null"
    # Without a table of cases nobody has a case: the default, nothing, stands.
    return _of_own_case(model, names) if resident == "case" else ""


def _in_scope(model: type[models.Model]) -> str:
    """What one who acts for the resident reaches: all, for the resident. Rows of a case follow the case."""
    return _and(_in_areas(model), *_of_no_other_parent(model))


def _of_no_other_parent(model: type[models.Model]) -> Iterator[str]:
    if PARENT_COLUMN in _columns(model):
        yield f"{_PARENT} is null or {PARENT_COLUMN} is null or {PARENT_COLUMN} = {_PARENT}"


def _marked(model: type[models.Model]) -> Iterator[str]:
    """What a parent begins has their mark, and what anybody else begins has none: it can't be forgotten, nor another's."""
    if PARENT_COLUMN in _columns(model):
        yield f"{PARENT_COLUMN} is not distinct from {_PARENT}"


def _in_areas(model: type[models.Model]) -> str:
    if "service" in _columns(model):
        return f"({_SCOPE} is null or area = any ({_SCOPE}) or area || '/' || service = any ({_SCOPE}))"
    part = "each = area or starts_with(each, area || '/')"
    return f"({_SCOPE} is null or exists (select from unnest({_SCOPE}) each where {part}))"  # our own words  # nosec B608


def _addable(model: type[models.Model], names: set[str]) -> str:
    """What a resident may add to a table that residents can't read: rows about themselves."""
    columns = _columns(model)
    if "case_id" in columns:
        return _of_own_case(model, names)
    return f"owner_key = any ({_KEYS})" if "owner_key" in columns else ""


def _of_own_case(model: type[models.Model], names: set[str]) -> str:
    """Rows of a case of theirs, in the case's own area: else a row could be slipped into another area's work."""
    table = _case_table(model)
    if table not in names:
        return ""
    own = f"select own.id, own.area from {_quoted(table)} own where own.owner_key = any ({_KEYS})"  # noqa: S608 (a model's table)  # nosec B608
    return f"(case_id, area) in ({own})"


def _listed_or_own(own: str, walls: Walls) -> str:
    """Rows of a case of theirs, and rows of no case that list one, or list themselves: they were looked up by their number.

    Either way is found by an index, and so all are. Who acts for somebody is told of cases alone.
    """
    # In an array PostgreSQL works the cases out once, and reads an index by them.
    cases = f"array(select own.id from {_quoted(CASE_TABLE)} own where own.owner_key = any ({_KEYS}))"  # noqa: S608 (our own words)  # nosec B608
    # As `municipal.access.actions.in_lookups` names somebody.
    marks = f"select encode(substring(sha256(key) for 16), 'hex')::uuid from unnest({_KEYS}) key where {_SCOPE} is null"  # noqa: S608 (our own words)  # nosec B608
    listed = f"case_id is null and {_quoted(walls.resident_listed)} && ({cases} || array({marks}))"
    return f"case_id = any ({cases}) and {own} or {listed}"


def _reached(model: type[models.Model], but: str = "") -> Iterator[str]:
    """Rows that a row points at have to be visible to whoever writes it. A foreign key alone does not ask: it goes
    around policies, so it would let a row hang on another's, and tell by its failure what exists.

    but: a column that the caller has asked of in another way.
    """
    for field in (each for each in model._meta.local_concrete_fields if each.column != but):
        target = field.related_model if isinstance(field, models.ForeignKey) else None
        # A table's policy can't ask the table itself (PostgreSQL: infinite recursion); such ids can't be guessed.
        walls = getattr(target, "walls", None)
        if target is not None and target is not model and walls is not None and walls.kind in ("area", "own"):
            here, there = f"{_quoted(model._meta.db_table)}.{_quoted(field.column)}", _quoted(target._meta.db_table)
            seen = f"exists (select from {there} there where there.{_quoted(target._meta.pk.column)} = {here})"  # a model's names  # nosec B608
            yield f"({here} is null or {seen})" if field.null else seen


def _case_table(model: type[models.Model]) -> str:
    for field in model._meta.local_concrete_fields:
        if field.column == "case_id" and isinstance(field, models.ForeignKey):
            return field.related_model._meta.db_table
    return CASE_TABLE


def _resident(condition: str) -> str:
    return f"{_SESSION} = 'resident' and {condition}"


def _and(*conditions: str) -> str:
    given = [condition for condition in conditions if condition]
    return " and ".join(given if len(given) == 1 else [_enclosed(each) for each in given])


def _enclosed(condition: str) -> str:
    return f"({condition})" if " or " in condition.lower() else condition


def _quoted(name: str | None) -> str:
    return '"' + (name or "").replace('"', '""') + '"'


def _policy(table: str, name: str, group: str, right: str, condition: str, check: str | None = None) -> str:
    using = f" using ({condition})" if right != "insert" else ""
    with_check = f" with check ({check or condition})" if right in ("all", "insert", "update") else ""
    return f"create policy {name} on {table} for {right} to {group}{using}{with_check};"


def _drop_policies(table: str) -> str:
    literal = "'" + table.replace("'", "''") + "'"
    return _DROP_POLICIES.replace("TABLE", literal)
