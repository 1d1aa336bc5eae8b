"""What docs/api.md shows is run as it stands, against a server."""

import json
import re
from pathlib import Path

from allmenning.doors.api.testing import served, system
from allmenning.journeys import clients

PAGE = Path(__file__).resolve().parents[4] / "docs" / "api.md"


def test_what_the_page_shows_works(averoy, monkeypatch):
    ours, shown = system(averoy.id), {}
    with served() as server:
        monkeypatch.setenv("SERVER", server)
        monkeypatch.setenv("CLIENT_ID", ours.id)
        monkeypatch.setenv("TOKEN_ADDRESS", clients.token_address())
        monkeypatch.setenv("PRIVATE_KEY", json.dumps(ours.key.as_dict(private=True)))
        for code in re.findall(r"```python\n(.+?)```", PAGE.read_text("utf-8"), re.DOTALL):
            exec(compile(code, str(PAGE), "exec"), shown)  # a namespace of their own

    assert shown["receipt"]["case_number"] == "2026/1"
    assert "inquiry" in shown["offered"]
    assert "subject" in shown["questions"]
    assert list(shown["files"]) == ["/attachments"]
    assert shown["content"]
