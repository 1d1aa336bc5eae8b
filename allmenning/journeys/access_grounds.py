"""The legal grounds on which a part of a case may be kept from its party, what they are called on page and on paper, and how
long a party waits (`data/party_access.yaml`).

Forvaltningsloven (LOV-1967-02-10): a party may see the documents of the case (§ 18), but for internal ones (§ 18 a), those
obtained for the internal preparation (§ 18 b), and certain kinds of information (§ 19). Who has a refusal may complain of
it (§ 21). §§ 18 and 19 were seen in their wording, § 21 quoted in part, §§ 18 a and 18 b referred to; those of
LOV-2025-06-20-81, whose start is not confirmed, have other numbers. A law that comes into force is a new line.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from allmenning.basics import dates
from allmenning.basics.errors import AllmenningError
from allmenning.commons.municipalities.actions import facts_in


class UnknownGround(AllmenningError):
    """Choose one of the grounds that the law has."""


@dataclass(frozen=True)
class Ground:
    """A ground: its id, the section as letters cite it, and what it says, each by language."""

    id: str
    section: dict[str, str]
    about: dict[str, str]

    def said(self, language: str) -> str:
        """As it stands in place of what is left out."""
        return f"{self.about[language]} ({self.section[language]})."


def _section(nb: str, nn: str, en: str) -> dict[str, str]:
    return {"nb": f"forvaltningsloven {nb}", "nn": f"forvaltningslova {nn}", "en": f"forvaltningsloven {en}"}


INTERNAL = "internal"
OTHERS = "others-private"  # proposed for what a note says about or from somebody who is no party

GROUNDS = {
    ground.id: ground
    for ground in (
        Ground(
            INTERNAL,
            _section("§ 18 a", "§ 18 a", "§ 18 a"),
            {
                "nb": "Internt dokument til forberedelsen av saken",
                "nn": "Internt dokument til førebuinga av saka",
                "en": "An internal document, made to prepare the case",
            },
        ),
        Ground(
            "obtained-for-internal",
            _section("§ 18 b", "§ 18 b", "§ 18 b"),
            {
                "nb": "Dokument innhentet utenfra til den interne forberedelsen av saken",
                "nn": "Dokument henta inn utanfrå til den interne førebuinga av saka",
                "en": "A document obtained from elsewhere for the internal preparation of the case",
            },
        ),
        Ground(
            "business-secret",
            _section("§ 19 første ledd bokstav b", "§ 19 første ledd bokstav b", "§ 19 first paragraph (b)"),
            {
                "nb": "Forretningshemmelighet som andre kan utnytte",
                "nn": "Forretningsløyndom som andre kan utnytte",
                "en": "A business secret that others could make use of",
            },
        ),
        Ground(
            "own-health",
            _section("§ 19 første ledd bokstav d", "§ 19 første ledd bokstav d", "§ 19 first paragraph (d)"),
            {
                "nb": "Utilrådelig av hensyn til din helse eller forholdet til noen som står deg nær. En representant "
                "for deg kan be om å få se det",
                "nn": "Utilrådeleg av omsyn til helsa di eller forholdet til nokon som står deg nær. Ein representant "
                "for deg kan be om å få sjå det",
                "en": "Inadvisable because of your health or your relation to somebody near you. A representative of "
                "yours may ask to see it",
            },
        ),
        Ground(
            "others-health",
            _section("§ 19 annet ledd bokstav a", "§ 19 andre ledd bokstav a", "§ 19 second paragraph (a)"),
            {
                "nb": "Gjelder en annen persons helseforhold",
                "nn": "Gjeld helseforholda til ein annan person",
                "en": "About another person's health",
            },
        ),
        Ground(
            OTHERS,
            _section("§ 19 annet ledd bokstav b", "§ 19 andre ledd bokstav b", "§ 19 second paragraph (b)"),
            {
                "nb": "Gjelder andre forhold som av særlige grunner ikke bør meddeles videre",
                "nn": "Gjeld andre forhold som av særlege grunnar ikkje bør meddelast vidare",
                "en": "About other matters that for special reasons should not be passed on",
            },
        ),
    )
}


def ground(name: str) -> Ground:
    """Raises UnknownGround."""
    if name not in GROUNDS:
        raise UnknownGround()
    return GROUNDS[name]


def answer_due(asked: date) -> date:
    """By when a party who asked that day should have an answer."""
    return dates.add_working_days(asked, _term("answer", asked)["working_days"])


def complaint_due(answered: date) -> date:
    """The last day to complain of an answer that was given that day; one that is no working day moves to the next."""
    return dates.next_working_day(dates.add_weeks(answered, _term("complaint", answered)["weeks"]))


def _term(name: str, on: date) -> dict[str, Any]:
    return next(line for line in _terms()[name] if dates.holds(line.get("start"), line.get("end"), on))


@cache
def _terms() -> dict[str, list[dict[str, Any]]]:
    return facts_in("party_access.yaml")


# The party's right to complain, in the letter (forvaltningsloven §§ 21, 28, 29). Who settles it: statsforvalteren.
COMPLAINT = {
    "nb": "Du kan klage på at noe er utelatt (forvaltningsloven § 21). Fristen er tre uker fra du fikk dette brevet (§ 29). "
    "Skriv til oss, og si hva du mener at du skulle ha fått se. Endrer vi det ikke, sender vi klagen videre til "
    "statsforvalteren, som avgjør den.",
    "nn": "Du kan klage på at noko er utelate (forvaltningslova § 21). Fristen er tre veker frå du fekk dette brevet (§ 29). "
    "Skriv til oss, og sei kva du meiner at du skulle ha fått sjå. Endrar vi det ikkje, sender vi klaga vidare til "
    "statsforvaltaren, som avgjer ho.",
    "en": "You can complain that something is left out (forvaltningsloven § 21). The deadline is three weeks from when you "
    "got this letter (§ 29). Write to us, and say what you think you should have seen. If we do not change it, we send "
    "the complaint on to the county governor (statsforvalteren), who settles it.",
}

SENT_ON = {
    "nb": "Vi sender klagen din videre til statsforvalteren, som avgjør den. Du trenger ikke å gjøre noe.",
    "nn": "Vi sender klaga di vidare til statsforvaltaren, som avgjer ho. Du treng ikkje å gjere noko.",
    "en": "We send your complaint on to the county governor (statsforvalteren), who settles it. You need not do anything.",
}
