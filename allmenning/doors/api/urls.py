"""Machines' addresses: the operator's, and those of the contract."""

import re

from django.urls import path

from . import contract, operations, views
from .answering import view_of

app_name = "api"


def _route(address: str) -> str:
    """An address of the contract as Django writes it: `{case}` as `<str:case>`."""
    return re.sub(r"{(\w+)}", r"<str:\1>", address.removeprefix("/"))


def _name(address: str) -> str:
    return "-".join(re.findall(r"\w+", address.removeprefix("/api/")))


urlpatterns = [
    path("healthz", views.alive, name="healthz"),
    path("readyz", views.ready, name="readyz"),
    path("metrics", views.measures, name="metrics"),
    *(path(_route(each), view_of(each), name=_name(each)) for each in contract.document()["paths"]),
]

__all__ = ["app_name", "operations", "urlpatterns"]
