"""Addresses of the administrator's pages, under `administration/` of the desk."""

from django.urls import path

from .administration import delegations, letterhead, mandates, overview, processing, services, staff, systems, units

urlpatterns = [
    path("", overview.overview, name="administration"),
    path("changes/", overview.changes, name="administration-changes"),
    path("units/", units.units, name="administration-units"),
    path("units/new/", units.new_unit, name="administration-new-unit"),
    path("units/<uuid:unit_id>/", units.unit, name="administration-unit"),
    path("staff/", staff.everybody, name="administration-staff"),
    path("staff/new/", staff.new_staff, name="administration-new-staff"),
    path("staff/<uuid:staff_id>/", staff.member, name="administration-member"),
    path("staff/<uuid:staff_id>/roles/new/", staff.new_position, name="administration-new-position"),
    path("roles/<uuid:position_id>/end/", staff.end_position, name="administration-end-position"),
    path("mandates/", mandates.mandates, name="administration-mandates"),
    path("mandates/new/", mandates.new_mandate, name="administration-new-mandate"),
    path("mandates/<uuid:mandate_id>/end/", mandates.end_mandate, name="administration-end-mandate"),
    path("absence/", mandates.absences, name="administration-absences"),
    path("absence/new/", mandates.new_absence, name="administration-new-absence"),
    path("absence/<uuid:absence_id>/remove/", mandates.remove_absence, name="administration-remove-absence"),
    path("delegations/", delegations.delegations, name="administration-delegations"),
    path("delegations/<slug:service>/new/", delegations.new_delegation, name="administration-new-delegation"),
    path("delegations/<uuid:delegation_id>/end/", delegations.end_delegation, name="administration-end-delegation"),
    path("systems/", systems.systems, name="administration-systems"),
    path("systems/new/", systems.new_system, name="administration-new-system"),
    path("systems/<uuid:client_id>/withdraw/", systems.withdraw_system, name="administration-withdraw-system"),
    path("letterhead/", letterhead.letterhead, name="administration-letterhead"),
    path("letterhead/logo.png", letterhead.logo, name="administration-logo"),
    path("letterhead/sample.pdf", letterhead.sample, name="administration-sample"),
    path("processing/", processing.register, name="administration-processing"),
    path("processing/register.csv", processing.as_csv, name="administration-processing-csv"),
    path("processing/register.pdf", processing.as_pdf, name="administration-processing-pdf"),
    path("services/", services.services, name="administration-services"),
    path("services/<slug:service>/", services.service, name="administration-service"),
    path("services/<slug:service>/stop/", services.stop, name="administration-stop-service"),
    path("services/<slug:service>/routing/", services.routing, name="administration-routing"),
]
