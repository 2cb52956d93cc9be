"""How an alarm leaves the machine: posted to one address, or written as a mail that another program sends.

What is posted is text that a chat shows: nothing in it is a link, a picture, or calls anybody, whatever labels of a file are called.
"""

from __future__ import annotations

import json
import os
import re
import ssl
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from funnel.core import settings
from funnel.core.errors import QuestionError
from funnel.words import wording

SECONDS = 10
TRIES = 2
FROM_SETTING = "-"
SUCCESSES = range(200, 300)
LONGEST_FOUND = 200
_MAIL = re.compile(r"[^\s@<>,;:\"\\]{1,64}@[^\s@<>,;:\"\\]{1,190}")
_LIVE = re.compile(r"([:@!\]#]|www)", re.IGNORECASE)


class NotPosted(Exception):
    """Why a message was not taken, in a word or two."""


def address(found: str) -> SplitResult:
    """Where to post to: https, or http on this machine; “-” stands for the setting. QuestionError where it is neither."""
    if found == FROM_SETTING:
        found = os.environ.get(settings.POST, "").strip()
        shown = settings.POST
        if not found:
            raise QuestionError("command.watch_post_unset")
    else:
        shown = found
    try:
        parts = urlsplit(found)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise QuestionError("command.watch_post_address", found=shown) from None
    sound = found.isascii() and found.isprintable() and " " not in found and host and parts.username is None
    if not sound or not (parts.scheme == "https" or (parts.scheme == "http" and _is_here(host or ""))):
        raise QuestionError("command.watch_post_address", found=shown)
    return parts


def post(to: SplitResult, lines: Sequence[str]) -> None:
    """Posts the lines as `{"text": …}`. Tries twice; follows no redirect. NotPosted where it was not taken."""
    body = json.dumps({"text": "\n".join(map(inert, lines))}).encode()
    for attempt in range(1, TRIES + 1):
        try:
            _sent(to, body)
            return
        except NotPosted:
            if attempt == TRIES:
                raise


def mail(to: str | None, subject: str, lines: Sequence[str], now: datetime) -> bytes:
    """The lines as a mail (RFC 5322), in plain text."""
    message = EmailMessage(policy=SMTP)
    message["Subject"] = wording.plain(subject)
    message["From"] = "Funnel Lens <funnel-lens@localhost>"
    if to is not None:
        message["To"] = to
    message["Date"] = format_datetime(now.astimezone())
    message["Message-ID"] = make_msgid(domain="funnel-lens.localhost")
    message["Auto-Submitted"] = "auto-generated"
    message.set_content("\n".join(map(wording.plain, lines)) + "\n")
    return bytes(message)


def recipient(found: str) -> str:
    """An address of mail. QuestionError where it is none."""
    if not _MAIL.fullmatch(found) or "[" in found or not found.isprintable() or not found.isascii():
        raise QuestionError("command.watch_mail_to", found=found)
    return found


def write(path: str, content: bytes) -> None:
    """Puts a mail into a file. QuestionError where that cannot be written."""
    try:
        Path(path).write_bytes(content)
    except (OSError, ValueError) as fault:
        raise QuestionError("command.watch_unwritable", file=path) from fault


def inert(text: str) -> str:
    """Text for a chat: it shows as it is written, and is no link, no mention, no picture. Slack reads <…> and &; the marks of the others
    are broken by a word joiner, which has no width."""
    plain = wording.plain(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _LIVE.sub("\\1" + wording.WORD_JOINER, plain)


def _sent(to: SplitResult, body: bytes) -> None:
    host, is_secret = to.hostname or "", to.scheme == "https"
    # Without its port the last part of an address of IPv6 would be taken for one.
    port = to.port or (443 if is_secret else 80)
    connection = (
        HTTPSConnection(host, port, timeout=SECONDS, context=ssl.create_default_context())
        if is_secret
        else HTTPConnection(host, port, timeout=SECONDS)
    )
    target = (to.path or "/") + (f"?{to.query}" if to.query else "")
    with closing(connection):
        try:
            connection.request("POST", target, body, {"Content-Type": "application/json"})
            status = connection.getresponse().status
        except (OSError, HTTPException, ValueError) as fault:
            raise NotPosted(str(fault)[:LONGEST_FOUND] or type(fault).__name__) from fault
    if status not in SUCCESSES:
        raise NotPosted(f"HTTP {status}")


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
