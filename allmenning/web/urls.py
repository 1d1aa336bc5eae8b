"""Addresses of this room: the components shown, where the setting `SHOW_COMPONENTS` allows it."""

from django.urls import path

from allmenning.web import styleguide

app_name = "web"
urlpatterns = [
    path("_components/", styleguide.components, name="components"),
    path("_components/desk/", styleguide.desk, name="components-desk"),
    path("_components/errors/<slug:name>/", styleguide.error, name="components-error"),
]
