from django.apps import AppConfig


class JourneysConfig(AppConfig):
    name = "allmenning.journeys"
    label = "journeys"
    verbose_name = "Use cases that cross rooms"
