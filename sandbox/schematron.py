"""Schematron as a validator runs it: a published set of rules compiled to XSLT 3, and run by Saxon.

As ISO/IEC 19757-3 says: within a pattern the first rule whose context a node matches is the one that counts, and every
assertion of it is tried. Patterns are independent. What is not used by the rules that we run (abstract patterns, includes,
reports) is refused, not passed over.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from lxml import etree
from saxonche import PySaxonProcessor

SCH = "{http://purl.oclc.org/dsdl/schematron}"
XSL = "{http://www.w3.org/1999/XSL/Transform}"
_KNOWN = {"schema", "title", "ns", "let", "pattern", "rule", "assert", "phase", "active", "value-of"}


@dataclass(frozen=True)
class Failed:
    """An assertion that a document does not keep: its id, whether it stops the document (`fatal`), and what it says."""

    id: str
    flag: str
    text: str
    where: str


class Schematron:
    """The rules of one file, compiled when they are first used."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def failures(self, document: bytes) -> list[Failed]:
        """Every assertion that an XML document does not keep."""
        processor, stylesheet = self._compiled
        node = processor.parse_xml(xml_text=document.decode("utf-8"))
        found = etree.fromstring(stylesheet.transform_to_string(xdm_node=node).encode())
        return [
            Failed(each.get("id"), each.get("flag"), " ".join((each.text or "").split()), each.get("where"))
            for each in found
        ]

    @cached_property
    def _compiled(self) -> tuple[Any, Any]:
        processor = PySaxonProcessor(license=False)
        xslt = etree.tostring(as_xslt(etree.parse(self.path).getroot()), encoding="unicode")
        return processor, processor.new_xslt30_processor().compile_stylesheet(stylesheet_text=xslt)


def as_xslt(schema: etree._Element) -> etree._Element:
    """A stylesheet that gives a `failed` element for each assertion that does not hold."""
    unknown = {each.tag for each in schema.iter(SCH + "*")} - {SCH + name for name in _KNOWN}
    if unknown:
        raise ValueError(f"not made for: {sorted(unknown)}")
    prefixes = {each.get("prefix"): each.get("uri") for each in schema.iter(SCH + "ns")}
    sheet = etree.Element(XSL + "stylesheet", {"version": "3.0"}, nsmap={"xsl": XSL[1:-1], **prefixes})
    sheet.extend([each for each in schema if isinstance(each.tag, str) and each.tag.startswith(XSL)])
    for let in [*schema.iterchildren(SCH + "let"), *schema.iterfind(f"{SCH}pattern/{SCH}let")]:
        etree.SubElement(sheet, XSL + "variable", name=let.get("name"), select=let.get("value"))
    patterns = list(schema.iter(SCH + "pattern"))
    start = etree.SubElement(sheet, XSL + "template", match="/", name="start")
    failures = etree.SubElement(start, "failures")
    for number, pattern in enumerate(patterns):
        mode = f"pattern-{number}"
        etree.SubElement(failures, XSL + "apply-templates", select=".", mode=mode)
        etree.SubElement(sheet, XSL + "mode", {"name": mode, "on-no-match": "shallow-skip"})
        rules = list(pattern.iterchildren(SCH + "rule"))
        for place, rule in enumerate(rules):
            sheet.append(_template(rule, mode, len(rules) - place))
    return sheet


def _template(rule: etree._Element, mode: str, priority: int) -> etree._Element:
    template = etree.Element(XSL + "template", match=rule.get("context", ""), mode=mode, priority=str(priority))
    for each in rule:
        if each.tag == SCH + "let":
            etree.SubElement(template, XSL + "variable", name=each.get("name"), select=each.get("value"))
        elif each.tag == SCH + "assert":
            test = etree.SubElement(template, XSL + "if", test=f"not({each.get('test')})")
            failed = etree.SubElement(
                test, "failed", {"id": each.get("id", ""), "flag": each.get("flag", ""), "where": "{path()}"}
            )
            failed.text = each.text
            for value in each.iterchildren(SCH + "value-of"):
                etree.SubElement(failed, XSL + "value-of", select=value.get("select")).tail = value.tail
    etree.SubElement(template, XSL + "apply-templates", select="@*|node()", mode=mode)
    return template
