"""Markup that residents and staff write, and others are shown: it has to stand there as the text that it is."""

from __future__ import annotations

from typing import Any

from allmenning.basics import dates
from allmenning.basics.errors import AllmenningError
from allmenning.doors.desk.testing import at_desk
from allmenning.doors.portal.testing import browser_of, sent_inquiry
from allmenning.journeys import casework, dialogue, noting
from allmenning.journeys.testing import ALICE
from allmenning.municipal.cases.models import Case
from allmenning.tenancy import use

from .scene import Party, Scene
from .tally import Tally
from .visitors import SCRIPT, SUM, TEMPLATE

KIND = "markup"
WRITTEN = (
    f"\"'>{SCRIPT}",
    TEMPLATE,
    '"><img src=x onerror=alert(1)>',
    "<svg/onload=alert(1)>",
    "</textarea></title><iframe srcdoc='x'>",
    "[klikk](javascript:alert(1))",
    "![x](https://evil.example/x.png)",
    "<a href='https://evil.example/'>svar her</a>",
    '=HYPERLINK("https://evil.example/")',
    "&#60;script&#62;alert(1)&#60;/script&#62;",
)
# What a page would hold if any of it were more than text.
ALIVE = (
    SCRIPT,
    SUM,
    "<img src=x",
    "<svg/onload",
    "<iframe",
    'href="javascript:',
    'src="https://evil',
    "href='https://evil",
    'href="https://evil',
)


def attack(scene: Scene, tally: Tally, brief: bool = False) -> None:
    """Each text as subject, message, file name, note and question; then every page where it is shown."""
    party, shown = scene.parties["omar"], 0
    for text in WRITTEN[:: 3 if brief else 1]:
        try:
            case = _write(party, text)
        except AllmenningError:  # said beside the field; nothing of it is kept
            tally.tried(KIND)
            continue
        shown += 1
        for path, answer in _shown(party, case, text[:80]):
            tally.tried(KIND)
            page = answer.content.decode(errors="replace")
            if "html" in answer.get("Content-Type", "") and (alive := [each for each in ALIVE if each in page]):
                tally.hinted(KIND, f"{text!r} is more than text at {path}: {alive[0]!r}")
            if answer.status_code >= 500:
                tally.hinted(KIND, f"{path} failed ({answer.status_code}) over {text!r}")
    if not shown:
        tally.hinted(KIND, "nothing could be written, so nothing was tried")


def _write(party: Party, text: str) -> Any:
    place = party.place
    receipt = sent_inquiry(place, party.resident, subject=text[:80], message=text)
    with use(place.id, "resident", keys=(party.key(),)):
        file = dialogue.Upload(f"{text[:60]}.txt", "text/plain", text.encode())
        dialogue.send_more(receipt.case_id, text, [file])
    with use(place.id, "ordinary"):
        working, key = place.working("alice"), casework.staff_resident_key(place.id, ALICE)
        noting.write_note(receipt.case_id, text, working, staff_key=key)
        case = Case.objects.get(id=receipt.case_id)
        actor = working.as_actor(case)
        dialogue.ask(case.id, text, dates.today(), actor, revision=case.revision)
    return case


def _shown(party: Party, case: Any, subject: str) -> list[tuple[str, Any]]:
    """The pages of the desk and of my page that show it, and the list that is sought by its subject."""
    staff, resident = at_desk(party.place, ALICE), browser_of(party.resident)
    at_case, mine = f"/desk/cases/{case.id}/", f"/my/{party.place.id}/cases/{case.id}/"
    staff.post(f"{at_case}purpose/", {"purpose": "case-handling"})
    found = staff.post("/desk/find/", {"text": subject}).get("Location", "/desk/")
    pages = [(path, staff.get(path)) for path in ("/desk/", "/desk/?view=unit", at_case, f"{at_case}decide/", found)]
    for path in ("/my/", "/my/mailbox/", mine, f"{mine}sent/", f"{mine}answer/", f"{mine}who-has-looked/"):
        pages.append((path, resident.get(path)))
    return pages
