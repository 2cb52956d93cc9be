"""The ways in which one table can be read: why the chosen one was, and what the others would say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from funnel.engine import Engine
from funnel.mapping import labels
from funnel.mapping.nouns import UNUSED, Alternative, Hints
from funnel.mapping.outcomes import outcome_values
from funnel.mapping.placeholders import cleaned
from funnel.mapping.recognise.evidence import LOGS
from funnel.mapping.recognise.facts import real_id
from funnel.mapping.recognise.hypotheses import Understood
from funnel.mapping.template import among, any_of, fill
from funnel.nouns import WON_CONCEPT, Note
from funnel.sql import Query, identifier

CLOSE = 1.0
"""Two readings that evidence does not set further apart than one sure header are close: the person is shown both."""
FAR = 4.0
"""What evidence sets further apart than this is no reading that anybody would choose."""
MOST_ALTERNATIVES = 3
SAME_LEADS = 0.02
CHOICES = ("shape", "lead", "label", "time")
"""What a person says to choose between readings."""


def unsaid(hints: Hints) -> Hints:
    """The hints without what chooses a reading."""
    return replace(hints, shape=None, lead=None, label=None, time=None)


def why(chosen: Understood, hints: Hints) -> tuple[tuple[str, Note], ...]:
    """Part → the strongest that speaks for the column that plays it (for "shape": for what a line is), as a sentence."""
    best: dict[str, tuple[float, Note]] = {}
    for each, found in chosen.said:
        weight = each.weight * found.value
        if weight <= 0 and each.name != "each_line":
            continue
        if each.part not in best or weight > best[each.part][0]:
            best[each.part] = (weight, Note(f"why.{each.name}", dict(found.said)))
    sentences = {part: note for part, (_, note) in best.items()}
    for part in CHOICES:
        if part in ("shape", *chosen.source.parts) and getattr(hints, part) is not None:
            sentences[part] = Note("why.by_hand")
    sentences.setdefault("shape", Note(f"why.shape_{chosen.source.shape.value}"))
    for part, column in chosen.source.parts.items():
        sentences.setdefault(part, Note("why.header", {"column": column}))
    if chosen.source.lead_is_line and hints.lead == UNUSED:
        sentences["lead"] = Note("why.by_hand")
    return tuple(sentences.items())


def alternatives(
    engine: Engine, chosen: Understood, found: Sequence[Understood]
) -> tuple[tuple[Alternative, ...], bool]:
    """The other ways to read the table that lead to other leads, the likeliest first; and whether the two likeliest are close.

    `found` are all hypotheses without what a person chose by hand, the likeliest first.
    """
    kept: list[Understood] = []
    for each in found:
        if each.score < found[0].score - FAR or each.score <= 0:
            continue
        if not any(_same(each, other) for other in (chosen, *kept)):
            kept.append(each)
    told = [_told(engine, each) for each in kept]
    here = _told(engine, chosen)
    differ = [
        each
        for each in told
        if abs(each.leads - here.leads) > SAME_LEADS * max(here.leads, 1) or each.shape != here.shape
    ]
    differ = [each for each in differ if each.leads > 1]
    apart = [each for each in found if not _same(each, found[0])] if found else []
    close = (
        bool(differ) and bool(apart) and found[0].score - apart[0].score < CLOSE and _told(engine, apart[0]).leads > 1
    )
    return tuple(differ[:MOST_ALTERNATIVES]), close


def _same(one: Understood, other: Understood) -> bool:
    """Whether two readings tell the same leads apart in the same kind of line."""
    logs = [each.source.shape in LOGS for each in (one, other)]
    leads = [each.source.parts.get("lead") for each in (one, other)]
    if logs[0] != logs[1]:
        return False
    unique = [
        not log and (each.case.ids is None or each.case.ids.unique)
        for log, each in zip(logs, (one, other), strict=True)
    ]
    return leads[0] == leads[1] or all(unique)


def _told(engine: Engine, reading: Understood) -> Alternative:
    source = reading.source
    lead = source.parts.get("lead")
    cell = "raw.source_line" if lead is None else f"raw.{identifier(lead)}"
    kept = Query("TRUE") if lead is None else real_id(cell)
    won = _won(reading)
    query = fill(
        "SELECT COUNT(DISTINCT {cell}) AS leads, COUNT(DISTINCT {cell}) FILTER (WHERE {won}) AS won FROM {view} AS raw WHERE {kept}",
        cell=cell,
        won=won,
        view=identifier(source.view),
        kept=kept,
    )
    leads, wins = engine.row(query)
    hints = Hints(
        shape=source.shape, lead=lead or UNUSED, label=source.parts.get("label"), time=source.parts.get("time")
    )
    return Alternative(source.shape, dict(source.parts), int(leads), int(wins), hints)


def _won(reading: Understood) -> Query:
    """A condition: whether a line says by its label or outcome that its lead was won."""
    source, table = reading.source, reading.table
    conditions: list[Query] = []
    if "label" in source.parts:
        texts = [text for text in table.by_name[source.parts["label"]].values if labels.guess(text)[0] == WON_CONCEPT]
        conditions.append(among(cleaned(f"raw.{identifier(source.parts['label'])}"), texts))
    if "outcome" in source.parts:
        column = table.by_name[source.parts["outcome"]]
        said = outcome_values(column.name, column.values) or {}
        texts = [value for value, outcome in said.items() if outcome == "won"]
        conditions.append(among(cleaned(f"raw.{identifier(column.name)}"), texts))
    return any_of(conditions)
