"""Where the app is, said when it starts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pages.server import address
from tests.running import free_port
from tests.thorough import thorough

ROOT = Path(__file__).resolve().parents[2]
HERE = "http://localhost:8600/"


@pytest.fixture
def settings(monkeypatch):
    """Options of Streamlit as they would be set."""

    def set_to(**options):
        known = {
            "server.address": None,
            "server.port": 8600,
            "server.baseUrlPath": "",
            "server.sslCertFile": None,
            "browser.serverAddress": "localhost",
        }
        named = {name.replace("_", "."): value for name, value in options.items()}
        monkeypatch.setattr("streamlit.get_option", {**known, **named}.__getitem__)

    return set_to


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, HERE),
        ({"server_address": "localhost"}, HERE),
        ({"server_address": "192.0.2.7"}, "http://192.0.2.7:8600/"),
        ({"server_address": "::1"}, "http://[::1]:8600/"),
        ({"server_baseUrlPath": "/leads/"}, "http://localhost:8600/leads"),
        ({"server_sslCertFile": "cert.pem"}, "https://localhost:8600/"),
    ],
)
def test_the_address_is_the_one_to_open(settings, options, expected) -> None:
    settings(**options)
    assert address.sentence() == f"Funnel Lens is at {expected}"


@pytest.mark.parametrize("everywhere", ["0.0.0.0", "::"])
def test_that_others_reach_it_is_said(settings, everywhere) -> None:
    settings(server_address=everywhere, browser_serverAddress="leads.example")
    assert address.sentence() == (
        "Funnel Lens is at http://leads.example:8600/, and on other machines under this one's name or address."
    )


@thorough
def test_a_started_app_says_its_address_and_nothing_of_streamlit() -> None:
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        "app.py",
        "--server.port",
        str(port),
        "--server.headless",
        "true",
    ]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
        assert server.stdout is not None
        try:
            first = next(line for line in server.stdout if line.strip())
        finally:
            server.terminate()
    assert first == f"Funnel Lens is at http://localhost:{port}/\n"
