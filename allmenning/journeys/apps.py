from django.apps import AppConfig


class JourneysConfig(AppConfig):
    name = "allmenning.journeys"
    label = "journeys"
    verbose_name = "Use cases that cross rooms"

    def ready(self) -> None:
        # Each of these has handlers of outbox rows: a worker must know them all.
        from . import deadlines, delivering, protecting, rendering  # noqa: F401
