from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "allmenning.web"
    label = "web"
