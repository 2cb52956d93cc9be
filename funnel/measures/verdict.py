"""Which model tells most with fewest stages on these leads, and why."""

from __future__ import annotations

from collections.abc import Sequence

from funnel.nouns import Note, Score, Signal

NEARLY = 0.9
"""A model tells about as much as the best when its skill is at least this share of the best's."""


def verdict(scores: Sequence[Score]) -> tuple[Note, ...]:
    """Two sentences; one, that says why, where there is nothing to decide by.

    The measure is the cross-validated skill, which stages that only fit by chance do not raise; shares of forward moves and the
    like look good on any coarse model, and have no say. Of the models with nearly the best skill the one with fewest stages is
    named, then what the best of the others would add or lose.
    """
    judged = [
        (score, score.signal, score.signal.skill) for score in scores if score.signal and score.signal.skill is not None
    ]
    if len(judged) < 2:
        missing = next((score.missing["signal"] for score in scores if "signal" in score.missing), None)
        return (missing,) if missing else (Note("measures.verdict_alone"),)
    best = max(skill for _, _, skill in judged)
    day = judged[0][1].landmark
    if best <= 0:
        return (Note("measures.verdict_nothing", {"age": day.age_days, "horizon": day.horizon_days}),)
    near = [each for each in judged if each[2] >= NEARLY * best]
    chosen, signal, _ = min(near, key=lambda each: (_stages(each[0]), -each[2]))
    first = Note(
        "measures.verdict_chosen",
        {
            "model": chosen.question.model.name,
            "stages": _stages(chosen),
            "kept": signal.kept,
            "age": day.age_days,
            "won": signal.won,
            "leads": signal.leads,
        },
    )
    others = [(score, other) for score, other, _ in judged if score is not chosen]
    coarser = [(score, other) for score, other in others if _stages(score) < _stages(chosen)]
    finer = [(score, other) for score, other in others if _stages(score) > _stages(chosen)]
    if coarser:
        return first, _beside("measures.verdict_coarser", *max(coarser, key=lambda each: each[1].skill or 0))
    if finer:
        return first, _beside("measures.verdict_finer", *max(finer, key=lambda each: each[1].skill or 0))
    return first, _beside("measures.verdict_equal", *max(others, key=lambda each: each[1].skill or 0))


def _beside(key: str, score: Score, signal: Signal) -> Note:
    return Note(key, {"other": score.question.model.name, "other_stages": _stages(score), "other_kept": signal.kept})


def _stages(score: Score) -> int:
    return len(score.question.model.stages)
