"""The cookie by which a browser finds its data again: a secret that this server has given out, with its own signature behind it.

What other apps on the same host leave in a browser is passed over, whatever it is, and what was not given out here stands for nobody:
inside the app there is a cookie NAME only where the secret is one of ours, and it holds the secret alone.
"""

from __future__ import annotations

import hmac
import logging
import os
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes, token_hex, token_urlsafe

import streamlit as st
from starlette.types import Scope

from funnel.core import settings
from pages.server.auth import sign_in

NAME = "funnel_lens"
KEY_FILE = "cookie.key"
KEPT_SECONDS = 400 * 24 * 3600
"""As long as browsers keep a cookie."""
SECURE = "; Secure"
_KEY_BYTES = 32
_HEADER = b"cookie"


def of_host(name: str) -> str:
    """The name of a cookie in the browser: where people come by https only, one that no other host and no plain http can set."""
    return f"__Host-{name}" if sign_in.by_https() else name


def outer_name() -> str:
    """The name of our cookie in the browser. Ports share their cookies, so two servers of one host do not call theirs the same, unless
    they keep work in one folder: then they know the same browsers."""
    key = _kept_key()
    which = str(st.get_option("server.port")) if key is None else sha256(key).hexdigest()[:8]
    return of_host(f"{NAME}_{which}")


def secret_in(scope: Scope) -> str | None:
    """The secret of the browser that sends a request; None where its cookies hold none that was given out here."""
    return next((secret for value in _values(scope) if (secret := _given_out(value)) is not None), None)


def is_sent(scope: Scope) -> bool:
    """Whether a request carries our cookie at all, valid or not."""
    return any(True for _ in _values(scope))


def give_out() -> tuple[str, str]:
    """A new secret, and the header that makes a browser keep it."""
    secret = token_urlsafe(32)
    # Lax, since whoever comes by a link of another site, or back from signing in, is to find the data again; what changes anything
    # asks for more than a cookie (pages/server/auth/middleware.py, pages/server/uploads.py).
    secure = SECURE if sign_in.by_https() else ""
    # Work that outlives the browser's own end is found again by a cookie that does so too.
    age = f"; Max-Age={KEPT_SECONDS}" if settings.folder(settings.WORK) is not None else ""
    return secret, f"{outer_name()}={signed(secret)}; Path=/; HttpOnly; SameSite=Lax{age}{secure}"


def signed(secret: str) -> str:
    """A secret with the signature that proves that it was given out here."""
    signature = hmac.digest(_key(), secret.encode(), "sha256")
    return f"{secret}.{urlsafe_b64encode(signature).decode().rstrip('=')}"


def inside(scope: Scope, secret: str | None) -> Scope:
    """The request as the app sees it: one line of cookies, in which ours is the secret, if there is one, and nothing else."""
    ours = {NAME, outer_name()}
    cookies = [cookie for cookie in _cookies(scope) if _name(cookie) not in ours]
    if secret is not None:
        cookies.append(f"{NAME}={secret}".encode())
    others = [(name, value) for name, value in scope["headers"] if name != _HEADER]
    return {**scope, "headers": [*others, (_HEADER, b"; ".join(cookies))] if cookies else others}


def _given_out(value: str) -> str | None:
    secret, _, _ = value.partition(".")
    return secret if secret and hmac.compare_digest(signed(secret).encode(), value.encode()) else None


def _values(scope: Scope) -> Iterator[str]:
    """What is sent under our name, which may be several: other hosts can set cookies that are sent to this one too."""
    ours = outer_name()
    for cookie in _cookies(scope):
        if _name(cookie) == ours:
            yield cookie.decode("latin-1").partition("=")[2].strip()


def _cookies(scope: Scope) -> list[bytes]:
    """Each cookie of a request as it was sent, of all its lines."""
    lines = (value for name, value in scope["headers"] if name == _HEADER)
    return [cookie.strip() for line in lines for cookie in line.split(b";") if cookie.strip()]


def _name(cookie: bytes) -> str:
    return cookie.decode("latin-1").partition("=")[0].strip()


def _key() -> bytes:
    return _kept_key() or _own_key()


@cache
def _own_key() -> bytes:
    """The key of this process, where nothing outlives it."""
    return token_bytes(_KEY_BYTES)


def _kept_key() -> bytes | None:
    """The key beside the works that are kept, which outlives a restart as they do; None where none are kept, or none can be."""
    folder = settings.folder(settings.WORK)
    return None if folder is None else _key_in(folder)


@cache
def _key_in(folder: Path) -> bytes | None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return _read_or_make(folder / KEY_FILE)
    except OSError:
        logging.getLogger(__name__).exception("the key of the cookies cannot be kept in %s", folder)
        return None


def _read_or_make(path: Path) -> bytes:
    """The key in a file, which is made where there is none, whole or not at all; servers that start at once agree on one."""
    key = path.read_bytes() if path.exists() else None
    if key is not None and len(key) == _KEY_BYTES:
        return key
    fresh = path.with_name(f"{path.name}.{token_hex(4)}.part")
    try:
        with open(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(token_bytes(_KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        if key is None:
            with suppress(FileExistsError):
                os.link(fresh, path)
        else:
            fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    return path.read_bytes()
