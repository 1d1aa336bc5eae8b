from dataclasses import replace
from datetime import UTC, datetime

import pytest

from allmenning.basics.text import UnsafeText
from allmenning.letters import AttachedFile, Row, Section, SubmissionMetadata, render_submission
from allmenning.letters.tests.conftest import Read

SECTIONS = [
    Section(
        "Om deg",
        [Row("Navn", "Kari Østby", "Folkeregisteret, 3. mars 2026"), ("Melding", "a\n{{ b }} <b> #x"), ("Alder", "")],
    ),
    Section("Tom side", []),
]
META = SubmissionMetadata(datetime(2026, 3, 3, 13, 5, tzinfo=UTC), "K7QM-4XTR", "2026/1042", "Kari Østby")
FILES = [AttachedFile("Lønnsslipp.pdf", 182_233, "ab12" * 16)]


@pytest.fixture
def send(letterhead):
    def send(sections=SECTIONS, metadata=META, files=FILES, language="nb") -> Read:
        return Read(render_submission("Søknad om plass", sections, metadata, letterhead, files, language))

    return send


def test_all_that_was_sent_is_in_the_file(send):
    sent = send()

    for said in (
        "Søknad om plass",
        "Kari Østby",
        "Kilde: Folkeregisteret, 3. mars 2026",
        "a {{ b }} <b> #x",
        "Ikke besvart",
    ):
        assert said in sent.text
    for said in ("K7QM-4XTR", "2026/1042", "3. mars 2026 kl. 14.05", "Lønnsslipp.pdf", "182,2 kB"):
        assert said in sent.text
    assert "ab12" * 16 in sent.squeezed()


def test_it_is_archivable_and_accessible(send):
    sent = send()

    assert "<pdfaid:conformance>A</pdfaid:conformance>" in sent.xmp
    assert "<pdfuaid:part>1</pdfuaid:part>" in sent.xmp
    assert {"H1", "H2", "Table", "TH", "TD"} <= set(sent.tags)


def test_it_speaks_three_languages(send):
    assert "Not answered" in send(language="en").text
    assert "Motteke" in send(language="nn").text
    assert "Ingen vedlegg." in send(files=[]).text


def test_a_very_long_answer_goes_over_pages(send):
    sent = send([Section("Side", [("Melding", "x" * 100_000), ("Etter", "slutt")])])

    assert len(sent.pages) > 5
    assert sum(page.count("x") for page in sent.pages) == 100_000 + sum(
        page.count("post@averoy.example") for page in sent.pages
    )
    assert "slutt" in sent.text


def test_deceiving_characters_are_refused(send):
    with pytest.raises(UnsafeText):
        send(files=[replace(FILES[0], name="abc\u202efdp.exe")])
