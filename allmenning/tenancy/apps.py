from django.apps import AppConfig


class TenancyConfig(AppConfig):
    name = "allmenning.tenancy"
    label = "tenancy"

    def ready(self) -> None:
        from . import checks, routing  # noqa: F401  (registers the checks)

        routing.install()
