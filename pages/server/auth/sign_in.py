"""Who is signed in, where whoever runs the app asks for it: an [auth] section in Streamlit's secrets (docs/sign-in.md).

Without that section nobody signs in and nothing here is seen. With it nothing of the app is shown before a sign-in; a section that
cannot work shows one sentence that says why, and nothing else.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import streamlit as st
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME
from streamlit.web.server.starlette.starlette_websocket import _get_signed_cookie_with_chunks, is_host_allowed

from funnel.core import settings
from funnel.words import wording

CALLBACK = "/oauth2callback"
COOKIE = USER_COOKIE_NAME
"""What a sign-in leaves in the browser; its further cookies are called the same and something behind it."""
LEAST_SECRET = 32
_SHARED = ("redirect_uri", "cookie_secret")
_OF_PROVIDER = ("client_id", "client_secret", "server_metadata_url")
_DEFAULT = "default"
_PERSON = "person"


@dataclass(frozen=True)
class Identity:
    """One sign-in: `person` stands for who it is, `key` for this sign-in alone, `until` is when it ends, in seconds of time.time()."""

    person: str
    key: str
    until: float


@cache
def is_on() -> bool:
    """Whether people sign in here. Decided once, so that secrets which are just being rewritten open nothing."""
    return _section() is not None or _unreadable()


def trouble() -> str | None:
    """The sentence that says why nobody can sign in; None where people can."""
    section = _section()
    if section is None:
        return wording.say("pages.sign_in.unreadable")
    if any(find_spec(package) is None for package in ("authlib", "httpx")):
        return wording.say("pages.sign_in.not_installed")
    missing = [key for key in _SHARED if not section.get(key)]
    for name in _providers(section):
        provider = section if name == _DEFAULT and name not in section else section[name]
        prefix = "" if provider is section else f"{name}."
        missing += [f"{prefix}{key}" for key in _OF_PROVIDER if not provider.get(key)]
    if missing:
        return wording.say("pages.sign_in.incomplete", missing=", ".join(missing))
    if len(str(section["cookie_secret"])) < LEAST_SECRET:
        return wording.say("pages.sign_in.weak", least=LEAST_SECRET)
    address = urlsplit(str(section["redirect_uri"]).replace("{port}", "1"))
    if not address.path.endswith(CALLBACK) or not is_host_allowed(address.netloc):
        return wording.say("pages.sign_in.address", callback=CALLBACK)
    return None


def gate() -> None:
    """Goes on where nobody has to sign in, or somebody is; else this run shows the way in and ends.

    What the session held goes when it turns out to be somebody else's.
    """
    if not is_on():
        return
    identity = identity_of(st.user.to_dict())
    if identity is None or trouble() is not None:
        st.session_state.clear()
        _show_way_in()
    if st.session_state.get(_PERSON, identity.person) != identity.person:
        st.session_state.clear()
    st.session_state[_PERSON] = identity.person


def person() -> str | None:
    """An opaque key of who looks at this session, the same at each sign-in; None where nobody has to sign in.

    Where somebody has to and is not, the run ends.
    """
    if not is_on():
        return None
    identity = identity_of(st.user.to_dict())
    if identity is None:
        st.stop()
    return identity.person


def person_of(cookies: Mapping[str, str]) -> str | None:
    """The same key for a request that carries these cookies; None where nobody has to sign in, or nobody is."""
    identity = identity_in(cookies) if is_on() else None
    return identity.person if identity is not None else None


def owner_secret(cookie: str, person: str | None) -> str:
    """What the data of a person in a browser is kept under: no other person finds it there; the browser's alone where nobody signs in."""
    return cookie if person is None else _hashed(cookie, person)


def show_person() -> None:
    """Who is signed in, and the way out; nothing where nobody has to sign in."""
    if not is_on():
        return
    claims = st.user.to_dict()
    name = next((str(claims[key]) for key in ("name", "email", "preferred_username") if claims.get(key)), "")
    with st.container(horizontal=True, vertical_alignment="center", key="signed_in"):
        st.text(name, width="stretch")
        st.button(wording.say("pages.sign_in.leave"), type="tertiary", key="sign_out", on_click=st.logout)


