"""The ways in which one table can be read: why the chosen one was, and what the others would say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from funnel.core.engine import Engine
from funnel.core.errors import MappingError
from funnel.core.types import Note
from funnel.mapping.preview import counted
from funnel.mapping.recognise.hypotheses import Understood
from funnel.mapping.types import UNUSED, Alternative, ColumnMapping, MappingOverrides

CLOSE = 1.0
"""Two readings that evidence does not set further apart than one sure header are close: the person is shown both."""
FAR = 2.5
"""What evidence sets further apart than this is no reading that anybody would choose."""
MOST_ALTERNATIVES = 3
SAME_LEADS = 0.02
OF_SOME = ("unique_ids", "coming_again", "orderly_moves")
"""Evidence whose figures are of some ids in a long table; its sentence says so."""
CHOICES = ("shape", "lead", "label", "time")
"""What a person says to choose between readings."""


def unsaid(overrides: MappingOverrides) -> MappingOverrides:
    """The overrides without what chooses a reading."""
    return replace(overrides, shape=None, lead=None, label=None, time=None)


def why(chosen: Understood, overrides: MappingOverrides) -> tuple[tuple[str, Note], ...]:
    """Part → the strongest that speaks for the column that plays it (for "shape": for what a line is), as a sentence."""
    best: dict[str, tuple[float, Note]] = {}
    for each, judgement in chosen.said:
        weight = each.weight * judgement.value
        if weight <= 0 and each.name != "each_line":
            continue
        if each.part not in best or weight > best[each.part][0]:
            of_some = "_of_some" if each.name in OF_SOME and _of_some_ids(chosen) else ""
            best[each.part] = (weight, Note(f"why.{each.name}{of_some}", dict(judgement.said)))
    sentences = {part: note for part, (_, note) in best.items()}
    for part in CHOICES:
        if part in ("shape", *chosen.source.parts) and getattr(overrides, part) is not None:
            sentences[part] = Note("why.by_hand")
    sentences.setdefault("shape", Note(f"why.shape_{chosen.source.shape.value}"))
    for part, column in chosen.source.parts.items():
        sentences.setdefault(part, Note("why.header", {"column": column}))
    if chosen.source.lead_is_line and overrides.lead == UNUSED:
        sentences["lead"] = Note("why.by_hand")
    return tuple(sentences.items())


def _of_some_ids(reading: Understood) -> bool:
    """Whether the figures of ids are of some of them."""
    lead = reading.case.column("lead")
    return lead is not None and reading.case.facts.some(lead).part > 1


def alternatives(
    engine: Engine,
    chosen: Understood,
    hypotheses: Sequence[Understood],
    mapped: Callable[[Understood], ColumnMapping],
    *,
    alone: bool,
) -> tuple[tuple[Alternative, ...], bool]:
    """The other ways to read the table that lead to other leads, the likeliest first; and whether the two likeliest are close.

    `hypotheses` are all without what a person chose by hand, the likeliest first. `mapped` gives the mapping of one; MappingError
    where it cannot be carried out. `alone`: there is no other table that could say what the leads are.
    """
    distinct: list[Understood] = []
    for each in hypotheses:
        if each is not hypotheses[0] and (each.score < hypotheses[0].score - FAR or each.score <= 0):
            continue
        if not any(_same(each, other) for other in (chosen, *distinct)):
            distinct.append(each)
    if not distinct:
        return (), False
    likeliest = hypotheses[0]
    here = _tried(engine, chosen, mapped)
    differ: list[Alternative] = []
    by_id = {id(chosen): here}
    for each in distinct:
        alternative = by_id[id(each)] = _tried(engine, each, mapped)
        if alternative is not None and alternative.leads > 1 and (here is None or _differs(alternative, here)):
            # What would be understood unasked is chosen by leaving all unsaid: so it is the same again in every part.
            unasked = alone and each is likeliest
            differ.append(replace(alternative, overrides=MappingOverrides()) if unasked else alternative)
        if len(differ) == MOST_ALTERNATIVES:
            break
    apart = [each for each in hypotheses if not _same(each, likeliest)]
    close = bool(differ) and bool(apart) and likeliest.score - apart[0].score < CLOSE
    if close:
        second = by_id[id(apart[0])] if id(apart[0]) in by_id else _tried(engine, apart[0], mapped)
        close = second is not None and second.leads > 1
    return tuple(differ), close


def _differs(one: Alternative, other: Alternative) -> bool:
    return abs(one.leads - other.leads) > SAME_LEADS * max(other.leads, 1) or one.shape != other.shape


def _same(one: Understood, other: Understood) -> bool:
    """Whether two readings tell the same leads apart in the same kind of line."""
    logs = [each.source.is_log for each in (one, other)]
    leads = [each.source.parts.get("lead") for each in (one, other)]
    if logs[0] != logs[1]:
        return False
    unique = [
        not log and (each.case.ids is None or each.case.ids.unique)
        for log, each in zip(logs, (one, other), strict=True)
    ]
    return leads[0] == leads[1] or all(unique)


def _tried(engine: Engine, reading: Understood, mapped: Callable[[Understood], ColumnMapping]) -> Alternative | None:
    """The reading with its numbers; None where it cannot be carried out."""
    source = reading.source
    try:
        mapping = mapped(reading)
    except MappingError:
        return None
    leads, won = counted(engine, mapping)
    # Of stays the label by which a person names them is where a line leads to; which time goes with which follows.
    label = source.parts.get("target", source.parts.get("label"))
    overrides = MappingOverrides(shape=source.shape, lead=source.parts.get("lead", UNUSED), label=label)
    return Alternative(mapping, leads, won, overrides)
