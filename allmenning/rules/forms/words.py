"""The fixed words of a form, in the languages that a form is written in.

They stand here and not in a message catalogue because a form is shown in the resident's language also where the
reader's is another (on the desk, in the PDF), and because this room knows no Django.
"""

from __future__ import annotations

from typing import Any

Words = dict[str, tuple[str, str, str]]  # bokmål, nynorsk, English

# {label} has a small first letter; {title} is as it stands.
ERRORS: Words = {
    "required": ("Fyll inn {label}", "Fyll inn {label}", "Enter {label}"),
    "required-choice": ("Velg {label}", "Vel {label}", "Select {label}"),
    "required-question": ("Svar på «{title}»", "Svar på «{title}»", "Answer “{title}”"),
    "required-consent": (
        "Du må krysse av for «{title}»",
        "Du må krysse av for «{title}»",
        "You must tick “{title}”",
    ),
    "required-file": ("Legg ved {label}", "Legg ved {label}", "Attach {label}"),
    "required-repeat": (
        "Legg til minst én under «{title}»",
        "Legg til minst éin under «{title}»",
        "Add at least one under “{title}”",
    ),
    "unsafe": (
        "{title} har et tegn som ikke kan brukes (vist som �). Fjern det.",
        "{title} har eit teikn som ikkje kan brukast (vist som �). Fjern det.",
        "{title} has a character that can’t be used (shown as �). Remove it.",
    ),
    "integer": (
        "{title} må være et helt tall, for eksempel 12",
        "{title} må vere eit heilt tal, til dømes 12",
        "{title} must be a whole number, such as 12",
    ),
    "number": (
        "{title} må være et tall, for eksempel 12,5",
        "{title} må vere eit tal, til dømes 12,5",
        "{title} must be a number, such as 12.5",
    ),
    "too-large": ("{title} er et for stort tall", "{title} er eit for stort tal", "{title} is too large a number"),
    "ore": (
        "{title} må være et beløp i kroner, for eksempel 1234,50",
        "{title} må vere eit beløp i kroner, til dømes 1234,50",
        "{title} must be an amount in kroner, such as 1234,50",
    ),
    "date": (
        "{title} må være en dato, for eksempel 31.12.2026",
        "{title} må vere ein dato, til dømes 31.12.2026",
        "{title} must be a date, such as 31.12.2026",
    ),
    "no-such-date": (
        "{title} er ikke en dato som finnes",
        "{title} er ikkje ein dato som finst",
        "{title} is not a date that exists",
    ),
    "year-month": (
        "{title} må være måned og år, for eksempel 12.2026",
        "{title} må vere månad og år, til dømes 12.2026",
        "{title} must be a month and a year, such as 12.2026",
    ),
    "choice": (
        "Velg et av svarene under «{title}»",
        "Vel eit av svara under «{title}»",
        "Choose one of the answers under “{title}”",
    ),
    "national-identity-number": (
        "{title} er ikke gyldig. Kontroller de 11 sifrene.",
        "{title} er ikkje gyldig. Kontroller dei 11 siffera.",
        "{title} is not valid. Check the 11 digits.",
    ),
    "organisation-number": (
        "{title} er ikke gyldig. Kontroller de 9 sifrene.",
        "{title} er ikkje gyldig. Kontroller dei 9 siffera.",
        "{title} is not valid. Check the 9 digits.",
    ),
    "account-number": (
        "{title} er ikke gyldig. Kontroller de 11 sifrene.",
        "{title} er ikkje gyldig. Kontroller dei 11 siffera.",
        "{title} is not valid. Check the 11 digits.",
    ),
    "email": (
        "{title} må være en e-postadresse, for eksempel navn@eksempel.no",
        "{title} må vere ei e-postadresse, til dømes namn@eksempel.no",
        "{title} must be an e-mail address, such as name@example.org",
    ),
    "phone": (
        "{title} må være et telefonnummer, for eksempel 12 34 56 78",
        "{title} må vere eit telefonnummer, til dømes 12 34 56 78",
        "{title} must be a telephone number, such as 12 34 56 78",
    ),
    "postal-code": (
        "{title} må være et postnummer med fire sifre",
        "{title} må vere eit postnummer med fire siffer",
        "{title} must be a postal code of four digits",
    ),
    "type": (
        "{title} har et svar av feil slag",
        "{title} har eit svar av feil slag",
        "{title} has the wrong kind of answer",
    ),
    "format": (
        "{title} er ikke skrevet på riktig måte",
        "{title} er ikkje skrive på rett måte",
        "{title} is not written in the right way",
    ),
    "minimum": ("{title} må være minst {limit}", "{title} må vere minst {limit}", "{title} must be at least {limit}"),
    "maximum": (
        "{title} kan ikke være mer enn {limit}",
        "{title} kan ikkje vere meir enn {limit}",
        "{title} can’t be more than {limit}",
    ),
    "exclusiveMinimum": (
        "{title} må være mer enn {limit}",
        "{title} må vere meir enn {limit}",
        "{title} must be more than {limit}",
    ),
    "exclusiveMaximum": (
        "{title} må være mindre enn {limit}",
        "{title} må vere mindre enn {limit}",
        "{title} must be less than {limit}",
    ),
    "multipleOf": (
        "{title} må gå opp i {limit}",
        "{title} må gå opp i {limit}",
        "{title} must be a multiple of {limit}",
    ),
    "minLength": (
        "{title} må ha minst {limit} tegn",
        "{title} må ha minst {limit} teikn",
        "{title} must have at least {limit} characters",
    ),
    "maxLength": (
        "{title} kan ha høyst {limit} tegn",
        "{title} kan ha høgst {limit} teikn",
        "{title} can have at most {limit} characters",
    ),
    "minItems": (
        "Under «{title}» må det være minst {limit}",
        "Under «{title}» må det vere minst {limit}",
        "There must be at least {limit} under “{title}”",
    ),
    "maxItems": (
        "Under «{title}» kan det være høyst {limit}",
        "Under «{title}» kan det vere høgst {limit}",
        "There can be at most {limit} under “{title}”",
    ),
    "uniqueItems": (
        "Det samme er ført opp flere ganger under «{title}»",
        "Det same er ført opp fleire gonger under «{title}»",
        "The same is listed several times under “{title}”",
    ),
    "const": (
        "{title} har et svar som ikke går an",
        "{title} har eit svar som ikkje går an",
        "{title} has an answer that is not possible",
    ),
    "together": (
        "Svarene passer ikke sammen. Se over dem",
        "Svara passar ikkje saman. Sjå over dei",
        "The answers do not fit together. Look through them",
    ),
}

