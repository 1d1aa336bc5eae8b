"""The Tax Administration's summed tax basis, for the package of rights that municipalities have for kindergarten fees.

skatteetaten.github.io/datasamarbeid-api-dokumentasjon/reference_summertskattegrunnlag: the address, stages and error
form follow the published text; which `tekniskNavn` the package holds is our reading of posts 1.6–3.1 of the tax return.
"""

from __future__ import annotations

from datetime import date

from django.http import HttpResponse, JsonResponse
from django.urls import path

from allmenning.basics import dates
from demo.people import world

from .app import Request
from .tokens import bearer

STAGES = ("utkast", "fastsatt", "oppgjoer")
FIRST_YEAR = 2016


def basis(request: Request, stage: str, package: str, year: int, number: str) -> HttpResponse:
    bearer(request, "skatteetaten:summertskattegrunnlag")
    if stage not in STAGES or package != "kommuneforeldrebetaling":
        return _error("SSG-003", "Ugyldig stadie eller rettighetspakke", 400)
    person = world().people.get(number)
    if person is None:
        return _error("SSG-007", "Ikke treff på oppgitt personidentifikator", 404)
    if not FIRST_YEAR <= year < dates.today().year:
        return _error("SSG-006", "Oppgitt inntektsår er ikke støttet", 404)
    if not person.wages or not _is_ready(stage, year):
        return _error(
            "SSG-008", "Ingen summert skattegrunnlag funnet på oppgitt personidentifikator og inntektsår", 404
        )
    wages, capital = person.income(year)
    rows = [_row("samletLoennsinntektMedTrygdeavgiftspliktOgMedTrekkplikt", wages)]
    rows += [_row("opptjenteRenter", capital)] if capital else []
    body = {
        "personidentifikator": number,
        "inntektsaar": str(year),
        "stadie": stage,
        "skjermet": False,
        "grunnlag": rows,
    }
    return JsonResponse(body | ({"skatteoppgjoersdato": f"{year + 1}-06-17"} if stage == "oppgjoer" else {}))


def _row(name: str, amount: int) -> dict[str, object]:
    return {"tekniskNavn": name, "kategori": ["inntekt"], "beloep": amount}


def _is_ready(stage: str, year: int) -> bool:
    """The settlement of a year comes on 17 June the year after; the draft in March."""
    today = dates.today()
    month = 3 if stage == "utkast" else 6
    return today >= date(year + 1, month, 17)


def _error(code: str, message: str, status: int) -> HttpResponse:
    return JsonResponse({"kode": code, "melding": message, "korrelasjonsid": "sandbox"}, status=status)


urlpatterns = [path("api/formueinntekt/summertskattegrunnlag/<str:stage>/<str:package>/<int:year>/<str:number>", basis)]
