"""Make the project's own fact files in `data/` from what others have published.

    python scripts/make_data.py [--sources ../shared/data] [--out data]

The sources are other people's publications and are not in the project; `data/README.md`, which this script also
writes, names each by publisher, date and SHA-256. Running it again on the same sources gives the same bytes.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import re
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from lxml import etree

ROOT = Path(__file__).resolve().parent.parent
CHANGES = "municipality-changes"
REGTOOLS = f"{CHANGES}/regtools_kommuner_1994_2024.csv"
WIDE = f"{CHANGES}/alle_kommunenummer_fra2013_til2020_wide.csv"
SSB_CHANGES = {
    2017: f"{CHANGES}/ssb_endringer_2013_til2017.csv",
    2018: f"{CHANGES}/ssb_endringer_2017_til2018.csv",
    2019: f"{CHANGES}/ssb_endringer_2018_til2019.csv",
    2020: f"{CHANGES}/ssb_endringer_2019_til2020.csv",
}
POPULATION = "ssb_07459_folkemengde_1jan_2005_2021_per_kommune.csv"
LOS = "los.rdf"

FIRST_YEAR, LAST_YEAR = 1994, 2024
# Svalbard, Jan Mayen, the continental shelf and «not stated» are codes in statistics, not municipalities.
NOT_MUNICIPALITIES = ("21", "22", "23", "99")

# Official names in other languages than Norwegian, as (language, spelling). The sources lost š and ŋ on the way; the
# spelling here is the official one. smj = Lule Sami, sma = South Sami, se = North Sami, fkv = Kven.
PARALLEL_NAMES = {
    "Aarborte": ("sma", "Aarborte"),
    "Deatnu": ("se", "Deatnu"),
    "Dielddanuorri": ("se", "Dielddanuorri"),
    "Divtasvuodna": ("smj", "Divtasvuodna"),
    "Evenássi": ("se", "Evenášši"),
    "Fuossko": ("smj", "Fuossko"),
    "Guovdageaidnu": ("se", "Guovdageaidnu"),
    "Gáivuotna": ("se", "Gáivuotna"),
    "Hábmer": ("smj", "Hábmer"),
    "Hámmerfeasta": ("se", "Hámmerfeasta"),
    "Hárstták": ("se", "Hárstták"),
    "Kaivuono": ("fkv", "Kaivuono"),
    "Kárá?johka": ("se", "Kárášjohka"),
    "Kárájohka": ("se", "Kárášjohka"),
    "Kárásjohka": ("se", "Kárášjohka"),
    "Loabák": ("se", "Loabák"),
    "Nåavmesjenjaelmie": ("sma", "Nåavmesjenjaelmie"),
    "Omasvuono": ("fkv", "Omasvuono"),
    "Omasvuotna": ("se", "Omasvuotna"),
    "Porsanki": ("fkv", "Porsanki"),
    "Porsá?gu": ("se", "Porsáŋgu"),
    "Porsángu": ("se", "Porsáŋgu"),
    "Raarvihke": ("sma", "Raarvihke"),
    "Raisi": ("fkv", "Raisi"),
    "Rosse": ("sma", "Rosse"),
    "Ráisa": ("se", "Ráisa"),
    "Snåase": ("sma", "Snåase"),
    "Suortá": ("se", "Suortá"),
    "Tråante": ("sma", "Tråante"),
    "Unjárga": ("se", "Unjárga"),
}
# Which county tells two municipalities of one name apart, where the source does not say it in today's words.
COUNTY_OF = {"0441": "Innlandet"}
# What the sources leave out. Borre became Horten, with a new number, on 1 January 2002 (unconfirmed: the grouping only
# says that 0701 began that year; with it the municipalities of 1994 are 435, as they were).
MISSING_NUMBERS = (("0717", "Borre", "0701", 2002),)
# Andebu is not in table 07459's extract; the figure is from the cooperation's own account (FACTS of the field).
MISSING_POPULATION = (("andebu", 2006, 5147),)


# --- Reading the sources -------------------------------------------------------------------------------------------


@dataclass
class Spell:
    """One number and the years it was in use. `start` and `end` (exclusive) are years; None is «not in our time»."""

    code: str
    group: str
    name: str
    county: str | None
    start: int | None
    end: int | None


@dataclass(frozen=True)
class Change:
    """From 1 January of `year`, the municipality of one number is (or is part of) another's."""

    year: int
    old: str
    new: str
    kind: str  # merged, split, restored, renumbered: settled when identities are known


