from typing import Any

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "allmenning.doors.portal"
    label = "portal"
    verbose_name = "The way in for residents and organisations"

    def ready(self) -> None:
        from django.template.loader import render_to_string

        from allmenning.journeys import making_exports

        def page(told: dict[str, Any]) -> str:
            return render_to_string("portal/export.html", {"told": told})

        making_exports.shown_by(page)
