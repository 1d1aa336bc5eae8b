"""The cooperations' addresses."""

from django.urls import path

from . import views

app_name = "office"

urlpatterns = [
    path("", views.cooperations, name="cooperations"),
    path("<slug:cooperation>/", views.cooperation, name="cooperation"),
    path("<slug:cooperation>/figures-<slug:year>.csv", views.figures, name="figures"),
]