@dataclass
class Sources:
    folder: Path
    spells: dict[str, Spell] = field(default_factory=dict)
    in_use: dict[int, set[str]] = field(default_factory=dict)
    names: dict[tuple[int, str], str] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)


def rows_of(folder: Path, name: str, delimiter: str) -> Iterator[dict[str, str]]:
    text = (folder / name).read_text(encoding="utf-8-sig")
    yield from csv.DictReader(text.splitlines(), delimiter=delimiter)


def read_spells(folder: Path) -> dict[str, Spell]:
    """Every number 1994–2024, from lines such as `K.3905,Tønsberg,0716u,Våle (-2001)`."""
    spells = {}
    for row in rows_of(folder, REGTOOLS, ","):
        code, text = row["KODE"].strip(), row["TEKST"]
        if code.startswith(NOT_MUNICIPALITIES):
            continue
        years = re.search(r"\((\d{4})?-(\d{4})\)", text)
        county = re.search(r"\(([^()\d-][^()]*)\)", text)
        started = int(years[1]) if years and years[1] and int(years[1]) >= FIRST_YEAR else None
        name = re.sub(r"\s*\([^)]*\)", "", text).strip()
        ended = int(years[2]) + 1 if years else None
        spells[code] = Spell(code, row["GRUPPEKODE"], name, county[1] if county else None, started, ended)
    for code, name, successor, end in MISSING_NUMBERS:
        spells[code] = Spell(code, spells[successor].group, name, None, None, end)
    return spells


def read_wide(folder: Path) -> tuple[dict[int, set[str]], dict[tuple[int, str], str]]:
    """Which numbers were in use, and under which name, in 2013, 2017, 2018, 2019 and 2020."""
    in_use: dict[int, set[str]] = defaultdict(set)
    names = {}
    for row in rows_of(folder, WIDE, ";"):
        for year in (2013, 2017, 2018, 2019, 2020):
            code = row[f"kommunenummer_{year}"]
            in_use[year].add(code)
            names[year, code] = row[f"kommunenavn_{year}"]
    return dict(in_use), names


def read_ssb_changes(folder: Path) -> Iterator[Change]:
    for year, name in SSB_CHANGES.items():
        for row in rows_of(folder, name, ";"):
            old, new, *split = row.values()
            if old[:4] != new[:4]:
                yield Change(year, old[:4], new[:4], "split" if split and split[0] == "1" else "merged")


def other_changes(spells: dict[str, Spell], known: Iterable[Change]) -> Iterator[Change]:
    """Changes before 2017 and in 2024, which only the grouping tells: a number's group says what it became."""
    told = {(change.year, change.old) for change in known}
    for spell in spells.values():
        if spell.end is None or (spell.end, spell.code) in told:
            continue
        group = [other for other in spells.values() if other.group == spell.group and other is not spell]
        begins = [other for other in group if other.start == spell.end]
        (new,) = begins or [other for other in group if other.end is None]
        yield Change(spell.end, spell.code, new.code, "merged")


def restorations(sources: Sources) -> Iterator[Change]:
    """Un-mergers: a number new in 2024 with nothing before it, whose group has an older one that merged (Haram)."""
    arrived = {change.new for change in sources.changes}
    merged_into = {change.old: change.new for change in sources.changes}
    for spell in sources.spells.values():
        if spell.end is None and spell.code not in arrived and spell.code not in sources.in_use[2020]:
            former = next(other for other in sources.spells.values() if other.group == spell.group and other.end)
            yield Change(LAST_YEAR, merged_into[former.code], spell.code, "restored")


