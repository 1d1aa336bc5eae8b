"""How many SQL statements each page and each call of the API sends: no more than the table says, whatever there is.

Counted are a page's own statements in every database, when the process is warm. Tenancy's two, which show and hide whose
rows a connection is for, come on top. A new address must be in the table, or among those that are not measured and why.
"""

import re
import shutil
from urllib.parse import urlsplit

import pytest
from django.urls import resolve

from allmenning.commons.catalogue import actions as catalogue
from allmenning.commons.catalogue import package as packages
from allmenning.doors.api.testing import system
from allmenning.journeys import administering
from allmenning.journeys.testing import NAMES, RITA, SERVICES, let_events_settle
from allmenning.journeys.tests.counting import statements
from allmenning.journeys.tests.test_main_job import INQUIRY
from allmenning.tenancy import use
from attack.addresses import addresses
from attack.visitors import pages_from
from tests.hostile.conftest import administrator, caseworker, cooperation, facts, resident, stranger, visitor  # noqa: F401

AT_MOST = {
    "portal:front": 2,
    "portal:search": 2,
    "portal:topics": 0,
    "portal:topic": 1,
    "portal:topic-here": 1,
    "portal:municipality": 3,
    "portal:choose": 0,
    "portal:service": 5,
    "portal:service-anywhere": 0,  # where no municipality is chosen yet
    "portal:contact": 1,
    "portal:accessibility": 0,
    "portal:privacy": 0,
    "portal:act-for": 2,  # and one for each municipality where one has something
    "portal:my-log": 3,  # and two more for each municipality where one has something: the second is the row of the log
    "portal:my-data": 2,  # and one for each municipality where one has something
    "portal:powers": 3,
    "portal:give-power": 3,
    "portal:my-page": 3,  # and two more for each municipality where one has something: the second is the row of the log
    "portal:mailbox": 3,
    "portal:my-case": 12,  # one of them: what is kept from the log
    "portal:my-case-access": 12,
    "portal:my-case-sent": 11,
    "portal:my-case-preview": 3,
    "portal:my-case-letter": 16,
    "portal:my-case-looked": 11,
    "portal:my-case-answer": 11,
    "portal:my-case-send-more": 11,
    "portal:my-case-withdraw": 11,
    "portal:receipt-code": 0,
    "portal:page": 2,
    "portal:delete-draft": 2,
    "office:cooperations": 0,
    "office:cooperation": 6,
    "office:front": 10,  # one of them: whether the role is still theirs
    "office:costs-of": 10,
    "office:cost-enter": 1,
    "office:cost-file": 1,
    "office:cost-besides": 2,
    "office:cost-use": 4,
    "office:settlements-of": 4,
    "office:bills": 3,
    "office:payments": 1,
    "office:bill-parties": 2,
    "office:bill-party": 2,
    "office:pools": 3,
    "office:pool": 8,
    "office:pool-keep": 10,
    "office:pool-application": 12,
    "office:benefits": 7,
    "office:comparison": 8,
    "office:agreement": 3,
    "office:what-if": 2,
    "office:agenda": 10,
    "office:bill": 5,
    "office:cost": 5,
    "office:matter": 41,
    "office:matters": 32,
    "office:plan": 20,
    "office:plan-item": 12,
    "office:plan-keep": 12,
    "office:plan-measure": 18,
    "office:roll-out": 14,
    "office:roll-out-keep": 15,
    "office:settlement": 6,
    "desk:login": 0,
    "desk:choose": 6,  # one of them: roles at the cooperations' offices
    "desk:front": 5,
    "desk:due": 6,  # one of them for who leads, one where something was missed
    "desk:figures": 7,
    "desk:state-report": 2,  # and ten more for a half-year, of which one is the rows of the log
    "desk:case": 4,
    "desk:overview": 5,
    "desk:preview": 5,
    "desk:protected": 4,
    "desk:access": 5,
    "desk:decide": 9,
    "desk:register": 3,
    "desk:print": 3,
    "desk:break-glass": 1,
    "desk:break-glass-case": 1,
    "desk:partial": 2,
    "desk:partial-case": 1,
    "desk:reviews": 5,
    "desk:left-out": 5,
    "desk:kept": 5,
    "desk:erasing": 11,  # three of them are rows of the log, a list each
    "desk:retention": 3,
    "desk:retention-rule": 3,
    "desk:administration": 14,
    "desk:administration-units": 2,
    "desk:administration-new-unit": 1,
    "desk:administration-unit": 4,
    "desk:administration-staff": 3,
    "desk:administration-new-staff": 1,
    "desk:administration-member": 6,
    "desk:administration-new-position": 3,
    "desk:administration-end-position": 2,
    "desk:administration-mandates": 2,
    "desk:administration-new-mandate": 2,
    "desk:administration-absences": 2,
    "desk:administration-new-absence": 2,
    "desk:administration-services": 3,
    "desk:administration-service": 5,
    "desk:administration-routing": 5,
    "desk:administration-stop-service": 3,
    "desk:administration-delegations": 4,
    "desk:administration-new-delegation": 4,
    "desk:administration-letterhead": 3,
    "desk:administration-processing": 2,
    "desk:administration-systems": 2,
    "desk:administration-new-system": 3,
    "desk:administration-changes": 16,
    "api:v1-openapi-json": 0,
    "api:v1-services": 1,
    "api:v1-services-service": 1,
    "api:v1-services-service-validate": 1,
    "api:v1-applications": 6,
    "api:v1-cases-case": 5,
    "api:v1-cases-case-documents": 4,
    "api:v1-changes": 4,  # the last is the row of the log
    "api:v1-figures": 3,
}

