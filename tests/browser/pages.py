"""Which pages the browser tests visit. A test that looks at pages says so, and a guard finds the page that none does.

@visits("portal:front", "portal:search")
def test_the_front_page_is_accessible(page, site): ...
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

F = TypeVar("F", bound=Callable[..., object])

# Addresses that answer with something else than a page of their own.
NO_PAGE: dict[str, str] = {
    "portal:start": "begins a draft and goes on to its first page",
    "portal:draft": "goes on to the page that the draft had come to",
    "portal:check": "answers a script with the errors of one page",
    "portal:attachment": "a file",
    "portal:my-data-download": "a file",
    "portal:my-data-part": "a file",
    "portal:attached-picture": "an image",
    "portal:login": "goes on to ID-porten",
    "portal:login-callback": "comes back from ID-porten and goes on",
    "portal:logout": "ends the session and goes on",
    "portal:my-case-document": "a file",
    "portal:my-part-document": "a file",
    "portal:my-part-appeal": "sends an appeal, and goes back to the letters",
    "portal:code-case-document": "a file",
    "portal:my-case-picture": "an image",
    "portal:code-case-picture": "an image",
    "portal:code-case-looked": "only for one who is logged in",
    "desk:login-start": "goes on to Ansattporten",
    "desk:login-callback": "comes back from Ansattporten and goes on",
    "desk:logout": "ends the session and goes on",
    "desk:find": "seals what is sought, and goes on to the list",
    "desk:assign": "gives a case to somebody, and goes on",
    "desk:note": "keeps a note, and goes back to the case",
    "desk:letter-language": "chooses the language of a case's letters, and goes back to it",
    "desk:add-participant": "names somebody in a case, and goes back to it",
    "desk:change-participant": "changes or ends somebody's part in a case, and goes back to it",
    "desk:consent": "writes down a consent, and goes back to the case",
    "desk:consent-withdrawn": "notes that a consent is withdrawn, and goes back to the case",
    "portal:code-case-let-see": "only for one who is logged in",
    "portal:code-case-consent": "the same page as for one who is logged in",
    "desk:correct-note": "keeps a new version of a note, and goes back to the case",
    "desk:protection-level": "sets the protection of an address, and goes back to the case",
    "desk:finish": "ticks a step off, and goes back to the case",
    "desk:conclude": "concludes a phase, and goes back to the case",
    "desk:extend": "extends a deadline, and goes back to the case",
    "desk:figures-csv": "a file",
    "desk:state-report-files": "files as ZIP",
    "desk:clear-contact": "lets what was held back be sent, and goes back to the case",
    "desk:missed": "keeps why a deadline was missed, and goes back to the case",
    "desk:ask": "sends a question, and goes back to the case",
    "desk:reply": "sends a preliminary reply, and goes back to the case",
    "desk:document": "a file",
    "desk:check-record": "answers a script with the errors of one page",
    "desk:hand-to-accounts": "makes a file for the accounts, and goes back to the payments",
    "desk:payments-file": "payments as CSV",
    "desk:close-review": "closes what was reviewed, and goes on",
    "desk:end-kept": "ends what was kept from a log, and goes back to the page",
    "desk:end-partial": "ends what one has declared oneself partial to, and goes back to the page",
    "desk:propose-erasing": "proposes that cases are erased, and goes on",
    "desk:decide-erasing": "decides that cases are erased or preserved, and goes on",
    "desk:picture": "an image",
    "desk:letter": "a letter as PDF",
    "desk:access-copy": "a copy of a case as PDF",
    "desk:access-pages": "pages of an attachment as PDF",
    "desk:send": "sends a draft for approval, and goes back to the case",
    "desk:give-back": "gives a draft back, and goes back to the case",
    "desk:issue": "issues a decision, and goes back to the case",
    "desk:draft": "goes on to the page that the form had come to",
    "desk:check": "answers a script with the errors of one page",
    "desk:attachment": "a file",
    "desk:attached-picture": "an image",
    "desk:administration-processing-csv": "the register as CSV",
    "desk:administration-processing-pdf": "the register as PDF",
    "desk:administration-logo": "a picture",
    "desk:administration-sample": "a letter as PDF",
    "desk:print-letter": "a letter as PDF",
    "desk:print-sent": "notes that a letter was posted and goes back to the queue",
    "desk:print-failed": "notes that a letter could not be posted and goes back to the queue",
    "desk:print-again": "puts a letter in the queue again and goes back to it",
    "office:figures": "figures as CSV",
    "office:benefits-csv": "figures as CSV",
    "office:balance-csv": "figures as CSV",
    "office:levels-csv": "figures as CSV",
    "office:comparison-csv": "figures as CSV",
    "office:over-time-csv": "figures as CSV",
    "office:shares": "shares as CSV",
    "office:compared": "shares as CSV",
    "office:cost-attachment": "a supplier's invoice, to be saved",
    "office:grant-take-out": "takes out a grant, and goes back to the costs",
    "office:settled-shares": "shares as CSV",
    "office:vouchers": "vouchers as CSV",
    "office:bill-file": "a bill as EHF or PDF",
    "office:plan-table": "a table as CSV",
    "office:plan-measure-table": "a table as CSV",
    "office:pool-statement": "an account as CSV",
    "office:matter-paper": "a council's paper as PDF",
}
# Doors whose browser tests are not written yet. Take a door off as its tests come; this must become empty.
NOT_TRIED_YET: tuple[str, ...] = ()


def visits(*names: str) -> Callable[[F], F]:
    """The test visits these addresses (`room:name`) and asserts that they are accessible, wide and at 320 px."""

    def mark(test: F) -> F:
        test.visits = names  # type: ignore[attr-defined]
        return test

    return mark


def visited() -> Iterator[str]:
    """Every address that some browser test visits."""
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        module = importlib.import_module(f"tests.browser.{path.stem}")
        for test in vars(module).values():
            yield from getattr(test, "visits", ())