def settle_starts(sources: Sources) -> None:
    """Give a number its first year where the grouping is silent: new when it was not in use the time before."""
    before = {2017: 2013, 2018: 2017, 2019: 2018, 2020: 2019}
    for change in sources.changes:
        spell = sources.spells[change.new]
        if spell.start is not None:
            continue
        if change.year in before:
            is_new = spell.code not in sources.in_use[before[change.year]]
        elif change.year > 2020:
            is_new = spell.code not in sources.in_use[2020]
        else:
            # Bodø kept its number when it took in Skjerstad; Kristiansund, Aure and Vindafjord got new ones.
            same_group = [other for other in sources.spells.values() if other.group == spell.group]
            is_new = any(other.end == change.year and other.name == spell.name for other in same_group)
        if is_new:
            spell.start = change.year


def read_sources(folder: Path) -> Sources:
    in_use, names = read_wide(folder)
    sources = Sources(folder, read_spells(folder), in_use, names)
    sources.changes = list(read_ssb_changes(folder))
    sources.changes += list(other_changes(sources.spells, sources.changes))
    sources.changes += list(restorations(sources))
    sources.changes.sort(key=lambda change: (change.year, change.old, change.new))
    settle_starts(sources)
    return sources


# --- Municipalities ------------------------------------------------------------------------------------------------


def norwegian_part(name: str) -> str:
    """`Gáivuotna - Kåfjord - Kaivuono` → `Kåfjord`."""
    parts = [part.strip() for part in re.sub(r"\s*\([^)]*\)", "", name).split(" - ")]
    (norwegian,) = [part for part in parts if part not in PARALLEL_NAMES]
    return norwegian


def parallel_parts(name: str) -> list[tuple[str, str]]:
    return [PARALLEL_NAMES[part.strip()] for part in name.split(" - ") if part.strip() in PARALLEL_NAMES]


def slug(name: str) -> str:
    """A readable id: `Averøy` → `averoy`, `Møre og Romsdal` → `more-og-romsdal`."""
    plain = name.lower().translate(str.maketrans({"æ": "ae", "ø": "o", "å": "a"}))
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(letter))
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def identities(sources: Sources) -> list[list[Spell]]:
    """Gather the numbers of one municipality, oldest first.

    A municipality is the same when only its number changes, and when it goes on under its name through a merger
    (Kristiansand 2020) or comes back (Haram 2024). A new name for a merged one is a new municipality (Hustadvika).
    """
    chain: dict[str, str] = {}
    for change in sources.changes:
        leaving = [other for other in sources.changes if (other.year, other.old) == (change.year, change.old)]
        arriving = [other for other in sources.changes if (other.year, other.new) == (change.year, change.new)]
        only_number = len(leaving) == len(arriving) == 1 and sources.spells[change.new].start == change.year
        names = [norwegian_part(sources.spells[code].name) for code in (change.old, change.new)]
        if names[0] == names[1] or (only_number and change.kind == "merged"):
            chain[change.old] = change.new
    for change in sources.changes:
        if change.kind == "restored":
            group = sources.spells[change.new].group
            former = next(code for code, spell in sources.spells.items() if spell.group == group and spell.end)
            chain[former] = change.new
    gathered: dict[str, list[Spell]] = defaultdict(list)
    for code, spell in sources.spells.items():
        last = code
        while last in chain:
            last = chain[last]
        gathered[last].append(spell)
    return [sorted(spells, key=lambda spell: spell.end or 9999) for spells in gathered.values()]


