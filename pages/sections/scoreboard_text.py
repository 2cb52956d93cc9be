"""The lines of the scoreboard in words: what each measure says of each model, how it is computed, and of how many leads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from funnel.core.types import FEWEST_FOR_A_RATE, Rate
from funnel.measures.alignment import Alignment, Overlap
from funnel.measures.bottleneck import TopStage
from funnel.measures.scores import Score, Spread
from funnel.measures.signal import Rise, Signal
from funnel.measures.statistics.information import Hidden
from funnel.words import wording

CLEAR = 0.05
LANDMARKED = ("signal", "order")
SIGNS = {"rise": "▲", "tie": "=", "fall": "▼"}


@dataclass(frozen=True)
class Figure:
    """A number (`said`), what it is `of`, and its bar: `part` of `whole` is drawn, nothing where `whole` is 0. `series` is whose
    hue it has; None: the column's own."""

    said: str
    part: float = 0
    whole: float = 0
    of: str = ""
    series: int | None = None


@dataclass(frozen=True)
class Cell:
    """What a measure says of one model: figures, a line under them, marks (sign, meaning); or a sentence why there is none.

    `sentences` say it in words with all counts, the reading first.
    """

    figures: tuple[Figure, ...] = ()
    beside: str = ""
    marks: tuple[tuple[str, str], ...] = ()
    absent: str = ""
    sentences: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Its figures in a line; where there are none, why."""
        return self.absent or "; ".join(f"{figure.said} {figure.of}".strip() for figure in self.figures)


@dataclass(frozen=True)
class Line:
    """A measure: its name, what its number means, its formula in words, a cell for each model, and which leads were looked at
    where those are not all. All plain text."""

    key: str
    name: str
    meaning: str
    formula: str
    cells: tuple[Cell, ...]
    looked_at: str = ""


def lines(scores: Sequence[Score], alignment: Alignment) -> tuple[Line, ...]:
    """The scoreboard. What runs forward never stands without the signal kept: coarse models look good there."""
    signal = next((score.signal for score in scores if score.signal is not None), None)
    lines = [
        _line(key, [cell(score) for score in scores], _looked_at(signal) if signal and key in LANDMARKED else "")
        for key, cell in _CELLS.items()
    ]
    return (*lines, _line("disagreement", [_disagreement(alignment, index) for index in range(len(scores))]))


def rate(value: Rate) -> str:
    """A share in percent; of fewer than 20 its two counts."""
    if value.value is None:
        return wording.ABSENT
    if value.denominator < FEWEST_FOR_A_RATE:
        return wording.say("pages.measure.few", part=value.numerator, whole=value.denominator)
    return wording.percent(value.value)


def _line(key: str, cells: Sequence[Cell], looked_at: str = "") -> Line:
    name, meaning, formula = (wording.say(f"pages.measure.{key}.{part}") for part in ("name", "meaning", "formula"))
    return Line(key, name, meaning, formula, tuple(cells), looked_at)


def _absent(score: Score, name: str) -> Cell:
    note = score.missing.get(name)
    return Cell(absent=wording.say(note.key, **note.values) if note else wording.ABSENT)


def _sentence(score: Score, key: str, **values: Any) -> str:
    return wording.say(f"pages.measure.{key}", model=wording.plain(score.question.model.name), **values)


def _looked_at(signal: Signal) -> str:
    """The same for every model: all are looked at on one landmark day over the same leads."""
    day = signal.landmark
    return wording.say(
        "pages.measure.looked_at", leads=signal.leads, won=signal.won, age=day.age_days, horizon=day.horizon_days
    )


def _signal(score: Score) -> Cell:
    signal = score.signal
    if signal is None:
        return _absent(score, "signal")
    if signal.kept is None:
        return Cell(absent=wording.say("pages.measure.signal.nothing"))
    return Cell(
        (Figure(wording.percent(signal.kept), signal.kept, 1),),
        "" if signal.skill is None else wording.say("pages.measure.signal.beside", skill=signal.skill),
        sentences=(_sentence(score, "signal.reading", kept=signal.kept),),
    )


def _order(score: Score) -> Cell:
    signal = score.signal
    if signal is None or signal.order is None:
        return _absent(score, "signal")
    return Cell(
        (Figure(wording.percent(signal.order), signal.order, 1),),
        wording.say("pages.measure.order.beside", rises=signal.clear_rises, steps=len(signal.rises))
        if signal.rises
        else "",
        marks=tuple((SIGNS[each.verdict], _rise(each)) for each in signal.rises),
        sentences=(
            _sentence(score, "order.reading", order=signal.order),
            *(f"{SIGNS[each.verdict]} {_rise(each)}" for each in signal.rises),
            *(
                wording.say("pages.measure.order.stage", stage=wording.plain(each.name), won=rate_of(each.won))
                for each in signal.stages
                if each.position is not None
            ),
        ),
    )


def rate_of(value: Rate) -> str:
    """The two counts, and the percentage where there are enough: "12 of 80 (15%)"."""
    counts = wording.say("pages.measure.few", part=value.numerator, whole=value.denominator)
    if value.value is None or value.denominator < FEWEST_FOR_A_RATE:
        return counts
    return wording.say("pages.measure.counts_and_rate", counts=counts, rate=value.value)


def _rise(rise: Rise) -> str:
    return wording.say(
        f"pages.measure.order.{rise.verdict}",
        lower=wording.plain(rise.lower),
        upper=wording.plain(rise.upper),
        difference=rise.difference,
        low=rise.low,
        high=rise.high,
    )


def _forward(score: Score) -> Cell:
    if score.moves is None:
        return _absent(score, "moves")
    if score.signal is None:
        return Cell(absent=wording.say("pages.measure.forward.alone"))
    moves = score.moves
    return Cell(
        (Figure(rate(moves.forward), moves.forward.numerator, moves.forward.denominator),),
        wording.say("pages.measure.forward.beside", skipping=rate(moves.skipping), full=rate(moves.full_path)),
        sentences=(
            _sentence(
                score,
                "forward.reading",
                forward=rate_of(moves.forward),
                skipping=rate_of(moves.skipping),
                full=rate_of(moves.full_path),
            ),
        ),
    )


def _hidden(score: Score) -> Cell:
    hidden = score.hidden
    if hidden is None:
        return _absent(score, "hidden")
    if hidden.p is None or hidden.share is None:
        return Cell((Figure(wording.say("pages.measure.hidden.none")),), sentences=(_sentence(score, "hidden.single"),))
    return Cell(
        (Figure(wording.percent(hidden.share), hidden.share, 1),),
        wording.say(f"pages.measure.hidden.{_clear(hidden)}"),
        sentences=(
            _sentence(score, "hidden.reading", share=hidden.share),
            wording.say(
                "pages.measure.hidden.counts", pairs=hidden.pairs, g2=hidden.g2, degrees=hidden.degrees, p=hidden.p
            ),
        ),
    )


def _clear(hidden: Hidden) -> str:
    return "clear" if hidden.p is not None and hidden.p < CLEAR else "unclear"


def _leaks(score: Score) -> Cell:
    return _spread(score, "leaks", score.leaks, score.bottleneck.drop_off if score.bottleneck else None)


def _waits(score: Score) -> Cell:
    return _spread(score, "waits", score.waits, score.bottleneck.slowest if score.bottleneck else None)


def _spread(score: Score, key: str, spread: Spread | None, top: TopStage | None) -> Cell:
    if spread is None or top is None:
        return _absent(score, key)
    names = [wording.plain(stage.name) for stage in score.question.model.stages]
    values: dict[str, Any] = {"stage": names[top.position], "most": top.amount, "total": top.total}
    clear = "" if top.stands_out else "_unclear"
    figure = Figure(wording.say("pages.measure.no_stage"))
    if top.stands_out:
        figure = Figure(wording.percent(top.share), top.amount, top.total, names[top.position])
    return Cell(
        (figure,),
        wording.say(f"pages.measure.{key}.beside{clear}", **values),
        sentences=(
            _sentence(score, f"{key}.reading{clear}", **values),
            *(
                wording.say(f"pages.measure.{key}.stage", stage=name, amount=amount)
                for name, amount in zip(names, spread.by_stage, strict=True)
            ),
            *(() if spread.evenness is None else (wording.say("pages.measure.evenness", evenness=spread.evenness),)),
        ),
    )


def _coverage(score: Score) -> Cell:
    coverage = score.coverage
    return Cell(
        (Figure(rate(coverage), coverage.numerator, coverage.denominator),),
        wording.say("pages.measure.few", part=coverage.numerator, whole=coverage.denominator),
        sentences=(_sentence(score, "coverage.reading", placed=rate_of(coverage)),),
    )


def _disagreement(alignment: Alignment, index: int) -> Cell:
    pairs = [pair for pair in alignment.pairs if index in (pair.a, pair.b)]
    return Cell(
        tuple(
            Figure(
                wording.number(pair.disagree),
                pair.disagree,
                pair.both,
                wording.say("pages.measure.disagreement.beside", model=_name(alignment, other)),
                other,
            )
            for pair in pairs
            for other in (pair.a, pair.b)
            if other != index
        ),
        sentences=tuple(apart(alignment, pair) for pair in pairs if pair.a == index),
    )


def apart(alignment: Alignment, pair: Overlap) -> str:
    """On how many leads two models disagree, of how many, in a sentence."""
    sentence = wording.say(
        "pages.measure.disagreement.reading",
        a=_name(alignment, pair.a),
        b=_name(alignment, pair.b),
        leads=pair.disagree,
        both=pair.both,
    )
    if not pair.one_only:
        return sentence
    return f"{sentence} {wording.say('pages.measure.disagreement.one_only', leads=pair.one_only)}"


def _name(alignment: Alignment, index: int) -> str:
    return wording.plain(alignment.questions[index].model.name)


_CELLS: dict[str, Callable[[Score], Cell]] = {
    "signal": _signal,
    "order": _order,
    "forward": _forward,
    "hidden": _hidden,
    "leaks": _leaks,
    "waits": _waits,
    "coverage": _coverage,
}
