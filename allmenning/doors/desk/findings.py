"""What leaders review, in words: what was found, and what whoever reviews it does now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import get_language, gettext_noop, ngettext
from django.utils.translation import gettext as _

from allmenning.basics import dates
from allmenning.municipal.access import resident_log
from allmenning.municipal.access.log_actions import NOT_GIVEN
from allmenning.municipal.access.models import KeptFromLog, LogEntry, Review


@dataclass(frozen=True)
class Finding:
    """Something to review, in words: its name, what happened, and what to do now."""

    title: str
    what: str
    now_what: str
    is_kept: bool = False  # it is somebody who keeps it from the log, and is ended in the case


def told(row: Review) -> Finding:
    """What was found: what happened, and what whoever reviews it does now."""
    kind = _kind_of(row)
    title, what, now_what = _FINDINGS[kind]
    facts: dict[str, Any] = {**dict.fromkeys(_COUNTS), **row.facts, "name": row.staff_name}
    facts |= {count: _("not known") for count in _COUNTS if facts[count] is None}
    facts["day"] = _said_day(row.facts["day"]) if "day" in row.facts else ""
    facts["ground"] = kept_because(row.facts.get("ground", "")).lower()
    why = _MET.get(row.facts.get("reason", ""), "")
    facts["why"] = _(why) if why else ""
    return Finding(_(title), _(what) % facts, _(now_what) % facts, is_kept=kind == "kept")


def _kind_of(row: Review) -> str:
    if row.kind == Review.Kind.LEFT_OUT and row.staff_id:
        return "kept"
    if row.kind == Review.Kind.VOLUME and row.facts.get("per") == "week":
        return "volume-of-week"
    return "break-glass-untold" if row.kind == Review.Kind.BREAK_GLASS and not row.facts.get("told", True) else row.kind


def _said_day(text: str) -> str:
    return dates.format_date(date.fromisoformat(text), get_language() or "nb")


# Not known: too few days, or colleagues, to tell what is usual.
_COUNTS = ("count", "seen", "days", "after", "usual", "usual_seen", "colleagues", "colleagues_seen")
_FINDINGS = {
    "break-glass": (
        gettext_noop("Opened in an emergency"),
        gettext_noop("%(name)s opened a case that was not theirs, and wrote why it could not wait:"),
        gettext_noop("Talk with %(name)s, and judge whether it had to be opened. The applicant is told that it was."),
    ),
    "break-glass-untold": (
        gettext_noop("Opened in an emergency"),
        gettext_noop("%(name)s opened a case that was not theirs, and wrote why it could not wait:"),
        gettext_noop(
            "Talk with %(name)s, and judge whether it had to be opened. The applicant is not told, since something is"
            " kept from their log: decide when they can be."
        ),
    ),
    "disqualified": (
        gettext_noop("Disqualified"),
        gettext_noop("%(name)s can't have to do with this case (forvaltningsloven § 6): %(why)s."),
        gettext_noop("See that somebody else has the case."),
    ),
    "no-action": (
        gettext_noop("Read without doing anything"),
        gettext_noop(
            "In the week from %(day)s %(name)s read cases that they did not have, and changed nothing in them in the %(days)s days"
            " after. Number of cases: %(count)s. Usual for %(name)s in a week: %(usual)s. Usual for others in the same role:"
            " %(colleagues)s."
        ),
        gettext_noop("Ask %(name)s what they were read for."),
    ),
    "neighbourhood": (
        gettext_noop("Own neighbourhood"),
        gettext_noop("%(name)s read a case of somebody who lives in the same street or house."),
        gettext_noop("Ask whether they know each other. If they do, somebody else should have the case."),
    ),
    "volume": (
        gettext_noop("Unusually many"),
        gettext_noop(
            "On %(day)s %(name)s opened %(count)s cases, and saw %(seen)s in all, with those in lists and searches. Usual for"
            " %(name)s in a day: %(usual)s opened and %(usual_seen)s in all. Usual for others in the same role:"
            " %(colleagues)s and %(colleagues_seen)s."
        ),
        gettext_noop("Ask %(name)s what the work was that day."),
    ),
    "volume-of-week": (
        gettext_noop("Unusually many"),
        gettext_noop(
            "On most days of the week from %(day)s %(name)s opened %(count)s cases or more, and saw %(seen)s or more in all, with"
            " those in lists and searches. Usual for %(name)s in a day: %(usual)s opened and %(usual_seen)s in all. Usual for"
            " others in the same role: %(colleagues)s and %(colleagues_seen)s."
        ),
        gettext_noop("Ask %(name)s why their work shows them more than it shows others."),
    ),
    "last-weeks": (
        gettext_noop("Last weeks before leaving"),
        gettext_noop(
            "%(name)s left on %(day)s. In the %(days)s days before, and after, they opened %(count)s cases and saw %(seen)s in"
            " all, with those in lists and searches; %(after)s of them after that day. In as many days before that they opened"
            " %(usual)s and saw %(usual_seen)s."
        ),
        gettext_noop("See whether that is what the work asked for. If not, tell your own leader."),
    ),
    "left-out": (
        gettext_noop("Left out by a rule"),
        gettext_noop("The applicant has read their own log, and these rows were left out:"),
        gettext_noop(
            "See that each of them would do harm if it was shown. If one would not, the rule reaches too far: tell of it."
        ),
    ),
    "kept": (
        gettext_noop("Kept from the applicant's log"),
        gettext_noop("%(name)s keeps something from it until %(day)s, because of %(ground)s, and wrote:"),
        gettext_noop("Judge whether the danger is real. If it is not, end it in the case."),
    ),
}
_MET = {
    "own-case": gettext_noop("it is their own"),
    "near-case": gettext_noop("it is of somebody in the family"),
    "same-household": gettext_noop("the applicant lives at the same address"),
    "near-named": gettext_noop("they, or somebody in the family, are named in it"),
    "declared-partial": gettext_noop("they have said that they are partial"),
    "found-afterwards": gettext_noop(
        "it is of somebody in the family, and was read or given to them before the population register had told of it"
    ),
}


def tried(tries: Sequence[LogEntry]) -> list[str]:
    """How often somebody disqualified tried, and others to give them the case, and when; what nobody did is not told."""
    others = [each for each in tries if each.action == NOT_GIVEN]
    theirs = [each for each in tries if each.action != NOT_GIVEN]
    told = []
    if theirs:
        said = ngettext(
            "Tried and refused %(num)d time: %(times)s", "Tried and refused %(num)d times: %(times)s", len(theirs)
        )
        told.append(said % {"num": len(theirs), "times": _times(theirs)})
    if others:
        said = ngettext(
            "Others tried to give it to them, and were refused, %(num)d time: %(times)s",
            "Others tried to give it to them, and were refused, %(num)d times: %(times)s",
            len(others),
        )
        told.append(said % {"num": len(others), "times": _times(others)})
    return told


def _times(tries: Sequence[LogEntry]) -> str:
    return ", ".join(dates.format_time(each.at, get_language() or "nb") for each in tries)


def conclusion(code: str) -> str:
    """What came of a review."""
    return {"fine": _("It was fine"), "followed-up": _("I have followed it up")}.get(code, code)


def kept_because(ground: str) -> str:
    """Why something is kept from a resident's own log."""
    return {
        "violence": _("Violence or threats by somebody near"),
        "police": _("An investigation by the police"),
        "child-welfare": _("A report of concern, or an inquiry by child welfare"),
    }.get(ground, ground)


def last_day(row: KeptFromLog) -> datetime:
    """A moment of the last day that something is kept: it ends when that day does."""
    return row.until - timedelta(seconds=1)


def kept_what(ground: str) -> str:
    """What is left out of the log on that ground."""
    return {
        "violence": _("Everything that staff and other systems do in the case is left out."),
        "police": _("Who asks about the case or controls it is left out. Ordinary work with it is shown."),
        "child-welfare": _("Who handles the case, asks about it or controls it is left out."),
    }.get(ground, "")


def left_out_by(rule: str) -> str:
    """A rule by which a resident's own log leaves rows out, and its ground in law."""
    said = {
        "violence": _("Violence or threats by somebody near"),
        "police": _("An investigation by the police"),
        "child-welfare": _("A report of concern, or an inquiry by child welfare"),
        "keeping": _("Tells that something is kept from the log"),
        "child-welfare-control": _("Who asked about a case in child welfare, or controlled it"),
        "other-parent": _("One parent is not told of the other's contact"),
        "anothers-reading": _("One representative is not told what another has done"),
    }.get(rule, rule)
    ground = next((each.ground for each in resident_log.RULES if each.id == rule), "")
    return f"{said} ({ground})" if ground else said
