from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    name = "allmenning.commons.governance"
    label = "governance"
    verbose_name = "The joint plan and its benefits"
    default_auto_field = "django.db.models.BigAutoField"
