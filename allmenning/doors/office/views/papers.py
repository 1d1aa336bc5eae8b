"""The paper for a council, at a press."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from allmenning.commons.governance.council_queries import Which
from allmenning.commons.governance.errors import NoPlan, NoSuchMatter, NotPutBefore
from allmenning.commons.municipalities.errors import UnknownCooperation
from allmenning.journeys import council_papers
from allmenning.journeys.offices import NotInYourRole
from allmenning.web.access import office_only
from allmenning.web.said import said

from .. import benefit_words
from .common import EVERYONE, acting

SAYING = council_papers.Saying(measured=benefit_words.measured_lines, refused=said)
PDF_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@office_only(*EVERYONE)
@require_GET
def paper(request: HttpRequest, scope: str, year: int, number: int, party: str) -> HttpResponse:
    """As PDF/A, in the language that the municipality writes, or in the one that is asked for (`?language=nn`)."""
    try:
        language = request.GET.get("language", "")
        pdf, name = council_papers.paper_for(
            acting(request), Which(scope, year, number), party, language, saying=SAYING
        )
    except NotInYourRole as error:
        raise PermissionDenied("another's paper") from error
    except (NoPlan, NoSuchMatter, NotPutBefore, UnknownCooperation) as error:
        raise Http404("no such paper") from error
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = content_disposition_header(False, name) or "inline"
    response["Content-Security-Policy"] = PDF_POLICY
    return response
