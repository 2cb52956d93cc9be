"""Several models side by side as plain data, and as text."""

from __future__ import annotations

from typing import Any

from funnel.cli.output.funnels import funnel, one_funnel
from funnel.cli.output.text import in_lines, table, top_stage
from funnel.core.rows import data
from funnel.measures.comparison import Comparison
from funnel.measures.scores import Score
from funnel.words import wording

_KEYS_OF = {
    "signal": ("signal_kept", "skill", "right_order"),
    "moves": ("forward_share", "skip_rate", "full_path_share"),
    "full_path": ("full_path_share",),
    "hidden": ("hidden_stage_gain", "hidden_stage_share"),
    "leaks": ("top_leak", "leak_evenness"),
    "waits": ("top_wait", "wait_evenness"),
}


def comparison(result: Comparison) -> dict[str, Any]:
    """The same leads through several models. Shares are fractions, information is in bits; null is what cannot be computed,
    and `missing` says why."""
    keys: list[str] = []
    for steps in result.steps:
        # Two models may bear one key: a copy of a catalogue's, say.
        key, number = steps.question.model.key, 1
        while key in keys:
            number += 1
            key = f"{steps.question.model.key}-{number}"
        keys.append(key)
    return {
        "leads": result.leads,
        "models": [
            {
                **funnel(steps),
                "model": key,
                "leads": steps.leads,
                "counted": steps.leads,
                "placed": score.placed,
                **_score(score),
            }
            for key, steps, score in zip(keys, result.steps, result.scores, strict=True)
        ],
        "disagreement": [
            {**row, "a": keys[pair.a], "b": keys[pair.b]}
            for row, pair in zip(data(result.alignment.rows()), result.alignment.pairs, strict=True)
        ],
        "labels": [
            {
                "label": flow.label,
                "concept": flow.concept,
                "leads": flow.leads,
                "stages": {
                    key: None if position is None else steps.stages[position].name
                    for key, position, steps in zip(keys, flow.stages, result.steps, strict=True)
                },
            }
            for flow in result.flows.labels
        ],
        "verdict": [wording.say(note.key, **note.values) for note in result.verdict],
    }


def comparison_text(result: Comparison) -> str:
    """`comparison` for a terminal: each funnel, then a line for each measure, then the verdict."""
    answer = in_lines(comparison(result))
    models = answer["models"]
    lines = (
        ("coverage", wording.percent),
        ("signal_kept", wording.percent),
        ("skill", wording.percent),
        ("right_order", wording.percent),
        ("forward_share", wording.percent),
        ("skip_rate", wording.percent),
        ("full_path_share", wording.percent),
        ("hidden_stage_share", wording.percent),
        ("leak_evenness", wording.percent),
        ("wait_evenness", wording.percent),
    )
    rows = [
        [wording.say(f"command.line_{name}"), *(written(model[name]) for model in models)] for name, written in lines
    ]
    for name in ("top_leak", "top_wait"):
        cells = [_at_stage(model[name]) for model in models]
        rows.append([wording.say(f"command.line_{name}"), *cells])
    parts = [one_funnel(steps, model) for steps, model in zip(result.steps, models, strict=True)]
    parts.append("\n".join(table(["", *(model["model"] for model in models)], rows)))
    parts.append("\n".join(wording.say("command.disagreement", **pair) for pair in answer["disagreement"]))
    reasons = dict.fromkeys(reason for model in models for reason in model["missing"].values())
    parts.append("\n".join([*reasons, *answer["verdict"]]))
    return "\n\n".join(part for part in parts if part)


def _at_stage(top: dict[str, Any] | None) -> str:
    if top is None:
        return wording.ABSENT
    return wording.say("command.at_stage", **top) if top["stands_out"] else wording.say("command.no_stage_stands_out")


def _score(score: Score) -> dict[str, Any]:
    signal, moves, hidden = score.signal, score.moves, score.hidden
    leaks, waits, stuck = score.leaks, score.waits, score.bottleneck
    return {
        "coverage": score.coverage.value,
        "signal_kept": signal and signal.kept,
        "skill": signal and signal.skill,
        "right_order": signal and signal.order,
        "landmark": signal
        and {
            "age_days": signal.landmark.age_days,
            "horizon_days": signal.landmark.horizon_days,
            "leads": signal.leads,
            "won": signal.won,
            "bits": signal.bits,
            "label_bits": signal.label_bits,
            "stages": [
                {"stage": stage.name or None, "leads": stage.won.denominator, "won": stage.won.numerator}
                for stage in signal.stages
            ],
            "rises": [
                {
                    "from": rise.lower,
                    "to": rise.upper,
                    "difference": rise.difference,
                    "low": rise.low,
                    "high": rise.high,
                    "verdict": rise.verdict,
                }
                for rise in signal.rises
            ],
        },
        "forward_share": moves and moves.forward.value,
        "skip_rate": moves and moves.skipping.value,
        "full_path_share": moves and moves.full_path.value,
        "moves": moves and moves.forward.denominator,
        "hidden_stage_gain": hidden and hidden.bits,
        "hidden_stage_share": hidden and hidden.share,
        "hidden_stage_p": hidden and hidden.p,
        "top_leak": top_stage(stuck.drop_off if stuck else None, "leads"),
        "leak_evenness": leaks and leaks.evenness,
        "top_wait": top_stage(stuck.slowest if stuck else None, "days"),
        "wait_evenness": waits and waits.evenness,
        "missing": {
            key: wording.say(note.key, **note.values) for line, note in score.missing.items() for key in _KEYS_OF[line]
        },
    }
