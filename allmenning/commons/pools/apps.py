from django.apps import AppConfig


class PoolsConfig(AppConfig):
    name = "allmenning.commons.pools"
    label = "pools"
    verbose_name = "Pools that pay for what many will use"
    default_auto_field = "django.db.models.BigAutoField"
