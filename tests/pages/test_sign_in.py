"""The gate without a browser: off by default, shut where it cannot work, and nobody's data for anybody else."""

from __future__ import annotations

import time
from typing import Any

import pytest
import streamlit as st
from streamlit.runtime.secrets import Secrets
from streamlit.testing.v1 import AppTest

from funnel.words import wording
from pages.server import sessions
from pages.server.auth import cookies, sign_in
from pages.server.workspace import Workspace
from tests import uploads
from tests.pages.apps import MAIN, MOVES, opened, titles
from tests.signing import AUTH, SECRET, asking, claims, cookie, decided_anew  # noqa: F401 (asking and decided_anew are fixtures)
from tests.thorough import every

SENTENCE = "Sign in to go on. Nothing is shown before that."


def shown(user: dict[str, Any] | None = None, at: AppTest | None = None) -> AppTest:
    """The app as somebody with these claims sees it."""
    at = at or AppTest.from_file(MAIN, default_timeout=60)
    at.user = user or {}
    return at.run()


def seen(at: AppTest) -> list[str]:
    """Every text at the gate, and that there is nothing else."""
    assert not at.exception
    assert not at.markdown
    assert not at.sidebar.children
    assert not at.selectbox
    assert not uploads.boxes(at)
    assert "workspace" not in at.session_state
    return [*titles(at), *(text.value for text in at.text), *(button.label for button in at.button)]


def test_without_secrets_nobody_signs_in_and_nothing_is_said_of_it():
    at = opened()
    assert titles(at) == ["See the funnel in your lead file"]
    assert "Sign out" not in [button.label for button in at.button]
    assert "person" not in at.session_state
    assert sign_in.person_of({"_streamlit_user": "anything"}) is None


def test_before_a_sign_in_there_are_a_name_a_sentence_and_a_button(asks):
    asks()
    assert seen(shown()) == ["Funnel Lens", SENTENCE, "Sign in"]


def test_each_named_provider_has_its_button(asks):
    named = {key: AUTH[key] for key in ("client_id", "client_secret", "server_metadata_url")}
    asks({"redirect_uri": AUTH["redirect_uri"], "cookie_secret": SECRET, "acme": named, "other": named})
    assert seen(shown()) == ["Funnel Lens", SENTENCE, "Sign in with acme", "Sign in with other"]


def test_after_a_sign_in_there_are_the_app_ones_name_as_text_and_the_way_out(asks):
    asks()
    at = shown(claims())
    assert titles(at) == ["See the funnel in your lead file"]
    assert [text.value for text in at.text] == ["ann **bold**"]
    at.button(key="sign_out").click().run()
    assert seen(at) == ["Funnel Lens", SENTENCE, "Sign in"]


@pytest.mark.parametrize(
    "other",
    every(
        3,
        [
            {"is_logged_in": False},
            {"is_logged_in": "yes"},
            {"sub": ""},
            {"sub": None},
            {"iss": ""},
            {"iat": None},
            {"iat": "now"},
            {"iat": True},
            # Years ago, at a moment that is the same in every process of the tests.
            {"iat": 1_600_000_000.0},
        ],
    ),
    ids=str,
)
def test_claims_that_prove_nobody_or_are_too_old_show_the_gate(asks, other):
    asks()
    assert seen(shown(claims(**other))) == ["Funnel Lens", SENTENCE, "Sign in"]


def test_how_long_a_sign_in_lasts_can_be_set(asks, monkeypatch):
    asks()
    monkeypatch.setenv("FUNNEL_LENS_SIGN_IN_HOURS", "1")
    assert sign_in.identity_of(claims(iat=time.time() - 3_500)) is not None
    assert sign_in.identity_of(claims(iat=time.time() - 3_601)) is None


