from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "allmenning.commons.identity"
    label = "identity"
    verbose_name = "Logins of residents and staff"
