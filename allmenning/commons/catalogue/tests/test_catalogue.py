from pathlib import Path

import pytest
from django.db import DatabaseError, transaction

from allmenning.basics.memory import forget_everything
from allmenning.commons.catalogue import actions, queries
from allmenning.commons.catalogue.errors import (
    AlteredVersion,
    NotPublishable,
    OlderVersion,
    UnknownService,
    UnknownTopic,
    VersionExists,
)
from allmenning.commons.catalogue.models import LosWord, ServiceVersion
from allmenning.commons.catalogue.testing import a_package, text

OUR_OWN = [path.parent for path in sorted((Path(__file__).parents[4] / "services").glob("*/service.yaml"))]


@pytest.fixture(autouse=True)
def _commons(commons_db):
    forget_everything()
    yield
    forget_everything()


def test_what_is_published_can_be_read_back():
    package = a_package("inquiry", "1.0.0")
    actions.publish(package, "the operations centre")
    assert [(each.id, each.version) for each in queries.published_services()] == [("inquiry", "1.0.0")]
    assert queries.service_version("inquiry", "1.0.0").sha256 == package.sha256
    assert queries.published("inquiry").title("nn") == "Førespurnad"


def test_the_newest_version_is_offered_and_the_old_ones_stay():
    for version in ("1.9.0", "1.10.0"):
        actions.publish(a_package("inquiry", version), "somebody")
    assert queries.published("inquiry").version == "1.10.0"
    assert queries.versions("inquiry") == ["1.10.0", "1.9.0"]
    assert queries.service_version("inquiry", "1.9.0").version == "1.9.0"


def test_publishing_again_changes_nothing():
    first = actions.publish(a_package("inquiry"), "somebody")
    assert actions.publish(a_package("inquiry"), "somebody else").pk == first.pk


def test_a_version_can_not_get_other_content():
    actions.publish(a_package("inquiry"), "somebody")
    with pytest.raises(VersionExists, match=r"1\.0\.0"):
        actions.publish(a_package("inquiry", title=text("Noe annet")), "somebody")


def test_an_older_version_comes_too_late():
    actions.publish(a_package("inquiry", "1.1.0"), "somebody")
    with pytest.raises(OlderVersion, match=r"1\.1\.0"):
        actions.publish(a_package("inquiry", "1.0.0"), "somebody")


@pytest.mark.parametrize("tamper", [lambda rows: rows.update(published_by="me"), lambda rows: rows.delete()])
def test_the_database_refuses_to_change_a_version(tamper):
    actions.publish(a_package("inquiry"), "somebody")
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic(using="commons"):
        tamper(ServiceVersion.objects.all())


def test_altered_content_is_noticed():
    row = actions.publish(a_package("inquiry"), "somebody")
    ServiceVersion.objects.create(
        service_id="inquiry",
        version="2.0.0",
        files=row.files | {"CHANGELOG.md": '"altered"'},
        sha256=row.sha256,
        about=row.about,
        published_at=row.published_at,
        published_by="somebody",
    )
    with pytest.raises(AlteredVersion):
        queries.service_version("inquiry", "2.0.0")


def test_a_folder_with_problems_is_not_published(tmp_path):
    with pytest.raises(NotPublishable, match="no service in the folder"):
        actions.publish_folder(tmp_path, "somebody")
    (tmp_path / "service.yaml").write_text("id: inquiry")
    with pytest.raises(NotPublishable, match=r"routine\.yaml"):
        actions.publish_folder(tmp_path, "somebody")
    assert queries.published_services() == ()


@pytest.mark.parametrize("folder", OUR_OWN, ids=lambda folder: folder.name)
def test_our_own_services_can_be_published_and_found(folder):
    actions.load_los()
    version = actions.publish_folder(folder, "somebody")
    package = queries.service_version(version.service_id, version.version)
    for language in ("nb", "nn", "en"):
        assert queries.search(package.title[language], language)[0].id == package.id
    assert {link.rpartition("/")[2] for link in package.los} <= {*queries.los().words, *queries.los().topics}


def test_a_withdrawn_service_is_not_offered_but_its_cases_go_on():
    actions.publish(a_package("inquiry"), "somebody")
    actions.withdraw("inquiry")
    assert queries.published_services() == ()
    assert queries.service_version("inquiry", "1.0.0").id == "inquiry"
    with pytest.raises(UnknownService):
        actions.withdraw("nothing")
    with pytest.raises(UnknownService):
        queries.published("inquiry")


def test_a_version_is_parsed_once_and_can_be_so_beforehand(monkeypatch):
    actions.publish(a_package("inquiry"), "somebody")
    queries.warm()
    monkeypatch.setattr(queries, "from_files", None)
    assert queries.service_version("inquiry", "1.0.0") is queries.service_version("inquiry", "1.0.0")


def test_los_is_loaded_and_loading_again_changes_nothing():
    actions.load_los()
    actions.load_los()
    assert LosWord.objects.count() == 427
    main = queries.topics("nn")
    assert len(main) == 14
    family = next(each for each in main if each.id == "familie-og-barn")
    assert "Barnehage" in [each.label for each in family.children]
    assert queries.topics("en")[0].label < queries.topics("en")[-1].label
    assert queries.topic("barnehage", "en").label == "Kindergartens"
    assert "Dødsfall og arv" in [each.label for each in queries.life_events("nb")]
    with pytest.raises(UnknownTopic):
        queries.topic("atlantis", "nb")


def test_services_are_found_under_their_topics():
    actions.load_los()
    actions.publish(a_package("housing-allowance", los=["https://psi.norge.no/los/ord/bostotte"]), "somebody")
    for topic in ("okonomiske-ytelser-og-radgivning", "sosiale-tjenester", "alvorlig-sykt-barn"):
        assert [each.id for each in queries.under_topic(topic)] == ["housing-allowance"]
    assert queries.under_topic("barnehage") == []
    assert queries.under_topic("sosiale-tjenester", offered=[]) == []


def test_links_to_the_state_are_loaded(tmp_path):
    file = tmp_path / "state.yaml"
    file.write_text(
        "services:\n- id: student-loan\n  title: {nb: Studielån, nn: Studielån, en: Student loan}\n"
        "  url: https://lanekassen.no\n  owner: Lånekassen\n  audience: [resident]\n"
    )
    actions.load_state_services(file)
    (link,) = queries.state_services()
    assert (link.title("en"), link.url("nn"), link.owner("nb"), link.owner_kind) == (
        "Student loan",
        "https://lanekassen.no",
        "Lånekassen",
        "state",
    )
    file.write_text("services: []\n")
    actions.load_state_services(file)
    assert queries.state_services() == ()
