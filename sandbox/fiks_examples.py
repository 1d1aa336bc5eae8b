"""What the sandbox can send as KS Fiks: reports of concern and applications, in the publishers' own words and formats."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pikepdf

from allmenning.basics import dates
from demo.people import Person, Place, world

CONCERN, SOCIAL = "bekymringsmelding-v2", "sosialhjelp"


@dataclass(frozen=True)
class Example:
    """One message. `title` is a msgid; `files` makes what is in it, for a place, an application's id, and the words of whoever
    sends it: empty for the example's own.

    follows: it is about the last application that nav.no follows, and not the first of its own.
    """

    title: str
    contract: str
    kind: str
    files: Callable[[Place, str, str], dict[str, bytes]]
    follows: bool = False


def _private(place: Place, case: str, said: str = "") -> dict[str, bytes]:
    report = _head(place) | {
        "privatMelder": {"personnavn": "Nina Nabo", "telefonnummer": "99999999"},
        "privatBarn": [
            {
                "personnavn": "Emil Eksempel",
                "antattAlder": "6",
                "relasjon": "nabo",
                "adresse": {"adresselinje1": "Prøveveien 2", "postnummer": place.postal_code, "poststed": place.city},
            }
        ],
        "melding": said or "Gutten er ute alene sent på kvelden, og har ikke klær til været.",
    }
    return _report(report)


def _public(place: Place, case: str, said: str = "") -> dict[str, bytes]:
    there = {"postnummer": place.postal_code, "poststed": place.city}
    report = _head(place) | {
        "offentligMelder": {
            "personnavn": "Tor Lærer",
            "rolle": "Kontaktlærer",
            "telefonnummer": "98989898",
            "epost": "tor.larer@skolen.example.no",
            "virksomhet": {"navn": "Prøve skole", "orgnr": "310245119", "adresse": {"adresselinje1": "Skoleveien 1"}},
        },
        "offentligBarn": [
            {
                "fnr": "",
                "ufoedt": False,
                "personnavn": "Emil Eksempel",
                "adresse": {"adresselinje1": "Prøveveien 2"} | there,
                "orientert": True,
            }
        ],
        "foresatte": [{"personnavn": "Frida Eksempel", "telefonnummer": "91111111", "orientert": True}],
        "melding": {
            "melding": said or "Emil sovner i timene og sier at han ikke får mat hjemme.",
            "historie": "Vi har snakket med mor to ganger. Det har ikke blitt bedre.",
        },
    }
    return _report(report)


def _broken(place: Place, case: str, said: str = "") -> dict[str, bytes]:
    """A report that is not as the schema says: it has no child."""
    return _report(_head(place) | {"privatMelder": {"personnavn": "Nina Nabo"}, "melding": "?"})


def _application(place: Place, case: str, said: str = "") -> dict[str, bytes]:
    applicant = resident(place)
    first, *others = applicant.name.split()
    paper = pdf()
    application = {
        "version": "1.0.11",
        "data": {
            "soknadstype": "standard",
            "personalia": {
                "personIdentifikator": {"kilde": "system", "verdi": applicant.number},
                "navn": {
                    "kilde": "system",
                    "fornavn": first,
                    "mellomnavn": " ".join(others[:-1]),
                    "etternavn": others[-1] if others else "",
                },
                "kontonummer": {"kilde": "bruker", "verdi": "12345678903"},
                "telefonnummer": {"kilde": "bruker", "verdi": "+4799999999"},
                "nordiskBorger": {"kilde": "system", "verdi": True},
            },
            "arbeid": {"situasjon": {"kilde": "bruker", "erIJobb": False}},
            "utdanning": {"kilde": "bruker", "erStudent": False},
            "familie": {
                "sivilstatus": {"kilde": "bruker", "status": "ugift"},
                "forsorgerplikt": {"harForsorgerplikt": {"kilde": "system", "verdi": False}},
            },
            "begrunnelse": {
                "kilde": "bruker",
                "hvaSokesOm": said or "Husleie og mat i november.",
                "hvorforSoke": "Mistet jobben.",
            },
            "bosituasjon": {"kilde": "bruker", "botype": "leier", "antallPersoner": 1},
            "okonomi": {
                "opplysninger": {
                    "bekreftelse": [
                        _confirmed("bostotte", False),
                        _confirmed("sparing", True),
                        _confirmed("verdi", False),
                    ],
                    "utbetaling": [],
                    "utgift": [_row("strom", "Strøm", belop=800)],
                },
                "oversikt": {
                    "inntekt": [_row("jobb", "Lønnsinntekt", netto=4200)],
                    "utgift": [_row("husleie", "Husleie", belop=7500)],
                    "formue": [_row("brukskonto", "Brukskonto", belop=312)],
                },
            },
        },
        "innsendingstidspunkt": _moment(),
        "mottaker": {"kommunenummer": place.number, "enhetsnummer": place.number, "navEnhetsnavn": f"Nav {place.name}"},
        "driftsinformasjon": {"inntektFraSkatteetatenFeilet": False},
        "kompatibilitet": [],
    }
    listed = {
        "vedlegg": [
            {
                "type": "husleiekontrakt",
                "tilleggsinfo": "husleie",
                "status": "LastetOpp",
                "filer": [{"filnavn": "husleiekontrakt.pdf", "sha512": hashlib.sha512(paper).hexdigest()}],
            },
            {"type": "skattemelding", "tilleggsinfo": "skattemelding", "status": "VedleggKreves", "filer": []},
        ]
    }
    return {
        "soknad.json": _json(application),
        "vedlegg.json": _json(listed),
        "soknad.pdf": pdf(),
        "husleiekontrakt.pdf": paper,
        "forsendelseMetadata.json": _json({"eksternRef": "110004PCC", "digisosId": case}),
    }


def _more(place: Place, case: str, said: str = "") -> dict[str, bytes]:
    """A document that was sent after the application that nav.no followed last."""
    paper = pdf()
    files = [{"filnavn": "lonnslipp.pdf", "sha512": hashlib.sha512(paper).hexdigest()}]
    listed = {"vedlegg": [{"type": "lonnslipp", "tilleggsinfo": "arbeid", "status": "LastetOpp", "filer": files}]}
    return {
        "vedlegg.json": _json(listed),
        "lonnslipp.pdf": paper,
        "forsendelseMetadata.json": _json({"eksternRef": "110003EFF", "digisosId": case}),
    }


def _appeal(place: Place, case: str, said: str = "") -> dict[str, bytes]:
    """An appeal in that application's case."""
    applicant = resident(place)
    first, *others = applicant.name.split()
    names = {"fornavn": first, "mellomnavn": " ".join(others[:-1]), "etternavn": others[-1] if others else ""}
    appeal = {
        "klageId": str(uuid4()),
        "vedtakId": str(uuid4()),
        "digisosId": case,
        "personIdentifikator": {"kilde": "system", "verdi": applicant.number},
        "navn": {"kilde": "system", **names},
        "mottaker": {"kommunenummer": place.number},
        "autentisering": {"autentisertDigitalt": True, "autentiseringsTidspunkt": _moment()},
        "innsendingstidspunkt": _moment(),
        "begrunnelse": {"kilde": "bruker", "klageTekst": said or "Husleia er høyere enn dere har regnet med."},
    }
    return {"klage.json": _json(appeal)}


