"""A form with one of everything, for tests and screenshots."""

from typing import Any


def three(nb: str, nn: str | None = None, en: str | None = None) -> dict[str, str]:
    return {"nb": nb, "nn": nn or nb, "en": en or nb}


SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["name", "has_children", "home", "consent"],
    "properties": {
        "name": {
            "type": "string",
            "minLength": 2,
            "maxLength": 100,
            "x-title": three("Navn", "Namn", "Name"),
            "x-source": "folkeregister:navn",
            "readOnly": True,
        },
        "number": {
            "type": "string",
            "x-format": "national-identity-number",
            "x-title": three("Fødselsnummer", "Fødselsnummer", "National identity number"),
            "x-help": three("11 sifre", "11 siffer", "11 digits"),
        },
        "email": {"type": "string", "x-format": "email", "x-title": three("E-post", "E-post", "E-mail")},
        "phone": {"type": "string", "x-format": "phone", "x-title": three("Telefon", "Telefon", "Telephone")},
        "born": {"type": "string", "format": "date", "x-title": three("Fødselsdato", "Fødselsdato", "Date of birth")},
        "moved": {"type": "string", "x-format": "date", "x-title": three("Innflyttet", "Innflytta", "Moved in")},
        "since": {"type": "string", "x-format": "year-month", "x-title": three("Siden", "Sidan", "Since")},
        "has_children": {"type": "boolean", "x-title": three("Har du barn?", "Har du barn?", "Do you have children?")},
        "children": {
            "type": "array",
            "minItems": 1,
            "maxItems": 4,
            "x-title": three("Barn", "Barn", "Children"),
            "items": {
                "type": "object",
                "x-title": three("Barn", "Barn", "Child"),
                "required": ["name", "kindergarten"],
                "properties": {
                    "name": {"type": "string", "x-title": three("Navn på barnet", "Namn på barnet", "Child’s name")},
                    "kindergarten": {
                        "type": "boolean",
                        "x-title": three(
                            "Går barnet i barnehage?", "Går barnet i barnehage?", "Is the child in kindergarten?"
                        ),
                    },
                    "hours": {
                        "type": "integer",
                        "minimum": 1,
                        "maximum": 45,
                        "x-title": three("Timer i uka", "Timar i veka", "Hours a week"),
                    },
                },
            },
        },
        "home": {
            "type": "object",
            "x-title": three("Boligen", "Bustaden", "The home"),
            "required": ["kind", "rent"],
            "properties": {
                "kind": {
                    "enum": ["rented", "owned"],
                    "x-title": three("Type bolig", "Type bustad", "Kind of home"),
                    "x-enum-labels": {
                        "rented": three("Leid", "Leigd", "Rented"),
                        "owned": three("Eid", "Eigd", "Owned"),
                    },
                },
                "rent": {
                    "type": "integer",
                    "x-format": "ore",
                    "minimum": 0,
                    "maximum": 10_000_000,
                    "x-title": three("Husleie i måneden", "Husleige i månaden", "Rent a month"),
                },
                "area": {
                    "type": "number",
                    "exclusiveMinimum": 0,
                    "x-title": three("Areal i m²", "Areal i m²", "Area in m²"),
                },
                "postal_code": {
                    "type": "string",
                    "x-format": "postal-code",
                    "x-title": three("Postnummer", "Postnummer", "Postal code"),
                },
            },
        },
        "municipality": {
            "oneOf": [
                {"const": "averoy", "x-title": three("Averøy")},
                {"const": "smola", "x-title": three("Smøla")},
                {"const": "heim", "x-title": three("Heim")},
                {"const": "aure", "x-title": three("Aure")},
                {"const": "molde", "x-title": three("Molde")},
                {"const": "rindal", "x-title": three("Rindal")},
                {"const": "sunndal", "x-title": three("Sunndal")},
            ],
            "x-title": three("Kommune", "Kommune", "Municipality"),
        },
        "needs": {
            "type": "array",
            "uniqueItems": True,
            "minItems": 1,
            "x-title": three("Hva trenger du hjelp til?", "Kva treng du hjelp til?", "What do you need help with?"),
            "items": {
                "enum": ["money", "home", "work"],
                "x-enum-labels": {
                    "money": three("Penger", "Pengar", "Money"),
                    "home": three("Bolig", "Bustad", "A home"),
                    "work": three("Arbeid", "Arbeid", "Work"),
                },
            },
        },
        "story": {
            "type": "string",
            "maxLength": 500,
            "x-title": three("Fortell om situasjonen", "Fortel om situasjonen", "Tell us about your situation"),
            "x-help": three(
                "Ikke skriv helseopplysninger", "Ikkje skriv helseopplysningar", "Do not write about health"
            ),
        },
        "papers": {
            "type": "array",
            "items": {"type": "string", "x-format": "file"},
            "maxItems": 5,
            "x-title": three("Dokumentasjon", "Dokumentasjon", "Documentation"),
        },
        "consent": {
            "type": "boolean",
            "const": True,
            "x-title": three("Opplysningene er riktige", "Opplysningane er rette", "The information is correct"),
        },
    },
    "if": {"properties": {"has_children": {"const": True}}, "required": ["has_children"]},
    "then": {"required": ["children"]},
}


def control(scope: str, **more: Any) -> dict[str, Any]:
    return {"type": "Control", "scope": f"#/properties/{scope}", **more}


def show(scope: str, schema: dict[str, Any], effect: str = "SHOW") -> dict[str, Any]:
    return {"effect": effect, "condition": {"scope": f"#/properties/{scope}", "schema": schema}}


UI: dict[str, Any] = {
    "type": "Categorization",
    "elements": [
        {
            "type": "Category",
            "x-label": three("Om deg", "Om deg", "About you"),
            "x-intro": three("Vi henter det vi vet.", "Vi hentar det vi veit.", "We fetch what we know."),
            "elements": [
                control("name", options={"autocomplete": "name"}),
                control("number"),
                {"type": "HorizontalLayout", "elements": [control("email"), control("phone")]},
                {"type": "HorizontalLayout", "elements": [control("born"), control("since")]},
                control("moved", options={"format": "parts"}),
                control("has_children"),
                control(
                    "children",
                    rule=show("has_children", {"const": True}),
                    options={
                        "detail": {
                            "type": "VerticalLayout",
                            "elements": [
                                control("name"),
                                control("kindergarten"),
                                control("hours", rule=show("kindergarten", {"const": True})),
                            ],
                        }
                    },
                ),
            ],
        },
        {
            "type": "Category",
            "x-label": three("Boligen", "Bustaden", "The home"),
            "elements": [
                {
                    "type": "Group",
                    "x-label": three("Hvor du bor", "Kvar du bur", "Where you live"),
                    "elements": [
                        control("home/properties/kind"),
                        control(
                            "home/properties/rent", rule=show("home/properties/kind", {"const": "owned"}, effect="HIDE")
                        ),
                        {
                            "type": "HorizontalLayout",
                            "elements": [control("home/properties/area"), control("home/properties/postal_code")],
                        },
                        control("municipality"),
                    ],
                }
            ],
        },
        {
            "type": "Category",
            "x-label": three("Hjelp", "Hjelp", "Help"),
            "elements": [
                {
                    "type": "Label",
                    "x-text": three("Si det med egne ord.", "Sei det med eigne ord.", "In your own words."),
                },
                control("needs"),
                control("story", options={"multi": True}),
                control("papers"),
                control("consent"),
            ],
        },
    ],
}
