"""XML from outside, parsed in one way: nothing is fetched, no document type is taken, and the size is bounded."""

from __future__ import annotations

from lxml import etree

MOST_BYTES = 5_000_000


class UnusableXml(ValueError):
    """Not XML, too large, or XML with a document type: what entities and outside files are declared by."""


def parse_xml(content: bytes, *, most_bytes: int = MOST_BYTES, only_elements: bool = False) -> etree._Element:
    """The root element. `only_elements` leaves comments and processing instructions out. Raises UnusableXml."""
    if len(content) > most_bytes:
        raise UnusableXml("too large")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=only_elements,
        remove_pis=only_elements,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnusableXml(str(error)[:200]) from error
    about = root.getroottree().docinfo
    if about.doctype or about.internalDTD is not None or about.externalDTD is not None:
        raise UnusableXml("it declares a document type")
    return root