# What no visitor here is led to by a link, or what answers no page.
NOT_MEASURED = {
    "takes a form and leads on": (
        "portal:start portal:check portal:logout desk:find desk:assign desk:note desk:correct-note desk:finish desk:ask desk:reply desk:send"
        " desk:extend desk:missed desk:conclude desk:clear-contact desk:add-participant desk:change-participant portal:my-part-appeal"
        " desk:letter-language"
        " desk:consent desk:consent-withdrawn"
        " desk:hand-to-accounts desk:check-record"
        " desk:protection-level desk:close-review desk:end-kept desk:end-partial desk:propose-erasing desk:decide-erasing"
        " desk:give-back desk:issue desk:check desk:logout desk:print-sent desk:print-failed desk:print-again"
        " desk:administration-end-delegation desk:administration-end-mandate desk:administration-remove-absence"
        " desk:administration-withdraw-system"
    ),
    "logs in": (
        "portal:login portal:login-callback portal:login-failed portal:logged-out desk:login-start desk:login-callback"
        " api:v1-token"
    ),
    "leads on to another page": "portal:draft desk:draft",
    "a file, opened and sealed by the vault": (
        "portal:my-data-download portal:my-data-part portal:attachment portal:my-case-document portal:my-part-document"
        " portal:code-case-document desk:attachment"
        " desk:document desk:letter desk:figures-csv desk:state-report-files"
        " portal:attached-picture portal:my-case-picture portal:code-case-picture desk:attached-picture desk:picture"
        " desk:access-copy desk:access-pages desk:payments-file desk:administration-processing-csv"
        " desk:administration-processing-pdf desk:print-letter desk:administration-logo desk:administration-sample"
        " office:figures office:shares office:compared office:plan-table office:plan-measure-table office:pool-statement office:matter-paper"
        " office:benefits-csv office:balance-csv office:levels-csv office:comparison-csv office:over-time-csv"
        " office:cost-attachment office:settled-shares office:vouchers office:bill-file"
        " api:v1-cases-case-documents-document"
    ),
    "the same view as another that is measured, for another seat or state": (
        "portal:end-power portal:draft-login portal:review portal:receipt portal:my-case-appeal portal:my-case-person"
        " portal:code-case portal:code-case-sent"
        " portal:code-case-letter portal:code-case-looked portal:code-case-answer portal:code-case-send-more"
        " portal:code-case-access portal:code-case-withdraw portal:code-case-preview portal:code-case-appeal portal:code-case-person"
        " desk:access-refuse desk:purpose desk:page desk:review"
        " desk:delete-draft desk:receipt"
    ),
    "only where a service keeps records: counted in allmenning/doors/desk/tests/test_recording.py": (
        "desk:records desk:record desk:new-record desk:change-record desk:end-record desk:waiting desk:payments"
    ),
    "only sent to: it writes, and goes on": "office:settlement-issue office:correct office:grant-take-out",
    "goes on to the first agreement": "office:costs office:settlements",
    "a page of a party of somebody else's case: journeys/tests/test_participants.py counts it": "portal:my-part",
    "only where a service asks for consents: counted in journeys/tests/test_consents.py": (
        "portal:my-case-consent portal:my-case-let-see portal:my-part-consent portal:code-case-consent portal:code-case-let-see"
    ),
    "for machines of the operator's and for developers": (
        "api:healthz api:readyz api:metrics web:components web:components-desk web:components-error"
    ),
}
NUMBERED = re.compile(r" /.*")  # what `pages_from` adds to the name of a page that it began at


