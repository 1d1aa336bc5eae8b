"""Every field of every model is kept for a purpose and on a legal basis (GDPR art. 5, 6, 30): the register tells which."""

import pytest

from allmenning.journeys import processing
from allmenning.web.i18n.catalogues import TRANSLATED
from tests.guards.test_every_field_is_accounted_for import FIELDS

LANGUAGES = {*TRANSLATED, "en"}
ACTIVITIES = {each.id: each for each in processing.activities()}


def test_every_field_is_kept_for_something_and_nothing_is_told_of_that_is_gone():
    declared = {field for field, _activity in processing.declared()}
    assert set(FIELDS) - declared == set(), "give them their place in allmenning/journeys/processing.yaml"
    assert declared - set(FIELDS) == set(), "processing.yaml tells of fields that are gone"


def test_no_field_is_told_of_twice_and_none_belongs_to_an_activity_that_is_not_there():
    declared = processing.declared()
    assert len({field for field, _activity in declared}) == len(declared)
    assert {activity for _field, activity in declared} == set(ACTIVITIES)


@pytest.mark.parametrize("activity", ACTIVITIES.values(), ids=ACTIVITIES)
def test_every_activity_says_why_and_by_which_law_in_each_language(activity):
    assert activity.legal_basis
    for said in (activity.title, activity.purpose, activity.subjects, activity.categories, activity.recipients):
        assert set(said) == LANGUAGES
        assert all(text.strip() for text in said.values())
    assert set(activity.retention) == LANGUAGES


def test_a_law_that_was_not_seen_is_told_as_such():
    laws = [law for each in ACTIVITIES.values() for law in each.legal_basis]
    assert any(not law.seen for law in laws)
    assert all(law.text in law.said() for law in laws)
    assert all(law.said() != law.text for law in laws if not law.seen)
