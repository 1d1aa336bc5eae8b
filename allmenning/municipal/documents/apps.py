from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "allmenning.municipal.documents"
    label = "documents"
    verbose_name = "Files and letters kept"
