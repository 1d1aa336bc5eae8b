"""Reading the catalogue. Everything here is public; answers are remembered in each process.

Which services a municipality has adopted, and with which values, is in its own database; callers pass it as `offered`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Max

from allmenning.basics.memory import remembered
from allmenning.basics.norwegian import LANGUAGES, sort_key

from .content import ServicePackage
from .errors import AlteredVersion, UnknownService, UnknownTopic
from .models import LosTopic, LosWord, OfferedService, Service, ServiceVersion, StateService
from .reading import from_files
from .searching import Document, Index
from .versions import order

REMEMBERED_SECONDS = 60
LOS_BASE = "https://psi.norge.no/los/"

TITLE, SYNONYM, WORD, WORD_SYNONYM, TOPIC, SUMMARY, DESCRIPTION = 10.0, 8.0, 6.0, 5.0, 3.0, 3.0, 1.5


@dataclass(frozen=True, slots=True)
class Offer:
    """A service as a list shows it: one of ours (`version` set), or the state's (`url` set)."""

    id: str
    kind: str  # "service" or "state-service"
    version: str
    about: Mapping[str, Any] = field(repr=False)

    def title(self, language: str) -> str:
        return in_language(self.about["title"], language)

    def summary(self, language: str) -> str:
        return in_language(self.about.get("summary", ""), language)

    def owner(self, language: str) -> str:
        """Whose it is, in words."""
        owner = self.about.get("owner", "")
        return in_language(owner.get("name", owner) if isinstance(owner, Mapping) else owner, language)

    def url(self, language: str) -> str:
        """Where the state's service is; empty for one of ours."""
        return in_language(self.about.get("url", ""), language)

    @property
    def owner_kind(self) -> str:
        """municipality, cooperation or state."""
        return "state" if self.kind == "state-service" else str(self.about["owner_kind"])

    @property
    def takes_anything(self) -> bool:
        """Whether it takes whatever no other service does."""
        return bool(self.about.get("takes_anything"))

    @property
    def area(self) -> str:
        return str(self.about.get("area", ""))

    @property
    def audience(self) -> tuple[str, ...]:
        """resident and/or business."""
        return tuple(self.about.get("audience", ("resident",)))

    @property
    def los(self) -> tuple[str, ...]:
        """Its words and topics in Los, as `ord/bostotte`."""
        return tuple(link.removeprefix(LOS_BASE) for link in self.about.get("los", ()))


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that a search found, in the language of the page."""

    kind: str  # "service" or "state-service"
    id: str
    version: str
    title: str
    summary: str
    url: str
    owner_kind: str
    owner: str
    audience: tuple[str, ...]
    score: float


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic of Los in one language, with the topics below it."""

    id: str
    label: str
    children: tuple[Topic, ...] = ()


@dataclass(frozen=True, slots=True)
class Los:
    """Topics, life events and words, by id."""

    topics: Mapping[str, LosTopic]
    words: Mapping[str, LosWord]


def forget() -> None:
    """Read the catalogue again next time."""
    for each in (published_services, state_services, service_version, los, _stamp, topics):
        each.forget()


def warm() -> None:
    """Parse what is offered and make the search index before the first request does (0.2–0.3 s for each service)."""
    for each in published_services():
        service_version(each.id, each.version)
    _index(_stamp())


def in_language(text: Any, language: str) -> str:
    """A text of the language; where it is missing, Norwegian. A plain string is the same in all."""
    if not isinstance(text, Mapping):
        return str(text or "")
    return str(text.get(language) or text.get("nb") or next(iter(text.values()), ""))


@remembered(REMEMBERED_SECONDS)
def published_services() -> tuple[Offer, ...]:
    """The newest version of every service that is not withdrawn."""
    newest: dict[str, tuple[str, dict[str, Any]]] = {}
    rows = ServiceVersion.objects.filter(service__withdrawn_at=None).values_list("service_id", "version", "about")
    for id, version, about in rows:
        if id not in newest or order(version) > order(newest[id][0]):
            newest[id] = (version, about)
    return tuple(Offer(id, "service", version, about) for id, (version, about) in sorted(newest.items()))


