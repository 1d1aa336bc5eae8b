from django.apps import AppConfig


class CostsConfig(AppConfig):
    name = "allmenning.commons.costs"
    label = "costs"
    verbose_name = "Agreements and how a bill is shared"
    default_auto_field = "django.db.models.BigAutoField"
