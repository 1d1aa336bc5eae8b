"""What holds for any answer and any POST."""

import json
import unicodedata
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from allmenning.rules.forms import Form
from allmenning.rules.forms.tests.sample import SCHEMA, UI
from allmenning.rules.forms.values import chosen, typed

FORM = Form(SCHEMA, UI)
LETTERS = st.characters(exclude_categories=("C", "Z"))
TEXT = st.text(LETTERS, min_size=2, max_size=30).map(lambda text: unicodedata.normalize("NFC", text))
DATES = st.dates(min_value=date(1800, 1, 1), max_value=date(2200, 1, 1))
CHILD = st.fixed_dictionaries(
    {"name": TEXT}, optional={"kindergarten": st.booleans(), "hours": st.integers(-(2**53) + 1, 2**53 - 1)}
)
ANSWERS = st.fixed_dictionaries(
    {"has_children": st.just(True)},
    optional={
        "name": TEXT,
        "born": DATES.map(str),
        "moved": DATES.map(str),
        "since": DATES.map(lambda day: f"{day:%Y-%m}"),
        "children": st.lists(CHILD, min_size=1, max_size=4),
        "home": st.fixed_dictionaries(
            {"kind": st.just("rented")},
            optional={
                "rent": st.integers(-(10**13), 10**13),
                "area": st.decimals(-10_000, 10_000, places=3, allow_nan=False).map(float),
            },
        ),
        "needs": st.sets(st.sampled_from(["money", "home", "work"]), min_size=1).map(
            lambda chosen: [one for one in ("money", "home", "work") if one in chosen]
        ),
        "municipality": st.sampled_from(["averoy", "smola", "heim"]),
        "consent": st.just(True),
    },
)


def as_posted(data: dict[str, Any]) -> dict[str, list[str]]:
    """The pages of these answers, as a browser would send them."""
    sent: dict[str, list[str]] = {}
    for page in FORM.pages(data):
        for field in page.fields:
            if field.spec.kind == "checkboxes":
                sent[field.name] = chosen(field.spec, field.value)
            elif field.spec.kind not in ("repeat", "files"):
                text = typed(field.spec, field.value)
                sent |= {field.name: [text]} if text else {}
    return sent


@settings(max_examples=150, deadline=None)
@given(ANSWERS)
def test_what_a_page_shows_reads_back_as_the_same_data(data):
    sent = as_posted(data)
    again: dict[str, Any] = {"has_children": True}
    for page_id in ("about-you", "the-home", "help"):
        page = FORM.page(page_id, again)
        changes = FORM.read_post(page, sent)
        assert changes.raw == {}
        again = changes.data
    # 3.0 and 3 are the same JSON number, and 7.0 is typed as 7
    assert FORM.visible(again) == FORM.visible(data)


NAMES = st.sampled_from(
    "/name /born /moved.day /children/0/name /children/1/hours /children/9999999/name /home /children /home/rent "
    "/has_children _present _add:/children _add: _add:/home _add:/children/0 _remove:/children/0 _remove:/name "
    "_remove:/children/x _remove:/children/99 _remove-file:/papers:x _refresh _upload:/~ /papers".split()
)
POSTS = st.dictionaries(
    NAMES | st.text(), st.text(max_size=50) | st.lists(st.text(max_size=50), max_size=4) | st.none()
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "children", "home", "rent", "kind", "has_children", "needs", "papers", "born"]),
            inner,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=250, deadline=None)
@given(POSTS, st.sampled_from(["about-you", "the-home", "help"]))
def test_no_post_raises_and_what_is_kept_can_be_stored(values, page_id):
    data: dict[str, Any] = {}
    raw: dict[str, Any] = {}
    for _ in range(2):
        changes = FORM.read_post(FORM.page(page_id, data), values, "nn", raw)
        data, raw = changes.data, changes.raw
    assert "\\u0000" not in json.dumps([data, raw])
    json.dumps([data, raw], ensure_ascii=False).encode()
    assert all(error.pointer in raw for error in changes.errors)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(list(SCHEMA["properties"])), JSON))
def test_no_data_raises(data):
    FORM.errors(data, "en")
    FORM.summary(data, "en")
    FORM.differences(data, {"/name": "x", "/home/rent": 3, "/children/0/name": "y"})
    for page in FORM.pages(data):
        FORM.read_post(page, {"/children/0/name": "Ola", "_add:/children": "", "/home/rent": "3"})
