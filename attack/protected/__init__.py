"""A protected family in every field of every service; then everybody looks everywhere for where they live.

Nothing of it may turn up before somebody states a need; and then on the pages of that one case alone, each look logged.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import connections

from ..scene import Scene
from ..tally import Tally
from . import kept, sensitive
from .crawling import PAYS, Answer, Crawl
from .family import NAMED, NAMES_OF, Family, Sent, plant
from .kept import PAID
from .lookers import Looker, lookers, with_a_need
from .resting import at_rest, listened, out_of_the_house, told_to_operators
from .words import Planted, Words

KIND = "protected"
_MEASURES = "/metrics"  # numbers in lines: joined they make any number by chance, so they are looked for as they stand
_DRAWN = "/previews/"  # drawn anew: pixels alone, also for who has stated a need


def attack(scene: Scene, tally: Tally, brief: bool = False) -> Found:
    """Plant, look, and look again with a need; `brief`: fewer roles, fewer cases for most of them."""
    words = Words(scene.canaries, next(iter(scene.places)))
    with listened() as lines:
        family = plant(next(iter(scene.places.values())), scene.registers, words, brief)
        sensitive.plant(family, brief)
        kept.plant(family)
        found = look(scene, family, tally, brief)
    _judge(tally, words, "the log", "\n".join(lines))
    tally.tells(KIND, str(found))
    return found


@dataclass
class Found:
    """What was planted, looked at, and seen by who had stated a need."""

    places: int
    fields: int  # of forms, which
    unanswered: set[tuple[str, ...]]  # are all that take a free value, but these
    areas: int = 0  # with cases of theirs
    roles: int = 0
    answers: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    elsewhere: int = 0  # places where nobody clicks
    opened: int = 0  # answers that showed it to who had stated a need, each logged
    seen: set[str] = field(default_factory=set)  # what was then seen, by where it was planted,
    seen_in: set[str] = field(default_factory=set)  # and in which areas

    def __str__(self) -> str:
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in self.kinds.most_common(6))
        return (
            f"{self.places} places planted ({self.fields} fields of forms) in {self.areas} areas; {self.roles} roles, {self.answers:,} answers"
            f" ({kinds}); {self.elsewhere} tables, files, messages and commands; with a need {self.opened} answers, each logged"
        )


def look(scene: Scene, family: Family, tally: Tally, brief: bool = False) -> Found:
    """Everybody looks, then who states a need, then one looks where nobody clicks."""
    crawl, unanswered = Crawl(family, brief), family.asked - family.answered
    _rest()
    found = Found(
        len(family.words.planted), len(family.answered), unanswered, len({each.area for each in family.cases})
    )
    for looker in lookers(scene, family, brief):
        found.roles += 1
        for answer in crawl.looks(looker):
            _count(found, answer)
            _judge_answer(tally, family, answer)
        _rest()
    for told in crawl.told:
        tally.hinted(KIND, told)
    stated: dict[str, list[Sent]] = defaultdict(list)  # by whom; each still holds when the next is stated
    for looker, sent in with_a_need(family, brief):
        stated[looker.name].append(sent)
        _look_with_a_need(found, tally, crawl, looker, stated[looker.name])
        _rest()
    for where, text in (*out_of_the_house(family), *told_to_operators(family), *at_rest(family)):
        found.elsewhere += 1
        _judge(tally, family.words, where, text)
    return found


def _rest() -> None:
    """As at the end of a request: a connection that nobody uses for five minutes is closed by the server, which the pool sees."""
    connections.close_all()


def _count(found: Found, answer: Answer) -> None:
    found.answers += 1
    found.kinds[answer.response.get("Content-Type", "none").partition(";")[0]] += 1


def _judge_answer(tally: Tally, family: Family, answer: Answer) -> None:
    tally.tried(KIND)
    if answer.response.status_code >= 500 and answer.response.status_code != 503:
        tally.hinted(KIND, f"{answer.by.name}: {answer.how} failed ({answer.response.status_code})")
    for word in _in(family.words, answer) - answer.typed:
        planted = family.words.planted[word]
        if not _may_see(answer.by, planted):
            tally.leaked(KIND, f"{answer.by.name}: {answer.how}: {planted}")


def _in(words: Words, answer: Answer) -> set[str]:
    content, headers = answer.parts
    if answer.how.endswith(_MEASURES):
        return words.in_clear(content.decode()) | words.found_in_answer(headers)
    return set(words.found_in_answer(content) | words.found_in_answer(headers))


def _may_see(looker: Looker, planted: Planted) -> bool:
    """Their own, and the names of those whom they have to do with."""
    knows = planted.case == NAMED and planted.whose in {NAMES_OF[each] for each in looker.knows}
    return planted.whose == looker.is_one or knows


def _look_with_a_need(found: Found, tally: Tally, crawl: Crawl, looker: Looker, stated: Sequence[Sent]) -> None:
    """Of the cases that a need was stated in everything is seen, each time logged; of everything else nothing."""
    for answer in crawl.looks_with_a_need(looker, stated[-1]):
        _count(found, answer)
        tally.tried(KIND)
        about = [each for each in stated if crawl.is_about(answer.how, each)]
        planted = [crawl.family.words.planted[word] for word in _in(crawl.family.words, answer) - answer.typed]
        hidden = [each for each in planted if not _may_see(looker, each)]
        for each in hidden:
            is_too_much = PAYS in answer.how and each.what not in PAID
            if not _is_of(each, about) or is_too_much or (_DRAWN in answer.how and answer.how.endswith(".jpg")):
                tally.leaked(KIND, f"{looker.name} with a need: {answer.how}: {each}")
        if hidden:
            found.opened += 1
            found.seen |= {each.what for each in hidden}
            found.seen_in |= {each.area for each in about}
            if not answer.logged:
                tally.leaked(KIND, f"{looker.name}: {answer.how} showed {hidden[0]} and logged nothing")


def _is_of(planted: Planted, cases: Iterable[Sent]) -> bool:
    """Whether a word stands in one of these cases, or is known of the person whose case it is."""
    return any(planted.whose == NAMES_OF[each.whose] and planted.case in (each.label, "") for each in cases)


def _judge(tally: Tally, words: Words, where: str, text: str) -> None:
    tally.tried(KIND)
    for word in words.in_clear(text):
        tally.leaked(KIND, f"{where}: {words.planted[word]}")
