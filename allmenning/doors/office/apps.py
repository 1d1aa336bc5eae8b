from django.apps import AppConfig


class OfficeConfig(AppConfig):
    name = "allmenning.doors.office"
    label = "office"
    verbose_name = "The cooperations' own pages"