def dated_names(sources: Sources, spells: list[Spell]) -> list[dict[str, Any]]:
    """The names a municipality has had. A date is that of the first list with the name; the decision may be older."""
    seen = sorted(observations(sources, spells), key=lambda pair: pair[0] or 0)
    rows: list[dict[str, Any]] = []
    for year, name in seen:
        norwegian = norwegian_part(name)
        current = next((row for row in reversed(rows) if row["language"] == "nb"), None)
        if current is None or current["name"] != norwegian:
            if current:
                current["end"] = first_of(year)
            rows.append({"language": "nb", "name": norwegian, "start": first_of(year), "end": None})
        for language, spelling in parallel_parts(name):
            if all(row["name"] != spelling for row in rows):
                rows.append({"language": language, "name": spelling, "start": first_of(year), "end": None})
    return [{key: value for key, value in row.items() if value is not None} for row in rows]


def observations(sources: Sources, spells: list[Spell]) -> Iterator[tuple[int | None, str]]:
    for spell in spells:
        lists = [
            (year, sources.names[year, spell.code]) for year in sources.in_use if (year, spell.code) in sources.names
        ]
        for position, (year, name) in enumerate(lists):
            yield (spell.start if position == 0 else year), name
        if not lists:
            yield spell.start, spell.name
        elif spell.end is None:
            yield LAST_YEAR, spell.name


def first_of(year: int | None) -> str | None:
    return f"{year}-01-01" if year else None


def number_row(spell: Spell) -> dict[str, Any]:
    # «0716u» is the source's way to write that 0716 was Våle's until Re took the number over.
    row = {"number": spell.code[:4], "start": first_of(spell.start), "end": first_of(spell.end)}
    return {key: value for key, value in row.items() if value is not None}


