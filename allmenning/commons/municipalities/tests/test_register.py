from datetime import date

import pytest
from django.db import IntegrityError, transaction

from allmenning.basics.testing import calls_of
from allmenning.commons.municipalities import actions, queries
from allmenning.commons.municipalities.errors import (
    AlreadyMember,
    NotMember,
    PlaceTaken,
    UnknownCooperation,
    UnknownMunicipality,
)
from allmenning.commons.municipalities.models import (
    Membership,
    Municipality,
    MunicipalityNumber,
    Population,
    Succession,
)

pytestmark = pytest.mark.usefixtures("register")


def ids(found):
    return [each.id for each in found]


@pytest.mark.parametrize(
    ("number", "on", "municipality"),
    [
        ("0716", date(2001, 12, 31), "vale"),
        ("0716", date(2002, 1, 1), "re"),
        ("1567", date(2018, 12, 31), "rindal"),
        ("5061", date(2019, 1, 1), "rindal"),
        ("1507", date(2022, 6, 1), "alesund"),
        ("1580", date(2024, 1, 1), "haram"),
        ("0714", date(2017, 12, 31), "hof"),
        ("3802", date(2020, 1, 1), "holmestrand"),
    ],
)
def test_a_number_belongs_to_one_municipality_on_a_day(number, on, municipality):
    assert queries.by_number(number, on).id == municipality


@pytest.mark.parametrize(("number", "on"), [("1567", date(2019, 1, 1)), ("1580", date(2023, 12, 31)), ("9999", None)])
def test_a_number_out_of_its_time_is_nobodys(number, on):
    with pytest.raises(UnknownMunicipality):
        queries.by_number(number, on)


def test_there_are_357_municipalities_in_2024():
    assert len(queries.all_municipalities(date(2024, 6, 1))) == 357
    assert len(queries.all_municipalities(date(2020, 1, 1))) == 356


def test_names_in_several_languages():
    assert queries.name_of("kafjord", "en") == "Kåfjord"
    assert queries.name_of("kafjord", "se") == "Gáivuotna"
    assert queries.municipality("kafjord").all_names() == "Kåfjord – Gáivuotna – Kaivuono"
    assert queries.name_of("nesbyen", "nb", date(2019, 1, 1)) == "Nes"
    assert queries.municipality("heroy-nordland").label == "Herøy (Nordland)"
    assert queries.name_of("fraena") == "Fræna"
    with pytest.raises(UnknownMunicipality, match="atlantis"):
        queries.name_of("atlantis")


@pytest.mark.parametrize(
    ("municipality", "on", "responsible"),
    [
        ("fraena", None, ["hustadvika"]),
        ("fraena", date(2019, 1, 1), ["fraena"]),
        ("hof", date(2019, 1, 1), ["holmestrand"]),
        ("snillfjord", None, ["heim", "hitra", "orkland"]),
        ("haram", date(2022, 1, 1), ["alesund"]),
        ("haram", date(2024, 1, 1), ["haram"]),
        ("tustna", None, ["aure"]),
        ("kristiansund", None, ["kristiansund"]),
        ("vale", None, ["tonsberg"]),
    ],
)
def test_who_is_responsible_there(municipality, on, responsible):
    assert ids(queries.successors(municipality, on)) == responsible


def test_predecessors_near_and_far():
    assert ids(queries.predecessors("tonsberg")) == ["ramnes", "re", "vale"]
    assert ids(queries.predecessors("haram")) == []
    assert "haram" in ids(queries.predecessors("alesund"))


def test_members_come_and_go():
    assert len(queries.members("ikt-orkide", date(2013, 1, 1))) == 13
    assert len(queries.members("ikt-orkide", date(2018, 12, 31))) == 13
    assert len(queries.members("ikt-orkide", date(2019, 1, 1))) == 10
    assert len(queries.members("ikt-orkide", date(2024, 1, 1))) == 12
    assert ids(queries.members("vestfold", date(2006, 1, 1))) == ["andebu", "hof", "re"]
    assert len(queries.members("knutepunkt-sorlandet", date(2006, 1, 1))) == 7
    assert [each.id for each in queries.cooperations_of("averoy")] == ["ikt-orkide"]
    with pytest.raises(UnknownCooperation):
        queries.members("nowhere")


