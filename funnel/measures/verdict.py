"""Which model tells most with fewest stages on these leads, and why."""

from __future__ import annotations

from collections.abc import Sequence

from funnel.core.types import Note
from funnel.measures.scores import Score

NEARLY = 0.9
"""A model tells about as much as the best when its skill is at least this share of the best's; likewise for leads placed."""
NO_SKILL = 1e-9


def verdict(scores: Sequence[Score]) -> tuple[Note, ...]:
    """Two sentences; one, that says why, where there is nothing to decide by.

    The measure is the cross-validated skill, which stages that only fit by chance do not raise; shares of forward moves and the
    like look good on any coarse model, and have no say. Models that place clearly fewer leads than another are left out. Of those
    with nearly the best skill the one with fewest stages is named, then the best of the others.
    """
    judged = [
        (score, score.signal, score.signal.skill) for score in scores if score.signal and score.signal.skill is not None
    ]
    widest = max((score.placed for score, _, _ in judged), default=0)
    judged = [each for each in judged if each[0].placed >= NEARLY * widest]
    if len(judged) < 2:
        missing = next((score.missing["signal"] for score in scores if "signal" in score.missing), None)
        return (missing,) if missing else (Note("measures.verdict_alone"),)
    best = max(skill for _, _, skill in judged)
    day = judged[0][1].landmark
    if best <= NO_SKILL:
        return (Note("measures.verdict_nothing", {"age": day.age_days, "horizon": day.horizon_days}),)
    near = [each for each in judged if each[2] >= NEARLY * best]
    chosen, signal, skill = min(near, key=lambda each: (_stages(each[0]), -each[2]))
    values = {
        "model": chosen.question.model.name,
        "stages": _stages(chosen),
        "kept": signal.kept,
        "age": day.age_days,
        "won": signal.won,
        "leads": signal.leads,
    }
    other, beside, other_skill = max((each for each in judged if each[0] is not chosen), key=lambda each: each[2])
    first = Note("measures.verdict_most" if skill == best else "measures.verdict_chosen", values)
    other_values = {"other": other.question.model.name, "other_stages": _stages(other), "other_kept": beside.kept}
    if other_skill > skill:
        return first, Note("measures.verdict_finer", {**other_values, "other_skill": other_skill, "skill": skill})
    coarser = _stages(other) < _stages(chosen)
    return first, Note("measures.verdict_coarser" if coarser else "measures.verdict_worse", other_values)


def _stages(score: Score) -> int:
    return len(score.question.model.stages)
