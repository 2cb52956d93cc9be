"""The app with a small log, run through pages/main.py without a browser, and what stands on its pages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block

from tests import uploads

MAIN = str(Path(__file__).resolve().parents[2] / "pages" / "main.py")
MOVES = b"""lead_id,stage,changed_at,region,note
A-1,New,2025-01-05,East,=1+1
A-1,Qualified,2025-01-10,East,=1+1
A-1,Closed won,2025-02-01,East,=1+1
B-2,New,2025-01-20,West,
B-2,Closed lost,2025-02-02,West,
C-3,New,2025-02-03,East,
C-3,Qualified,2025-02-10,East,
D-4,New,2025-03-15,West,
"""
ALL = "1 of 4 leads won · entered Jan 2025 – Mar 2025"
TABS = {
    "changes": ("funnel", "What changed"),
    "trend": ("funnel", "Trend over time"),
    "convert": ("funnel", "Time to convert"),
    "paths": ("funnel", "Paths"),
    "heat": ("trends", "Heat map"),
    "stages": ("pipeline", "Time in stage"),
    "forecast": ("pipeline", "Forecast"),
    "planner": ("pipeline", "Planner"),
    "scan": ("segments", "What drives conversion"),
    "scorecard": ("models", "Scorecard"),
    "process": ("models", "Before/after a change"),
    "edit": ("models", "Edit"),
    "columns": ("files", "Columns"),
    "rows": ("files", "Rows"),
    "project": ("files", "Project"),
}
"""What stands on a tab of a page that is not its first: its name in pages/ui/tabs.py → the page, and the tab as it is read."""
ABOVE = ("-file_bar", "-strip")


def opened(page: str = "funnel", **query: str | list[str]) -> AppTest:
    """The app, on a page that somebody had gone to before, as it greets them with an address."""
    at = AppTest.from_file(MAIN, default_timeout=60)
    page, tab = TABS.get(page, (page, ""))
    if page:
        at = at.run().switch_page(f"{page}_page.py").run()
    said = {f"{page}_tab": tab} if tab else {}
    for name, value in {**said, **query}.items():
        at.query_params[name] = value
    return at.run()


def turned(at: AppTest, page: str) -> AppTest:
    """The app on another page, or on a tab of one."""
    name = TABS[page][0] if page in TABS else page
    if page in TABS:
        at.session_state[f"{name}_tab"] = page
    at.switch_page(f"{name}_page.py").run()
    assert not at.exception, f"{page}: {at.exception[0].message} {at.exception[0].stack_trace}"
    return at


def below(at: AppTest) -> Block:
    """The page itself, without the bar and the strip, which are the same over every page."""
    block = Block(None, at.main.root)
    block.children = {
        place: child
        for place, child in at.main.children.items()
        if not str(getattr(child.proto, "id", "")).endswith(ABOVE)
    }
    return block


def with_ledger(at: AppTest) -> AppTest:
    """The Funnel page, whose table of outcomes is made when its box is opened."""
    assert not at.dataframe
    at.session_state["ledger_box"] = True
    at.run()
    assert not at.exception
    return at


def uploaded(
    content: bytes = MOVES, name: str = "moves.csv", page: str = "funnel", **query: str | list[str]
) -> AppTest:
    """The app after an upload, on the Funnel page or another."""
    at = opened(page, **query)
    uploads.upload(at, (name, content))
    assert not at.exception
    return at


def titles(at: AppTest) -> list[str]:
    return [title.value for title in at.title]


def metrics(at: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in at.metric}


def dated(widgets, name: str):  # type: ignore[no-untyped-def]
    """The widget of the dates with this name, of one kind of an app's widgets: its key tells also how often it was made anew."""
    (widget,) = [widget for widget in widgets if (widget.key or "").rpartition("-")[0] == name]
    return widget


def _menu(at: AppTest, key: str) -> Any:
    [found] = [each.proto for each in at.main.get("bidi_component") if each.proto.id.endswith(f"-menu_{key}")]
    return found


def menus(at: AppTest) -> list[str]:
    """The sections of the page that have an Export menu, by their keys."""
    ids = [each.proto.id for each in at.main.get("bidi_component")]
    return [each.rpartition("-menu_")[2] for each in ids if "-menu_" in each]


def menu(at: AppTest, key: str) -> dict[str, Any]:
    """What the Export menu of a section is told."""
    told: dict[str, Any] = json.loads(_menu(at, key).json)
    return told


def choose(at: AppTest, key: str, event: str, value: object) -> None:
    """What the menu of a section tells the page of a choice: "view" with the name of one, or "wanted" with what."""
    states = at._tree.get_widget_states()
    trigger = states.widgets.add()
    trigger.id = f"$$STREAMLIT_INTERNAL_KEY_{_menu(at, key).id}__events"
    trigger.json_trigger_value = json.dumps([{"event": event, "value": value}])
    at._run(states)
    assert not at.exception
