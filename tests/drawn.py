"""Funnels to draw, and what stands on a figure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from funnel.core.types import Question, Rule, Stage, StageCount, StageModel, Steps, Unit
from funnel.measures.statistics.rates import wilson

NAMES = ("Lead generation", "Qualification", "Proposal", "Won")
LEDGERS = (  # advanced, skipped ahead, moved back, lost, still there
    (3000, 208, 12, 1000, 592),
    (1895, 0, 0, 900, 413),
    (311, 0, 0, 623, 961),
    (0, 0, 0, 4, 307),
)
MEDIANS = (None, 9.0, 24.0, 51.0)


def a_funnel(
    ledgers: tuple[tuple[int, ...], ...] = LEDGERS,
    names: tuple[str, ...] = NAMES,
    *,
    won: int = 307,
    rule: Rule = Rule.PASSED,
    unit: Unit = Unit.LEAD,
    won_stage: int | None = None,
) -> Steps:
    counts = [sum(ledger) for ledger in ledgers]
    model = StageModel(
        "m",
        "M",
        tuple(Stage(str(place), name, ("won",) if place == won_stage else ()) for place, name in enumerate(names)),
    )
    stages = tuple(
        StageCount(
            position=place,
            key=str(place),
            name=name,
            leads=counts[place],
            from_entry=wilson(counts[place], counts[0]),
            from_previous=wilson(counts[place], counts[place - 1]) if place else None,
            median_days_from_previous=MEDIANS[place % 4],
            timed_leads=counts[place],
            skipped_here=0,
            advanced=ledger[0],
            skipped_ahead=ledger[1],
            moved_back=ledger[2],
            lost=ledger[3],
            still_there=ledger[4],
        )
        for place, (name, ledger) in enumerate(zip(names, ledgers, strict=True))
    )
    outcome = {"won": won, "lost": 0, "open": counts[0] - won}
    question = Question(model, rule, unit=unit)
    return Steps(question, counts[0], counts[0], counts[0], 0, **outcome, first_start=None, last_start=None,
                 observed_until=None, stages=stages, sql="")  # fmt: skip


def traces(figure: Any) -> dict[str, Any]:
    return {trace.meta: trace for trace in figure.data}


def texts(figure: Any) -> list[str]:
    return [note.text for note in figure.layout.annotations]


def contrast(one: str, other: str) -> float:
    """WCAG 2.2: contrast ratio of two colours."""

    def luminance(colour: str) -> float:
        channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def modelled(steps: Steps, name: str, **of_model: Any) -> Steps:
    """The same counts, seen through a model of this name."""
    model = replace(steps.question.model, key=name, name=name, **of_model)
    return replace(steps, question=replace(steps.question, model=model))


def hovers(figure: Any) -> list[str]:
    """Every sentence that the figure says on hover, on one line each."""
    found = [note.hovertext for note in figure.layout.annotations if note.hovertext]
    for trace in figure.data:
        told = trace.text if trace.hovertext is None else trace.hovertext
        found += [told] if isinstance(told, str) else [one for one in told or () if one]
    return [one.replace("<br>", " ") for one in found]