WORDS: Words = {
    "not-answered": ("Ikke besvart", "Ikkje svara på", "Not answered"),
    "not-asked": ("Ikke spurt om", "Ikkje spurt om", "Not asked"),
    "sent-more": ("Mer som ble sendt", "Meir som blei sendt", "More that was sent"),
    "sent-besides": (
        "Også sendt, uten at skjemaet vårt ville spurt",
        "Òg sendt, utan at skjemaet vårt ville spurt",
        "Also sent, though our form would not have asked",
    ),
    "optional": ("valgfritt", "valfritt", "optional"),
    "add": ("Legg til {label}", "Legg til {label}", "Add {label}"),
    "remove": ("Fjern {label}", "Fjern {label}", "Remove {label}"),
    "update": ("Oppdater skjemaet", "Oppdater skjemaet", "Update the form"),
    "update-help": (
        "Noen av spørsmålene avhenger av svarene dine. Oppdater skjemaet for å se hvilke.",
        "Nokre av spørsmåla er avhengige av svara dine. Oppdater skjemaet for å sjå kva for nokre.",
        "Some questions depend on your answers. Update the form to see which.",
    ),
    "summary-one": (
        "Det er én ting å rette på denne siden",
        "Det er éin ting å rette på denne sida",
        "There is one thing to correct on this page",
    ),
    "summary-many": (
        "Det er {number} ting å rette på denne siden",
        "Det er {number} ting å rette på denne sida",
        "There are {number} things to correct on this page",
    ),
    "error": ("Feil: ", "Feil: ", "Error: "),
    "answer-to": ("Svaret på «{title}»", "Svaret på «{title}»", "The answer to “{title}”"),
    "choose": ("Velg …", "Vel …", "Choose …"),
    "day": ("Dag", "Dag", "Day"),
    "month": ("Måned", "Månad", "Month"),
    "year": ("År", "År", "Year"),
    "date-hint": ("dd.mm.åååå", "dd.mm.åååå", "dd.mm.yyyy"),
    "year-month-hint": ("mm.åååå", "mm.åååå", "mm.yyyy"),
    "kroner": ("kr", "kr", "kr"),
    "count-left": ("{number} tegn igjen", "{number} teikn igjen", "{number} characters left"),
    "count-over": ("{number} tegn for mye", "{number} teikn for mykje", "{number} characters too many"),
    "count-limit": ("Inntil {number} tegn", "Inntil {number} teikn", "Up to {number} characters"),
    "upload": ("Last opp", "Last opp", "Upload"),
    "uploaded": ("Lastet opp", "Lasta opp", "Uploaded"),
    "no-items": ("Ingen lagt til ennå.", "Ingen lagde til enno.", "None added yet."),
    "source": ("Hentet fra {register}, {date}", "Henta frå {register}, {date}", "From {register}, {date}"),
    "source-locked": (
        "Hentet fra {register}, {date}. Er det feil, må det rettes der.",
        "Henta frå {register}, {date}. Er det feil, må det rettast der.",
        "From {register}, {date}. If it is wrong, it must be corrected there.",
    ),
    "change": ("Endre", "Endre", "Change"),
    "stated": ("Oppgitt", "Oppgitt", "Stated"),
    "registered": ("I registeret", "I registeret", "In the register"),
}