def identity_in(cookies: Mapping[str, str]) -> Identity | None:
    """The sign-in that these cookies prove; None where they prove none, or it is over."""
    if COOKIE not in cookies or trouble() is not None:
        return None
    try:
        return identity_of(json.loads(_get_signed_cookie_with_chunks(dict(cookies), COOKIE) or b"null"))
    except ValueError:
        return None


def identity_of(claims: object) -> Identity | None:
    """The sign-in of which an identity provider said these claims; None where they name nobody, or it is over."""
    if not isinstance(claims, Mapping) or claims.get("is_logged_in") is not True:
        return None
    issuer, subject, issued = claims.get("iss"), claims.get("sub"), claims.get("iat")
    if not isinstance(issuer, str) or not isinstance(subject, str) or not issuer or not subject:
        return None
    if isinstance(issued, bool) or not isinstance(issued, int | float):
        return None
    until = issued + settings.SIGN_IN_HOURS() * 3600
    key = _hashed(issuer, subject, issued, claims.get("nonce"))
    if until <= time.time() or key in _ended:
        return None
    return Identity(_hashed(issuer, subject), key, until)


def end(identity: Identity) -> None:
    """This sign-in is over, whoever kept a copy of its cookies."""
    now = time.time()
    for key in [key for key, until in list(_ended.items()) if until <= now]:
        _ended.pop(key, None)
    _ended[identity.key] = identity.until


def by_https() -> bool:
    """Whether people reach the app by https only, as its own certificate or the address to which a sign-in returns says."""
    if st.get_option("server.sslCertFile"):
        return True
    section = _section() if is_on() else None
    return section is not None and str(section.get("redirect_uri", "")).startswith("https://")


def _show_way_in() -> NoReturn:
    """The product's name, one sentence, and a button for each identity provider."""
    # Whatever page is asked for is this one, so that no address tells which pages there are.
    pages = [st.Page(_way_in, title=wording.say("pages.name"), default=True)]
    url_path = urlsplit(st.context.url or "").path.rpartition("/")[2]
    if url_path:
        pages.append(st.Page(_way_in, title=wording.say("pages.name"), url_path=url_path))
    st.navigation(pages, position="hidden").run()
    st.stop()


def _way_in() -> None:
    with st.container(key="sign_in", width=480):
        st.title(wording.say("pages.name"), anchor=False)
        wrong = trouble()
        section = _section()
        if wrong is not None or section is None:
            st.text(wrong or wording.say("pages.sign_in.unreadable"))
            return
        st.text(wording.say("pages.sign_in.sentence"))
        for name in _providers(section):
            label = "sign_in" if name == _DEFAULT else "sign_in_with"
            st.button(
                wording.say(f"pages.sign_in.{label}", provider=name),
                type="primary",
                key=f"sign_in_{name}",
                on_click=st.login,
                args=(name,),
            )


def _providers(section: Mapping[str, Any]) -> tuple[str, ...]:
    """The identity providers that the section names; the one without a name where it names none."""
    named = tuple(name for name, value in section.items() if isinstance(value, Mapping) and name != "client_kwargs")
    return named or (_DEFAULT,)


def _section() -> Mapping[str, Any] | None:
    """The [auth] section of the secrets; empty where it is no section, None where there is none."""
    if not st.secrets.load_if_toml_exists() or "auth" not in st.secrets:
        return None
    section = st.secrets["auth"]
    return section if isinstance(section, Mapping) else {}


def _unreadable() -> bool:
    """Whether there are secrets that Streamlit cannot read: what they would have asked for is not known."""
    there = any(Path(path).expanduser().exists() for path in st.get_option("secrets.files"))
    return there and not st.secrets.load_if_toml_exists()


def _hashed(*parts: object) -> str:
    return sha256(json.dumps([str(part) for part in parts]).encode()).hexdigest()


_ended: dict[str, float] = {}
"""Sign-ins that ended before their time, by key, until when they would have lasted."""
