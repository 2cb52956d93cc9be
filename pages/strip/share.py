"""Share: a link to what is seen, for whoever has the same file on this server, and a project for everybody else."""

from __future__ import annotations

import streamlit as st

from funnel import DataSet
from funnel.words import wording
from pages.sections import project_box
from pages.server.workspace import Workspace
from pages.ui import components, links


def show(workspace: Workspace, data_set: DataSet) -> None:
    """The button, and what it opens."""
    with st.popover(wording.say("pages.share.open"), key="share_view", type="tertiary"):
        st.caption(wording.say("pages.share.help_sample" if workspace.sample else "pages.share.help"))
        components.mount(
            "share",
            key="copy_link",
            data={
                "copy": wording.say("pages.share.copy"),
                "done": wording.say("pages.share.copied"),
                "by_hand": wording.say("pages.share.by_hand"),
                "link": wording.say("pages.share.link"),
                # The sample stands in the address by itself.
                "files": [] if workspace.sample else links.names(data_set)[: links.MOST_NAMES],
            },
        )
        project_box.save(workspace, data_set, wording.say("pages.share.project"), "save_view_button")
