"""An invoice or a credit note as Peppol BIS Billing 3.0 (EHF): UBL 2.1, in the order that its schema has.

Contract: Peppol BIS Billing 3.0.19 (2025 May), rules `CEN-EN16931-UBL.sch` and `PEPPOL-EN16931-UBL.sch`. Norwegian parties are
addressed by their organisation number, scheme 0192; a VAT number is `NO` + nine digits + `MVA`.
"""

from __future__ import annotations

from decimal import Decimal

from lxml import etree

from allmenning.commons.costs.documents import Document, Line, Trader, Vat

ORGANISATIONS = "0192"  # Enhetsregisteret, in the list of electronic address schemes
_CBC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
_CAC = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
_UBL = "urn:oasis:names:specification:ubl:schema:xsd:{kind}-2"
_CUSTOMIZATION = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
_PROFILE = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
_INVOICE, _CREDIT_NOTE, _CREDIT_TRANSFER = "380", "381", "30"


def as_xml(document: Document) -> bytes:
    """The document in UBL. The caller has validated what people typed; nothing here is optional to the receiver."""
    is_credit = document.is_credit_note
    kind = "CreditNote" if is_credit else "Invoice"
    root = etree.Element(
        f"{{{_UBL.format(kind=kind)}}}{kind}", nsmap={None: _UBL.format(kind=kind), "cac": _CAC, "cbc": _CBC}
    )
    put = _Writer(root)
    put.text("CustomizationID", _CUSTOMIZATION)
    put.text("ProfileID", _PROFILE)
    put.text("ID", document.number)
    put.text("IssueDate", document.issued.isoformat())
    if not is_credit:
        put.text("DueDate", document.due.isoformat())
    put.text(f"{kind}TypeCode", _CREDIT_NOTE if is_credit else _INVOICE)
    put.text("Note", document.note)
    put.text("DocumentCurrencyCode", "NOK")
    put.text("BuyerReference", document.buyer_reference)
    period = put.inside("InvoicePeriod")
    period.text("StartDate", document.period[0].isoformat())
    period.text("EndDate", document.period[1].isoformat())
    if document.order_reference:
        put.inside("OrderReference").text("ID", document.order_reference)
    if document.credits:
        credited = put.inside("BillingReference").inside("InvoiceDocumentReference")
        credited.text("ID", document.credits)
        credited.text("IssueDate", document.credits_issued.isoformat() if document.credits_issued else "")
    outside = any(line.vat.category == "O" for line in document.lines)
    _trader(put.inside("AccountingSupplierParty").inside("Party"), document.seller, tells_vat=not outside)
    _trader(put.inside("AccountingCustomerParty").inside("Party"), document.buyer, tells_vat=False)
    means = put.inside("PaymentMeans")
    means.text("PaymentMeansCode", _CREDIT_TRANSFER)
    means.text("PaymentID", document.kid)
    means.inside("PayeeFinancialAccount").text("ID", document.account)
    _totals(put, document)
    for place, line in enumerate(document.lines, start=1):
        _line(put, f"{kind}Line", "CreditedQuantity" if is_credit else "InvoicedQuantity", place, line)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _totals(put: _Writer, document: Document) -> None:
    tax = put.inside("TaxTotal")
    tax.amount("TaxAmount", document.vat)
    for vat, net, amount in document.taxes():
        part = tax.inside("TaxSubtotal")
        part.amount("TaxableAmount", net)
        part.amount("TaxAmount", amount)
        _category(part.inside("TaxCategory"), vat, tells_reason=True)
    total = put.inside("LegalMonetaryTotal")
    total.amount("LineExtensionAmount", document.net)
    total.amount("TaxExclusiveAmount", document.net)
    total.amount("TaxInclusiveAmount", document.net + document.vat)
    total.amount("PayableAmount", document.net + document.vat)


def _line(put: _Writer, element: str, quantity: str, place: int, line: Line) -> None:
    row = put.inside(element)
    row.text("ID", str(place))
    row.text("Note", line.note)
    row.text(quantity, "1" if line.ore >= 0 else "-1", unitCode="EA")  # a price is never negative (BR-27)
    row.amount("LineExtensionAmount", line.ore)
    item = row.inside("Item")
    item.text("Name", line.text)
    _category(item.inside("ClassifiedTaxCategory"), line.vat, tells_reason=False)
    row.inside("Price").amount("PriceAmount", abs(line.ore))


def _category(put: _Writer, vat: Vat, *, tells_reason: bool) -> None:
    put.text("ID", vat.category)
    if vat.category != "O":
        put.text("Percent", str(vat.percent))
    if tells_reason and vat.category in ("E", "O"):
        put.text("TaxExemptionReason", vat.reason)
    put.inside("TaxScheme").text("ID", "VAT")


def _trader(put: _Writer, trader: Trader, *, tells_vat: bool) -> None:
    put.text("EndpointID", trader.organisation, schemeID=ORGANISATIONS)
    put.inside("PartyName").text("Name", trader.name)
    address = put.inside("PostalAddress")
    address.text("StreetName", trader.street)
    address.text("CityName", trader.city)
    address.text("PostalZone", trader.postcode)
    address.inside("Country").text("IdentificationCode", "NO")
    if trader.is_registered and tells_vat:
        tax = put.inside("PartyTaxScheme")
        tax.text("CompanyID", f"NO{trader.organisation}MVA")
        tax.inside("TaxScheme").text("ID", "VAT")
    legal = put.inside("PartyLegalEntity")
    legal.text("RegistrationName", trader.name)
    legal.text("CompanyID", trader.organisation, schemeID=ORGANISATIONS)
    if trader.contact:
        put.inside("Contact").text("Name", trader.contact)


class _Writer:
    """Writes into one element. What is empty is not written: UBL has no empty elements."""

    def __init__(self, element: etree._Element) -> None:
        self._element = element

    def text(self, name: str, value: str, **attributes: str) -> None:
        if value:
            etree.SubElement(self._element, f"{{{_CBC}}}{name}", attributes).text = value

    def amount(self, name: str, ore: int) -> None:
        self.text(name, f"{Decimal(ore).scaleb(-2):.2f}", currencyID="NOK")

    def inside(self, name: str) -> _Writer:
        return _Writer(etree.SubElement(self._element, f"{{{_CAC}}}{name}"))