def municipalities(sources: Sources) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The municipalities, and which number belongs to which id."""
    found = [(slug(norwegian_part(spells[-1].name)), spells) for spells in identities(sources)]
    alone = {base: sum(other == base for other, _ in found) == 1 for base, _ in found}
    result, id_of = [], {}
    for base, spells in found:
        row: dict[str, Any] = {"id": base}
        if not alone[base]:
            row["qualifier"] = qualifier(spells)
            row["id"] = f"{base}-{slug(row['qualifier'])}"
        row["numbers"] = [number_row(spell) for spell in spells]
        row["names"] = dated_names(sources, spells)
        result.append(row)
        id_of.update({spell.code: row["id"] for spell in spells})
    return sorted(result, key=lambda row: row["id"]), id_of


def qualifier(spells: list[Spell]) -> str:
    override = next((COUNTY_OF[spell.code] for spell in spells if spell.code in COUNTY_OF), None)
    return override or next(spell.county for spell in reversed(spells) if spell.county)


def successions(sources: Sources, id_of: dict[str, str]) -> list[dict[str, str]]:
    rows = []
    for change in sources.changes:
        arriving = [other for other in sources.changes if (other.year, other.new) == (change.year, change.new)]
        same = id_of[change.old] == id_of[change.new]
        kind = "renumbered" if same and change.kind == "merged" and len(arriving) == 1 else change.kind
        rows.append(
            {
                "date": f"{change.year}-01-01",
                "kind": kind,
                "from": id_of[change.old],
                "from_number": change.old[:4],
                "to": id_of[change.new],
                "to_number": change.new[:4],
            }
        )
    return rows


def population(folder: Path, register: list[dict[str, Any]]) -> list[tuple[str, int, int]]:
    """(municipality, year, inhabitants on 1 January), through the number in force that day."""
    holders = defaultdict(list)
    for row in register:
        for number in row["numbers"]:
            holders[number["number"]].append((number.get("start", "0"), number.get("end", "9"), row["id"]))
    figures = list(MISSING_POPULATION)
    for row in rows_of(folder, POPULATION, ","):
        for year in (key for key in row if key.isdigit() and row[key]):
            day = f"{year}-01-01"
            owner = [who for start, end, who in holders[row["kommunenummer"]] if start <= day < end]
            if owner:
                figures.append((owner[0], int(year), int(row[year])))
    return sorted(figures)


# --- Los -----------------------------------------------------------------------------------------------------------

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
SKOS = "{http://www.w3.org/2004/02/skos/core#}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
LOS_BASE = "https://psi.norge.no/los/"
EMPTY = {"", "*", "**"}  # what Los writes where a text is to come


def read_los(folder: Path) -> dict[str, list[dict[str, Any]]]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    root = etree.parse(str(folder / LOS), parser).getroot()
    found: dict[str, list[dict[str, Any]]] = {"topics": [], "words": [], "events": []}
    kinds = {"tema": "topics", "ord": "words", "hendelse": "events"}
    municipal = set(links(root.find(f"*[@{RDF}about='{LOS_BASE}samling/kommune-los']"), "member"))
    for node in root:
        kind, _, name = node.get(f"{RDF}about").removeprefix(LOS_BASE).partition("/")
        if kind in kinds and name:
            found[kinds[kind]].append(los_row(node, kind, name, municipal))
    return {kind: sorted(rows, key=lambda row: row["id"]) for kind, rows in found.items()}


def los_row(node: Element, kind: str, name: str, municipal: set[str]) -> dict[str, Any]:
    row: dict[str, Any] = {"id": name, "label": {lang: texts[0] for lang, texts in texts_of(node, "prefLabel").items()}}
    synonyms = merge(texts_of(node, "altLabel"), texts_of(node, "hiddenLabel"))
    note = {lang: " ".join(texts[0].split()) for lang, texts in texts_of(node, "note").items()}
    relation = "related" if kind == "hendelse" else "broader"
    extra = {
        "synonyms": synonyms,
        "note": note,
        "topics" if kind != "hendelse" else "words": [link.partition("/")[2] for link in links(node, relation)],
        "municipal": f"{kind}/{name}" in municipal,
    }
    row.update({key: value for key, value in extra.items() if value})
    return row


def texts_of(node: Element, tag: str) -> dict[str, list[str]]:
    texts: dict[str, set[str]] = defaultdict(set)
    for element in node.findall(SKOS + tag):
        text = unicodedata.normalize("NFC", (element.text or "").strip())
        if text not in EMPTY:
            texts[element.get(LANG, "nb")].add(text)
    return {language: sorted(texts[language]) for language in sorted(texts)}


def merge(*many: dict[str, list[str]]) -> dict[str, list[str]]:
    languages = sorted({language for texts in many for language in texts})
    return {lang: sorted({text for texts in many for text in texts.get(lang, [])}) for lang in languages}


def links(node: Element | None, tag: str) -> list[str]:
    if node is None:
        return []
    return sorted(element.get(f"{RDF}resource", "").removeprefix(LOS_BASE) for element in node.findall(SKOS + tag))


# --- Writing -------------------------------------------------------------------------------------------------------

README = """# data: facts, with where they come from

Written by `scripts/make_data.py` from publications that are not part of the project, except
`cooperations.yaml`, `representation.yaml`, `reviewing.yaml` and `benefit_rates.yaml`, which are kept by hand. Names and numbers of
municipalities and words for public services: no personal data.

| File | Holds |
| --- | --- |
| `municipalities.json` | {municipalities} municipalities, their numbers and names, {successions} successions |
| `population.csv` | {population} figures: inhabitants on 1 January 2005–2021, by municipality |
| `los.json` | Los: {topics} topics, {words} words, {events} life events, in nb, nn and en |
| `cooperations.yaml` | four cooperations and their dated memberships, each with its source |
| `benefit_rates.yaml` | what a letter costs to post, by date and with its source; unconfirmed |
| `reviewing.yaml` | when a reading stands out, so that a leader looks into it |
| `representation.yaml` | who may act for another in the portal, in which areas and until which age, by law; what is not confirmed is marked |

How to read them:
- `start` is the first day, `end` the first day after; none means before {first}, or still so. The sources give years,
  so every change is on 1 January. A name's date is that of the first list it stands in; the decision may be older.
- A municipality keeps its id when only its number changes, when it goes on under its name through a merger, and when it
  comes back (Haram 2020–2023 was part of Ålesund). A merger under a new name is a new municipality.
