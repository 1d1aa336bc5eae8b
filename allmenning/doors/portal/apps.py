from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "allmenning.doors.portal"
    label = "portal"
    verbose_name = "The way in for residents and organisations"
