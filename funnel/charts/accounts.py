"""How many leads decide in an account: a small histogram."""

from __future__ import annotations

import plotly.graph_objects as go

from funnel.charts import sentences
from funnel.charts.canvas.canvas import Margins, note, sheet
from funnel.charts.canvas.theme import SMALL_SIZE, colours
from funnel.charts.sentences import wrapped
from funnel.core.types import AccountSizes
from funnel.words import wording

PLOT = 120
FILLED, WIDEST_BAR = 0.72, 64
BINS = ((1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 9), (10, None))


def account_sizes(account_sizes: AccountSizes, *, dark: bool = False, width_hint: int | None = None) -> go.Figure:
    """Accounts by how many leads they have: 1, 2, 3, 4, 5, 6–9, 10 and more; counts stand on the bars.

    The figure fits any width from 220 on; where `width_hint` gives much room, the bars do not grow fat.
    """
    look = colours(dark)
    counts = binned(account_sizes)
    names = [_name(low, high) for low, high in BINS]
    places = list(range(len(BINS)))
    small = {"size": SMALL_SIZE, "color": look.muted}
    notes = [
        note(name, x=place, xref="x", y=0, yshift=-14, font=small) for place, name in zip(places, names, strict=True)
    ]
    for place, count in zip(places, counts, strict=True):
        said = wording.say("charts.count", n=count)
        ink = {"size": SMALL_SIZE, "color": look.text if count else look.muted}
        notes.append(note(said, x=place, xref="x", y=count, yanchor="bottom", yshift=1, font=ink))
    caption = wording.say("charts.leads_an_account")
    notes.append(note(caption, x=0.5, y=0, yshift=-34, font=small))
    bars = {
        "type": "bar",
        "x": places,
        "y": counts,
        "width": FILLED if width_hint is None else min(FILLED, WIDEST_BAR * len(BINS) / max(1, width_hint)),
        "marker": {"color": look.progress, "line": {"width": 0}},
        "hovertext": [_told(account_sizes, name, count) for name, count in zip(names, counts, strict=True)],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
    return sheet(
        [bars],
        dark=dark,
        plot=PLOT,
        x=(-0.5, len(BINS) - 0.5),
        y=(0, max(1, *counts)),
        notes=notes,
        margins=Margins(top=22, bottom=46),
        revision="deciders",
        barcornerradius=2,
    )


def binned(account_sizes: AccountSizes) -> list[int]:
    """The accounts of each of the bars."""
    return [
        sum(accounts for leads, accounts in account_sizes.counts if low <= leads and (high is None or leads <= high))
        for low, high in BINS
    ]


def _name(low: int, high: int | None) -> str:
    if high is None:
        return wording.say("charts.and_more", n=low)
    if low == high:
        return wording.say("charts.count", n=low)
    return wording.say("charts.range", low=low, high=high)


def _told(account_sizes: AccountSizes, name: str, count: int) -> str:
    rate = sentences.of_all(count, account_sizes.accounts)
    values = {"leads": name, "part": count, "whole": account_sizes.accounts, "rate": rate}
    return "<br>".join(wrapped([wording.say("charts.deciders", **values)]))
