"""A call that can't be answered as it should, as the problem details that another system is told (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpResponse

from allmenning.web.problems import problem


class Problem(Exception):
    """Raise it anywhere in a call; arguments as `allmenning.web.problems.problem` takes them."""

    def __init__(
        self,
        status: int,
        *,
        detail: str = "",
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(status, more.get("type", ""))
        self.status = status
        self._told = {"detail": detail, "errors": errors, "headers": headers, **more}

    def response(self) -> HttpResponse:
        return problem(self.status, **self._told)
