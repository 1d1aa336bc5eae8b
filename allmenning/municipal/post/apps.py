from django.apps import AppConfig


class PostConfig(AppConfig):
    name = "allmenning.municipal.post"
    label = "post"
    verbose_name = "Sent and received, with delivery state"
