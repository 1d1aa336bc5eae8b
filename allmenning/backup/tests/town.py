"""Averøy and Smøla on a machine of their own, for back-ups: `python -m allmenning.backup.tests.town found|fill|look|open`.

`look` prints everything as hashes: rows of every table, rights and walls, files. `open` opens a case through its walls.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import django

TABLES = """
    select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and n.nspname in ('public', 'tenancy') order by 1"""
# When something was put up, who runs just now, and what the databases are called here.
PASSING = (
    "public.municipalities_placement",
    "tenancy.applied",
    "public.procrastinate_workers",
    "public.django_migrations",
)
RIGHTS = """
    select array_agg(line order by line) from (
      select relname || array(select unnest(relacl)::text order by 1)::text || relrowsecurity || relforcerowsecurity as line from pg_class c
        join pg_namespace n on n.oid = relnamespace where nspname in ('public', 'tenancy') and relkind in ('r', 'S')
      union all select tablename || policyname || roles::text || cmd || coalesce(qual, '') || coalesce(with_check, '')
        from pg_policies
      union all select proname || array(select unnest(proacl)::text order by 1)::text || proowner::regrole from pg_proc p
        join pg_namespace n on n.oid = pronamespace where nspname = 'public'
      union all select 'closed ' || relname from pg_class where relname = 'pg_roles' and relacl::text not like '%=r/%'
      union all select attrelid::regclass || attname || array(select unnest(attacl)::text order by 1)::text from pg_attribute
        where attacl is not null and attrelid::regclass::text not like 'pg_%'
    ) lines"""


def found() -> None:
    """Databases, the register, and two municipalities in it."""
    from allmenning import vault
    from allmenning.commons.catalogue import actions as catalogue
    from allmenning.commons.municipalities import actions
    from allmenning.journeys import joining, testing
    from allmenning.tenancy.migrate import migrate_all

    vault.create_keys("commons")
    migrate_all()
    actions.load_register()
    for package in testing._packages():
        catalogue.publish(package, by="test")
    for municipality in ("averoy", "smola"):
        joining.join(municipality)
        testing.place(municipality, {"alice": (testing.ALICE, ["caseworker"]), "bob": (testing.BOB, ["leader"])})


def fill(letters: str = "2") -> None:
    """People, cases and files; `letters` cases more in Averøy each time."""
    from allmenning.commons.municipalities import queries
    from allmenning.journeys import outbox, testing
    from allmenning.journeys.tests.test_main_job import send_inquiry

    with testing.connected_registers():
        for municipality in queries.live_ids():
            place = testing.Place(municipality, None, {})  # type: ignore[arg-type]
            for _ in range(int(letters) if municipality == "averoy" else 1):
                send_inquiry(place, testing.rita(), subject="Kanarifuglen Kvitter")
            outbox.drain(municipality, "ordinary")  # makes the documents


def look() -> None:
    from django.conf import settings

    from allmenning.commons.municipalities import queries
    from allmenning.tenancy import placement
    from allmenning.tenancy.placement import Placement

    seen: dict[str, Any] = {"commons": _contents(Placement(*settings.COMMONS_PLACEMENT))}
    for municipality in queries.live_ids():
        seen[municipality] = _contents(placement.placement_of(municipality))
        root = Path(settings.FILES_DIR)
        seen[municipality]["files"] = {
            str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted((root / municipality).glob("??/*"))
        }
    json.dump(seen, sys.stdout)


def open_a_case() -> None:
    """As a caseworker of the area, and as the resident whose it is: what the database lets each of them see."""
    from allmenning.journeys import casework, my_page, testing
    from allmenning.municipal.access.models import StaffMember
    from allmenning.municipal.access.queries import working_as
    from allmenning.municipal.cases.models import Case
    from allmenning.municipal.documents.models import Document
    from allmenning.tenancy import use
    from allmenning.vault import resident_key

    rita = testing.rita()
    with use("averoy", "administration"):
        alice = next(each for each in StaffMember.objects.all() if each.name == testing.NAMES[testing.ALICE])
    with use("averoy", "ordinary"):
        case = Case.objects.order_by("id").first()
        key = casework.staff_resident_key("averoy", testing.ALICE)
        view = casework.open_case(case.id, working_as(alice.id, "ordinary"), "case-handling", staff_key=key)
        document = Document.objects.exclude(path="").filter(case_id=case.id).first()
    with use("averoy", "care"):
        elsewhere = Case.objects.count()
    with use("averoy", "resident", keys=(resident_key("averoy", "person", testing.OMAR),)):
        strangers = Case.objects.count()
    with use("averoy", "resident", keys=rita.keys("averoy")):
        own = my_page.open_mine(case.id).case.id == case.id
    json.dump(
        {"applicant": view.applicant_name, "subject": view.content.data["subject"], "document": bool(document),
         "care": elsewhere, "omar": strangers, "rita": own},
        sys.stdout,
    )  # fmt: skip


def _contents(placed: Any) -> dict[str, Any]:
    from allmenning.tenancy import server

    with server.connected(*placed) as inside:
        tables = [name for (name,) in inside.execute(TABLES) if name not in PASSING]
        rows = {
            name: _one(inside, f"select md5(string_agg(t::text, ' ' order by t::text)) from {name} t")
            for name in tables
        }
        database = placed.database
        return {"rows": rows, "rights": [line.replace(database, "…") for line in _one(inside, RIGHTS)]}


def _one(connection: Any, statement: str) -> Any:
    return connection.execute(statement).fetchone()[0]


if __name__ == "__main__":
    django.setup()
    {"found": found, "fill": fill, "look": look, "open": open_a_case}[sys.argv[1]](*sys.argv[2:])
