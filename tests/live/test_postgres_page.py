"""A database on the pages: nothing that is shown, told or logged holds its address or a part of it."""

from __future__ import annotations

import logging

from streamlit.testing.v1 import AppTest

from funnel.live import reader
from tests.pages.apps import MAIN
from tests.postgres import OWNER, PASSWORD
from tests.thorough import thorough

pytestmark = thorough


def _shown(at: AppTest) -> str:
    """All that is sent to the page."""
    return "\n".join(repr(each.proto) for each in at.main) + repr(at)


def _opened(at: AppTest) -> AppTest:
    at.selectbox(key="live_source_0").set_value("CRM").run()
    at.button(key="open_live").click().run()
    assert not at.exception
    return at


def test_no_secret_is_on_a_page(entries, server, monkeypatch, caplog, capfd) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(reader, "_readers", {})
    monkeypatch.setenv("CRM_URI", server.uri.replace(PASSWORD, "wr0ng-pass"))
    refused = _opened(AppTest.from_file(MAIN, default_timeout=60).run())
    assert "refused the sign-in: what CRM_URI holds" in refused.error[0].value.replace("\\", "").replace("\u2060", "")
    monkeypatch.setenv("CRM_URI", server.uri)
    monkeypatch.setattr(reader, "_readers", {})
    at = _opened(AppTest.from_file(MAIN, default_timeout=60).run())
    assert at.session_state["workspace"].data_set.entries == 4000
    monkeypatch.setenv("CRM_URI", server.uri.replace(str(server.port), "1"))
    reader.shared("CRM").look()
    at.run()
    assert any("did not answer" in each.value for each in at.caption)
    out = capfd.readouterr()
    for told in (_shown(refused), _shown(at), caplog.text, out.out, out.err):
        for secret in (OWNER, PASSWORD, "wr0ng-pass", f":{server.port}"):
            assert secret not in told
