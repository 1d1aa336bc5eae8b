"""Addresses of the print queue, under `print/` of the desk."""

from django.urls import path

from .views import printing

urlpatterns = [
    path("", printing.queue, name="print"),
    path("<uuid:delivery_id>/", printing.letter, name="print-letter"),
    path("<uuid:delivery_id>/sent/", printing.sent, name="print-sent"),
    path("<uuid:delivery_id>/failed/", printing.failed, name="print-failed"),
    path("<uuid:delivery_id>/again/", printing.again, name="print-again"),
]