REGISTERS: Words = {
    "folkeregister": ("Folkeregisteret", "Folkeregisteret", "the population register"),
    "enhetsregister": ("Enhetsregisteret", "Einingsregisteret", "the business register"),
    "kontaktregister": (
        "Kontakt- og reservasjonsregisteret",
        "Kontakt- og reservasjonsregisteret",
        "the contact register",
    ),
    "skatteetaten": ("Skatteetaten", "Skatteetaten", "the Tax Administration"),
    "husbanken": ("Husbanken", "Husbanken", "the State Housing Bank"),
    "nav": ("Nav", "Nav", "Nav"),
    "matrikkel": ("Matrikkelen", "Matrikkelen", "the land register"),
    "idporten": ("ID-porten", "ID-porten", "ID-porten"),
    "barnehageregister": (
        "kommunens barnehageregister",
        "barnehageregisteret til kommunen",
        "the kindergarten register",
    ),
}

_PLACE = {"nb": 0, "nn": 1, "en": 2}


def say(key: str, language: str, **values: Any) -> str:
    """A fixed text in a language (bokmål for one that is not known), with its blanks filled in."""
    text = (WORDS.get(key) or ERRORS[key])[_PLACE.get(language, 0)]
    return text.format(**values) if values else text


def register_name(source: str, language: str) -> str:
    """The register that `folkeregister:navn` comes from, by name."""
    known = REGISTERS.get(source.partition(":")[0])
    return known[_PLACE.get(language, 0)] if known else source.partition(":")[0]


def small(title: str) -> str:
    """A title inside a sentence: `Fornavn` as `fornavn`, but `NAV-nummer` as it is."""
    return title[:1].lower() + title[1:] if title[1:2].islower() or len(title) == 1 else title
