"""The cooperations' addresses: public pages, and the office of who bills, approves, plans and decides."""

from django.urls import path

from .views import benefits, compare, entry, papers, plan, pools, public

app_name = "office"

urlpatterns = [
    path("", public.cooperations, name="cooperations"),
    # The office, for who is logged in. No cooperation is called so.
    path("office/", entry.front, name="front"),
    path("office/matters/<int:number>/paper/<slug:party>.pdf", papers.paper, name="matter-paper"),
    path("office/pools/", pools.pools, name="pools"),
    path("office/pools/<slug:agreement>/", pools.keep, name="pool-keep"),
    path("office/pools/<slug:agreement>/<uuid:application>/", pools.application, name="pool-application"),
    path("agreement/<slug:agreement>/", public.agreement, name="agreement"),
    path("agreement/<slug:agreement>/what-if/", public.what_if, name="what-if"),
    path("agreement/<slug:agreement>/what-if.csv", public.compared, name="compared"),
    path("agreement/<slug:agreement>/shares.csv", public.shares, name="shares"),
    path("agreement/<slug:agreement>/pool/", pools.pool, name="pool"),
    path("agreement/<slug:agreement>/pool.csv", pools.statement, name="pool-statement"),
    path("<slug:cooperation>/", public.cooperation, name="cooperation"),
    path("<slug:cooperation>/figures-<slug:year>.csv", public.figures, name="figures"),
    path("<slug:cooperation>/plan/", plan.shown, name="plan"),
    path("<slug:cooperation>/plan/<slug:table>.csv", plan.table, name="plan-table"),
    # No measure is called so.
    path("<slug:cooperation>/plan/roll-out/", plan.roll_out, name="roll-out"),
    path("<slug:cooperation>/plan/<slug:item>/", plan.measure, name="plan-measure"),
    path("<slug:cooperation>/plan/<slug:item>/<slug:table>.csv", plan.measure_table, name="plan-measure-table"),
    path("<slug:cooperation>/benefits/", benefits.benefits, name="benefits"),
    path("<slug:cooperation>/benefits-<slug:year>.csv", benefits.benefits_csv, name="benefits-csv"),
    path("<slug:cooperation>/balance-<slug:year>.csv", benefits.balance_csv, name="balance-csv"),
    path("<slug:cooperation>/comparison/", compare.comparison, name="comparison"),
    path("<slug:cooperation>/comparison-<slug:year>.csv", compare.comparison_csv, name="comparison-csv"),
    path("<slug:cooperation>/over-time.csv", compare.over_time_csv, name="over-time-csv"),
]
