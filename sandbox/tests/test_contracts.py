"""The stand-ins against what the publishers have published, read where it lies beside the project."""

import json
import os
from pathlib import Path

import jsonschema
import pytest

from sandbox.testing import BASE

STANDARDS = Path(os.environ.get("ALLMENNING_STANDARDS", Path(__file__).parents[3].parent / "shared" / "standards"))


def published(path):
    file = next((folder / path for folder in _places() if (folder / path).exists()), None)
    if file is None:
        reason = f"{path}: the publisher's file is not here (set ALLMENNING_STANDARDS)"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    return json.loads(file.read_text())


def _places():
    return [STANDARDS, *(parent / "shared" / "standards" for parent in Path(__file__).resolve().parents)]


def strict(schema):
    """The published schema with every object closed, so that a field of ours that is not theirs is found too."""
    if isinstance(schema, dict):
        closed = {name: strict(value) for name, value in schema.items()}
        return closed | ({"additionalProperties": False} if "properties" in closed else {})
    return [strict(one) for one in schema] if isinstance(schema, list) else schema


def shape(value):
    """Names and types alone, lists by their first element: what a reader of the answer depends on."""
    if isinstance(value, dict):
        return {name: shape(part) for name, part in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


def within(given, example, path=""):
    """Names in `given` that the publisher's example lacks, or whose type is another."""
    if isinstance(given, dict) and isinstance(example, dict):
        unknown = [f"{path}/{name}" for name in given if name not in example]
        return unknown + [
            one for name in given if name in example for one in within(given[name], example[name], f"{path}/{name}")
        ]
    if isinstance(given, list) and isinstance(example, list):
        return within(given[0], example[0], f"{path}[]") if given and example else []
    return [] if given == example else [f"{path}: {given} where the publisher has {example}"]


@pytest.fixture
def get(norway):
    def ask(path, **options):
        answer = norway.client.get(path, **options)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return ask


def test_addresses_are_as_kartverket_describes_them(get):
    described = strict(published("addresses/adresser-v1-openapi.json"))
    # Swagger 2.0 has no way to say that a value may be null, and the live service sends null.
    definitions = json.loads(
        json.dumps(described["definitions"]).replace('"type": "string"', '"type": ["string", "null"]')
    )
    definitions = json.loads(json.dumps(definitions).replace('"type": "integer"', '"type": ["integer", "null"]'))
    answers = {
        "OutputAdresseList": get("/adresser/v1/sok?sok=linerlevegen&treffPerSide=3"),
        "OutputGeoPointList": get("/adresser/v1/punktsok?lat=63.06&lon=7.63&radius=5000"),
    }
    for name, answer in answers.items():
        assert answer["adresser"]
        jsonschema.validate(answer, {"$ref": f"#/definitions/{name}", "definitions": definitions})


def test_the_address_search_takes_the_published_parameters(get):
    described = published("addresses/adresser-v1-openapi.json")
    names = {one["name"] for one in described["paths"]["/sok"]["get"]["parameters"]}
    assert {"sok", "kommunenummer", "treffPerSide", "side", "asciiKompatibel"} <= names


def test_an_organisation_is_as_the_business_register_describes_it(get, norway):
    described = published("brreg/enhetsregisteret-openapi.json")
    numbers = [
        one["organisasjonsnummer"] for one in get("/enhetsregisteret/api/enheter?size=100")["_embedded"]["enheter"]
    ]
    for number in numbers:
        unit = get(f"/enhetsregisteret/api/enheter/{number}")
        jsonschema.validate(unit, {"$ref": "#/components/schemas/Enhet", "components": described["components"]})


def test_every_path_of_ours_is_one_of_the_business_registers():
    described = published("brreg/enhetsregisteret-openapi.json")
    for path in ("/enheter", "/enheter/{organisasjonsnummer}", "/underenheter", "/oppdateringer/enheter"):
        assert path in described["paths"]


@pytest.mark.parametrize(
    ("path", "example"),
    [
        ("/enhetsregisteret/api/enheter?size=1", "enheter-search-response"),
        ("/enhetsregisteret/api/enheter/310000000", "enheter-details-response"),
    ],
)
def test_answers_hold_nothing_that_the_published_examples_lack(get, path, example):
    wanted = shape(published(f"brreg/examples/{example}.json"))
    known_since_the_examples = {"/_embedded/enheter[]/harRegistrertAntallAnsatte"}
    assert set(within(shape(get(path)), wanted)) <= known_since_the_examples


def test_roles_are_as_in_the_published_example(get):
    """The example shows roles held by organisations; ours are held by persons, in the same frame."""
    wanted = shape(published("brreg/examples/enheter-roller-enhet-response.json"))
    number = next(
        one["organisasjonsnummer"] for one in get("/enhetsregisteret/api/enheter?navn=kveite")["_embedded"]["enheter"]
    )
    given = shape(get(f"/enhetsregisteret/api/enheter/{number}/roller"))
    frame = {"/rollegrupper[]/roller[]/person", "/rollegrupper[]/roller[]/fratraadt"}
    assert set(within(given, wanted)) <= frame


def test_a_deleted_organisation_is_as_in_the_published_example(get):
    from demo.people import world

    gone = next(unit for unit in world().organisations.values() if unit.deleted_on)
    wanted = shape(published("brreg/examples/enheter-details-deleted-response.json"))
    assert within(shape(get(f"/enhetsregisteret/api/enheter/{gone.number}")), wanted) == []


def test_updates_come_in_order_from_an_id(get):
    rows = get("/enhetsregisteret/api/oppdateringer/enheter?oppdateringsid=5&size=3")["_embedded"]["oppdaterteEnheter"]
    assert [row["oppdateringsid"] for row in rows] == [5, 6, 7]


def test_the_depth_of_a_search_is_limited(norway):
    assert norway.client.get("/enhetsregisteret/api/enheter?size=200&page=100").status_code == 400
    assert norway.client.get("/enhetsregisteret/api/enheter?size=all").status_code == 400


def test_an_unknown_organisation_is_404(norway):
    assert norway.client.get("/enhetsregisteret/api/enheter/399999999").status_code == 404


def test_discovery_says_what_openid_connect_requires(get):
    for portal in ("idporten", "ansattporten"):
        facts = get(f"/{portal}/.well-known/openid-configuration")
        assert facts["issuer"] == f"{BASE}/{portal}"
        required = {
            "authorization_endpoint",
            "token_endpoint",
            "jwks_uri",
            "response_types_supported",
            "subject_types_supported",
            "id_token_signing_alg_values_supported",
        }
        assert required <= set(facts)
        assert facts["code_challenge_methods_supported"] == ["S256"]


def test_no_private_key_is_published(get):
    for path in ("/idporten/jwks.json", "/maskinporten/jwk"):
        for key in get(path)["keys"]:
            assert not {"d", "p", "q"} & set(key)
