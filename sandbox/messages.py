"""A sink for e-mail (SMTP) and SMS (a small JSON call of ours), and the page that shows what was sent."""

from __future__ import annotations

import email
import email.policy
import json
import re
import secrets
import socketserver
import threading
from datetime import UTC, datetime
from email.message import EmailMessage

from django.http import HttpResponse, JsonResponse
from django.urls import path

from .app import Request
from .pages import page
from .state import State
from .tokens import bearer

MOST_BYTES = 2_000_000


def mail(request: Request) -> HttpResponse:
    """Everything that was sent, newest first; `?to=` for one receiver, `?format=json` for tests."""
    wanted = request.GET.get("to", "").strip()
    shown = [one for one in reversed(request.state.messages) if not wanted or wanted in one["to"]]
    if request.GET.get("format") == "json":
        return JsonResponse({"messages": shown})
    return page(request, "mail.html", messages=shown[:100], wanted=wanted, total=len(shown))


def sms(request: Request) -> HttpResponse:
    """Take an SMS. The same Idempotency-Key is taken once."""
    bearer(request, "sandbox:sms")
    key = request.headers.get("Idempotency-Key", "")
    try:
        body = json.loads(request.body)
        to, text = body["to"], body["text"]
    except (ValueError, KeyError, TypeError):
        return JsonResponse({"code": "not-understood"}, status=400)
    if not key or not re.fullmatch(r"\+[0-9]{8,15}", str(to)) or not 1 <= len(str(text)) <= 1_000:
        return JsonResponse({"code": "wrong-receiver-or-text"}, status=422)
    known = next((one for one in request.state.messages if one["id"] == f"sms:{key}"), None)
    if known is None:
        known = {
            "id": f"sms:{key}",
            "kind": "sms",
            "to": to,
            "subject": "",
            "text": text,
            "at": datetime.now(UTC).isoformat(),
        }
        request.state.keep_message(known)
    return JsonResponse({"id": known["id"], "accepted": known["at"]}, status=202)


sms_urlpatterns = [path("v1/messages", sms)]


class MailServer(socketserver.ThreadingTCPServer):
    """A mail server that keeps what it gets and sends nothing on. For loopback alone: no TLS, no login."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, address: tuple[str, int], state: State) -> None:
        self.state = state
        super().__init__(address, _Conversation)

    def start(self) -> None:
        threading.Thread(target=self.serve_forever, args=(0.05,), name="sandbox-smtp", daemon=True).start()


class _Conversation(socketserver.StreamRequestHandler):
    """RFC 5321, as much as a client needs to hand over a message."""

    timeout = 30
    server: MailServer

    def handle(self) -> None:
        fault = self.server.state.fault("email", "down")
        self._say(421 if fault else 220, "sandbox")
        receivers: list[str] = []
        while not fault and (line := self.rfile.readline(4_096)):
            verb, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
            match verb.upper():
                case "EHLO":
                    self.wfile.write(b"250-sandbox\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n")
                case "RCPT":
                    self._receiver(rest, receivers)
                case "DATA":
                    self._say(354, "go on") if receivers else self._say(503, "no receiver")
                    if receivers and not self._take(receivers):
                        return
                    receivers = []
                case "QUIT":
                    self._say(221, "bye")
                    return
                case "HELO" | "MAIL" | "RSET" | "NOOP":
                    self._say(250, "ok")
                case _:
                    self._say(502, "not known")

    def _receiver(self, rest: str, receivers: list[str]) -> None:
        found = re.match(r"TO:\s*<([^<>\s]+@[^<>\s]+)>", rest, re.IGNORECASE)
        if not found or self.server.state.fault("email", "refuse"):
            self._say(550, "no such mailbox")
            return
        receivers.append(found[1])
        self._say(250, "ok")

    def _take(self, receivers: list[str]) -> bool:
        content = bytearray()
        while (line := self.rfile.readline(MOST_BYTES)) not in (b".\r\n", b".\n"):
            if not line or len(content) > MOST_BYTES:
                return False
            content += line[1:] if line.startswith(b".") else line
        message = email.message_from_bytes(bytes(content), policy=email.policy.default)
        body = message.get_body(("plain",)) if isinstance(message, EmailMessage) else None
        kept = {
            "id": f"email:{message.get('Message-ID', secrets.token_hex(8))}",
            "kind": "email",
            "to": ", ".join(receivers),
            "from": str(message.get("From", "")),
            "subject": str(message.get("Subject", "")),
            "text": body.get_content().replace("\r\n", "\n") if body else "",
            "at": datetime.now(UTC).isoformat(),
        }
        self.server.state.keep_message(kept)
        if self.server.state.fault("email", "lost_answer"):
            return False
        self._say(250, "kept")
        return True

    def _say(self, code: int, text: str) -> None:
        self.wfile.write(f"{code} {text}\r\n".encode())
