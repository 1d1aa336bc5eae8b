from django.apps import AppConfig


class FormsConfig(AppConfig):
    name = "allmenning.municipal.forms"
    label = "forms"
    verbose_name = "Drafts and submissions"
