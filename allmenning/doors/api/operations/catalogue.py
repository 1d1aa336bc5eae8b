"""The services, and the contract itself."""

from __future__ import annotations

from typing import Any

from allmenning.commons.catalogue.content import Text
from allmenning.journeys import published
from allmenning.journeys.published import Listed

from .. import contract
from ..answering import Answer, Call, answers


@answers("getContract")
def get_contract(call: Call) -> Answer:
    """The contract, as it stands in `openapi.yaml`."""
    return Answer(
        contract.as_json(), headers={"Content-Type": "application/json", "Cache-Control": "public, max-age=300"}
    )


@answers("listServices")
def list_services(call: Call) -> Answer:
    """What the client may have to do with, and what of it the municipality offers."""
    return Answer({"services": [_summary(each) for each in published.services_for(call.by)]})


@answers("getService")
def get_service(call: Call) -> Answer:
    """One service with what is to be answered."""
    found = published.service_for(call.by, call.parameters["service"])
    package = found.package
    return Answer(
        {
            **_summary(found),
            "description": _texts(package.description),
            "who": _texts(package.who),
            "expected_time": _texts(package.expected_time),
            "needs": [_texts(each) for each in package.needs],
            "answers": found.answers,
            "files": found.files,
            "outcomes": {each.id: _texts(each.title) for each in package.outcomes},
        }
    )


def _summary(listed: Listed) -> dict[str, Any]:
    package = listed.package
    return {
        "id": package.id,
        "version": package.version,
        "offered": listed.is_offered,
        "area": package.area,
        "audience": list(package.audience),
        "title": _texts(package.title),
        "summary": _texts(package.summary),
        "details": f"/api/v1/services/{package.id}",
    }


def _texts(text: Text) -> dict[str, str]:
    return {"nb": text.nb, "nn": text.nn, "en": text.en}
