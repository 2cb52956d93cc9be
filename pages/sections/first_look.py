"""What comes of a file, in one picture: a small funnel as whoever has no data yet will see theirs."""

from __future__ import annotations

import html as markup

from funnel.words import wording

STAGES = (
    ("lead", 12_000, 6_827),
    ("qualified", 6_827, 3_256),
    ("proposal", 3_256, 1_473),
    ("negotiation", 1_473, 1_006),
    ("won", 1_006, 0),
)
"""Of the bundled sample: the stage, the leads that came there, and those that went on."""


def html() -> str:
    """A figure with its sentence; its colours come from the style of the page."""
    most = STAGES[0][1]
    rows = []
    for name, leads, further in STAGES:
        label = markup.escape(wording.say(f"pages.greeting.stage_{name}"))
        rows.append(
            f'<div class="fl-row"><span>{label}</span><span class="fl-bar" style="width:{70 * leads / most:.1f}%">'
            f'<i style="width:{100 * (further or leads) / leads:.1f}%"></i></span><b>{wording.number(leads)}</b></div>'
        )
    told = markup.escape(wording.say("pages.greeting.picture"))
    return f'<figure class="fl-first" role="figure" aria-label="{told}">{"".join(rows)}<figcaption>{told}</figcaption></figure>'
