"""The language that a case's letters and messages are written in: that of the form, until whoever handles the case chooses another."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from allmenning.basics.norwegian import LANGUAGES
from allmenning.municipal.access.actor import Working
from allmenning.municipal.cases import actions as cases

from .casework import require
from .deciding import cite_in_language
from .errors import LanguageMissing


def choose(case_id: UUID, language: str, working: Working, *, revision: int, staff_key: bytes) -> None:
    """Write what goes out from now on in this language. What was sent stays as it was; a draft cites the law anew, and whoever
    was about to approve it looks at it again.

    Raises LanguageMissing, CaseIsClosed, SomebodyWasFirst, NotYours, CaseNotFound.
    """
    if language not in LANGUAGES:
        raise LanguageMissing()
    with transaction.atomic():
        case = cases.locked(case_id)
        require(case, working, "handle", staff_key=staff_key)
        cases.require_open(case)
        if language == case.language:
            return
        cases.change(case, revision=revision, language=language)
        cite_in_language(case)
        actor = working.as_actor(case)
        cases.happened(case, "letter-language", actor, visible=False, language=language)
        cases.log(case, actor, "letter-language", purpose="case-handling")
