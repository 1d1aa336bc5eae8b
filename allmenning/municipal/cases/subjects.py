"""The subject that was typed of a case: sealed by the case's key, and found by its words without being readable."""

from __future__ import annotations

from django.db.models import Q

from allmenning import vault
from allmenning.basics.norwegian import fold
from allmenning.tenancy import current

MOST_WORDS = 40  # of a subject; a form lets in some twenty
MOST_SOUGHT = 8


def word_indexes(area: str, text: str) -> list[bytes]:
    """Blind indexes of a text's words, folded so that case and accents do not matter; in no order that tells theirs."""
    words = sorted(set(fold(text).split()))[:MOST_WORDS]
    return sorted(vault.blind_index(current().municipality, area, "subject-word", word) for word in words)


def holds(area: str, words: str) -> Q:
    """Cases in which each word is in the service's name, in part or whole, or a whole word of the subject."""
    found = Q()
    for word in words.split()[:MOST_SOUGHT]:
        of_name, indexes = Q(title__icontains=word), word_indexes(area, word)
        found &= of_name | Q(subject_words__contains=indexes) if indexes else of_name
    return found
