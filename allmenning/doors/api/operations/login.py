"""Logging in: a signed JWT for a token (RFC 7523)."""

from allmenning.commons.identity import client_tokens
from allmenning.journeys import clients
from allmenning.journeys.errors import AssertionRefused
from allmenning.municipal.access.errors import UnknownScope
from allmenning.web.said import said

from ..answering import Answer, Call, answers
from ..problems import Problem

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@answers("requestToken")
def request_token(call: Call) -> Answer:
    """RFC 6749's answers and error codes, the errors as problem details with `error` in them."""
    sent = call.body
    if sent["grant_type"] != GRANT:
        raise Problem(400, type="unsupported-grant", error="unsupported_grant_type", detail=f"grant_type: {GRANT}")
    wanted = sent["scope"].split() if sent.get("scope", "").strip() else None
    try:
        client, token = clients.log_in(sent["assertion"], wanted)
    except AssertionRefused as error:
        raise Problem(400, type="assertion-refused", error="invalid_grant", detail=said(error)) from None
    except UnknownScope as error:
        raise Problem(400, type="unknown-scope", error="invalid_scope", detail=said(error)) from None
    return Answer(
        {
            "access_token": token,
            "token_type": "Bearer",  # the name of a kind of token  # nosec B105
            "expires_in": int(client_tokens.LIFETIME.total_seconds()),
            "scope": " ".join(client.scopes),
        }
    )
