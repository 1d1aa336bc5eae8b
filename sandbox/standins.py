"""What the sandbox stands in for, and what each stand-in is held against. English sentences are msgids."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class StandIn:
    key: str  # the name to misbehave by
    name: str
    publisher: str
    what: str
    path: str
    documentation: str
    held_by: str


_TEXT = "The publisher's text: no machine-readable contract is public"

STANDINS = (
    StandIn(
        "idporten",
        "ID-porten",
        "Digitaliseringsdirektoratet",
        "Residents log in",
        "/idporten/.well-known/openid-configuration",
        "https://docs.digdir.no/docs/idporten/oidc/oidc_guide_idporten",
        _TEXT,
    ),
    StandIn(
        "ansattporten",
        "Ansattporten",
        "Digitaliseringsdirektoratet",
        "Staff log in, for their municipality",
        "/ansattporten/.well-known/openid-configuration",
        "https://docs.digdir.no/docs/ansattporten/ansattporten_guide",
        _TEXT,
    ),
    StandIn(
        "maskinporten",
        "Maskinporten",
        "Digitaliseringsdirektoratet",
        "Machines get tokens",
        "/maskinporten/.well-known/oauth-authorization-server",
        "https://docs.digdir.no/docs/Maskinporten/maskinporten_protocol_token",
        _TEXT,
    ),
    StandIn(
        "folkeregister",
        "Folkeregisteret (KS Fiks)",
        "Skatteetaten, KS",
        "Who people are, where they live, their family",
        "/folkeregister/api/v1/",
        "https://developers.fiks.ks.no/tjenester/register/folkeregister/",
        _TEXT,
    ),
    StandIn(
        "enhetsregisteret",
        "Enhetsregisteret",
        "Brønnøysundregistrene",
        "Organisations and who holds their roles",
        "/enhetsregisteret/api",
        "https://data.brreg.no/enhetsregisteret/api/dokumentasjon/no/index.html",
        "The publisher's OpenAPI description and examples",
    ),
    StandIn(
        "altinn",
        "Altinn Autorisasjon",
        "Digitaliseringsdirektoratet",
        "Which organisations a person may act for",
        "/altinn/accessmanagement/api/v1/resourceowner/authorizedparties",
        "https://docs.altinn.studio/authorization/guides/resource-owner/integrating-link-service",
        _TEXT,
    ),
    StandIn(
        "kontaktregister",
        "Kontakt- og reservasjonsregisteret",
        "Digitaliseringsdirektoratet",
        "E-mail, mobile, language, and who has said no to digital mail",
        "/kontaktregister/rest/v2/personer",
        "https://docs.digdir.no/docs/Kontaktregisteret/krr_attributter",
        _TEXT,
    ),
    StandIn(
        "addresses",
        "Adresser",
        "Kartverket",
        "Official addresses and their points",
        "/adresser/v1/sok?sok=linerlevegen+12",
        "https://ws.geonorge.no/adresser/v1/",
        "The publisher's OpenAPI description",
    ),
    StandIn(
        "skatteetaten",
        "Summert skattegrunnlag",
        "Skatteetaten",
        "Income for kindergarten fees",
        "/skatteetaten/api/formueinntekt/summertskattegrunnlag/",
        "https://skatteetaten.github.io/datasamarbeid-api-dokumentasjon/reference_summertskattegrunnlag.html",
        "The publisher's text; which amounts the package holds is our reading",
    ),
    StandIn(
        "husbanken",
        "Husbanken",
        "Husbanken",
        "Receives assisted applications for housing allowance",
        "/husbanken/bostotte/v1/packages/",
        "https://www.husbanken.no/person/bostotte/",
        "Nothing: Husbanken publishes no API for this, so the shape is ours",
    ),
    StandIn(
        "fiks",
        "KS Fiks: bekymringsmelding, Digisos",
        "KS, Nav",
        "Sends reports of concern and applications, takes answers and status",
        "/fiks",
        "https://developers.fiks.ks.no/tjenester/fiksprotokoll/fiksio/",
        "The publishers' schemas and texts; fetching by HTTP is ours",
    ),
    StandIn(
        "email",
        "E-post",
        "RFC 5321",
        "Takes e-mail and sends none",
        "/mail",
        "https://www.rfc-editor.org/rfc/rfc5321",
        "The RFC",
    ),
    StandIn(
        "sms",
        "SMS",
        "–",
        "Takes SMS and sends none",
        "/mail",
        "/mail",
        "Nothing: each supplier has its own, so the shape is ours",
    ),
)
