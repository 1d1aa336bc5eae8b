from django.apps import AppConfig


class ArchiveConfig(AppConfig):
    name = "allmenning.municipal.archive"
    label = "archive"
    verbose_name = "Records and journal (Noark 5)"
