"""The parts that letters and submissions share: letterhead, title, language."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from allmenning.letters.errors import NoTitle, UnusableLogo
from allmenning.letters.paper import Letterhead
from allmenning.letters.text import Node, line
from allmenning.letters.words import words

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}\Z")
_PNG = b"\x89PNG\r\n\x1a\n"
_DEFAULT_COLOUR = "#1f3a5f"


def common(letterhead: Letterhead, language: str, heading: list[Node], day: date, running: str) -> dict[str, Any]:
    """The data that every layout needs."""
    title = " ".join(plain(heading).split())
    if not title:
        raise NoTitle()
    return {
        "words": words(language),
        "lang": language,
        "region": "GB" if language == "en" else "NO",
        "title": title,
        "heading": heading,
        "date": [day.year, day.month, day.day],
        "letterhead": _letterhead(letterhead, language),
        "running": line(running),
    }


def plain(nodes: list[Node]) -> str:
    """The text of nodes, without their form."""
    parts = []
    for node in nodes:
        match node["k"]:
            case "s":
                parts.append(node["v"])
            case "w":
                parts.append("".join(node["v"]))
            case "br":
                parts.append(" ")
            case _:
                parts.append(plain(node["c"]))
    return "".join(parts)


def pairs(*candidates: tuple[str, str]) -> list[list[str]]:
    """Labels and values as one line each, without those that have no value."""
    return [[label, line(value)] for label, value in candidates if value]


def _letterhead(letterhead: Letterhead, language: str) -> dict[str, Any]:
    said = words(language)
    address = [letterhead.municipality, *letterhead.address]
    if letterhead.organisation_number:
        address.append(f"{said['organisation_number']} {_grouped(letterhead.organisation_number)}")
    phone = f"{said['phone']} {letterhead.phone}" if letterhead.phone else ""
    contact = [part for part in (phone, letterhead.email, letterhead.website) if part]
    if letterhead.logo and not letterhead.logo.startswith(_PNG):
        raise UnusableLogo(reason="it was not made by prepare_logo")
    return {
        "municipality": line(letterhead.municipality),
        "unit": line(letterhead.unit),
        "contact": [[line(part) for part in parts] for parts in (address, contact)],
        "logo": list(letterhead.logo) if letterhead.logo else None,
        "logo_alt": said["logo"].format(name=line(letterhead.municipality)),
        "colour": letterhead.colour if _COLOUR.match(letterhead.colour) else _DEFAULT_COLOUR,
    }


def _grouped(number: str) -> str:
    """An organisation number as Norwegians write it: 964 981 337."""
    return f"{number[:3]} {number[3:6]} {number[6:]}" if re.fullmatch(r"\d{9}", number) else number
