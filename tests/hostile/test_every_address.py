"""Every address that links lead to: asked with other methods, other parameters and other cookies than any page would."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from allmenning.municipal.documents.tests import files
from allmenning.municipal.forms.models import Attachment
from allmenning.tenancy import use
from attack.visitors import (
    HOSTILE,
    TELLING,
    assert_leads_nowhere_else,
    assert_only_text,
    forms_of,
    links_of,
    pages_from,
)
from tests.hostile.test_every_form_of_every_door import FINE


def test_any_method_gets_an_answer(visitor):
    for address, _ in pages_from(visitor, *visitor.starts).values():
        for method in ("head", "options", "put", "patch", "delete", "trace"):
            assert getattr(visitor, method)(address).status_code in FINE, (method, address)


def test_any_parameter_gets_a_clear_answer(visitor):
    asked = set()
    for address, page in pages_from(visitor, *visitor.starts).values():
        for link in [address, *links_of(address, page)]:
            parts = urlsplit(link)
            names = tuple(sorted({name for name, _ in parse_qsl(parts.query)}))
            if not names or (parts.path, names) in asked or "login" in parts.path:
                continue
            asked.add((parts.path, names))
    for path, names in asked:
        for hostile in (*TELLING.values(), HOSTILE["elsewhere"], HOSTILE["uuid"], HOSTILE["many digits"]):
            answer = visitor.get(path, dict.fromkeys(names, hostile))
            assert answer.status_code in FINE, (path, names)
            assert_only_text(answer, path)
            assert_leads_nowhere_else(answer, path)
    assert asked


@pytest.mark.parametrize("name", [settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, "municipality", "messages"])
@pytest.mark.parametrize("value", ["", "x", "é", "A" * 4000, "../..", "%00", '{"a":1}', "averoy\\x00"])
def test_cookies_that_nobody_gave_are_nobody(averoy, facts, client, name, value):
    client.cookies[name] = value
    assert client.get("/").status_code == 200
    assert client.get("/my/").status_code in (302, 400)
    assert client.get("/desk/").status_code in (302, 400)


def test_a_session_that_was_changed_by_one_character_is_nobodys(resident):
    held = resident.cookies[settings.SESSION_COOKIE_NAME].value
    for at in range(0, len(held), 17):
        other = "A" if held[at] != "A" else "B"
        resident.cookies[settings.SESSION_COOKIE_NAME] = held[:at] + other + held[at + 1 :]
        assert resident.get("/my/").status_code == 302


def test_a_file_for_a_field_that_is_not_there_is_not_kept(averoy, resident):
    [at] = [a for a, _ in pages_from(resident, *resident.starts).values() if "/drafts/" in a and "/page/" in a]
    [form] = [form for form in forms_of(at, resident.get(at)) if "_revision" in form.values]
    for pointer in ("/nowhere", "/topic", "x" * 300, "/message/0", "a\0b"):
        upload = SimpleUploadedFile("a.pdf", files.pdf(), "application/pdf")
        answer = resident.post(form.address, {**form.values, pointer: upload})
        assert answer.status_code in FINE, pointer
    with use(averoy.id, "owner"):
        assert Attachment.objects.count() == 0
