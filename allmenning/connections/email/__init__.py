"""E-mail by SMTP (RFC 5321): hands a message to the mail server that is configured, and to no other."""

from __future__ import annotations

import hashlib
import smtplib
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from allmenning.municipal.post.ports import Accepted, MessageRefused, SendingUnavailable

from ..pause import Pause

TIMEOUT = 10.0  # seconds
LONGEST = 20_000  # characters: what we send is a few lines


class Email:
    """Implements EmailSender.

    Config: `host`, `port`, `tls` ("implicit", "starttls", or "none" for a server on this machine), `sender` (address),
    `sender_name`, `username` and `password` if it asks, `timeout`.
    """

    channel = "email"

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._config = config
        self._pause = Pause()
        if config["tls"] not in ("implicit", "starttls", "none"):
            raise ValueError(f"unknown tls: {config['tls']}")

    def send(self, *, to: str, subject: str, text: str, idempotency_key: str) -> Accepted:
        message = self._message(to, subject, text, idempotency_key)
        if left := self._pause.seconds_left:
            raise SendingUnavailable("left alone for a while", channel=self.channel, retry_after=left)
        try:
            with self._server() as server:
                server.send_message(message)
                self._pause.answered()
        except smtplib.SMTPRecipientsRefused as failure:
            codes = [code for code, _ in failure.recipients.values()]
            raise self._failure(max(codes)) from failure
        except smtplib.SMTPResponseException as failure:
            raise self._failure(failure.smtp_code) from failure
        except (smtplib.SMTPException, OSError) as failure:
            self._pause.failed()
            raise SendingUnavailable(type(failure).__name__, channel=self.channel) from failure
        return Accepted(message["Message-ID"], datetime.now(UTC))

    def _failure(self, code: int) -> SendingUnavailable | MessageRefused:
        """By RFC 5321, 4xx is for now and 5xx for good."""
        if 500 <= code < 600:
            return MessageRefused(channel=self.channel, reason=str(code))
        return SendingUnavailable(str(code), channel=self.channel)

    def _message(self, to: str, subject: str, text: str, idempotency_key: str) -> EmailMessage:
        """The same key gives the same Message-ID, by which a mail server knows a message that it has had before."""
        if len(text) > LONGEST:
            raise MessageRefused(channel=self.channel, reason="too-long")
        domain = self._config["sender"].partition("@")[2]
        message = EmailMessage(policy=SMTP)
        try:
            message["To"] = Address(addr_spec=to)
            message["Subject"] = subject
        except (ValueError, IndexError, MessageError) as failure:
            # The library refuses line breaks in headers; its message would hold the address.
            raise MessageRefused(channel=self.channel, reason="bad-address-or-subject") from failure
        message["From"] = Address(self._config.get("sender_name", ""), addr_spec=self._config["sender"])
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-ID"] = f"<{hashlib.sha256(idempotency_key.encode()).hexdigest()[:40]}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text, cte="8bit")
        return message

    def _server(self) -> smtplib.SMTP:
        config = self._config
        where = {"host": config["host"], "port": config["port"], "timeout": config.get("timeout", TIMEOUT)}
        if config["tls"] == "implicit":
            server: smtplib.SMTP = smtplib.SMTP_SSL(**where, context=ssl.create_default_context())
        else:
            server = smtplib.SMTP(**where)
        if config["tls"] == "starttls":
            server.starttls(context=ssl.create_default_context())
        if config.get("username"):
            server.login(config["username"], config["password"])
        return server
