"""The cooperations' addresses."""

from django.urls import path

from . import views

app_name = "office"

urlpatterns = [
    path("", views.cooperations, name="cooperations"),
    path("agreement/<slug:agreement>/", views.agreement, name="agreement"),
    path("agreement/<slug:agreement>/what-if/", views.what_if, name="what-if"),
    path("agreement/<slug:agreement>/what-if.csv", views.compared, name="compared"),
    path("agreement/<slug:agreement>/shares.csv", views.shares, name="shares"),
    path("<slug:cooperation>/", views.cooperation, name="cooperation"),
    path("<slug:cooperation>/figures-<slug:year>.csv", views.figures, name="figures"),
]
