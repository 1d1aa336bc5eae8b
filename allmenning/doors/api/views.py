"""What operators' machines ask."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from allmenning.journeys import health
from allmenning.web.access import anyone, machine_only

from . import metrics


@anyone
@never_cache
@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """The process answers. Asks nothing of the database: a restart of this process would not mend that."""
    return _plain("ok")


@anyone
@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Requests can be served. One municipality that can't be reached does not take the others down."""
    failed = [finding.name for finding in health.essential() if finding.state == health.FAILED]
    return _plain(f"not ready: {', '.join(failed)}", 503) if failed else _plain("ready")


@machine_only
@never_cache
@require_safe
def measures(request: HttpRequest) -> HttpResponse:
    """For Prometheus."""
    return HttpResponse(metrics.exposition(), content_type=CONTENT_TYPE_LATEST)


def _plain(text: str, status: int = 200) -> HttpResponse:
    return HttpResponse(f"{text}\n", status=status, content_type="text/plain; charset=utf-8")
