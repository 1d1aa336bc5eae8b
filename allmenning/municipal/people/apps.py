from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "allmenning.municipal.people"
    label = "people"
    verbose_name = "Residents and organisations"