- `0716u` in the source is number 0716 while it was Våle's; Re took it over in 2002.
- Sami and Kven letters that the sources lost (š, ŋ) are written as the official names have them.
- A succession is `renumbered` (the same municipality), `merged`, `split` (a part went there) or `restored` (un-merged).
- Not in the sources: Borre (0717), which became Horten in 2002 (unconfirmed), and Andebu's population in 2006.
- Population is missing for some municipalities before 2008 (Kristiansund, Frei), and after 2021 for all.

## Sources

Statistics Norway publishes under CC BY 4.0, Los under NLOD 2.0 (both unconfirmed here: the files do not say).

| File | Publisher | What, and when | SHA-256 |
| --- | --- | --- | --- |
{sources}
"""

PUBLISHED = {
    REGTOOLS: ("regtools (publisher not named in the file)", "grouping of municipality numbers 1994–2024"),
    WIDE: ("compiled from Statistics Norway, KLASS 131", "numbers and names 2013, 2017, 2018, 2019, 2020"),
    SSB_CHANGES[2017]: ("Statistics Norway, KLASS 131", "changes 2013–2017"),
    SSB_CHANGES[2018]: ("Statistics Norway, KLASS 131", "changes 1.1.2018"),
    SSB_CHANGES[2019]: ("Statistics Norway, KLASS 131", "changes 1.1.2019"),
    SSB_CHANGES[2020]: ("Statistics Norway, KLASS 131", "changes 1.1.2020"),
    POPULATION: ("Statistics Norway, table 07459", "population on 1 January 2005–2021"),
    LOS: ("Digitaliseringsdirektoratet, psi.norge.no/los", "Los; the file bears no date"),
}


def one_a_line(value: dict[str, Any]) -> str:
    """JSON with one row on each line, so that a change shows as the line it is."""
    parts = []
    for key, rows in value.items():
        lines = ",\n".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows)
        parts.append(f"{json.dumps(key)}:[\n{lines}\n]")
    return "{" + ",\n".join(parts) + "}\n"


def population_csv(figures: list[tuple[str, int, int]]) -> str:
    years = sorted({year for _, year, _ in figures})
    table: dict[str, dict[int, int]] = defaultdict(dict)
    for municipality, year, number in figures:
        table[municipality][year] = number
    lines = [",".join(["municipality", *map(str, years)])]
    lines += [",".join([name, *(str(row.get(year, "")) for year in years)]) for name, row in sorted(table.items())]
    return "\n".join(lines) + "\n"


def make(folder: Path) -> dict[str, str]:
    """Every file and its text."""
    sources = read_sources(folder)
    register, id_of = municipalities(sources)
    followed = successions(sources, id_of)
    figures = population(folder, register)
    los = read_los(folder)
    digests = "\n".join(
        f"| `{name}` | {publisher} | {what} | `{hashlib.sha256((folder / name).read_bytes()).hexdigest()}` |"
        for name, (publisher, what) in PUBLISHED.items()
    )
    counts = {kind: len(rows) for kind, rows in los.items()}
    return {
        "municipalities.json": one_a_line({"municipalities": register, "successions": followed}),
        "population.csv": population_csv(figures),
        "los.json": one_a_line(los),
        "README.md": README.format(
            municipalities=len(register),
            successions=len(followed),
            population=len(figures),
            first=FIRST_YEAR,
            last=LAST_YEAR,
            sources=digests,
            **counts,
        ),
    }


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sources", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--out", type=Path, default=ROOT / "data")
    options = parser.parse_args(arguments)
    if not (options.sources / LOS).exists():
        print(f"No sources in {options.sources}; say where they are with --sources.", file=sys.stderr)
        return 1
    options.out.mkdir(parents=True, exist_ok=True)
    for name, text in make(options.sources).items():
        (options.out / name).write_text(text, encoding="utf-8", newline="\n")
        print(f"{name}: {len(text.encode()):,} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
