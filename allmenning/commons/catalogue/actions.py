"""Writing the catalogue: publishing a version, withdrawing a service, loading Los and the state's services."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.db import models, router, transaction

from allmenning.basics.dates import now

from . import queries
from .checks import check
from .content import ServicePackage
from .errors import NotPublishable, OlderVersion, UnknownService, VersionExists
from .models import LosTopic, LosWord, OfferedService, Service, ServiceVersion, StateService
from .reading import load
from .versions import order

ROOT = Path(__file__).resolve().parents[3]


def publish(package: ServicePackage, by: str) -> ServiceVersion:
    """Publish a version of a service; `by` says who, without personal data. Publishing it again changes nothing.

    It trusts a package that has been checked; `publish_folder` checks. Raises `VersionExists` when that version is
    published with other content, `OlderVersion` when a newer one is.
    """
    with transaction.atomic(using=_commons()):
        Service.objects.get_or_create(id=package.id)
        # Two who publish at once wait for each other here.
        service = Service.objects.select_for_update().get(id=package.id)
        present = {row.version: row for row in service.versions.defer("files")}
        if package.version in present:
            if present[package.version].sha256 != package.sha256:
                raise VersionExists(service=package.id, version=package.version)
            row = present[package.version]
        else:
            newest = max(present, key=order, default=package.version)
            if order(newest) > order(package.version):
                raise OlderVersion(service=package.id, newest=newest)
            row = _store(service, package, by)
        if service.withdrawn_at:
            service.withdrawn_at = None
            service.save(update_fields=["withdrawn_at"])
    _changed()
    return row


def publish_folder(folder: Path | str, by: str) -> ServiceVersion:
    """Check a service's folder, run its examples, and publish it.

    Raises `NotPublishable` with what is wrong, `VersionExists`, `OlderVersion`.
    """
    problems = [str(each) for each in check(folder) if each.level == "error"]
    if problems:
        raise NotPublishable(problems="; ".join(problems))
    return publish(load(folder), by)


def withdraw(service: str) -> None:
    """Offer a service no more. Its versions stay for the cases that began with them. Raises `UnknownService`."""
    if not Service.objects.filter(id=service).update(withdrawn_at=now()):
        raise UnknownService(service=service)
    _changed()


def note_offered(municipality: str, offered: Mapping[str, str]) -> bool:
    """Note which services (by id, with the version) a municipality offers, and that it offers no others.

    Again is harmless: nothing is written, and False returned, when it is so already.
    """
    rows = OfferedService.objects.filter(municipality=municipality)
    if dict(rows.values_list("service", "version")) == dict(offered):
        return False
    with transaction.atomic(using=_commons()):
        rows.exclude(service__in=offered).delete()
        OfferedService.objects.bulk_create(
            [OfferedService(municipality=municipality, service=s, version=v) for s, v in offered.items()],
            update_conflicts=True,
            unique_fields=["municipality", "service"],
            update_fields=["version"],
        )
    return True


def load_los() -> None:
    """Make topics, life events and words what `data/los.json` says; run again it changes nothing."""
    folder = Path(getattr(settings, "DATA_DIR", ROOT / "data"))
    facts = json.loads((folder / "los.json").read_text(encoding="utf-8"))
    topics = [_topic(row, LosTopic.Kind.TOPIC) for row in facts["topics"]]
    topics += [_topic(row, LosTopic.Kind.EVENT) for row in facts["events"]]
    with transaction.atomic(using=_commons()):
        _replace(LosTopic, topics)
        _replace(LosWord, [_word(row) for row in facts["words"]])
    _changed()


def load_state_services(path: Path | None = None) -> None:
    """Make the links to the state's services what `services/state-services.yaml` says.

    Each has id, title, summary, url (a text, or one for each language), owner, audience, los and synonyms.
    """
    text = (path or ROOT / "services" / "state-services.yaml").read_text(encoding="utf-8")
    facts = yaml.safe_load(text)
    rows = facts if isinstance(facts, list) else next(value for value in facts.values() if isinstance(value, list))
    services = [StateService(id=row["id"], about=json.loads(json.dumps(row, default=str))) for row in rows]
    with transaction.atomic(using=_commons()):
        _replace(StateService, services)
    _changed()


def _store(service: Service, package: ServicePackage, by: str) -> ServiceVersion:
    return ServiceVersion.objects.create(
        service=service,
        version=package.version,
        files=dict(package.files),
        sha256=package.sha256,
        about=about(package),
        published_at=now(),
        published_by=by,
    )


def about(package: ServicePackage) -> dict[str, Any]:
    """What lists and search need to know of a package."""
    texts = {
        name: {language: getattr(package, name)[language] for language in ("nb", "nn", "en")}
        for name in ("title", "summary", "description")
    }
    return {
        **texts,
        "owner": {"nb": package.owner.nb, "nn": package.owner.nn, "en": package.owner.en},
        "owner_kind": package.owner_kind,
        "area": package.area,
        "audience": list(package.audience),
        "los": list(package.los),
        "takes_anything": package.takes_anything,
        "synonyms": {language: list(words) for language, words in package.synonyms.items()},
    }


def _topic(row: dict[str, Any], kind: str) -> LosTopic:
    return LosTopic(
        id=row["id"],
        kind=kind,
        label=row["label"],
        synonyms=row.get("synonyms", {}),
        parents=row.get("topics", []),
        words=row.get("words", []),
    )


def _word(row: dict[str, Any]) -> LosWord:
    return LosWord(
        id=row["id"],
        label=row["label"],
        synonyms=row.get("synonyms", {}),
        note=row.get("note", {}),
        topics=row.get("topics", []),
        municipal=row.get("municipal", False),
    )


def _replace(model: type[models.Model], rows: list[Any]) -> None:
    fields = [field.name for field in model._meta.concrete_fields if not field.primary_key]
    manager = model._default_manager
    manager.exclude(pk__in=[row.pk for row in rows]).delete()
    manager.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=fields)


def _commons() -> str:
    return router.db_for_write(Service)


def _changed() -> None:
    queries.forget()
    transaction.on_commit(queries.forget, using=_commons())
