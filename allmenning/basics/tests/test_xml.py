"""What is parsed is XML and nothing more."""

import time

import pytest

from allmenning.basics.xml import UnusableXml, parse_xml

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
REFUSED = {
    "entities": b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>',
    "a parameter entity": b'<!DOCTYPE a [<!ENTITY % e SYSTEM "http://127.0.0.1:1/x"> %e;]><a/>',
    "a billion laughs": f'<!DOCTYPE a [<!ENTITY l0 "ha">{LAUGHS}]><a>&l9;</a>'.encode(),
    "laughs in an attribute": f'<!DOCTYPE a [<!ENTITY l0 "ha">{LAUGHS}]><a b="&l9;"/>'.encode(),
    "a document type alone": b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://127.0.0.1:1/svg11.dtd"><svg/>',
    "an outside document type": b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
    "one in UTF-16": '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a><a/>'.encode("utf-16"),
    "an entity that is not declared": b"<a>&e;</a>",
    "depth without end": b"<a>" * 100_000,
    "no XML": b"%PDF-1.7",
    "nothing": b"",
}


@pytest.mark.parametrize("content", REFUSED.values(), ids=REFUSED)
def test_what_declares_or_fetches_is_refused_at_once(content):
    begun = time.process_time()
    with pytest.raises(UnusableXml):
        parse_xml(content)
    assert time.process_time() - begun < 1


def test_plain_xml_is_read():
    root = parse_xml(b'<?xml version="1.0"?><!-- c --><a b="1"><?p?><!-- d --><c/></a>', only_elements=True)
    assert (root.tag, root.get("b"), [each.tag for each in root]) == ("a", "1", ["c"])


def test_what_is_too_large_is_not_parsed():
    with pytest.raises(UnusableXml, match="too large"):
        parse_xml(b"<a/>", most_bytes=3)
