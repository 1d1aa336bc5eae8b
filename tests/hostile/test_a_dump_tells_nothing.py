"""Who steals a municipality's database, files, keys, back-up and logs, or reads what programs were told, learns nothing.

What is looked for are a resident's name, number and address, and what was written, sent and answered, in each form in
which bytes are commonly written down.
"""

import base64
import json
import logging
from pathlib import Path

import pytest
from django.conf import settings as configured

from allmenning.backup import databases, making, sealing
from allmenning.commons.municipalities import actions as municipalities
from allmenning.doors.portal.testing import answered, sent_image
from allmenning.journeys import outbox
from allmenning.journeys.testing import ALICE, NAMES, RITA, rita
from allmenning.journeys.tests.test_main_job import send_inquiry
from allmenning.municipal.documents.tests.files import image
from allmenning.tenancy.placement import Placement, placement_of
from attack import stolen

PLANTED = {
    "name": NAMES[RITA],
    "number": RITA,
    "address": "Hemmeligveien 4711",
    "phone": "+4740001234",
    "message": "blåbærsyltetøyet",
    "subject": "Kråkereirhaugen",
    "file": "legeerklæring-rygg",
}


def hits(content, planted=PLANTED):
    return stolen.hits(content, planted)


def dump(placed):
    with databases._running("pg_dump", "--format=plain", database=placed, stdout=databases.subprocess.PIPE) as process:
        return process.stdout.read()


def below(folder):
    """Content and names of all files below a folder."""
    return [
        path.read_bytes() + b"\n" + str(path.relative_to(folder)).encode()
        for path in folder.rglob("*")
        if path.is_file()
    ]


def told():
    """Environment and command line of every process that we may look into."""
    for process in Path("/proc").glob("[0-9]*"):
        for name in ("environ", "cmdline"):
            try:
                yield (process / name).read_bytes()
            except OSError:
                continue


@pytest.fixture
def lived(averoy, caplog):
    """A resident has sent, been answered and been written to; everything that waits has been done."""
    caplog.set_level(logging.INFO)  # the programs write from WARNING on
    municipalities.load_register()
    text = f"Om {PLANTED['message']}: jeg bor i {PLANTED['address']}. Ring {PLANTED['phone']}."
    subject = f"{PLANTED['subject']}: {PLANTED['name']} {RITA}, {PLANTED['phone']}, {PLANTED['address']}"
    case_id = send_inquiry(averoy, rita(), subject=subject, message=text).case_id
    sent_image(averoy, case_id, rita(), image("PNG"), f"{PLANTED['file']}.png")
    answered(averoy, case_id, ALICE)
    outbox.drain(averoy.id, "ordinary")
    return averoy


def test_nothing_stolen_tells_who_or_what(lived, tmp_path, caplog, record_property):
    recipient = sealing.make_key(tmp_path / "private.key")
    (tmp_path / "backup").mkdir()
    making.back_up(tmp_path / "backup", [recipient], lived.id, 1)
    found = {
        "databases": [dump(placement_of(lived.id)), dump(Placement(*configured.COMMONS_PLACEMENT))],
        "files": below(Path(configured.FILES_DIR)),
        "keys": below(Path(configured.VAULT_DIR)),
        "back-up": below(tmp_path / "backup"),
        "logs": [caplog.text.encode()],
        "processes": list(told()),
    }
    assert [where for where, some in found.items() if not any(some)] in ([], ["logs"])  # nothing may be worth a line
    searched = {where: sum(map(len, some)) for where, some in found.items()}
    looked_for = sum(len(set(stolen.forms(text))) for text in PLANTED.values())
    record_property(
        "told", f"the dump search: {looked_for} forms of {len(PLANTED)} planted texts, in bytes of {searched}"
    )
    assert {where: hits(each) for where, some in found.items() for each in some if hits(each)} == {}


def test_what_is_clear_is_found_so_the_search_can_find(lived):
    clear = dump(placement_of(lived.id))
    assert hits(clear, {"caseworker": NAMES[ALICE]})


@pytest.mark.parametrize("text", PLANTED.values())
def test_every_form_is_recognised(text):
    for shift in range(3):
        assert hits(base64.b64encode(b"x" * shift + text.encode() + b"y"), {"it": text})
    for content in (text.encode().hex().encode(), text.encode("utf-16-le"), json.dumps({"a": text}).encode()):
        assert hits(b"before" + content + b"after", {"it": text})
