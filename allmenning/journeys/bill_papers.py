"""A bill as people read it: a PDF by the same press as every letter, in the language of who pays."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from allmenning.basics.dates import format_date
from allmenning.basics.money import format_ore
from allmenning.commons.costs.documents import Document, Trader, Vat
from allmenning.letters import FieldTable, Letterhead, Metadata, render_letter

_INVOICE = {
    "nb": """\
# Faktura {{ number }}

{{ seller }} har avregnet {{ period }}. Fakturaen er sendt som EHF; dette er den samme, til å lese.

## Hva det gjelder

{{ lines }}

{{ sums }}

## Slik er det regnet ut

{{ notes }}

## Merverdiavgift

{{ reasons }}

## Betaling

{{ payment }}
""",
    "nn": """\
# Faktura {{ number }}

{{ seller }} har avrekna {{ period }}. Fakturaen er send som EHF; dette er den same, til å lese.

## Kva det gjeld

{{ lines }}

{{ sums }}

## Slik er det rekna ut

{{ notes }}

## Meirverdiavgift

{{ reasons }}

## Betaling

{{ payment }}
""",
}
_CREDIT_NOTE = {
    "nb": """\
# Kreditnota {{ number }}

{{ seller }} gir tilbake det som er for mye betalt{{ credited }}. Kreditnotaen er sendt som EHF; dette er den samme, til å lese.

## Hva det gjelder

{{ lines }}

{{ sums }}

## Slik er det regnet ut

{{ notes }}

## Merverdiavgift

{{ reasons }}
""",
    "nn": """\
# Kreditnota {{ number }}

{{ seller }} gir tilbake det som er for mykje betalt{{ credited }}. Kreditnotaen er send som EHF; dette er den same, til å lese.

## Kva det gjeld

{{ lines }}

{{ sums }}

## Slik er det rekna ut

{{ notes }}

## Meirverdiavgift

{{ reasons }}
""",
}


def paper(document: Document, language: str) -> bytes:
    """The bill as PDF/A. language: nb or nn. The same input gives the same bytes. Raises LetterErrors, UnsafeText."""
    with override(language):
        fields, template = _fields(document, language), _CREDIT_NOTE if document.is_credit_note else _INVOICE
    buyer = document.buyer
    metadata = Metadata(
        date=document.issued,
        reference=document.number,
        recipient=[buyer.name, buyer.street, f"{buyer.postcode} {buyer.city}"],
        your_reference=document.buyer_reference,
        is_approved=False,
    )
    markdown = template[language]
    if not document.credits:
        markdown = markdown.replace("{{ credited }}", "")
    return render_letter(markdown, fields, _letterhead(document.seller), language, metadata)


def _fields(document: Document, language: str) -> dict[str, Any]:
    start, last = (format_date(day, language) for day in document.period)
    fields: dict[str, Any] = {
        "number": document.number,
        "seller": document.seller.name,
        "period": _("{first} to {last}").format(first=start, last=last),
        "lines": FieldTable(
            (_("What"), _("Without VAT")), [(line.text, _money(line.ore, language)) for line in document.lines]
        ),
        "sums": _sums(document, language),
        "notes": [f"{line.text}: {line.note}" if line.note else line.text for line in document.lines],
        "reasons": list(dict.fromkeys(f"{treatment(line.vat)}: {line.vat.reason}" for line in document.lines)),
    }
    if document.credits:
        fields["credited"] = " " + _("of invoice {number}").format(number=document.credits)
    if not document.is_credit_note:
        fields["payment"] = _payment(document, language)
    return fields


def _sums(document: Document, language: str) -> FieldTable:
    rows = [(_("Sum without VAT"), _money(document.net, language))]
    rows += [
        (f"{treatment(vat)} ({_money(net, language)})", _money(tax, language)) for vat, net, tax in document.taxes()
    ]
    total = _("To be given back") if document.is_credit_note else _("To pay")
    return FieldTable((_("Sum"), _("Amount")), [*rows, (total, _money(document.net + document.vat, language))])


def _payment(document: Document, language: str) -> FieldTable:
    account = document.account
    rows = [
        (_("To pay"), _money(document.net + document.vat, language)),
        (_("Due"), format_date(document.due, language)),
        (_("To account"), f"{account[:4]} {account[4:6]} {account[6:]}"),
        ("KID", document.kid),
    ]
    return FieldTable((_("Payment"), ""), rows)


def treatment(vat: Vat) -> str:
    """How VAT is treated, in words."""
    return {
        "S": _("VAT {percent} %").format(percent=vat.percent),
        "Z": _("Zero-rated"),
        "E": _("Exempt from VAT"),
        "O": _("Outside VAT"),
    }[vat.category]


def _money(ore: int, language: str) -> str:
    return format_ore(ore, language, always_ore=True)


def _letterhead(seller: Trader) -> Letterhead:
    number = f"{seller.organisation} MVA" if seller.is_registered else seller.organisation
    return Letterhead(
        municipality=seller.name,
        address=[seller.street, f"{seller.postcode} {seller.city}"],
        organisation_number=number,
    )
