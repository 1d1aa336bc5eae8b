import json
import random
from pathlib import Path

import pytest

from allmenning.basics.memory import forget_everything
from allmenning.basics.testing import calls_of
from allmenning.commons.catalogue import actions, queries
from allmenning.commons.catalogue.searching import Document, Index
from allmenning.commons.catalogue.testing import a_package, text

LOS = "https://psi.norge.no/los/ord/"
PACKAGES = {
    "inquiry": {
        "title": text("Spør kommunen", "Spør kommunen", "Ask the municipality"),
        "synonyms": {"nb": ["henvendelse", "kontakt"], "nn": ["førespurnad"], "en": ["inquiry", "contact"]},
        "audience": ["resident", "business"],
    },
    "housing-allowance": {
        "title": text("Bostøtte", "Bustøtte", "Housing allowance"),
        "summary": text("Hjelp til å betale husleie", "Hjelp til å betale husleige", "Help with the rent"),
        "los": [LOS + "bostotte"],
    },
    "reduced-kindergarten-fee": {
        "title": text("Redusert foreldrebetaling i barnehage", "Redusert foreldrebetaling", "Reduced kindergarten fee"),
        "summary": text("Lavere pris for familier med lav inntekt", "Lågare pris", "A lower price"),
        "los": [LOS + "barnehageplass"],
    },
}


@pytest.fixture(autouse=True)
def _catalogue(commons_db):
    forget_everything()
    actions.load_los()
    for id, about in PACKAGES.items():
        actions.publish(a_package(id, **about), "somebody")
    yield
    forget_everything()


def found(query, language="nb", **options):
    return [hit.id for hit in queries.search(query, language, **options)]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("bostøtte", "housing-allowance"),
        ("bostotte", "housing-allowance"),
        ("BOSTØTTE!", "housing-allowance"),
        ("bustøtte", "housing-allowance"),
        ("bostøte", "housing-allowance"),
        ("bosttøte", "housing-allowance"),
        ("housing alowance", "housing-allowance"),
        ("husleie", "housing-allowance"),
        ("husleige", "housing-allowance"),
        ("husleia", "housing-allowance"),
        ("boligtilskudd", "housing-allowance"),
        ("rent", "housing-allowance"),
        ("hvordan søke bostøtte", "housing-allowance"),
        ("barnehagepris", "reduced-kindergarten-fee"),
        ("barnehage", "reduced-kindergarten-fee"),
        ("barnehagen", "reduced-kindergarten-fee"),
        ("bhg barnehage pris", "reduced-kindergarten-fee"),
        ("foreldrebet", "reduced-kindergarten-fee"),
        ("betaling i barnehage", "reduced-kindergarten-fee"),
        ("kindergarten", "reduced-kindergarten-fee"),
        ("kindergarden fee", "reduced-kindergarten-fee"),
        ("førespurnad", "inquiry"),
        ("foresporsel kontakt", "inquiry"),
    ],
)
def test_people_find_it_however_they_write_it(query, first):
    assert found(query)[0] == first


def test_that_both_are_applied_for_makes_nothing_alike():
    assert found("byggesøknad") == []


def test_found_in_one_language_and_shown_in_another():
    (hit, *_) = queries.search("housing allowance", "nn")
    assert (hit.title, hit.summary) == ("Bustøtte", "Hjelp til å betale husleige")


def test_what_has_nothing_to_do_with_it_is_not_found():
    assert found("xyzzyplugh") == []
    assert "inquiry" not in found("barnehage")


def test_for_whom_and_where():
    assert found("kommunen", audience="business") == ["inquiry"]
    assert found("bostøtte", audience="business") == []
    assert found("bostøtte", offered=["inquiry"]) == []
    assert found("bostøtte", municipality="averoy", offered=["housing-allowance"]) == ["housing-allowance"]


@pytest.mark.parametrize("query", ["", "   ", "!!!", "\x00", "a" * 100_000, "ord " * 5000, "'; drop table", "æ", "💡"])
def test_odd_queries_do_no_harm(query):
    queries.search("warm", "nb")
    assert calls_of(queries.search, query, "nb") < 2_000


def test_what_is_published_is_found_at_once():
    assert found("skjenkebevilling") == []
    actions.publish(a_package("liquor-licence", title=text("Skjenkebevilling")), "somebody")
    assert found("skjenkebevilling") == ["liquor-licence"]
    actions.withdraw("liquor-licence")
    assert found("skjenkebevilling") == []


def test_the_exact_word_comes_before_its_beginning_and_that_before_a_near_miss():
    titles = ["Parkering", "Parkeringsbevis", "Markering"]
    index = Index(Document(title, (title,), ((10.0, title),)) for title in titles)
    assert [match.key for match in index.search("parkering")] == ["Parkering", "Parkeringsbevis"]
    assert [match.key for match in index.search("parkerin")] == ["Parkering", "Parkeringsbevis"]
    assert index.search("markerng")[0].key == "Markering"


def test_500_services_are_searched_with_little_work():
    """The words are those of Los."""
    facts = json.loads((Path(__file__).parents[4] / "data" / "los.json").read_text())
    notes = [note for word in facts["words"] for note in word.get("note", {}).values()]
    labels = [text for word in facts["words"] for text in word["label"].values()]
    chance = random.Random(1)
    documents = [
        Document(
            number,
            tuple(chance.sample(labels, 3)),
            (
                *((10.0, label) for label in chance.sample(labels, 3)),
                *((8.0, label) for label in chance.sample(labels, 9)),
                *((1.5, note) for note in chance.sample(notes, 3)),
            ),
        )
        for number in range(500)
    ]
    index = Index(documents)
    asked = ["bostotte", "barnehagepris", "husleige", "barnehge plass", "skjenkebeviling", "housing alowance", "a"]
    for query in asked:
        assert calls_of(index.search, query) < 60 * len(documents)
