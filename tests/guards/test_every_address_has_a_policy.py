"""No address without a word on who may open it. Add `@anyone` or another of allmenning.web.access to the view."""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

from allmenning.web.access import Policy


def addresses(patterns: list, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, prefix + str(pattern.pattern))
        else:
            yield prefix + str(pattern.pattern), pattern


def test_every_address_has_a_policy():
    found = list(addresses(get_resolver().url_patterns))
    assert found
    without = [
        address for address, pattern in found if not isinstance(getattr(pattern.callback, "policy", None), Policy)
    ]
    assert not without


def test_every_address_has_a_name():
    assert not [address for address, pattern in addresses(get_resolver().url_patterns) if not pattern.name]
