"""What the server's log tells becomes a script for pgbench that sends the same, with values that are new each time."""

from __future__ import annotations

import re

import pytest

from bench import limit
from bench.recording import Session, Statement, sessions

OWN = "0192f3a4-0000-7000-8000-00000000000{}"
LOG = """\
2026-11-22 00:26:18.214 UTC|7|commons|commons_application|LOG:  execute <unnamed>: SELECT 1
2026-11-22 00:26:18.300 UTC|9|m_1|m_1_ordinary|LOG:  statement: BEGIN
2026-11-22 00:26:18.301 UTC|9|m_1|m_1_ordinary|LOG:  execute <unnamed>: INSERT INTO note
\t  (id, text) VALUES ($1, $2)
2026-11-22 00:26:18.301 UTC|9|m_1|m_1_ordinary|DETAIL:  Parameters: $1 = '{id}', $2 = 'it''s 12:30
\tor so'
2026-11-22 00:26:18.302 UTC|9|m_1|m_1_ordinary|LOG:  statement: COMMIT
2026-11-22 00:26:18.303 UTC|7|commons|commons_application|LOG:  execute <unnamed>: INSERT INTO job VALUES ($1)
2026-11-22 00:26:18.303 UTC|7|commons|commons_application|DETAIL:  Parameters: $1 = NULL
2026-11-22 00:26:18.304 UTC|7|commons|commons_application|ERROR:  duplicate key value
2026-11-22 00:26:18.304 UTC|7|commons|commons_application|DETAIL:  Key (lock)=(a) already exists.
2026-11-22 00:26:18.310 UTC|3|postgres|postgres|LOG:  statement: SELECT pg_reload_conf()
2026-11-22 00:26:18.311 UTC|1|||LOG:  received SIGHUP, reloading configuration files
"""


def recorded(n: int) -> list[Session]:
    return sessions(LOG.replace("{id}", OWN.format(n)))


def test_every_connection_is_told_by_itself_and_the_operator_left_out() -> None:
    commons, municipality = recorded(1)
    assert (commons.user, municipality.database) == ("commons_application", "m_1")
    assert [s.text for s in municipality.statements] == [
        "BEGIN",
        "INSERT INTO note\n  (id, text) VALUES ($1, $2)",
        "COMMIT",
    ]
    assert municipality.statements[1].parameters == {1: OWN.format(1), 2: "it's 12:30\nor so"}
    assert [s.is_control for s in municipality.statements] == [True, False, True]


def test_a_refused_statement_counts_and_is_not_repeated() -> None:
    commons, _ = recorded(1)
    assert [s.refused for s in commons.statements] == [False, True]
    assert commons.statements[1].parameters == {1: None}
    assert "job" not in limit.script(commons, {})


def test_what_differed_is_new_each_time_and_the_rest_is_as_it_was() -> None:
    fresh = limit.fresh_values(recorded(1), recorded(2))
    assert list(fresh) == [OWN.format(1)]
    script = limit.script(recorded(1)[1], fresh)
    assert "VALUES (lpad(:v0::text, 32, '0')::uuid, E'it''s 12\\x3a30\\nor so');" in script
    assert [
        name for name in re.findall(r"(?<!:):([a-z]\w*)", script) if name not in ("i", "run", "client_id", "base")
    ] == ["v0"]


@pytest.mark.parametrize(
    ("given", "made"),
    [
        (None, "NULL"),
        ("17", ":number"),
        ("18", "E'18'"),
        ("\\x" + "ab" * 32, "decode(lpad(:v1::text, 64, '0'), 'hex')"),
        ("ab" * 32, "(E'' || lpad(:v1::text, 64, '0') || E'')"),
        ('[{"id":"' + OWN.format(3) + '"}]', """(E'[{"id"\\x3a"' || lpad(:v2::text, 32, '0') || E'"}]')::jsonb"""),
        ("{" + OWN.format(3) + "}", "(E'{' || lpad(:v2::text, 32, '0') || E'}')::uuid[]"),
    ],
)
def test_a_new_value_is_made_in_the_form_it_had(given: str | None, made: str) -> None:
    session = Session("m_1", "m_1_ordinary", [Statement("SELECT $1", {1: given})])
    script = limit.script(session, {"17": 0, "ab" * 32: 1, OWN.format(3): 2})
    assert script.splitlines()[-1] == f"SELECT {made};"
