"""What a service's tables propose in a case: the starting point of a caseworker's draft, or a decision by itself."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from allmenning.commons.catalogue import package as catalogue
from allmenning.commons.catalogue.content import OutcomeKind
from allmenning.municipal.cases import queries as case_queries
from allmenning.municipal.cases.models import Case, Decision
from allmenning.municipal.forms.actions import open_submission
from allmenning.municipal.forms.content import Content
from allmenning.municipal.forms.models import Submission

from .confirming import ask_registers, compare
from .offered import Offered, day_of, of_case


@dataclass(frozen=True)
class Proposed:
    """What the tables propose in a case: the starting point of a draft.

    `reasons` and `values` are in the resident's language; `uncertain`, `missing` and `unconfirmed` (values that nobody
    has confirmed) in the reader's. `told_as`: who the sender is, for services that keep what is decided apart. `untold`:
    the outcomes that this sender is not told of.
    """

    outcome: str | None
    automatic: bool
    reasons: list[str]
    uncertain: list[str]
    missing: list[str]
    unconfirmed: list[str]
    values: dict[str, Any]
    trace: list[dict[str, Any]]
    told_as: str | None = None
    untold: frozenset[str] = frozenset()


def propose(case: Case, content: Content, offered: Offered, *, reader: str = "") -> Proposed:
    """Apply the service's tables to what was submitted.

    Args:
        reader: the language of the person who reads the proposal; the resident's if it is not told.
    """
    language = case.language
    reader = reader or language
    decision = apply_tables(case, content, offered)
    return Proposed(
        outcome=decision.outcome,
        automatic=decision.automatic,
        reasons=decision.reason_texts(language) if decision.outcome else [],
        uncertain=decision.uncertain_texts(reader),
        missing=decision.missing_texts(reader),
        unconfirmed=[each.title[reader] for each in offered.package.dated if each.id in decision.unconfirmed],
        values=decision.values(language) if decision.outcome else dict(decision.lists(language)),
        trace=[asdict(row) for row in decision.trace],
        told_as=decision.result.get("told_as"),
        untold=frozenset(each.id for each in offered.package.outcomes if not decision.tells_sender(each)),
    )


def tells_sender(case: Case, offered: Offered, outcome: OutcomeKind) -> bool:
    """Whether the sender is told of an outcome, by what the tables make of what they sent. Asked only where the folder asks."""
    if outcome.told_when is None:
        return True
    content = open_submission(Submission.objects.get(case_id=case.id), case.key)
    return apply_tables(case, content, offered).tells_sender(outcome)


def confirm_with_registers(case_id: UUID) -> tuple[str, ...]:
    """Ask the registers what the service marks to be confirmed. Returns those that did not answer."""
    case = case_queries.case_for(case_id)
    content = open_submission(Submission.objects.get(case_id=case.id), case.key)
    return ask_registers(case, content, of_case(case.service, case.version))


def apply_tables(case: Case, content: Content, offered: Offered) -> catalogue.Decision:
    """What the tables say of what was submitted, held against the registers, with the municipality's own values and, where the
    tables ask, what was decided in the case before.
    """
    compared = compare(case, content)
    before = case_queries.decisions_of(case.id) if offered.package.asks_what_was_decided else []
    return catalogue.decide(
        offered.package,
        content.data,
        on=day_of(case.received_at),
        confirmed=compared.confirmed,
        contradicted=compared.contradicted,
        adjusted=offered.values,
        decided=[each.outcome for each in before if each.status == Decision.Status.ISSUED],
    )
