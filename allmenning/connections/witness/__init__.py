"""A witness of our logs: another municipality's `allmenning witness`, or anybody's that speaks C2SP tlog-witness."""

from __future__ import annotations

from allmenning.journeys.ports import WitnessAway

from ..http import Http, unreachable_as

MOST_BYTES = 64 * 1024


class Witness:
    """One witness at its submission prefix. Safe to share between threads."""

    def __init__(self, url: str) -> None:
        self._http = Http(url, timeout=5.0, most_bytes=MOST_BYTES)

    def add_checkpoint(self, body: bytes) -> tuple[int, str]:
        """Ask for a cosignature. Returns the status and what was said. Raises WitnessAway."""
        with unreachable_as(lambda failure: WitnessAway(why=str(failure))):
            answer = self._http.post("/add-checkpoint", content=body, headers={"Content-Type": "text/plain"})
        return answer.status, answer.content.decode(errors="replace")

    def last_head(self, hashed_origin: str) -> str | None:
        """The last head that it cosigned of a log, by the SHA-256 of its origin in hexadecimal. Raises WitnessAway."""
        with unreachable_as(lambda failure: WitnessAway(why=str(failure))):
            answer = self._http.get(f"/{hashed_origin}/checkpoint")
        return answer.content.decode(errors="replace") if answer.status == 200 else None
