from django.apps import AppConfig


class ProfileConfig(AppConfig):
    name = "allmenning.municipal.profile"
    label = "profile"
    verbose_name = "Letterhead, contact, adopted services"
