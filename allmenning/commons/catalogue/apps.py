from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "allmenning.commons.catalogue"
    label = "catalogue"
    verbose_name = "Service catalogue"
    default_auto_field = "django.db.models.BigAutoField"
