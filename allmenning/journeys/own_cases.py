"""A case of their own for each of those whom a case is about, when a phase is opened for them: the children of a report.

It is of that person: who is near to them is disqualified, their protected address holds, and it is found by their number. It
holds their line of the form, and nothing else of what was sent: that stays in the case that it was opened from, with whoever
sent it. No resident's login sees it (`Case.walls`), nobody is told that there is something in this municipality, and its
letters go on paper.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allmenning import vault
from allmenning.basics.errors import AllmenningError
from allmenning.basics.identifiers import NationalIdentityNumber, uuid7
from allmenning.commons.catalogue.content import ForEach, Phase, ServicePackage
from allmenning.municipal.access.actor import Actor
from allmenning.municipal.archive import actions as archive
from allmenning.municipal.cases import actions as cases
from allmenning.municipal.cases import queries as case_queries
from allmenning.municipal.cases.models import Case, State
from allmenning.municipal.forms import actions as forms
from allmenning.municipal.forms.content import Content
from allmenning.municipal.forms.models import Submission
from allmenning.municipal.people.actions import known_person
from allmenning.municipal.post import actions as post
from allmenning.tenancy import current
from allmenning.tenancy.together import Known, TakeNumbers, insert_together

from . import phases
from .concerned import person_key
from .jobs import wake
from .offered import day_of, of_case

PERSON = "person"
# Of letters to those it is about, until a caseworker chooses: who reported may have written in another, and theirs is not known.
LANGUAGE = "nb"


@dataclass(frozen=True)
class About:
    """Whom a case is opened for: their line in the list, and who they are as far as it says."""

    line: int
    answers: Mapping[str, Any]
    name: str
    number: str


def whom_it_is_about(own: ForEach, data: Mapping[str, Any]) -> Iterator[About]:
    """Each line of the list. A number that is none counts as none: it may be typed as somebody remembered it."""
    lines = data.get(own.each)
    for position, answers in enumerate(lines if isinstance(lines, list) else ()):
        typed = str(answers.get(own.number, "")) if own.number else ""
        yield About(position, answers, str(answers.get(own.name) or ""), _number(typed))


def _number(typed: str) -> str:
    try:
        return NationalIdentityNumber.parse(typed).value
    except AllmenningError:
        return ""


def open_for_each(
    case: Case, phase: Phase, because: str, actor: Actor, at: datetime, concerns: Collection[int] | None = None
) -> list[Case]:
    """Open a case in this phase for each whom the list names and who has none. Within the transaction that decided it.

    The numbers of cases stay locked until the commit.

    Args:
        concerns: the lines of the list that it was decided about; None: all of them.
    """
    from .deadlines import recount
    from .participants import carry_over

    assert phase.for_each is not None
    package = of_case(case.service, case.version).package
    submission = Submission.objects.get(case_id=case.id)
    content = forms.open_submission(submission, case.key)
    held = set(case_queries.opened_from_in(case.id).values_list("opened_for", flat=True))
    opened = []
    for about in whom_it_is_about(phase.for_each, content.data):
        if about.line in held or (concerns is not None and about.line not in concerns):
            continue
        own = _open(case, submission, package, phase.for_each, about, actor, at)
        phases.open_in(own, phase, because, actor, at)
        recount(own)
        theirs = {phase.for_each.each: [dict(about.answers)]}
        carry_over(case, own, package, phase.for_each.each, theirs, day_of(at))
        cases.happened(case, "own-case-opened", actor, at=at, visible=False, other=str(own.id))
        opened.append(own)
    if opened:
        wake(case.area)
    return opened


def _open(
    case: Case, submission: Submission, package: ServicePackage, own: ForEach, about: About, actor: Actor, at: datetime
) -> Case:
    key, wrapped = vault.new_case_key(current().municipality, case.area)
    person, parts = known_person(case.area, PERSON, about.number, about.name) if about.number else (None, [])
    opened = cases.new_case(
        case_id=uuid7(),
        area=case.area,
        owner_key=person_key(about.number) if about.number else secrets.token_bytes(32),
        key=key,
        wrapped_key=wrapped,
        service=case.service,
        version=case.version,
        topic=case.topic,
        title=case.title,
        subject="",
        is_found_by_subject=False,
        language=LANGUAGE,
        channel=case.channel,
        unit_id=case.unit_id,
        applicant=person,
        applicant_name=about.name,
        at=case.received_at,
        counted=[],
        named_keys=map(bytes, case.named_keys),
        opened_from=case,
        opened_for=about.line,
    )
    opened.year, opened.state = day_of(at).year, State.IN_PROGRESS
    opened.assigned_to, opened.assigned_name = case.assigned_to, case.assigned_name
    sent = forms.new_submission(
        submission_id=uuid7(),
        area=case.area,
        case_id=opened.id,
        service=case.service,
        version=case.version,
        channel=submission.channel,
        language=submission.language,
        key=key,
        content=Content(data={own.each: [dict(about.answers)]}),
        submitted_by="",
        at=submission.submitted_at,
    )
    title = f"{package.title['nb']} – {about.name}"
    case_file = archive.new_case_file(
        area=case.area, case_id=opened.id, key=key, year=opened.year, title=title, public_title=case.title, at=at
    )
    insert_together(
        [
            *([Known((person, *parts))] if person else []),
            sent,
            *(post.remaining(case.area, opened.id, ("protect", opened.id)) if person else ()),
            TakeNumbers(case.area, opened.year, ("case",)),
            opened,
            cases.happening(opened, "opened-from", actor, at=at, visible=False, other=str(case.id)),
            case_file,
        ]
    )
    cases.log(opened, actor, "open-own-case", purpose="case-handling", personal=about.number or about.name)
    return opened
