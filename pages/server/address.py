"""Where the app is, said in one line when it starts. Streamlit's own welcome is off: with it comes a toast over the pages that offers
programs of others to be installed."""

from __future__ import annotations

import streamlit as st

from funnel.words import wording

EVERYWHERE = ("0.0.0.0", "::")


def sentence() -> str:
    """The address that a browser on this machine opens, and whether other machines reach it too."""
    listens_at = st.get_option("server.address")
    scheme = "https" if st.get_option("server.sslCertFile") else "http"
    host = st.get_option("browser.serverAddress") if listens_at in (None, "", *EVERYWHERE) else listens_at
    host = f"[{host}]" if ":" in host else host
    path = str(st.get_option("server.baseUrlPath")).strip("/")
    address = f"{scheme}://{host}:{st.get_option('server.port')}/{path}"
    return wording.say("pages.address.open" if listens_at in EVERYWHERE else "pages.address.here", address=address)
