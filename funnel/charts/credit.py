"""Credit of channels: a row a channel, a mark a rule, so that what is seen first is how far the rules differ."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from funnel.charts.canvas.canvas import Drawn
from funnel.charts.canvas.scales import round_ticks
from funnel.charts.canvas.theme import Colours, colours
from funnel.charts.forest_rows import nothing
from funnel.charts.rows import MOST_TICKS, Row, row_chart
from funnel.charts.sentences import hover
from funnel.measures.credit import ChannelTouches, Credit, Credited
from funnel.measures.credit_rules import CreditRule
from funnel.words import wording

AROUND = 0.04
MARKS: dict[CreditRule, tuple[int, str]] = {
    CreditRule.FIRST: (0, "triangle-right"),
    CreditRule.LAST: (1, "triangle-left"),
    CreditRule.LAST_BUT_DIRECT: (1, "triangle-left-open"),
    CreditRule.LINEAR: (2, "circle"),
    CreditRule.POSITION: (3, "diamond"),
    CreditRule.DECAY: (1, "square"),
    CreditRule.W: (0, "star-diamond"),
    CreditRule.FULL: (2, "star"),
    CreditRule.SHARED: (2, "circle-open"),
    CreditRule.MARKOV: (3, "cross"),
    CreditRule.SHAPLEY: (0, "x"),
}
"""The hue and the mark of each rule: both tell it, so that neither alone has to."""


def draw(
    result: Credit, currency: str | None = None, *, dark: bool = False, width_hint: int | None = None
) -> go.Figure:
    """The channels in the order of the result, with what each rule gives them in events, or in a `currency`; a line from the least to the
    most that any does. Points carry [channel, rule]."""
    if not result.channels or not result.rules:
        words = wording.say("charts.credit_nothing")
        return nothing(words, dark=dark, width_hint=width_hint, revision="credit")
    theme = colours(dark)
    given = {each.channel: _given(result, each.channel, currency) for each in result.channels}
    rows = [_row(result, each, given[each.channel], currency) for each in result.channels]
    values = [value for each in given.values() for _, value in each]
    low, high = min([0.0, *values]), max([1.0 if currency is None else 0.01, *values])
    aside = (high - low) * AROUND
    ends = low - aside, high + aside
    ticks = [tick for tick in round_ticks(ends[0], ends[1], MOST_TICKS, 1) if low <= tick <= ends[1]]
    return row_chart(
        rows,
        [*_ranges(result, given, theme), *_marks(result, given, currency, theme)],
        ends,
        [(tick, wording.number(tick)) for tick in ticks],
        title=_axis(result, currency),
        heads=(wording.say("tables.credit.channel"), wording.say(f"charts.credit_touched_{_kind(result)}")),
        start=0,
        dark=dark,
        width_hint=width_hint,
        revision="credit",
    )


def describe(result: Credit, currency: str | None = None) -> str:
    """The least and the most that rules give to each channel, in a sentence; what no touch is known of."""
    if not result.channels or not result.rules:
        return wording.say("charts.credit_nothing")
    each = [
        wording.say("charts.credit_span", channel=row.channel, **_span(_given(result, row.channel, currency), currency))
        for row in result.channels
    ]
    rules = wording.listed([name_of(rule) for rule in result.rules])
    return wording.say(
        f"charts.credit_described_{_kind(result)}",
        channels=wording.listed(each),
        rules=rules,
        without=result.without_touch,
        events=result.events,
    )


def name_of(rule: CreditRule) -> str:
    """What people call a rule."""
    return wording.say(f"tables.credit.{rule}")


def amount_said(value: float, currency: str | None) -> str:
    """So many events, or so much money."""
    if currency is None:
        return wording.number(round(value, 0 if abs(value) >= 10 else 1))
    return wording.money(round(value), currency)


def value_of(credited: Credited, currency: str | None) -> float:
    """What is credited: events, or the amount in a currency."""
    if currency is None:
        return credited.events
    return next((money.amount for money in credited.value if money.currency == currency), 0.0)


def _kind(result: Credit) -> str:
    return "wins" if result.at is None else "entries"


def _axis(result: Credit, currency: str | None) -> str:
    if currency is not None:
        return wording.say("charts.credit_axis_money", currency=currency, events=result.events)
    if result.at is None:
        return wording.say("charts.credit_axis_wins", events=result.events)
    stage = result.question.model.stages[result.at].name
    return wording.say("charts.credit_axis_entries", events=result.events, stage=stage)


def _given(result: Credit, channel: str, currency: str | None) -> list[tuple[CreditRule, float]]:
    found = [(rule, result.of(channel, rule)) for rule in result.rules]
    return [(rule, value_of(each, currency)) for rule, each in found if each is not None]


def _span(given: Sequence[tuple[CreditRule, float]], currency: str | None) -> dict[str, str]:
    values = [value for _, value in given]
    low, high = (amount_said(end, currency) for end in (min(values, default=0.0), max(values, default=0.0)))
    return {"low": low, "high": high}


def _row(
    result: Credit, channel: ChannelTouches, given: Sequence[tuple[CreditRule, float]], currency: str | None
) -> Row:
    rate = channel.touched
    touched = wording.say("charts.part_of", part=rate.numerator, whole=rate.denominator)
    said = _span(given, currency)
    strong = said["low"] if said["low"] == said["high"] else wording.say("charts.credit_range", **said)
    quiet = () if rate.few or rate.value is None else (wording.say("charts.share", rate=rate.value),)
    return Row(channel.channel, ((touched, *quiet), (strong,)), marked=bool(given), muted=False)


def _ranges(result: Credit, given: dict[str, list[tuple[CreditRule, float]]], theme: Colours) -> list[Drawn]:
    """A line a channel from its least to its most."""
    traces: list[Drawn] = []
    for index, each in enumerate(result.channels):
        values = [value for _, value in given[each.channel]]
        if len(values) > 1:
            traces.append(
                {
                    "type": "scatter",
                    "mode": "lines",
                    "meta": "range",
                    "x": [min(values), max(values)],
                    "y": [index, index],
                    "line": {"width": 4, "color": theme.track if theme.track != theme.background else theme.border},
                    "hoverinfo": "skip",
                }
            )
    return traces


def _marks(
    result: Credit, given: dict[str, list[tuple[CreditRule, float]]], currency: str | None, theme: Colours
) -> list[Drawn]:
    traces: list[Drawn] = []
    for rule in result.rules:
        hue, symbol = MARKS[rule]
        points = [
            (index, each.channel, value)
            for index, each in enumerate(result.channels)
            for told, value in given[each.channel]
            if told is rule
        ]
        colour = theme.series[hue]
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "meta": rule.value,
                "name": name_of(rule),
                "x": [value for *_, value in points],
                "y": [index for index, *_ in points],
                "marker": {"symbol": symbol, "size": 11, "color": colour, "line": {"width": 1.5, "color": colour}}
                if symbol.endswith("-open")
                else {"symbol": symbol, "size": 11, "color": colour, "line": {"width": 1, "color": theme.background}},
                "cliponaxis": False,
                "customdata": [[channel, rule.value] for _, channel, _ in points],
                "hovertext": [_hover(result, channel, rule, currency) for _, channel, _ in points],
            }
        )
    return traces


def _hover(result: Credit, channel: str, rule: CreditRule, currency: str | None) -> str:
    credited = result.of(channel, rule)
    assert credited is not None
    lines = [
        wording.say(
            f"charts.credit_gives_{_kind(result)}",
            rule=name_of(rule),
            given=amount_said(credited.events, None),
            events=result.events,
        )
    ]
    if credited.low is not None:
        ends = {"low": amount_said(credited.low, None), "high": amount_said(credited.high or 0.0, None)}
        lines.append(wording.say("charts.credit_interval", **ends))
    if credited.rank is not None:
        lines.append(wording.say("charts.credit_rank", rank=credited.rank))
    lines += [
        wording.money(round(money.amount), money.currency)
        for money in credited.value
        if currency in (None, money.currency)
    ]
    each = result.cost_each(channel, rule)
    if each is not None:
        lines.append(wording.say("charts.credit_cost", cost=each))
    return hover(channel, lines)
