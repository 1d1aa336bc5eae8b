"""The cooperations' addresses: public pages, and the office of who bills, approves, plans and decides."""

from django.urls import path

from .views import benefits, bills, compare, costs, councils, entry, papers, plan, planning, pools, public, settlements

app_name = "office"

urlpatterns = [
    path("", public.cooperations, name="cooperations"),
    # The office, for who is logged in. No cooperation is called so.
    path("office/", entry.front, name="front"),
    path("office/costs/", costs.first, name="costs"),
    path("office/costs/<slug:agreement>/", costs.costs, name="costs-of"),
    path("office/costs/<slug:agreement>/enter/", costs.enter, name="cost-enter"),
    path("office/costs/<slug:agreement>/file/", costs.enter_file, name="cost-file"),
    path("office/costs/<slug:agreement>/besides/", costs.besides, name="cost-besides"),
    path("office/costs/<slug:agreement>/use/", costs.use, name="cost-use"),
    path("office/costs/<slug:agreement>/<int:cost>/", costs.cost, name="cost"),
    path("office/costs/<slug:agreement>/attached/<int:attachment>/", costs.attachment, name="cost-attachment"),
    path("office/costs/<slug:agreement>/grant/<int:grant>/", costs.take_out_grant, name="grant-take-out"),
    path("office/settlements/", settlements.first, name="settlements"),
    path("office/settlements/<slug:agreement>/", settlements.settlements, name="settlements-of"),
    path("office/settlements/<slug:agreement>/<int:settlement>/", settlements.settlement, name="settlement"),
    path("office/settlements/<slug:agreement>/<int:settlement>/issue/", settlements.issue, name="settlement-issue"),
    path("office/settlements/<slug:agreement>/<int:settlement>/correct/", settlements.correct, name="correct"),
    path("office/settlements/<slug:agreement>/<int:settlement>/shares.csv", settlements.shares, name="settled-shares"),
    path("office/settlements/<slug:agreement>/<int:settlement>/vouchers.csv", settlements.vouchers, name="vouchers"),
    path("office/bills/", bills.bills, name="bills"),
    path("office/bills/payments/", bills.payments, name="payments"),
    path("office/bills/parties/<slug:agreement>/", bills.parties, name="bill-parties"),
    path("office/bills/parties/<slug:agreement>/<str:party>/", bills.party, name="bill-party"),
    path("office/bills/<int:bill>/", bills.bill, name="bill"),
    path("office/bills/<int:bill>/<str:kind>/", bills.file, name="bill-file"),
    path(
        "office/matters/<slug:scope>/<int:year>/<int:number>/paper/<slug:party>.pdf", papers.paper, name="matter-paper"
    ),
    path("office/pools/", pools.pools, name="pools"),
    path("office/pools/<slug:agreement>/", pools.keep, name="pool-keep"),
    path("office/pools/<slug:agreement>/<uuid:application>/", pools.application, name="pool-application"),
    path("office/plan/", planning.plan, name="plan-keep"),
    path("office/plan/<int:year>/<slug:item>/", planning.item, name="plan-item"),
    path("office/roll-out/", planning.roll_out, name="roll-out-keep"),
    path("office/matters/", councils.matters, name="matters"),
    path("office/matters/<slug:scope>/<int:year>/<int:number>/", councils.matter, name="matter"),
    path("office/agenda/", councils.agenda, name="agenda"),
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
    path("<slug:cooperation>/levels-<slug:year>.csv", benefits.levels_csv, name="levels-csv"),
    path("<slug:cooperation>/comparison/", compare.comparison, name="comparison"),
    path("<slug:cooperation>/comparison-<slug:year>.csv", compare.comparison_csv, name="comparison-csv"),
    path("<slug:cooperation>/over-time.csv", compare.over_time_csv, name="over-time-csv"),
]