def title_of(id: str, language: str) -> str:
    """A service's title, or its id when it is published no more."""
    return next((each.title(language) for each in published_services() if each.id == id), id)


def published(id: str) -> Offer:
    """The newest version of a service. Raises `UnknownService`."""
    for each in published_services():
        if each.id == id:
            return each
    raise UnknownService(service=id)


def versions(id: str) -> list[str]:
    """All versions of a service, newest first."""
    found = ServiceVersion.objects.filter(service_id=id).values_list("version", flat=True)
    return sorted(found, key=order, reverse=True)


@remembered(24 * 3600)
def service_version(id: str, version: str) -> ServicePackage:
    """A version's package, parsed once in each process: a version never changes.

    Raises `UnknownService`, and `AlteredVersion` if what is stored is not what was published.
    """
    row = ServiceVersion.objects.filter(service_id=id, version=version).values_list("files", "sha256").first()
    if row is None:
        raise UnknownService(service=f"{id} {version}")
    package = from_files(row[0])
    if package.sha256 != row[1]:
        raise AlteredVersion(service=id, version=version)
    return package


def offered_by(municipalities: Collection[str]) -> dict[str, dict[str, str]]:
    """What municipalities have told that they offer: version by service id, by municipality."""
    found: dict[str, dict[str, str]] = {each: {} for each in municipalities}
    rows = OfferedService.objects.filter(municipality__in=municipalities).order_by("service")
    for municipality, service, version in rows.values_list("municipality", "service", "version"):
        found[municipality][service] = version
    return found


@remembered(REMEMBERED_SECONDS)
def state_services() -> tuple[Offer, ...]:
    """Links to the services of the state."""
    return tuple(Offer(id, "state-service", "", about) for id, about in StateService.objects.values_list("id", "about"))


@remembered(3600)
def los() -> Los:
    """The whole of Los."""
    return Los({row.id: row for row in LosTopic.objects.all()}, {row.id: row for row in LosWord.objects.all()})


@remembered(3600)
def topics(language: str) -> tuple[Topic, ...]:
    """The main topics with their subtopics, in the language's order."""
    children = defaultdict(list)
    for row in los().topics.values():
        if row.kind == LosTopic.Kind.TOPIC:
            for parent in row.parents or [""]:
                children[parent].append(row)

    def below(parent: str) -> tuple[Topic, ...]:
        found = [Topic(row.id, in_language(row.label, language), below(row.id)) for row in children[parent]]
        return tuple(sorted(found, key=lambda topic: sort_key(topic.label)))

    return below("")


def life_events(language: str) -> tuple[Topic, ...]:
    """Life events of Los, such as having a child."""
    events = [row for row in los().topics.values() if row.kind == LosTopic.Kind.EVENT]
    found = [Topic(row.id, in_language(row.label, language)) for row in events]
    return tuple(sorted(found, key=lambda topic: sort_key(topic.label)))


def topic(id: str, language: str) -> Topic:
    """A topic or life event with what is below it. Raises `UnknownTopic`."""
    waiting = [*topics(language), *life_events(language)]
    while waiting:
        each = waiting.pop()
        if each.id == id:
            return each
        waiting += each.children
    raise UnknownTopic(topic=id)


def under_topic(id: str, offered: Collection[str] | None = None, audience: str | None = None) -> list[Offer]:
    """Services, ours first and then the state's, that are about a topic or life event, or one below it.

    `offered`: ids of our services to choose from. Raises `UnknownTopic`.
    """
    about = _links_below(id)
    return [each for each in _offers() if _is_wanted(each, offered, audience) and about & set(each.los)]


def search(
    query: str,
    language: str,
    municipality: str | None = None,
    audience: str | None = None,
    *,
    offered: Collection[str] | None = None,
    limit: int = 20,
) -> list[Hit]:
    """Services that a person may mean, best first: ours and the state's, found in any language, shown in `language`.

    municipality: for callers' logs and links; what it offers is `offered`, ids of our services (None: all of them).
    audience: `resident` or `business`. The exact word comes before its beginning, and that before a near miss.
    """
    offers = {(each.kind, each.id): each for each in _offers()}

    def wanted(key: Any) -> bool:
        return key in offers and _is_wanted(offers[key], offered, audience)

    found = _index(_stamp()).search(query, wanted)[:limit]
    return [_hit(offers[match.key], language, match.score) for match in found]  # type: ignore[index]


