"""Files brought into the app without a browser: they arrive under the ticket of the page, and the box says so."""

from __future__ import annotations

import json
from typing import Any

from streamlit.testing.v1 import AppTest

from pages.sections.upload import TICKET
from pages.server import workspace
from pages.server.upload_folders import Ticket

NAME = "funnel-lens.upload"


def boxes(at: AppTest) -> list[Any]:
    """The upload boxes that the page shows."""
    return [found.proto for found in at.get("bidi_component") if found.proto.component_name == NAME]


def arrived(ticket: Ticket, name: str, content: bytes) -> int:
    """The number of a file that has come whole."""
    number = ticket.announce(workspace.safe_name(name), len(content))
    part = ticket.begin(number)
    part.write(content)
    part.finish()
    return number


def upload(at: AppTest, *files: tuple[str, bytes]) -> AppTest:
    """The app after these files (name, content) came through the only box of the page."""
    ticket = at.session_state["workspace"].tickets[at.session_state[TICKET]]
    return told(at, [arrived(ticket, name, content) for name, content in files])


def told(at: AppTest, numbers: object) -> AppTest:
    """The app after its box said that these numbers have arrived."""
    [box] = boxes(at)
    states = at._tree.get_widget_states()
    trigger = states.widgets.add()
    trigger.id = f"$$STREAMLIT_INTERNAL_KEY_{box.id}__events"
    trigger.json_trigger_value = json.dumps([{"event": "arrived", "value": numbers}])
    return at._run(states)
