"""XML is parsed in one place, which takes no document type; outside systems are called from places that are told where."""

import ast
from pathlib import Path

import httpx
import pytest

import allmenning
from allmenning.connections.http import Http, Unreachable

PACKAGE = Path(allmenning.__file__).parent
PARSERS = {
    "XML",
    "XMLID",
    "XMLParser",
    "XMLPullParser",
    "XSLT",
    "HTML",
    "HTMLParser",
    "fromstring",
    "parse",
    "iterparse",
}
XML_MODULES = {"xml", "pyexpat", "bs4", "html5lib", "xmltodict", "defusedxml", "lxml"}
PARSES = {
    "basics/xml.py": "the one place",
    "municipal/documents/inspection/inspector.py": "warms the parser with four letters of its own",
}

NETWORK = {
    "socket",
    "ssl",
    "smtplib",
    "ftplib",
    "poplib",
    "imaplib",
    "telnetlib",
    "socketserver",
    "httpx",
    "requests",
} | {
    "urllib.request",
    "urllib3",
    "http.client",
    "aiohttp",
    "websockets",
}
CALLS_OUT = {
    "connections/http.py": "every outside system: configured hosts, no redirects, limits of time and size",
    "connections/clamav/client.py": "clamd's own protocol, at the configured address",
    "connections/email/__init__.py": "SMTP, at the configured server",
    "municipal/documents/inspection/apart.py": "a pair of sockets to its own child",
    "municipal/documents/inspection/inspector.py": "the child's end of that pair",
    "project/postgres.py": "a free port of this machine",
    "vault/keeper/client.py": "the keeper of the keys, at its socket on this machine",
    "vault/keeper/protocol.py": "what goes over that socket",
    "vault/keeper/server.py": "the keeper itself: it answers at that socket, and asks nobody",
    "project/supervisor.py": "whether our own process on this machine answers",
}
# Named in the signatures of connections, where tests give another transport.
HTTPX_TYPES = {"BaseTransport"}


def modules():
    for path in sorted(PACKAGE.rglob("*.py")):
        if "tests" not in path.parts and path.name != "testing.py":
            yield str(path.relative_to(PACKAGE)), ast.parse(path.read_text("utf-8"))


def imported(tree):
    """Every module that is imported, under its whole name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from (f"{node.module}.{each.name}" for each in node.names)


def of(name, families):
    return any(name == each or name.startswith(each + ".") for each in families)


def attributes_of(tree, module):
    """What is asked of a module by its own name: `httpx.Client` gives `Client`."""
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == module
    }


def test_no_code_parses_xml_another_way():
    found = {}
    for name, tree in modules():
        if name in PARSES:
            continue
        strange = [each for each in imported(tree) if of(each, XML_MODULES) and each != "lxml.etree"]
        strange += [f"etree.{each}" for each in attributes_of(tree, "etree") & PARSERS]
        if strange:
            found[name] = strange
    assert found == {}


def test_no_code_calls_out_from_another_place():
    found = {}
    for name, tree in modules():
        calls = {each for each in imported(tree) if of(each, NETWORK)}
        if calls == {"httpx"} and attributes_of(tree, "httpx") <= HTTPX_TYPES:
            continue
        if calls and name not in CALLS_OUT:
            found[name] = calls
    assert found == {}


def test_each_place_that_may_call_out_does():
    there = {name for name, tree in modules() if any(of(each, NETWORK) for each in imported(tree))}
    assert set(CALLS_OUT) <= there


@pytest.mark.parametrize(
    "address",
    [
        "http://other.example/",
        "https://told.example/",
        "http://told.example:81/",
        "http://told.example@other.example/",
        "http://told.example.other.example/",
        "http://169.254.169.254/latest/",
        "HTTP://other.example/",
    ],
)
def test_a_host_that_was_not_told_is_not_called(address):
    asked = []
    http = Http("http://told.example", transport=httpx.MockTransport(lambda request: asked.append(request)))
    with pytest.raises(Unreachable):
        http.get(address)
    assert asked == []


@pytest.mark.parametrize(
    "path", ["//other.example/x", "@other.example/x", ":81/x", ".other.example/x", "\\\\other.example"]
)
def test_a_path_changes_no_host(path):
    asked = []

    def answer(request):
        asked.append(request.url.host)
        return httpx.Response(200)

    http = Http("http://told.example", transport=httpx.MockTransport(answer))
    try:
        http.get(path)
    except Unreachable:
        return
    assert asked == ["told.example"]


@pytest.mark.parametrize("to", ["http://other.example/", "http://169.254.169.254/", "/elsewhere"])
def test_a_redirect_is_not_followed(to):
    asked = []

    def answer(request):
        asked.append(request.url.host)
        return httpx.Response(302, headers={"Location": to})

    with pytest.raises(Unreachable, match="302"):
        Http("http://told.example", transport=httpx.MockTransport(answer)).get("/x")
    assert asked == ["told.example"]
