"""A municipality's own figures, made without personal data and published to the commons."""

from __future__ import annotations

from allmenning.municipal.post.models import Outbox

from .outbox import handles


@handles("figures")
def publish_figures(row: Outbox) -> None:
    """Outbox: a decision was issued, so the figures of its service are made anew."""
