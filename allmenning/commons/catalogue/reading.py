"""A service package from its files: a folder on disk, or what is kept of a published version.

Everything is read from text, so a running case can always get back the very package it started with.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from allmenning.basics.norwegian import LANGUAGES
from allmenning.basics.plain_yaml import read_yaml

from .content import (
    APPLICANT,
    Access,
    Adjustable,
    Appeal,
    Comparison,
    ConsentKind,
    Contact,
    Dated,
    DatedRow,
    Deadline,
    Extension,
    ForEach,
    Grant,
    LegalBasis,
    Link,
    ListRow,
    MinutesSaved,
    NoSuchPackage,
    NoteKind,
    OutcomeKind,
    PartyKind,
    Phase,
    PhaseStep,
    Promise,
    ReasonText,
    ResultKind,
    Retention,
    Sender,
    ServicePackage,
    Signing,
    State,
    Step,
    UnreadablePackage,
    Value,
)
from .records import FILE as RECORDS
from .records import read_kinds
from .texts import Text

DATA_FILES = (
    "service.yaml",
    "form.schema.json",
    "form.ui.json",
    "routine.yaml",
    "decision.json",
    "access.yaml",
    "CHANGELOG.md",
)
# Nothing else may lie in the folder: what nobody reads is where surprises hide.
ALLOWED_FILE = re.compile(
    r"(?:"
    + "|".join(map(re.escape, (*DATA_FILES, RECORDS)))
    + r"|state-report\.yaml|letters/[a-z][a-z0-9-]*(?:\.[a-z][a-z0-9-]*)?\.(?:nb|nn|en)\.md"
    r"|records/[a-z][a-z0-9-]*\.(?:schema|ui)\.json"
    r"|examples/[a-z0-9][a-z0-9-]*\.yaml)"
)
LARGEST_FILE = 500_000
MOST_FILES = 400


def read_folder(folder: Path | str) -> dict[str, str]:
    """The text of every file in a service's folder, by its path in it.

    Raises `NoSuchPackage`, or `UnreadablePackage` for what is no text, too large, or a link out of the folder.
    """
    root = Path(folder)
    if not (root / "service.yaml").is_file():
        raise NoSuchPackage(folder=str(folder))
    found: dict[str, str] = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.is_dir() and not path.is_symlink():
            continue
        if path.is_symlink() or path.stat().st_size > LARGEST_FILE or len(found) >= MOST_FILES:
            raise UnreadablePackage("too large, too many, or a link", file=name)
        try:
            found[name] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise UnreadablePackage("not UTF-8 text", file=name) from None
    return found


def parsed(files: Mapping[str, str], name: str) -> Any:
    """One file of the package as data. Raises `UnreadablePackage`."""
    try:
        text = files[name]
        return json.loads(text) if name.endswith(".json") else read_yaml(text)
    except KeyError:
        raise UnreadablePackage("it is missing", file=name) from None
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        raise UnreadablePackage(str(error).replace("\n", " ")[:300], file=name) from None


def load(folder: Path | str) -> ServicePackage:
    """Read a service's folder. Check it first with `check(folder)`: loading trusts what has been checked.

    Raises `NoSuchPackage`, `UnreadablePackage`.
    """
    return from_files(read_folder(folder))


def from_files(files: Mapping[str, str]) -> ServicePackage:
    """Make a package from the files of a published version: the same files are the same package. Raises `UnreadablePackage`."""
    return _of_texts(tuple(sorted(files.items())))


@lru_cache(maxsize=64)
def _of_texts(texts: tuple[tuple[str, str], ...]) -> ServicePackage:
    files = dict(texts)
    data = {name: parsed(files, name) for name in DATA_FILES if name != "CHANGELOG.md"}
    try:
        return ServicePackage(
            **_service(data["service.yaml"]),
            **_routine(data["routine.yaml"]),
            access=_access(data["access.yaml"]),
            form_schema=data["form.schema.json"],
            form_ui=data["form.ui.json"],
            decision=data["decision.json"],
            records=read_kinds(files, parsed),
            files=MappingProxyType(files),
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise UnreadablePackage(
            f"{type(error).__name__} {error}", file="service.yaml, routine.yaml or records.yaml"
        ) from None


def _texts(values: Any) -> tuple[Text, ...]:
    return tuple(Text.of(each) for each in values or ())


def _service(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **{name: raw[name] for name in ("id", "version", "area", "sensitivity")},
        **{name: Text.of(raw[name]) for name in ("title", "summary", "description", "who", "expected_time")},
        "needs": _texts(raw["needs"]),
        "notices": _texts(raw.get("notices")),
        "owner": Text.of(raw["owner"]["name"]),
        "owner_kind": raw["owner"]["kind"],
        "audience": tuple(raw["audience"]),
        "los": tuple(raw["los"]),
        "synonyms": {language: tuple(raw["synonyms"][language]) for language in LANGUAGES},
        "legal_basis": tuple(_law(each) for each in raw["legal_basis"]),
        "retention": _retention(raw["retention"]),
        "deadlines": tuple(_deadline(each) for each in raw["deadlines"]),
        "signing": Signing(**raw["signing"]),
        "adjustable": tuple(_adjustable(each) for each in raw.get("adjustable", ())),
        "dated": tuple(_dated(each) for each in raw.get("dated", ())),
        "dated_on": raw.get("dated_on"),
        "takes_anything": raw.get("takes_anything", False),
        "minutes_saved": _minutes_saved(raw["minutes_saved"]),
        "links": tuple(Link(Text.of(each["title"]), each["url"]) for each in raw.get("links", ())),
    }


def _law(raw: Mapping[str, Any]) -> LegalBasis:
    return LegalBasis(
        id=raw["id"],
        law=Text.of(raw["law"]),
        section=raw["section"],
        about=Text.of(raw["about"]),
        citation=raw.get("citation", ""),
        source=Text.of(raw["source"]),
        confirmed=raw["confirmed"],
    )


def _retention(raw: Mapping[str, Any]) -> Retention:
    return Retention(
        raw["rule"],
        raw.get("years"),
        raw["starts"],
        Text.of(raw["about"]),
        Text.of(raw["source"]),
        raw["confirmed"],
    )


def _minutes_saved(raw: Mapping[str, Any]) -> MinutesSaved:
    return MinutesSaved(raw["minutes"], Text.of(raw["source"]), raw["confirmed"])


def _deadline(raw: Mapping[str, Any]) -> Deadline:
    duration = raw["duration"]
    named = next(iter(duration.values())) if isinstance(duration, Mapping) else None
    extend = raw.get("extend")
    return Deadline(
        raw["id"],
        Text.of(raw["title"]),
        "" if named else duration,
        raw.get("starts") or raw.get("after_event") or "",
        raw.get("legal_basis"),
        raw["pauses"],
        measured_by=named,
        after=raw.get("after"),
        when=raw.get("when"),
        extend=Extension(extend["to"], extend["by"]["role"]) if extend else None,
        met_by=tuple(raw.get("met_by", ())),
        repeats=raw.get("repeats"),
        until=raw.get("until"),
        phase=raw.get("phase"),
        shown_to_sender=raw.get("shown_to_sender", True),
        on_transfer=raw.get("on_transfer", "continues"),
        on_working_day=raw.get("on_working_day", False),
    )


def _adjustable(raw: Mapping[str, Any]) -> Adjustable:
    return Adjustable(
        id=raw["id"],
        title=Text.of(raw["title"]),
        help=Text.of(raw["help"]) if "help" in raw else None,
        type=raw["type"],
        default=raw["default"],
        least=raw.get("least"),
        most=raw.get("most"),
        choices={key: Text.of(each) for key, each in raw.get("choices", {}).items()},
    )


def _dated(raw: Mapping[str, Any]) -> Dated:
    rows = tuple(
        DatedRow(
            starts=date.fromisoformat(each["starts"]),
            ends=date.fromisoformat(each["ends"]) if "ends" in each else None,
            value=each["value"],
            source=Text.of(each["source"]),
            confirmed=each["confirmed"],
        )
        for each in raw["rows"]
    )
    return Dated(raw["id"], Text.of(raw["title"]), raw["type"], rows)


def _routine(raw: Mapping[str, Any]) -> dict[str, Any]:
    reasons = {key: ReasonText(key, Text.of(each["text"]), each.get("each")) for key, each in raw["reasons"].items()}
    return {
        "states": tuple(
            State(each["id"], Text.of(each["title"]), each["open"], each["waits_for"]) for each in raw["states"]
        ),
        "steps": tuple(_step(each) for each in raw["steps"]),
        "outcomes": tuple(_outcome(each) for each in raw["outcomes"]),
        "results": tuple(_result(each) for each in raw.get("results", ())),
        "parties": tuple(_party(each) for each in raw.get("parties", ())),
        "consents": tuple(_consent(each) for each in raw.get("consents", ())),
        "note_kinds": tuple(NoteKind(each["id"], Text.of(each["title"])) for each in raw.get("notes", ())),
        "phases": tuple(_phase(each) for each in raw.get("phases", ())),
        "sender": _sender(raw.get("sender", {})),
        "contact": Contact(raw["contact"]["field"], raw["contact"].get("when")) if "contact" in raw else None,
        "reasons": reasons,
        "uncertain": {key: Text.of(each) for key, each in raw.get("uncertain", {}).items()},
        "missing": {key: Text.of(each) for key, each in raw.get("missing", {}).items()},
        "values": tuple(_value(each) for each in raw.get("values", ())),
        "lists": {key: tuple(_list_row(each) for each in rows) for key, rows in raw.get("lists", {}).items()},
        "compares": tuple(Comparison(**each) for each in raw.get("compares", ())),
        **{name: raw[name] for name in ("decides_by_itself", "may_ask_for_a_person", "may_follow_up")},
    }


def _step(raw: Mapping[str, Any]) -> Step:
    who = raw["who"]
    return Step(
        id=raw["id"],
        title=Text.of(raw["title"]),
        automatic=who == "auto",
        action=raw["action"],
        role=None if who == "auto" else who["role"],
        unit=None if who == "auto" else who["unit"],
        deadline=raw.get("deadline"),
        about=Text.of(raw["about"]) if "about" in raw else None,
        when=raw.get("when"),
    )


def _outcome(raw: Mapping[str, Any]) -> OutcomeKind:
    return OutcomeKind(
        id=raw["id"],
        title=Text.of(raw["title"]),
        kind=raw["kind"],
        closes=raw["closes"],
        chosen_by=tuple(raw["chosen_by"]),
        requires_second_person=raw["requires_second_person"],
        appeal=_appeal(raw["appeal"]),
        legal_basis=tuple(raw.get("legal_basis", ())),
        hand_over_to=raw.get("hand_over_to"),
        sender_follows=raw.get("sender_follows", True),
        to=tuple(raw.get("to", (APPLICANT,))),
        told_when=raw.get("told_when"),
        shown_as=Text.of(raw["shown_as"]) if "shown_as" in raw else None,
    )


def _party(raw: Mapping[str, Any]) -> PartyKind:
    made_by = raw.get("from", {})
    is_party = raw.get("is_party", False)
    return PartyKind(
        raw["id"],
        Text.of(raw["title"]),
        is_party if isinstance(is_party, str) else str(is_party).lower(),
        made_by.get("each"),
        made_by.get("name"),
        made_by.get("number"),
        raw.get("when", "true"),
        raw.get("applicant_when", "false"),
    )


def _consent(raw: Mapping[str, Any]) -> ConsentKind:
    duration, given = raw.get("valid", ""), raw.get("from", {})
    named = next(iter(duration.values())) if isinstance(duration, Mapping) else None
    return ConsentKind(
        id=raw["id"],
        title=Text.of(raw["title"]),
        about=Text.of(raw["about"]),
        given_by=tuple(raw["given_by"]),
        how_many=str(raw.get("how_many", 1)),
        gives=dict(given.get("when", {})),
        given_on=given.get("on"),
        document=given.get("document"),
        duration="" if named else duration,
        measured_by=named,
        needed_before=tuple(raw.get("needed_before", ())),
        one_of=raw.get("one_of"),
        lets=raw.get("lets"),
        sees=tuple(raw.get("sees", ())),
    )


def _sender(raw: Mapping[str, Any]) -> Sender:
    said = {name: value for name, value in raw.items() if name != "state"}
    if isinstance(said.get("due"), Mapping):
        said |= {"due": False, "promise": Promise(**said["due"])}
    if "says" in said:
        said["says"] = Text.of(said["says"])
    return Sender(shows_all=raw.get("state") != "answered-or-not", **said)


def _result(raw: Mapping[str, Any]) -> ResultKind:
    return ResultKind(raw["id"], Text.of(raw["title"]), raw.get("reasons") == "required", dict(raw["answers"]))


def _phase(raw: Mapping[str, Any]) -> Phase:
    own = raw.get("for")
    return Phase(
        id=raw["id"],
        title=Text.of(raw["title"]),
        about=Text.of(raw["about"]) if "about" in raw else None,
        opened_by=tuple(raw["opened_by"]),
        concluded_by=tuple(raw.get("concluded_by", ())),
        decides=tuple(raw.get("decides", ())),
        by_hand=raw["by_hand"]["role"] if "by_hand" in raw else None,
        closes=raw.get("by_hand", {}).get("closes", False),
        steps=tuple(_phase_step(each) for each in raw.get("steps", ())),
        for_each=_for_each(own) if own else None,
    )


def _for_each(raw: Mapping[str, Any]) -> ForEach:
    title = Text.of(raw["title"]) if "title" in raw else None
    return ForEach(raw["each"], raw["name"], raw.get("number"), title)


def _phase_step(raw: Mapping[str, Any]) -> PhaseStep:
    return PhaseStep(
        id=raw["id"],
        title=Text.of(raw["title"]),
        role=raw["who"]["role"],
        is_required=raw.get("required", False),
        repeats=raw.get("repeats", False),
        deadline=raw.get("deadline"),
        about=Text.of(raw["about"]) if "about" in raw else None,
    )


def _appeal(raw: Mapping[str, Any]) -> Appeal:
    return Appeal(
        allowed=raw["allowed"],
        weeks=raw.get("weeks"),
        to=Text.of(raw["to"]) if "to" in raw else None,
        body=Text.of(raw["body"]) if "body" in raw else None,
        legal_basis=tuple(raw.get("legal_basis", ())),
        why=Text.of(raw["why"]) if "why" in raw else None,
    )


def _value(raw: Mapping[str, Any]) -> Value:
    return Value(
        id=raw["id"],
        title=Text.of(raw["title"]),
        source=raw["source"],
        required=raw.get("required", True),
        outcomes=tuple(raw.get("outcomes", ())),
        is_municipality=raw.get("type") == "municipality",
    )


def _list_row(raw: Mapping[str, Any]) -> ListRow:
    return ListRow(Text.of(raw["text"]), raw.get("when"), raw.get("each"))


def _access(raw: Mapping[str, Any]) -> Access:
    lists = {name: tuple(_grant(each) for each in raw[name]) for name in ("start", "read", "decide", "delegate")}
    return Access(login=raw["login"], **lists)


def _grant(raw: Mapping[str, Any]) -> Grant:
    return Grant(raw["who"], raw.get("role"), raw.get("unit"))
