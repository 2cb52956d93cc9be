"""People who sign in, without an identity provider: what it would say of them, and an app that asks for it."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
import streamlit as st
from streamlit.runtime.secrets import Secrets
from streamlit.web.server.starlette import starlette_websocket
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from pages.server.auth import sign_in

SECRET = "a-cookie-secret-of-32-characters"
AUTH = {
    "redirect_uri": "http://localhost:8501/oauth2callback",
    "cookie_secret": SECRET,
    "client_id": "funnel-lens",
    "client_secret": "known to two",
    "server_metadata_url": "http://127.0.0.1:9/.well-known/openid-configuration",
}


def claims(who: str = "ann", **other: object) -> dict[str, Any]:
    return {
        "is_logged_in": True,
        "iss": "http://provider.example",
        "sub": who,
        "iat": time.time(),
        "name": f"{who} **bold**",
        **other,
    }


def cookie(who: str = "ann", **other: object) -> str:
    told = json.dumps(claims(who, **other))
    return f"_streamlit_user={create_signed_value(SECRET, '_streamlit_user', told).decode()}"


@pytest.fixture(autouse=True)
def decided_anew(monkeypatch):
    """Each test decides by itself whether people sign in."""
    sign_in.is_on.cache_clear()
    monkeypatch.setattr(sign_in, "_ended", {})
    yield
    sign_in.is_on.cache_clear()


@pytest.fixture(name="asks")
def asking(monkeypatch):
    """`asks(section)` makes the app ask for a sign-in."""

    def asked(auth: object = AUTH) -> None:
        found = Secrets()
        found._secrets = {"auth": auth}
        monkeypatch.setattr(st, "secrets", found)
        monkeypatch.setattr(starlette_websocket, "get_cookie_secret", lambda: SECRET)

    return asked
