"""Each municipal model lives in a municipality's database, names its area, and the database does what it declares."""

import re
from pathlib import Path

import psycopg
from django.apps import apps

from allmenning.tenancy import placement, walls
from allmenning.tenancy.models import MunicipalModel
from allmenning.tenancy.routing import Router, is_municipal

# Of no area on purpose. Anything about a case or a resident belongs to an area.
SHARED = {
    "access.Unit": "which units there are is published",
    "access.UnitService": "which unit handles what is published",
    "access.StaffMember": "staff may work in several areas",
    "access.Position": "says in which areas somebody works",
    "access.Mandate": "lends somebody to the municipality, whatever the area",
    "access.NearOne": "staff's near ones, as keys; their cases are in any area",
    "access.Absence": "somebody is away from all their work",
    "access.Delegation": "follows the service; the municipality's published rule",
    "access.ApiClient": "another system may work in several areas",
    "access.AdministrationChange": "what administrators set is shared; they alone read it",
    "people.Export": "is a resident's own, of all areas; no staff reads it",
    "people.ExportPart": "is a resident's own, of all areas; no staff reads it",
    "people.Representation": "is between two residents, and holds across areas; no staff reads it",
    "people.Protection": "who is protected is so in every area; the row tells neither who nor which area set it",
    "profile.Letterhead": "is on every page and letter",
    "profile.AdoptedService": "what the municipality offers is published",
}
# Counted over all areas, so no login of a request sees them.
APART = {"access.LogLeaf", "access.LogHead", "access.LogCosignature", "access.LogStatement"}

POLICIES = (
    "select tablename, policyname, permissive, roles::text, cmd, qual, with_check from pg_policies"
    " where schemaname = 'public' order by 1, 2"
)
GRANTS = (
    "select table_name, column_name, grantee, privilege_type from information_schema.column_privileges"
    " where table_schema = 'public' and grantee like 'allmenning%' and grantee <> 'allmenning_owner'"
    " union select table_name, null, grantee, privilege_type from information_schema.table_privileges"
    " where table_schema = 'public' and grantee like 'allmenning%' and grantee <> 'allmenning_owner' order by 1, 2, 3, 4"
)


def municipal():
    return [m for m in walls.municipal_models() if ".tests." not in m.__module__]


def test_a_model_in_the_municipal_rooms_lives_in_the_municipality_and_no_other_does(municipality_a):
    from allmenning.tenancy import use

    router = Router()
    with use(municipality_a, "ordinary") as acting:
        for model in apps.get_models():
            if model.__module__.startswith("allmenning.municipal."):
                assert issubclass(model, MunicipalModel), model
                assert router.db_for_read(model) == acting.alias
            elif not is_municipal(model.__module__):
                assert router.db_for_read(model) == "commons"


def test_every_municipal_model_names_its_area_or_is_shared_on_purpose():
    without = {m._meta.label for m in municipal() if m.walls.kind in ("shared", "person", "resident")}
    assert without == set(SHARED)
    assert {m._meta.label for m in municipal() if m.walls.kind == "apart"} == APART
    assert {right.group for m in municipal() if m._meta.label in APART for right in walls.rights_of(m)} == {
        walls.SEALER
    }
    of_area = [m for m in municipal() if m._meta.label not in {*SHARED, *APART}]
    assert all("area" in {f.name for f in m._meta.fields} for m in of_area)


def test_the_walls_can_be_built():
    assert walls.problems() == []


def test_the_database_has_the_policies_and_grants_that_the_models_declare(municipality_a):
    database = placement.placement_of(municipality_a)
    with psycopg.connect(placement.admin_dsn(database.server, database.database)) as operator:
        policies, grants = operator.execute(POLICIES).fetchall(), operator.execute(GRANTS).fetchall()
        operator.execute(walls.sql())
        assert operator.execute(POLICIES).fetchall() == policies
        assert operator.execute(GRANTS).fetchall() == grants
        operator.rollback()
    declared = {(m._meta.db_table, right.name) for m in walls.municipal_models() for right in walls.rights_of(m)} | {
        (m._meta.db_table, "owner") for m in walls.municipal_models()
    }
    assert {(table, name) for table, name, *_ in policies} == declared


def test_every_table_forces_its_policies(municipality_a):
    database = placement.placement_of(municipality_a)
    with psycopg.connect(placement.admin_dsn(database.server, database.database)) as operator:
        held = operator.execute(
            "select relname, relrowsecurity and relforcerowsecurity from pg_class"
            " where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f')"
        ).fetchall()
    assert {table for table, forced in held if not forced} <= {"django_migrations"}


def test_nobody_removes_a_row_about_a_case():
    removable = {(m._meta.label, r.group) for m in municipal() for r in walls.rights_of(m) if r.verb == "delete"}
    assert {label for label, _ in removable} <= {"forms.Draft", "forms.Attachment", *SHARED}
    assert {label for label, group in removable if group == walls.AREA} == {"forms.Draft", "forms.Attachment"}


def test_what_is_evidence_is_never_changed():
    """Who looked, what was sent, what happened, what administrators set: added to, and read."""
    evidence = {m._meta.label for m in municipal() if m.walls.append_only}
    assert evidence == {
        "access.AdministrationChange",
        "access.BreakGlass",
        "access.LogCosignature",
        "access.LogEntry",
        "access.LogHead",
        "access.LogLeaf",
        "access.LogStatement",
        "access.NearOne",
        "access.PartialInCase",
        "archive.RetentionRule",
        "cases.AccountLine",
        "cases.Appeal",
        "cases.Closure",
        "cases.Consent",
        "cases.DeadlineReason",
        "cases.Disclosure",
        "cases.Event",
        "cases.Note",
        "cases.PhaseChange",
        "cases.ReceiptCode",
        "cases.Record",
        "cases.RegisterCheck",
        "forms.Submission",
        "people.Protection",
        "post.OutsideFile",
        "post.ReceivingKey",
    }
    changed = {m._meta.label for m in municipal() for r in walls.rights_of(m) if r.verb in ("update", "delete")}
    assert not evidence & changed


def test_only_administrators_write_what_is_shared():
    writers = {
        (m._meta.label, r.group)
        for m in municipal()
        if m.walls.kind == "shared"
        for r in walls.rights_of(m)
        if r.verb != "select"
    }
    assert {group for _, group in writers} == {walls.ADMINISTRATION}


def test_nobody_who_serves_a_request_works_as_the_owner_of_the_tables():
    """That login sees every area. Sweeps have it, and whoever changes keys: never a request. The log is sealed by another."""
    package = Path(walls.__file__).resolve().parents[1]
    found = {
        str(path.relative_to(package))
        for path in package.rglob("*.py")
        if not {"tests", "tenancy"} & set(path.parts)
        and path.name != "testing.py"
        and re.search(r"use\([^)]*[\"']owner[\"']", path.read_text("utf-8"))
    }
    may = {"sweeping", "rotating", "making_exports", "erasing"}
    assert found <= {f"journeys/{name}.py" for name in may}
