from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "allmenning.municipal.access"
    label = "access"
    verbose_name = "Staff, units, mandates; who may do what; the log"
