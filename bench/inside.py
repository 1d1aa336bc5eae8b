"""`python -m bench.inside <what> …`: what only the platform itself can tell, in a process of its own, as JSON.

sessions: cookies of residents and staff who are logged in. logins: names and passwords of database logins. whole: whether
what was acknowledged is there. letters: makes PDFs for a while. rows: writes rows of the log for a while.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from demo import prepare


def main(what: str, *arguments: str) -> int:
    prepare.set_up_django()
    json.dump(WHAT[what](*arguments), sys.stdout)
    return 0


def sessions(*_: str) -> dict[str, Any]:
    """Somebody's cookie, by the name that the demo gives them."""
    from allmenning.commons.identity.sessions import SessionStore
    from allmenning.municipal.access.models import StaffMember
    from allmenning.tenancy import use
    from demo.people import world

    def cookie(held: dict[str, Any]) -> str:
        session = SessionStore()
        session.update(held)
        session.save()
        return f"sessionid={session.session_key}"

    def resident(person: Any) -> str:
        return cookie({"resident": {"number": person.number, "name": person.name, "level": "idporten-loa-high"}})

    def staff(municipality: str, unit: str) -> str:
        found = next(s for s in world().staff if s.municipality == municipality and s.unit == unit)
        with use(municipality, "ordinary"):
            member = StaffMember.objects.get(name=found.person.name)
        held: dict[str, Any] = {"number": found.person.number, "name": found.person.name, "municipality": municipality}
        held |= {"area": "ordinary", "staff_id": str(member.id), "is_administrator": False, "home_municipality": None}
        return cookie({"staff": held})

    people = world().people
    three = people[world().characters["three"].number]
    return {"three": resident(three), "service": staff("averoy", "service")}


def logins(*municipalities: str) -> dict[str, dict[str, str]]:
    """User → its password, of the commons and of every login of these municipalities."""
    from allmenning.tenancy import placement
    from allmenning.tenancy.routing import COMMONS

    aliases = [COMMONS]
    for municipality in municipalities:
        aliases += [f"m_{municipality}_{login}" for login in ("resident", "ordinary", "administration")]
    found = [placement.connection_parameters(alias, placement.target(alias)) for alias in aliases]
    return {each["user"]: {"password": each["password"], "database": each["dbname"]} for each in found}


def whole(municipality: str) -> dict[str, Any]:
    """What is missing of the acknowledged submissions that standard input tells of: nothing, if all is well.

    Of each one, everything that is registered is counted, its answers opened, and its file read and held against its hash.
    """
    from allmenning.municipal.access.models import LogEntry
    from allmenning.municipal.archive.models import CaseFile, DocumentDescription, RegistryEntry
    from allmenning.municipal.cases.models import Case, Event, Task
    from allmenning.municipal.documents.actions import read_content
    from allmenning.municipal.documents.models import Document, Origin
    from allmenning.municipal.forms.actions import open_submission
    from allmenning.municipal.forms.models import Submission
    from allmenning.municipal.post.models import Outbox
    from allmenning.tenancy import use

    told = json.load(sys.stdin)
    numbers = {case_id: number for _, number, case_id in told["acknowledged"]}
    problems = [] if len(numbers) == len(told["acknowledged"]) else ["two acknowledged submissions have the same case"]
    expected = {Submission: 1, Event: 1, CaseFile: 1, RegistryEntry: 1, Document: 2, DocumentDescription: 2}

    def per_case(model: Any, **such: Any) -> Counter[str]:
        return Counter(str(case) for case in model.objects.filter(**such).values_list("case_id", flat=True))

    with use(municipality, "ordinary"):
        cases = {str(case.id): case for case in Case.objects.select_related("applicant").filter(id__in=numbers)}
        problems += [f"{case_id} is lost" for case_id in numbers if case_id not in cases]
        series = Counter((case.year, case.sequence) for case in cases.values())
        problems += [f"number {number} was given {n} times" for number, n in series.items() if n > 1 or not number[1]]
        found = {model: per_case(model, case_id__in=cases) for model in (*expected, Task, Outbox)}
        found[LogEntry] = per_case(LogEntry, case_id__in=cases, action="submit")
        for model, counted in found.items():
            least = expected.get(model, 1)
            problems += [f"{c} has {counted[c]} of {model.__name__}" for c in cases if counted[c] < least]
            problems += [
                f"{c} has {counted[c]} of {model.__name__}" for c in cases if counted[c] > expected.get(model, 9)
            ]
        for case_id, case in cases.items():
            submission = Submission.objects.get(case_id=case_id)
            file = Document.objects.get(case_id=case_id, origin=Origin.UPLOADED)
            if case.applicant is None or case.applicant.opened_number(municipality) != numbers[case_id]:
                problems.append(f"{case_id} is somebody else's")
            if not open_submission(submission, case.key).data.get("message"):
                problems.append(f"{case_id} has no answers")
            if hashlib.sha256(read_content(file, case.key)).hexdigest() != told["sha256"]:
                problems.append(f"{case_id} has another file")
    return {"checked": len(cases), "problems": problems}


def letters(municipality: str, seconds: str, processes: str, number: str) -> dict[str, Any]:
    """Make documents for so many seconds, as process `number` of so many. Each is made, sealed, and kept."""
    from allmenning.journeys import rendering
    from allmenning.municipal.cases.models import Case
    from allmenning.municipal.documents.models import Document
    from allmenning.tenancy import use

    from .processes import memory

    times: list[float] = []
    are_pdf_a = True
    with use(municipality, "ordinary"):
        waiting = Document.objects.filter(path="", area="ordinary").order_by("-id")
        rows = list(waiting[int(number) : 4000 : int(processes)])
        rendering.content_of(rows[0], Case.objects.get(id=rows.pop(0).case_id))  # the first one loads fonts
        cpu, begun = time.process_time(), time.monotonic()
        for row in rows:
            began = time.monotonic()
            content = rendering.content_of(row, Case.objects.get(id=row.case_id))
            times.append(1000 * (time.monotonic() - began))
            are_pdf_a = are_pdf_a and content.startswith(b"%PDF-") and b"pdfaid:part" in content
            if time.monotonic() - begun > float(seconds):
                break
        cpu, taken = time.process_time() - cpu, time.monotonic() - begun
    (mine,) = memory([os.getpid()])
    return {"times_ms": times, "seconds": taken, "cpu": cpu, "are_pdf_a": are_pdf_a, "memory": asdict(mine)}


def rows(per_s: str, seconds: str, *municipalities: str) -> dict[str, Any]:
    """Write rows of the log as readings do, so many a second in all, in each municipality by turns."""
    from itertools import cycle

    from allmenning.municipal.access.actions import log_list
    from allmenning.municipal.access.actor import SYSTEM
    from allmenning.tenancy import use, waking

    waking.start()
    written, begun, turns = 0, time.monotonic(), cycle(municipalities)
    while (now := time.monotonic()) - begun < float(seconds):
        wait = begun + written / float(per_s) - now
        if wait > 0:
            time.sleep(wait)
        with use(next(turns), "ordinary"):
            log_list(SYSTEM, area="ordinary", purpose="work-list", shown=[], field_kinds=["applicant-name"])
        written += 1
    return {"written": written, "seconds": time.monotonic() - begun}


WHAT: dict[str, Callable[..., dict[str, Any]]] = {
    "sessions": sessions,
    "logins": logins,
    "whole": whole,
    "letters": letters,
    "rows": rows,
}

if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
