from django.apps import AppConfig


class MunicipalitiesConfig(AppConfig):
    name = "allmenning.commons.municipalities"
    label = "municipalities"
    verbose_name = "Register of municipalities"
    default_auto_field = "django.db.models.BigAutoField"
