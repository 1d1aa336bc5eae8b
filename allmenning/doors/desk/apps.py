from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "allmenning.doors.desk"
    label = "desk"
    verbose_name = "The caseworkers' desk"
