"""Machines' addresses."""

from django.urls import path

from . import views

app_name = "api"
urlpatterns = [
    path("healthz", views.alive, name="healthz"),
    path("readyz", views.ready, name="readyz"),
    path("metrics", views.measures, name="metrics"),
]
