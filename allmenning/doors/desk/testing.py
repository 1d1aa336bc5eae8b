"""For tests of the desk: somebody at work, by the same login and choice as in life."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.test import Client

from allmenning.commons.identity import sessions
from allmenning.journeys.testing import NAMES


def logged_in(number: str) -> Client:
    """Somebody who has logged in as staff and chosen nothing yet."""
    request = HttpRequest()
    request.session = sessions.SessionStore()
    sessions.log_in_staff(request, sessions.Staff(number, NAMES[number]))
    request.session.save()
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = request.session.session_key
    return client


def at_desk(place: Any, number: str, area: str = "ordinary") -> Client:
    """Somebody who acts in a place and an area."""
    client = logged_in(number)
    client.post("/desk/choose/", {"place": f"{place.id}/{area}"})
    return client