def test_populations():
    assert queries.population_of("andebu", date(2006, 5, 1)).number == 5147
    assert queries.population_of("kristiansund").date == date(2021, 1, 1)
    assert queries.population_of("kristiansund", date(2004, 1, 1)) is None
    members = ids(queries.members("ikt-orkide", date(2013, 1, 1)))
    assert sum(each.number for each in queries.populations(members, date(2013, 1, 1)).values()) == 74_089


def test_loading_again_changes_nothing():
    before = [set(model.objects.values_list("pk", flat=True)) for model in (Population, Succession, MunicipalityNumber)]
    actions.load_register()
    after = [set(model.objects.values_list("pk", flat=True)) for model in (Population, Succession, MunicipalityNumber)]
    assert before == after


def test_loading_again_keeps_memberships_that_have_changed():
    actions.leave("ikt-orkide", "averoy", date(2025, 1, 1))
    actions.load_register()
    assert "averoy" not in ids(queries.members("ikt-orkide", date(2025, 1, 1)))


def test_loading_tells_how_far_it_has_come():
    told = []
    actions.load_register(lambda done, total, what: told.append((done, total)))
    assert told == [(step, 6) for step in range(1, 7)]


def test_joining_and_leaving():
    actions.join("bergensregionen", "askoy", date(2025, 1, 1))
    assert "askoy" in ids(queries.members("bergensregionen", date(2025, 1, 1)))
    with pytest.raises(AlreadyMember, match="Askøy"):
        actions.join("bergensregionen", "askoy", date(2026, 1, 1))
    actions.leave("bergensregionen", "askoy", date(2026, 1, 1))
    assert "askoy" in ids(queries.members("bergensregionen", date(2025, 12, 31)))
    assert "askoy" not in ids(queries.members("bergensregionen", date(2026, 1, 1)))
    with pytest.raises(NotMember):
        actions.leave("bergensregionen", "askoy", date(2027, 1, 1))
    actions.join("bergensregionen", "askoy", date(2027, 1, 1))
    assert Membership.objects.filter(municipality="askoy").count() == 2


def test_the_database_refuses_two_owners_of_a_number():
    with pytest.raises(IntegrityError, match="number_has_one_municipality"), transaction.atomic(using="commons"):
        MunicipalityNumber.objects.create(municipality_id="re", number="0301", start=date(2024, 1, 1))


def test_the_database_refuses_a_number_as_an_id():
    with pytest.raises(IntegrityError, match="id_is_words"), transaction.atomic(using="commons"):
        Municipality.objects.create(id="1554")


def test_a_placed_municipality_is_live():
    assert queries.placement_of("averoy") is None
    actions.place("averoy", "first", "m_0123456789ab")
    actions.place("aure", "first", "m_ba9876543210")
    assert queries.placement_of("averoy").database == "m_0123456789ab"
    assert ids(queries.live_municipalities()) == ["aure", "averoy"]
    with pytest.raises(PlaceTaken):
        actions.place("smola", "first", "m_0123456789ab")
    actions.unplace("aure")
    assert queries.live_ids() == ["averoy"]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Averøy", "averoy"),
        ("averoy", "averoy"),
        ("avrøy", "averoy"),
        ("krist", "kristiansand"),
        ("kristiansunn", "kristiansund"),
        ("Gáivuotna", "kafjord"),
        ("karasjohka", "karasjok"),
        ("aalesund", "alesund"),
        ("Hustavika", "hustadvika"),
        ("herøy nordland", "heroy-nordland"),
        ("1554", "averoy"),
        ("og romsdal", "heroy-more-og-romsdal"),
    ],
)
def test_search_forgives(text, first):
    assert queries.search_municipality(text)[0].municipality.id == first


def test_an_old_name_leads_to_those_responsible_today():
    found = queries.search_municipality("fræna")[0]
    assert (found.municipality.id, ids(found.today)) == ("fraena", ["hustadvika"])


def test_only_live_ones_when_asked():
    actions.place("hustadvika", "first", "m_0123456789ab")
    assert ids(each.municipality for each in queries.search_municipality("fræna", live_only=True)) == ["fraena"]
    assert queries.search_municipality("oslo", live_only=True) == []


@pytest.mark.parametrize("text", ["", " ", "!", "x" * 5000, "%", "\x00"])
def test_odd_searches_find_nothing(text):
    assert queries.search_municipality(text) == []


def test_a_search_is_little_work():
    queries.search_municipality("warm")
    assert calls_of(queries.search_municipality, "kristiansunn") < 10_000
