from django.apps import AppConfig


class TownConfig(AppConfig):
    """A municipal room for tests alone, with one model for each kind of wall."""

    name = "allmenning.tenancy.tests.town"
    label = "town"
