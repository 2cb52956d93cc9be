"""How many leads decide in an account: a small histogram."""

from __future__ import annotations

import plotly.graph_objects as go

from funnel.charts import sentences
from funnel.charts.canvas.canvas import Margins, scale, sheet
from funnel.charts.canvas.theme import SMALL_SIZE, colours
from funnel.charts.sentences import wrapped
from funnel.measures.account_sizes import AccountSizes
from funnel.words import wording

PLOT = 120
FILLED, WIDEST_BAR = 0.72, 64
BINS = ((1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 9), (10, None))


def account_sizes(account_sizes: AccountSizes, *, dark: bool = False, width_hint: int | None = None) -> go.Figure:
    """Accounts by how many leads they have: 1, 2, 3, 4, 5, 6–9, 10 and more; counts stand on the bars.

    The figure fits any width from 220 on; where `width_hint` gives much room, the bars do not grow fat.
    """
    theme = colours(dark)
    counts = binned(account_sizes)
    names = [_name(low, high) for low, high in BINS]
    indexes = list(range(len(BINS)))
    bars = {
        "type": "bar",
        "x": indexes,
        "y": counts,
        "width": FILLED if width_hint is None else min(FILLED, WIDEST_BAR * len(BINS) / max(1, width_hint)),
        "marker": {"color": theme.progress},
        "text": [wording.say("charts.count", n=count) for count in counts],
        "textposition": "outside",
        "constraintext": "none",
        "textfont": {"size": SMALL_SIZE, "color": [theme.text if count else theme.muted for count in counts]},
        "cliponaxis": False,
        "hovertext": [_hover(account_sizes, name, count) for name, count in zip(names, counts, strict=True)],
    }
    ends, title = (-0.5, len(BINS) - 0.5), {"text": wording.say("charts.leads_an_account")}
    return sheet(
        [bars],
        dark=dark,
        plot=PLOT,
        x=scale(ends, indexes, names, title=title),
        y=(0, max(1, *counts)),
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


def _hover(account_sizes: AccountSizes, name: str, count: int) -> str:
    rate = sentences.of_all(count, account_sizes.accounts)
    values = {"leads": name, "part": count, "whole": account_sizes.accounts, "rate": rate}
    return "<br>".join(wrapped([wording.say("charts.deciders", **values)]))