EXAMPLES = {
    "private": Example("A neighbour reports", CONCERN, "no.ks.fiks.bekymringsmelding.privat.v2", _private),
    "public": Example("A teacher reports", CONCERN, "no.ks.fiks.bekymringsmelding.offentlig.v2", _public),
    "broken": Example("A report that is not as agreed", CONCERN, "no.ks.fiks.bekymringsmelding.privat.v2", _broken),
    "application": Example("Somebody applies at nav.no", SOCIAL, "no.nav.digisos.soknad.v1", _application),
    "more": Example(
        "The last one who applied sends a document", SOCIAL, "no.nav.digisos.ettersendelse.v1", _more, True
    ),
    "appeal": Example("The last one who applied appeals", SOCIAL, "no.nav.digisos.klage.v1", _appeal, True),
}


def resident(place: Place) -> Person:
    """Who applies there: the first grown-up of the register."""
    today = dates.today()
    grown = [each for each in world().residents if each.municipality == place.id and each.age(today) >= 18]
    return next(each for each in grown if each.status == "bosatt")


def pdf() -> bytes:
    """A page with nothing on it."""
    document, held = pikepdf.new(), io.BytesIO()
    document.add_blank_page(page_size=(595, 842))
    document.save(held)
    return held.getvalue()


def _head(place: Place) -> dict[str, Any]:
    return {
        "kommunenummer": place.number,
        "kommunenavn": place.name,
        "bydelsnummer": "00",
        "bydelsnavn": "",
        "sendingstidspunkt": dates.now().astimezone(dates.OSLO).strftime("%Y-%m-%dT%H:%M:%S"),
        "leveringskanal": "Nasjonal portal",
    }


def _report(report: dict[str, Any]) -> dict[str, bytes]:
    return {"bekymringsmelding.json": _json(report), "bekymringsmelding.pdf": pdf()}


def _confirmed(kind: str, value: bool) -> dict[str, Any]:
    return {"kilde": "bruker", "type": kind, "tittel": kind, "verdi": value}


def _row(kind: str, title: str, **amounts: int) -> dict[str, Any]:
    return {"kilde": "bruker", "type": kind, "tittel": title, "overstyrtAvBruker": False, **amounts}


def _moment() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _json(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()