def counted(ask) -> int:
    """Statements of a request, when what it needs was needed before."""
    assert ask().status_code in (200, 201)
    with statements() as sent:
        ask()
    return len(sent)


def measured(client, *more: str) -> dict[str, int]:
    """Statements of one page of each view that links lead to, and of more."""
    pages = {NUMBERED.sub("", name): address for name, (address, _) in pages_from(client, *client.starts).items()}
    pages |= {resolve(urlsplit(address).path).view_name: address for address in more}
    return {name: counted(lambda address=address: client.get(address)) for name, address in pages.items()}


def test_every_page(visitor):  # noqa: F811
    found = measured(visitor, "/search/?q=barnehage&in=averoy")
    assert {name: number for name, number in found.items() if number > AT_MOST.get(name, -1)} == {}


def called(averoy) -> dict[str, int]:
    """Statements of each call of the API."""
    ours = system(averoy.id)
    application = {
        "service": "inquiry",
        "applicant": {"kind": "person", "number": RITA, "name": NAMES[RITA]},
        "answers": {**INQUIRY, "name": NAMES[RITA], "email": "rita@example.test"},
    }
    keys = iter(f"key-{n:08}" for n in range(100))
    send = lambda: ours.post("/applications", application, Idempotency_Key=next(keys))  # noqa: E731
    case = f"/cases/{send().json()['case_id']}"
    validated = {name: application[name] for name in ("answers", "applicant")}
    let_events_settle(averoy.id)  # what is told of is logged, which is a statement more than nothing new
    return {
        "api:v1-openapi-json": counted(lambda: ours.get("/openapi.json")),
        "api:v1-services": counted(lambda: ours.get("/services")),
        "api:v1-services-service": counted(lambda: ours.get("/services/inquiry")),
        "api:v1-services-service-validate": counted(lambda: ours.post("/services/inquiry/validate", validated)),
        "api:v1-applications": counted(send),
        "api:v1-cases-case": counted(lambda: ours.get(case)),
        "api:v1-cases-case-documents": counted(lambda: ours.get(f"{case}/documents")),
        # A version's folder, which says what its senders are shown, is read once in each process.
        "api:v1-changes": ours.get("/changes") and counted(lambda: ours.get("/changes")),
        "api:v1-figures": counted(lambda: ours.get("/figures")),
    }


def test_every_call(averoy):
    found = called(averoy)
    assert {name: number for name, number in found.items() if number > AT_MOST.get(name, -1)} == {}


@pytest.mark.parametrize("visitor", ["resident", "caseworker", "administrator", "treasurer", "planner"], indirect=True)
def test_no_page_asks_more_when_there_is_more(visitor, averoy, request, tmp_path):  # noqa: F811
    """Once more with three times as many services, more units, and another municipality."""
    before = measured(visitor, "/search/?q=barnehage&in=averoy")
    there_is_more(averoy, request, tmp_path)
    assert measured(visitor, "/search/?q=barnehage&in=averoy") == before


def test_no_call_asks_more_when_there_is_more(averoy, request, tmp_path):
    before = called(averoy)
    there_is_more(averoy, request, tmp_path)
    assert called(averoy) == before


def there_is_more(averoy, request, tmp_path) -> None:
    request.getfixturevalue("smola")
    by = administering.OPERATOR
    for n in range(6):
        folder = tmp_path / f"inquiry-{'abcdef'[n]}"
        shutil.copytree(SERVICES / "inquiry", folder)
        about = folder / "service.yaml"
        about.write_text(re.sub(r"(?m)^id: inquiry$", f"id: {folder.name}", about.read_text("utf-8")), "utf-8")
        package = packages.load(folder)
        catalogue.publish(package, by="test")
        with use(averoy.id, "administration"):
            administering.adopt(by, package.id, package.version, {})
            administering.route(by, package.id, "", averoy.unit.id)
            administering.add_unit(by, name=f"Avdeling {n}", area="ordinary")


def test_every_address_is_measured_or_said_not_to_be():
    not_measured = [name for names in NOT_MEASURED.values() for name in names.split()]
    known = [*AT_MOST, *not_measured]
    assert len(known) == len(set(known))
    assert {view_name(pattern) for _, pattern in addresses()} == set(known)


def view_name(pattern) -> str:
    room = re.match(r"allmenning\.(?:doors\.)?(\w+)", pattern.callback.__module__)
    assert room is not None
    return f"{room[1]}:{pattern.name}"