@pytest.mark.parametrize(
    ("auth", "sentence"),
    every(
        4,
        [
            ({}, "lacks redirect_uri, cookie_secret, client_id, client_secret, server_metadata_url."),
            ("yes", "lacks redirect_uri, cookie_secret, client_id, client_secret, server_metadata_url."),
            ({**AUTH, "client_id": ""}, "lacks client_id."),
            ({**AUTH, "acme": {"client_id": "x"}}, "lacks acme.client_secret, acme.server_metadata_url."),
            ({**AUTH, "cookie_secret": "x" * 31}, "At least 32 random characters are needed."),
            ({**AUTH, "redirect_uri": "http://localhost:8501/"}, "has to end in /oauth2callback"),
            ({**AUTH, "redirect_uri": "http://leads.example/oauth2callback"}, "a host of server.allowedHosts."),
        ],
    ),
    ids=lambda told: told if isinstance(told, str) else "",
)
def test_a_section_that_cannot_work_shows_one_sentence_even_to_who_is_signed_in(asks, auth, sentence):
    asks(auth)
    for user in ({}, claims()):
        name, said = seen(shown(user))
        assert name == "Funnel Lens"
        assert said.startswith("Nobody can sign in: ")
        assert said.endswith(sentence) or sentence in said


@pytest.mark.parametrize("missing", ["authlib", "httpx"])
def test_without_the_packages_for_it_nobody_gets_in(asks, monkeypatch, missing):
    asks()
    monkeypatch.setattr(sign_in, "find_spec", lambda package: None if package == missing else package)
    for user in ({}, claims()):
        assert seen(shown(user)) == ["Funnel Lens", wording.say("pages.sign_in.not_installed")]


def test_secrets_that_cannot_be_read_let_nobody_in(tmp_path, monkeypatch):
    broken = tmp_path / "secrets.toml"
    broken.write_text("[auth\nredirect_uri = ", encoding="utf-8")
    monkeypatch.setattr(st, "secrets", Secrets())
    real = st.get_option
    monkeypatch.setattr(st, "get_option", lambda key: [str(broken)] if key == "secrets.files" else real(key))
    monkeypatch.setattr(st.secrets, "load_if_toml_exists", lambda: False)
    assert sign_in.is_on()
    assert seen(shown(claims())) == ["Funnel Lens", wording.say("pages.sign_in.unreadable")]


def test_secrets_that_vanish_while_the_app_runs_open_nothing(asks, monkeypatch):
    asks()
    assert sign_in.is_on()
    monkeypatch.setattr(st, "secrets", Secrets())
    monkeypatch.setattr(st.secrets, "load_if_toml_exists", lambda: False)
    assert seen(shown(claims())) == ["Funnel Lens", wording.say("pages.sign_in.unreadable")]


def test_a_person_is_issuer_and_subject_and_neither_can_be_read_off():
    keys = {
        (issuer, subject): sign_in.identity_of(claims(subject, iss=issuer)).person
        for issuer, subject in (("a", "b"), ("a", "c"), ("c", "b"), ("ab", "c"), ("a", "bc"))
    }
    assert len(set(keys.values())) == len(keys)
    assert sign_in.identity_of(claims("b", iss="a", iat=time.time() - 60, nonce="x")).person == keys["a", "b"]
    assert all(len(key) == 64 for key in keys.values())


def test_what_a_session_holds_goes_when_somebody_else_looks(asks):
    asks()
    at = shown(claims("ann"))
    at.session_state["workspace"].problem = "Ann's problem"
    uploads.upload(at, ("moves.csv", MOVES))
    of_ann = at.session_state["workspace"]
    assert of_ann.data_set is not None
    shown(claims("bob"), at)
    assert at.session_state["workspace"] is not of_ann
    assert titles(at) == ["See the funnel in your lead file"]


def test_data_is_kept_for_one_person_in_one_browser(asks, monkeypatch):
    asks()
    monkeypatch.setattr(sessions, "_known", {})

    def of(who: str, browser: str) -> Workspace:
        monkeypatch.setattr(st, "session_state", {})
        monkeypatch.setattr(sign_in, "person", lambda: sign_in.identity_of(claims(who)).person)
        monkeypatch.setattr(type(st.context), "cookies", {cookies.NAME: browser})
        return sessions.current()

    def asked(who: str | None, browser: str) -> Workspace | None:
        signed = {} if who is None else dict([cookie(who).split("=", 1)])
        return sessions.of_request({cookies.NAME: browser, **signed})

    visits = [("ann", "one"), ("bob", "one"), ("ann", "two")]
    found = [of(*visit) for visit in visits]
    assert len({id(space) for space in found}) == 3
    assert [of(*visit) for visit in visits] == found
    # What comes without a page, such as an upload, is known by the same cookies.
    assert [asked(*visit) for visit in visits] == found
    assert asked("bob", "two") is None
    assert asked(None, "one") is None
