"""Whatever is refused is refused in words, in bokmål and nynorsk too: the docstring is the message."""

import importlib
import pkgutil
import re

import pytest
from django.utils import translation

import allmenning
from allmenning.basics.errors import AllmenningError
from allmenning.web.i18n import catalogues

# Met by programs and operators alone: whoever catches them says it in words of their own.
FOR_PROGRAMS = ("allmenning.rules.", "allmenning.project.", "allmenning.backup.", "allmenning.transparency.")
_PLACE = re.compile(r"\{(\w+)\}")


def failures():
    for found in pkgutil.walk_packages(allmenning.__path__, "allmenning."):
        if not re.search(r"\.tests|\.migrations|__main__|\.settings|\.wsgi|\.supervisor", found.name):
            importlib.import_module(found.name)
    waiting, seen = [AllmenningError], set()
    while waiting:
        failure = waiting.pop()
        if failure not in seen:
            seen.add(failure)
            waiting.extend(failure.__subclasses__())
    ours = [f for f in seen if f.__module__.startswith("allmenning.") and ".tests" not in f.__module__]
    return sorted(ours, key=lambda f: (f.__module__, f.__name__))


FAILURES = [f for f in failures() if not f.__module__.startswith(FOR_PROGRAMS)]


def said():
    return {
        language: {
            message.id: message.string
            for room in catalogues.rooms()
            if catalogues.path_of(room, language).exists()
            for message in catalogues._read(catalogues.path_of(room, language), language)
        }
        for language in catalogues.TRANSLATED
    }


SAID = said()


@pytest.mark.parametrize("failure", FAILURES, ids=lambda f: f"{f.__module__}.{f.__name__}")
def test_a_failure_has_a_sentence_in_every_language(failure):
    sentence = failure.template()
    assert failure.__doc__, "its docstring is what a person reads"
    assert sentence.endswith((".", "?", "}")), sentence
    for language, texts in SAID.items():
        assert texts.get(sentence), f"{language}: {sentence!r}: run bin/messages extract and translate it"
        assert set(_PLACE.findall(texts[sentence])) == set(_PLACE.findall(sentence))


def test_what_is_translated_is_found_when_it_is_said(tmp_path):
    catalogues.compile_all()
    from allmenning.municipal.cases.errors import CaseNotFound

    with translation.override("nn"):
        assert translation.gettext(CaseNotFound.template()).startswith("Saka finst ikkje")
