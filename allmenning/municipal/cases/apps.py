from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "allmenning.municipal.cases"
    label = "cases"
    verbose_name = "Cases, tasks, decisions, appeals"
