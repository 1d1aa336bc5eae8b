"""Django system checks: a municipal model without walls is an error before anything runs."""

from typing import Any

from django.core.checks import Error, register

from . import walls


@register
def every_municipal_model_has_walls(app_configs: Any, **kwargs: Any) -> list[Error]:
    return [Error(problem, id="tenancy.E001") for problem in walls.problems()]
