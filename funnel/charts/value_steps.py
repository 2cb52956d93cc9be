"""The funnel in money, in one currency: a row a stage, as long as its leads are worth, split into what became of that."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import plotly.graph_objects as go

from funnel.charts import sentences
from funnel.charts.bars import SPACE, Rows, entries, figure, shown_parts, traces
from funnel.charts.beside import Row, above, head, lines_above, name_note, name_room, on_the_way, widest
from funnel.charts.canvas.canvas import MENU, Drawn, Margins, note
from funnel.charts.canvas.legend import legend
from funnel.charts.canvas.text import plain, safe_lines, width
from funnel.charts.canvas.theme import LINE, SMALL_SIZE, TEXT_SIZE, Colours, colours
from funnel.charts.sentences import LOST, MOVED_BACK, STILL_THERE, WENT_ON, WON
from funnel.charts.stages import LAST, NARROW, beside
from funnel.core.types import FEWEST_FOR_A_RATE
from funnel.measures.value_steps import ValueAt, ValueSteps, of
from funnel.words import wording


def draw(answer: ValueSteps, currency: str, *, dark: bool = False, width_hint: int | None = None) -> go.Figure:
    """The funnel in money of `currency`. Each bar carries [position, part] as that of heads does; under 560 pixels names stand above."""
    theme = colours(dark)
    stages = answer.stages(currency)
    ledgers = [_ledger(stage) for stage in stages]
    said = [{part: _money(size, currency) if size else "" for part, size in ledger.items()} for ledger in ledgers]
    hovers = [_hovers(stage, ledger, currency) for stage, ledger in zip(stages, ledgers, strict=True)]
    legend_entries = entries(shown_parts(ledgers), theme)
    if width_hint is not None and width_hint < NARROW:
        words = [
            Row(stage.position, stage.name, _money(stage.amount, currency), _share(stage, stages)) for stage in stages
        ]
        rows = Rows(head(lines_above(words, width_hint)) + 2, 28, 30)
        words_of_colours = legend(legend_entries, theme, room=width_hint - MENU)
        notes = above(words, theme, rows, width_hint)
        margins = Margins(top=words_of_colours.height)
    else:
        room = name_room([stage.name for stage in stages], width_hint)
        rows = beside(len(stages))
        names = [
            safe_lines(plain(stage.name), TEXT_SIZE, room, int(rows.height / TEXT_SIZE / LINE)) for stage in stages
        ]
        left, right = widest(names) + SPACE, _numbers_room(stages, currency)
        words_of_colours = legend(legend_entries, theme, left=-left, room=(width_hint or NARROW) - MENU)
        notes = []
        for stage, name in zip(stages, names, strict=True):
            anchor: Drawn = {"y": rows.middle(stage.position), "xanchor": "right", "align": "right"}
            notes.append(name_note(stage.name, name, x=0, xshift=-SPACE, **anchor))
            notes.append(note(_number_lines(stage, stages, currency, theme), x=1, xshift=right, **anchor))
        margins = Margins(left, right, words_of_colours.height, LAST)
    notes += _between(stages, theme, rows)
    return figure(
        len(stages),
        rows,
        traces(ledgers, said, hovers, theme, rows),
        [*notes, *words_of_colours.notes],
        dark=dark,
        largest=max([1.0, *(stage.amount for stage in stages)]),
        margins=margins,
        shapes=words_of_colours.shapes,
    )


def describe(answer: ValueSteps, currency: str) -> str:
    """What came to the first stage and to the last, in money and leads, and how many leads are in no sum. Plain text."""
    stages = answer.stages(currency)
    if not stages:
        return wording.say("charts.value_nothing")
    first, last = stages[0], stages[-1]
    share = of(last.amount, first.amount)
    told = wording.say(
        "charts.value_told",
        whole=_money(first.amount, currency),
        leads=first.leads,
        first=plain(first.name),
        part=_money(last.amount, currency),
        some=last.leads,
        last=plain(last.name),
        rate="" if share is None or first.leads < FEWEST_FOR_A_RATE else wording.say("charts.rate", rate=share),
    )
    missing = wording.say("charts.value_missing", missing=answer.missing, leads=answer.leads) if answer.missing else ""
    return f"{told} {missing}".strip()


def _ledger(stage: ValueAt) -> dict[str, float]:
    return {
        WENT_ON: stage.advanced + stage.skipped_ahead,
        WON: stage.won,
        MOVED_BACK: stage.moved_back,
        STILL_THERE: stage.still_there - stage.won,
        LOST: stage.lost,
    }


def _money(amount: float, currency: str) -> str:
    return wording.money(amount, currency)


def _share(stage: ValueAt, stages: Sequence[ValueAt]) -> str:
    share = of(stage.amount, stages[0].amount)
    return "" if share is None or stages[0].leads < FEWEST_FOR_A_RATE else wording.say("charts.share", rate=share)


def _number_lines(stage: ValueAt, stages: Sequence[ValueAt], currency: str, theme: Colours) -> str:
    bold = f'<b><span style="font-size:{TEXT_SIZE + 1}px">{_money(stage.amount, currency)}</span></b>'
    small = [line for line in _small_lines(stage, stages) if line]
    return "<br>".join(
        [bold, *(f'<span style="font-size:{SMALL_SIZE}px;color:{theme.muted}">{line}</span>' for line in small)]
    )


def _small_lines(stage: ValueAt, stages: Sequence[ValueAt]) -> tuple[str, str]:
    share = of(stage.amount, stages[0].amount)
    few = share is None or stages[0].leads < FEWEST_FOR_A_RATE
    return ("" if few else wording.say("charts.of_first", rate=share)), wording.say("charts.leads", n=stage.leads)


def _numbers_room(stages: Sequence[ValueAt], currency: str) -> int:
    amounts = [width(_money(stage.amount, currency), TEXT_SIZE + 2) for stage in stages]
    lines = [width(line, SMALL_SIZE) for stage in stages for line in _small_lines(stage, stages)]
    return round(max([0.0, *amounts, *lines])) + SPACE


def _between(stages: Sequence[ValueAt], theme: Colours, rows: Rows) -> list[Drawn]:
    """Between two bars: which share of the money at the earlier stage is at the later one."""
    rise = 4 if rows.head else 0
    notes = []
    for before, stage in pairwise(stages):
        share = of(stage.amount, before.amount)
        if share is not None and before.leads >= FEWEST_FOR_A_RATE:
            text = wording.say("charts.value_step", rate=share)
            notes.append(on_the_way(text, rows.below(before.position) - rise / 2, theme))
    return notes


def _hovers(stage: ValueAt, ledger: dict[str, float], currency: str) -> dict[str, str]:
    whole = wording.say("charts.value_here", amount=_money(stage.amount, currency), leads=stage.leads)
    return {
        part: sentences.hover(
            stage.name,
            [
                wording.say(f"charts.value_{part}", amount=_money(size, currency)),
                whole,
            ],
        )
        for part, size in ledger.items()
    }
