"""bin/messages: catalogues in step with the texts, and complete."""

import pytest

from allmenning.web.i18n import catalogues


@pytest.fixture
def room(tmp_path, monkeypatch):
    made = tmp_path / "allmenning" / "greetings"
    (made / "templates").mkdir(parents=True)
    (made / "__init__.py").write_text(
        "from django.utils.translation import gettext as _\nHELLO = _('Hello %(name)s')\n"
    )
    (made / "templates" / "page.html").write_text('{{ ngettext("One case", "%(num)s cases", 2) }}')
    monkeypatch.setattr(catalogues, "ROOT", tmp_path)
    monkeypatch.setattr(catalogues, "rooms", lambda: [made])
    return made


def translate(room, language, text):
    path = catalogues.path_of(room, language)
    path.write_text(
        path.read_text().replace('msgstr ""', f'msgstr "{text}"').replace(f'msgstr "{text}"\n"Lang', 'msgstr ""\n"Lang')
    )


def test_texts_are_found_in_code_and_templates(room):
    catalogues.extract()
    assert "Hello %(name)s" in catalogues.path_of(room, "nn").read_text()
    assert "%(num)s cases" in catalogues.path_of(room, "nb").read_text()


def test_a_missing_translation_is_a_problem(room):
    catalogues.extract()
    assert [problem for problem in catalogues.problems() if "not translated: 'Hello" in problem]


def test_a_lost_placeholder_is_a_problem(room):
    catalogues.extract()
    translate(room, "nb", "Hei")
    assert any("other placeholders" in problem for problem in catalogues.problems())


def test_two_words_that_run_together_are_a_problem(room):
    catalogues.extract()
    translate(room, "nb", "AvsluttHei %(name)s")
    assert any("two words run together" in problem for problem in catalogues.problems())


def test_a_text_that_was_never_extracted_is_a_problem(room):
    assert all("not in the catalogue" in problem for problem in catalogues.problems())


def test_extracting_again_changes_nothing_and_drops_what_is_gone(room):
    catalogues.extract()
    before = catalogues.path_of(room, "nb").read_text()
    catalogues.extract()
    assert catalogues.path_of(room, "nb").read_text() == before
    (room / "__init__.py").write_text("")
    catalogues.extract()
    assert "Hello" not in catalogues.path_of(room, "nb").read_text()


def test_what_one_room_has_translated_is_said_the_same_way_in_another(room, monkeypatch):
    catalogues.extract()
    translate(room, "nn", "Hei %(name)s")
    other = room.with_name("farewells")
    other.mkdir()
    (other / "__init__.py").write_text((room / "__init__.py").read_text())
    monkeypatch.setattr(catalogues, "rooms", lambda: [room, other])
    catalogues.extract()
    assert 'msgstr "Hei %(name)s"' in catalogues.path_of(other, "nn").read_text()


def test_compiled_catalogues_are_read(room):
    catalogues.extract()
    catalogues.compile_all()
    assert catalogues.path_of(room, "nb").with_suffix(".mo").exists()
