"""The editor, run without a browser: a model copied into it, and what stands on it then."""

from __future__ import annotations

import json
import re

from streamlit.testing.v1 import AppTest

from tests.pages.apps import below, uploaded
from tests.pictures import pictures

# 20 leads come in as New, the first 10 of them are qualified, the first 5 won; 5 more are known from a demo alone.
LEADS = "lead_id,stage,changed_at\n" + "".join(
    f"L{lead},{label},{day}\n"
    for label, day, leads in (
        ("New", "2025-01-01", range(20)),
        ("Qualified", "2025-01-11", range(10)),
        ("Closed won", "2025-02-01", range(5)),
        ("Demo", "2025-01-21", range(20, 25)),
    )
    for lead in leads
)
STANDARD = [
    "Lead generation",
    "Qualification",
    "Presentation and proposal",
    "Negotiation and closing",
    "Retention and development",
]


def editing(model: str = "standard", content: str = LEADS) -> AppTest:
    """The editor with a copy of this model."""
    at = uploaded(content.encode(), page="edit")
    at.selectbox(key="start_from").set_value(model).run()
    return at.button(key="start_copy").click().run()


def stages(at: AppTest) -> list[str]:
    """The names in the boxes, in order."""
    assert not at.exception
    return [box.value for box in below(at).text_input if box.label.startswith("Name of stage")]


def preview(at: AppTest) -> list[str]:
    """The picture of the draft, where there is one."""
    return pictures(below(at))


def counts(at: AppTest) -> dict[str, str]:
    """What the preview writes above each bar: stage → leads and share."""
    drawn = json.loads(preview(at)[0])["layout"]["annotations"]
    texts = [re.sub(r"<[^>]*>", "", note["text"]) for note in drawn if note.get("yanchor") == "bottom"]
    return dict(zip(texts[::2], texts[1::2], strict=True))
