"""What a protected family leaves in every field of every service is found by nobody; and a crawl would find it."""

import base64
import zipfile
from io import BytesIO

import pytest
from django.http import HttpResponse

from allmenning.tenancy import AREAS
from attack import protected
from attack.canaries import Canaries
from attack.protected.crawling import Answer
from attack.protected.family import pdf, photo
from attack.protected.words import Words
from attack.scene import set_up
from attack.tally import Tally


@pytest.fixture
def scene(services, registers, municipality_a, municipality_b):
    with set_up(registers, lived=False) as scene:
        yield scene


def test_nobody_finds_where_a_protected_family_lives(scene, record_property):
    tally = Tally()
    found = protected.attack(scene, tally, brief=True)
    assert tally.said == []
    assert found.unanswered == set()
    # Who has stated a need is shown what was planted: the crawl would have found it elsewhere.
    assert {
        "message",
        "a note",
        "a question",
        "a letter",
        "an answer",
        "more",
        "the name of a photograph",
        *(
            "aim",
            "visits/*/task",
            "reason",
            "own_view",
            "receiver",
            "meanwhile",
            "why it was changed",
            "why it was ended",
        ),
    } <= found.seen
    assert {"EXIF, GPS date", "PDF, text", "PDF, XMP", "a postal address noted by staff"} <= found.seen
    assert found.seen_in == set(AREAS)
    assert found.places > 900
    assert found.answers > 8_000
    assert found.opened > 30
    record_property("told", f"a protected family: {found}; {tally.rows_leaked.total()} hits")


@pytest.fixture
def words():
    return Words(Canaries(), "averoy")


def test_a_word_is_found_however_it_is_told(words):
    word, number = words.word("a text"), words.digits("4", 8, "a telephone")
    for told in (
        f"<p>{word.upper()}</p>",
        f"/desk/?find={''.join(f'%{ord(each):02x}' for each in word)}",
        f"{word[:8]}&shy;\n  {word[8:]}",
        word.encode("utf-16-le"),
        base64.b64encode(f"aa{word}".encode()),
    ):
        assert words.found_in(told) == {word}, told
    assert words.found_in(f"<td>{number[:3]} {number[3:5]}&nbsp;{number[5:]}</td>") == {number}


def test_a_short_number_is_found_alone_and_not_within_another(words):
    code = words.digits("97", 4, "a post code")
    assert words.found_in(f"<td>{code} Averøy</td>") == {code}
    assert words.found_in(f"1{code} 2026/{code} {code}.5") == set()


def test_the_length_of_an_answer_is_no_post_code_and_another_header_is(words):
    code = words.digits("97", 4, "a post code")
    for header, found in (("Content-Length", set()), ("X-Where", {code})):
        answer = Answer(None, "GET /", HttpResponse(headers={header: code}))
        assert words.found_in(answer.parts[1]) == found, header


def test_what_files_say_of_themselves_is_found(words):
    image, document = photo(words), pdf(words)
    planted = set(words.planted)
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a.jpg", image)
        file.writestr("b.pdf", document)
    assert words.found_in(image) | words.found_in(document) == planted
    assert words.found_in(packed.getvalue()) == planted


def test_a_word_of_another_family_is_nothing(words):
    other = Words(Canaries(), "averoy").word("a text")
    assert words.found_in(other) == set()
