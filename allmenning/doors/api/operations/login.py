"""Logging in: a signed JWT for a token (RFC 7523)."""

from django.utils.translation import gettext as _

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
        raise _refused("unsupported_grant_type", f"grant_type={GRANT}")
    wanted = sent["scope"].split() if sent.get("scope", "").strip() else None
    try:
        client, token = clients.log_in(sent["assertion"], wanted)
    except AssertionRefused as error:
        raise _refused("invalid_grant", said(error)) from None
    except UnknownScope as error:
        raise _refused("invalid_scope", said(error)) from None
    return Answer(
        {
            "access_token": token,
            "token_type": "Bearer",  # the name of a kind of token  # nosec B105
            "expires_in": int(client_tokens.LIFETIME.total_seconds()),
            "scope": " ".join(client.scopes),
        }
    )


def _refused(error: str, detail: str) -> Problem:
    return Problem(400, type="no-token", title=_("No token is given"), detail=detail, error=error)
