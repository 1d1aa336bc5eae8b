from django.apps import AppConfig


class FiguresConfig(AppConfig):
    name = "allmenning.commons.figures"
    label = "figures"
    verbose_name = "Figures for the cooperation's page"
    default_auto_field = "django.db.models.BigAutoField"