def _hit(offer: Offer, language: str, score: float) -> Hit:
    return Hit(
        kind=offer.kind,
        id=offer.id,
        version=offer.version,
        title=offer.title(language),
        summary=offer.summary(language),
        url=offer.url(language),
        owner_kind=offer.owner_kind,
        owner=offer.owner(language),
        audience=offer.audience,
        score=score,
    )


def _offers() -> tuple[Offer, ...]:
    return published_services() + state_services()


def _is_wanted(offer: Offer, offered: Collection[str] | None, audience: str | None) -> bool:
    if audience is not None and audience not in offer.audience:
        return False
    return offered is None or offer.kind == "state-service" or offer.id in offered


def _links_below(id: str) -> set[str]:
    """The Los links (`tema/…`, `ord/…`, `hendelse/…`) of a topic and everything below it."""
    if id not in los().topics:
        raise UnknownTopic(topic=id)
    row = los().topics[id]
    if row.kind == LosTopic.Kind.EVENT:
        return {f"hendelse/{id}", *(f"ord/{word}" for word in row.words)}
    below, waiting = {id}, [id]
    while waiting:
        parent = waiting.pop()
        new = [each.id for each in los().topics.values() if parent in each.parents and each.id not in below]
        below.update(new)
        waiting += new
    words = {f"ord/{word.id}" for word in los().words.values() if below & set(word.topics)}
    return {f"tema/{each}" for each in below} | words


_indexes: dict[Any, Index] = {}


@remembered(REMEMBERED_SECONDS)
def _stamp() -> tuple[Any, ...]:
    """Changes when what can be found changes, so that the index is made again only then."""
    count = ServiceVersion.objects.aggregate(Count("id"), Max("id"), Max("published_at"))
    withdrawn = Service.objects.filter(withdrawn_at__isnull=False).values_list("id", flat=True)
    state = hash(tuple((each.id, repr(each.about)) for each in state_services()))
    return (*count.values(), frozenset(withdrawn), state, len(los().words))


def _index(stamp: tuple[Any, ...]) -> Index:
    index = _indexes.get(stamp)
    if index is None:
        index = Index([_document(offer) for offer in _offers()])
        _indexes.clear()
        _indexes[stamp] = index
    return index


def _document(offer: Offer) -> Document:
    titles = _texts(offer.about["title"])
    synonyms = [text for texts in offer.about.get("synonyms", {}).values() for text in texts]
    fields = [
        *((TITLE, text) for text in titles),
        *((SYNONYM, text) for text in synonyms),
        *((SUMMARY, text) for text in _texts(offer.about.get("summary"))),
        *((DESCRIPTION, text) for text in _texts(offer.about.get("description"))),
        *(field for link in offer.los for field in _los_fields(link)),
    ]
    return Document((offer.kind, offer.id), (*titles, *synonyms), tuple(fields))


def _los_fields(link: str) -> list[tuple[float, str]]:
    kind, _, id = link.partition("/")
    if kind != "ord":
        row = los().topics.get(id)
        return [(TOPIC, text) for text in _texts(row.label)] if row else []
    word = los().words.get(id)
    if word is None:
        return []
    synonyms = [text for texts in word.synonyms.values() for text in texts]
    above = [los().topics[id] for id in word.topics if id in los().topics]
    return [
        *((WORD, text) for text in _texts(word.label)),
        *((WORD_SYNONYM, text) for text in synonyms),
        *((TOPIC, text) for topic in above for text in _texts(topic.label)),
    ]


def _texts(text: Any) -> list[str]:
    if not isinstance(text, Mapping):
        return [str(text)] if text else []
    return [str(text[language]) for language in LANGUAGES if text.get(language)]
