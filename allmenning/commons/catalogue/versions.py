"""The order of versions: 1.10.0 comes after 1.9.0."""

from __future__ import annotations


def order(version: str) -> tuple[int, ...]:
    """A key that sorts semantic versions (major.minor.patch)."""
    return tuple(int(part) for part in version.split("."))
