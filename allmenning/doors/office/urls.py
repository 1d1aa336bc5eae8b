"""The cooperations' addresses: public pages, and the office of who bills, approves, plans and decides."""

from django.urls import path

from .views import entry, plan, public

app_name = "office"

urlpatterns = [
    path("", public.cooperations, name="cooperations"),
    # The office, for who is logged in. No cooperation is called so.
    path("office/", entry.front, name="front"),
    path("agreement/<slug:agreement>/", public.agreement, name="agreement"),
    path("agreement/<slug:agreement>/what-if/", public.what_if, name="what-if"),
    path("agreement/<slug:agreement>/what-if.csv", public.compared, name="compared"),
    path("agreement/<slug:agreement>/shares.csv", public.shares, name="shares"),
    path("<slug:cooperation>/", public.cooperation, name="cooperation"),
    path("<slug:cooperation>/figures-<slug:year>.csv", public.figures, name="figures"),
    path("<slug:cooperation>/plan/", plan.shown, name="plan"),
    path("<slug:cooperation>/plan/<slug:table>.csv", plan.table, name="plan-table"),
    path("<slug:cooperation>/plan/<slug:item>/", plan.measure, name="plan-measure"),
    path("<slug:cooperation>/plan/<slug:item>/<slug:table>.csv", plan.measure_table, name="plan-measure-table"),
]
