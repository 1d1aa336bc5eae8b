"""The words that every letter has, in the three languages letters are written in.

They are here and not in the message catalogs because a letter's language is its recipient's, not that of the person who
makes it, and because a letter must look the same on a worker without Django's translations.
"""

from __future__ import annotations

from datetime import date, datetime

from allmenning.basics.dates import format_date, format_datetime
from allmenning.letters.errors import UnknownLanguage

LANGUAGES = ("nb", "nn", "en")

WORDS: dict[str, dict[str, str]] = {
    "date": {"nb": "Dato", "nn": "Dato", "en": "Date"},
    "our_reference": {"nb": "Vår referanse", "nn": "Vår referanse", "en": "Our reference"},
    "your_reference": {"nb": "Deres referanse", "nn": "Dykkar referanse", "en": "Your reference"},
    "handler": {"nb": "Saksbehandler", "nn": "Saksbehandlar", "en": "Case officer"},
    "exempt": {"nb": "Unntatt offentlighet", "nn": "Unnateke offentlegheit", "en": "Exempt from public access"},
    "regards": {"nb": "Med vennlig hilsen", "nn": "Med venleg helsing", "en": "Yours sincerely"},
    "approved": {
        "nb": "Dokumentet er elektronisk godkjent og har derfor ikke signatur.",
        "nn": "Dokumentet er elektronisk godkjent og har difor ikkje signatur.",
        "en": "This document has been approved electronically and therefore has no signature.",
    },
    "enclosures": {"nb": "Vedlegg", "nn": "Vedlegg", "en": "Enclosures"},
    "copies": {"nb": "Kopi til", "nn": "Kopi til", "en": "Copy to"},
    "page": {"nb": "Side {n} av {of}", "nn": "Side {n} av {of}", "en": "Page {n} of {of}"},
    "phone": {"nb": "Telefon", "nn": "Telefon", "en": "Telephone"},
    "email": {"nb": "E-post", "nn": "E-post", "en": "E-mail"},
    "website": {"nb": "Nettsted", "nn": "Nettstad", "en": "Website"},
    "organisation_number": {"nb": "Org.nr.", "nn": "Org.nr.", "en": "Org. no."},
    "and": {"nb": "og", "nn": "og", "en": "and"},
    "logo": {"nb": "Kommunevåpenet til {name}", "nn": "Kommunevåpenet til {name}", "en": "Coat of arms of {name}"},
    "receipt": {"nb": "Kvittering", "nn": "Kvittering", "en": "Receipt"},
    "received_at": {"nb": "Mottatt", "nn": "Motteke", "en": "Received"},
    "case_number": {"nb": "Saksnummer", "nn": "Saksnummer", "en": "Case number"},
    "receipt_number": {"nb": "Kvitteringsnummer", "nn": "Kvitteringsnummer", "en": "Receipt number"},
    "submitted_by": {"nb": "Sendt inn av", "nn": "Sendt inn av", "en": "Submitted by"},
    "on_behalf_of": {"nb": "På vegne av", "nn": "På vegner av", "en": "On behalf of"},
    "channel": {"nb": "Kanal", "nn": "Kanal", "en": "Channel"},
    "form_version": {"nb": "Skjema og versjon", "nn": "Skjema og versjon", "en": "Form and version"},
    "question": {"nb": "Opplysning", "nn": "Opplysning", "en": "Item"},
    "answer": {"nb": "Svar", "nn": "Svar", "en": "Answer"},
    "no_answer": {"nb": "Ikke besvart", "nn": "Ikkje svara på", "en": "Not answered"},
    "source": {"nb": "Kilde: {source}", "nn": "Kjelde: {source}", "en": "Source: {source}"},
    "attachments": {"nb": "Vedlegg", "nn": "Vedlegg", "en": "Attachments"},
    "file": {"nb": "Fil", "nn": "Fil", "en": "File"},
    "size": {"nb": "Størrelse", "nn": "Storleik", "en": "Size"},
    "fingerprint": {"nb": "SHA-256", "nn": "SHA-256", "en": "SHA-256"},
    "no_attachments": {"nb": "Ingen vedlegg.", "nn": "Ingen vedlegg.", "en": "No attachments."},
    "submission_note": {
        "nb": "Dette er en kopi av det som ble sendt inn. Opplysninger merket med kilde er hentet fra et register.",
        "nn": "Dette er ein kopi av det som vart sendt inn. Opplysningar merkte med kjelde er henta frå eit register.",
        "en": "This is a copy of what was submitted. Items marked with a source were fetched from a register.",
    },
    "content": {"nb": "Innhold", "nn": "Innhald", "en": "Content"},
    "copy_for": {"nb": "Til", "nn": "Til", "en": "For"},
    "left_out": {"nb": "Utelatt", "nn": "Utelate", "en": "Left out"},
    "copy_note": {
        "nb": "Dette er sakens opplysninger, satt opp på nytt for den som er part. Der noe er utelatt, står det hvilken "
        "lov som gir adgang til det. Det som er utelatt, finnes ikke i denne filen.",
        "nn": "Dette er opplysningane i saka, sette opp på nytt for den som er part. Der noko er utelate, står det kva "
        "lov som gir høve til det. Det som er utelate, finst ikkje i denne fila.",
        "en": "This is what the case holds, set out anew for the one who is party to it. Where something is left out, "
        "the law that allows it is stated. What is left out is not in this file.",
    },
}


def words(language: str) -> dict[str, str]:
    """All the words of one language; raises `UnknownLanguage`."""
    if language not in LANGUAGES:
        raise UnknownLanguage(language=language)
    return {name: texts[language] for name, texts in WORDS.items()}


def listed(items: list[str], language: str) -> str:
    """`a, b og c`."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {WORDS['and'][language]} {items[-1]}"


def written(value: str | int | date, language: str) -> str:
    """A value as a letter writes it: dates in words, whole numbers as they are."""
    if isinstance(value, datetime):
        return format_datetime(value, language)
    if isinstance(value, date):
        return format_date(value, language)
    return str(value)


def file_size(size: int, language: str) -> str:
    """A size in bytes, for people: `1,4 MB`."""
    if size < 1000:
        return f"{size} B"
    number, unit = (size / 1000, "kB") if size < 1_000_000 else (size / 1_000_000, "MB")
    text = f"{number:.1f}"
    return f"{text if language == 'en' else text.replace('.', ',')} {unit}"
