"""Results as plain data for `--json`, and as a table for people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from funnel import wording
from funnel.dataset import DataSet
from funnel.nouns import Breakdown, Comparison, Score, StageModel, Steps

AsText = Callable[[dict[str, Any]], str]


def inspection(data_set: DataSet) -> dict[str, Any]:
    """What was understood of the files: shape, files, columns, formats, leads, entries, labels, warnings."""
    loaded = data_set.loaded
    return {
        "shape": data_set.mapping.shape.value,
        "files": [
            {
                "name": file.name,
                "encoding": file.encoding,
                "delimiter": file.delimiter,
                "rows_read": file.rows_read,
                "rows_used": file.rows_used,
                "rows_rejected": file.rows_rejected,
                "rows_ignored": file.rows_ignored,
            }
            for file in data_set.files
        ],
        "columns": dict(loaded.columns),
        "formats": dict(loaded.formats),
        "leads": data_set.leads,
        "entries": data_set.entries,
        "first_start": _moment(data_set.first_start),
        "last_start": _moment(data_set.last_start),
        "labels": [{"label": label.label, "leads": label.leads, "concept": label.concept} for label in data_set.labels],
        "warnings": [wording.say(note.key, **note.values) for note in (*data_set.warnings, *loaded.cannot)],
    }


def funnel(steps: Steps, groups: Breakdown | None = None) -> dict[str, Any]:
    """A funnel, and with a breakdown the same for each group. Times are local, ISO 8601; rates are fractions or null."""
    question = steps.question
    filters = question.filters
    answer = {
        "model": question.model.key,
        "rule": question.rule.value,
        "window_days": question.window_days,
        "entry": question.entry.value,
        "unit": question.unit.value,
        "leads": steps.leads,
        "coverage": steps.coverage,
        "observed_until": _moment(steps.observed_until),
        "from": _moment(filters.start_from),
        "to": _moment(filters.start_to),
        "won": steps.won,
        "lost": steps.lost,
        "open": steps.open,
        "stages": [stage.as_row() for stage in steps.stages],
    }
    if groups is not None:
        answer["groups"] = [{"value": value, **funnel(each)} for value, each in groups.groups]
    return answer


def models(listed: Sequence[StageModel]) -> dict[str, Any]:
    """The stage models of the catalogue; stages in the order in which the model is read. As recorded has those of a file."""
    return {
        "models": [
            {
                "key": model.key,
                "name": model.name,
                "description": model.description,
                "year": model.year,
                "source": model.source or None,
                "unit": model.unit.value,
                "reading": model.reading,
                "stages": [
                    {"key": stage.key, "name": stage.name, "concepts": list(stage.concepts)}
                    for stage in model.reading_order
                ],
                "left_out": list(model.left_out),
            }
            for model in listed
        ]
    }


def comparison(compared: Comparison) -> dict[str, Any]:
    """The same leads through several models. Shares are fractions, information is in bits; null is what cannot be computed,
    and `missing` says why."""
    pairs = compared.alignment.pairs
    keys: list[str] = []
    for steps in compared.steps:
        # Two models may bear one key: a copy of a catalogue's, say.
        key, number = steps.question.model.key, 1
        while key in keys:
            number += 1
            key = f"{steps.question.model.key}-{number}"
        keys.append(key)
    return {
        "leads": compared.leads,
        "models": [
            {**funnel(steps), "model": key, "leads": score.placed, "counted": steps.leads, **_score(score)}
            for key, steps, score in zip(keys, compared.steps, compared.scores, strict=True)
        ],
        "disagreement": [
            {"a": keys[pair.a], "b": keys[pair.b], "leads": pair.disagree, "both": pair.both, "one_only": pair.one_only}
            for pair in pairs
        ],
        "labels": [
            {
                "label": flow.label,
                "concept": flow.concept,
                "leads": flow.leads,
                "stages": {
                    key: None if place is None else steps.stages[place].name
                    for key, place, steps in zip(keys, flow.stages, compared.steps, strict=True)
                },
            }
            for flow in compared.flows.labels
        ],
        "verdict": [wording.say(note.key, **note.values) for note in compared.verdict],
    }


_KEYS_OF = {
    "signal": ("signal_kept", "skill", "right_order"),
    "moves": ("forward_share", "skip_rate", "full_path_share"),
    "full_path": ("full_path_share",),
    "hidden": ("hidden_stage_gain", "hidden_stage_share"),
    "leaks": ("top_leak", "leak_evenness"),
    "waits": ("top_wait", "wait_evenness"),
}


def _score(score: Score) -> dict[str, Any]:
    signal, moves, hidden = score.signal, score.moves, score.hidden
    names = [stage.name for stage in score.question.model.stages]
    leaks, waits = score.leaks, score.waits
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
        "top_leak": leaks
        and {"stage": names[leaks.top], "share": leaks.share, "leads": int(leaks.by_stage[leaks.top])},
        "leak_evenness": leaks and leaks.evenness,
        "top_wait": waits and {"stage": names[waits.top], "share": waits.share, "days": waits.by_stage[waits.top]},
        "wait_evenness": waits and waits.evenness,
        "missing": {
            key: wording.say(note.key, **note.values) for line, note in score.missing.items() for key in _KEYS_OF[line]
        },
    }


def inspection_text(answer: dict[str, Any]) -> str:
    """`inspection` as lines for a terminal."""
    lines = [wording.say("command.shape_line", **answer)]
    lines += [wording.say("command.file_line", **file) for file in answer["files"]]
    lines += [
        wording.say("command.column_line", part=part, column=column) for part, column in answer["columns"].items()
    ]
    rows = [[label["label"], wording.number(label["leads"]), label["concept"]] for label in answer["labels"]]
    lines += ["", *_table(["label", "leads", "concept"], rows), ""]
    return "\n".join([*lines, *answer["warnings"]]).rstrip()


def funnel_text(answer: dict[str, Any]) -> str:
    """`funnel` as a table for a terminal; each group gets its own."""
    heads = [
        "stage",
        "leads",
        "of first",
        "of previous",
        "median days",
        "advanced",
        "skipped",
        "back",
        "lost",
        "still there",
    ]
    rows = [
        [
            stage["name"],
            wording.number(stage["leads"]),
            wording.percent(stage["from_entry"]),
            wording.percent(stage["from_previous"]),
            wording.number(stage["median_days_from_previous"]),
            *(
                wording.number(stage[part])
                for part in ("advanced", "skipped_ahead", "moved_back", "lost", "still_there")
            ),
        ]
        for stage in answer["stages"]
    ]
    title = wording.say("command.funnel_line", **{**answer, "coverage": answer["coverage"] or 0})
    parts = ["\n".join([title, "", *_table(heads, rows)])]
    for group in answer.get("groups", []):
        value = group["value"] if group["value"] is not None else wording.say("command.no_value")
        parts.append(f"{value}\n{funnel_text(group)}")
    return "\n\n".join(parts)


def models_text(answer: dict[str, Any]) -> str:
    """`models` as lines for a terminal: a key, its name and its stages."""
    rows = [
        [model["key"], model["name"], " → ".join(stage["name"] for stage in model["stages"])]
        for model in answer["models"]
    ]
    return "\n".join(
        _table([wording.say(f"command.models_{head}") for head in ("key", "name", "stages")], rows, left=3)
    )


def comparison_text(answer: dict[str, Any]) -> str:
    """`comparison` for a terminal: each funnel, then a line for each measure, then the verdict."""
    found = answer["models"]
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
        [wording.say(f"command.line_{name}"), *(written(model[name]) for model in found)] for name, written in lines
    ]
    for name in ("top_leak", "top_wait"):
        told = [wording.say("command.at_stage", **model[name]) if model[name] else wording.ABSENT for model in found]
        rows.append([wording.say(f"command.line_{name}"), *told])
    parts = [funnel_text(model) for model in found]
    parts.append("\n".join(_table(["", *(model["model"] for model in found)], rows)))
    parts.append("\n".join(wording.say("command.disagreement", **pair) for pair in answer["disagreement"]))
    reasons = dict.fromkeys(reason for model in found for reason in model["missing"].values())
    parts.append("\n".join([*reasons, *answer["verdict"]]))
    return "\n\n".join(part for part in parts if part)


def _moment(moment: date | datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _table(heads: list[str], rows: list[list[str]], left: int = 1) -> list[str]:
    """Columns of one width; the first `left` of them begin at the left, the others end at the right."""
    widths = [max(len(row[place]) for row in [heads, *rows]) for place in range(len(heads))]
    return [
        "  ".join(
            cell.ljust(width) if place < left else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in [heads, *rows]
    ]
