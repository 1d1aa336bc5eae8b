"""`allmenning register-of-processing`: the register of a municipality, as CSV and PDF."""

import csv
import io
import re

import pytest
from pypdf import PdfReader

from allmenning.doors.cli.__main__ import main
from allmenning.journeys import processing


def register_of(averoy, tmp_path, *options):
    file = tmp_path / "register"
    assert main(["register-of-processing", averoy.id, "--output", str(file), *options]) == 0
    return file.read_bytes()


@pytest.mark.parametrize(("language", "said"), [("nb", "Saksbehandling"), ("nn", "ikkje"), ("en", "Handling of cases")])
def test_each_activity_is_a_row_with_its_controller_and_its_fields(averoy, tmp_path, language, said):
    text = register_of(averoy, tmp_path, "--language", language).decode()
    rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=";"))
    assert len(rows) == 1 + len(processing.activities())
    assert {row[0] for row in rows[1:]} == {"Averoy kommune"}
    assert said in text
    assert (
        "cases.Note: area, case_id, at, kind, happened_at, staff_id, staff_name, text, third_party, concerns, corrects_id"
        in text
    )


def test_the_pdf_is_on_the_municipalitys_letterhead_and_says_what_is_not_confirmed(averoy, tmp_path):
    content = register_of(averoy, tmp_path, "--format", "pdf")
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    assert "Averoy kommune" in text
    assert "Protokoll over behandlingsaktiviteter" in text
    assert "ikkebekreftet" in re.sub(r"[\s\u00ad\u2010-]", "", text)  # a cell may break a word
