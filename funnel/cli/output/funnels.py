"""Files, funnels and models as plain data, and as text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from funnel import mapping
from funnel.cli.output.text import in_lines, moment, paragraphs, rows_text, table
from funnel.core import insights
from funnel.core.types import FEWEST_FOR_A_RATE, StageModel
from funnel.dataset import DataSet
from funnel.measures.steps import Breakdown, Steps
from funnel.words import wording


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
        "reopened_by": data_set.overrides.end_rule.reopened_by.value,
        "keeps_win": data_set.overrides.end_rule.keeps_win,
        "changed_since_start": list(loaded.at_start),
        "unknown_at_start": list(loaded.unknown_at_start),
        "leads": data_set.leads,
        "entries": data_set.entries,
        "first_start": moment(data_set.first_start),
        "last_start": moment(data_set.last_start),
        "labels": [{"label": label.label, "leads": label.leads, "concept": label.concept} for label in data_set.labels],
        "warnings": [wording.say(note.key, **note.values) for note in (*data_set.warnings, *loaded.cannot)],
        "doubts": [wording.say(note.key, **note.values) for note in loaded.doubts],
        "why": {part: wording.say(note.key, **note.values) for part, note in data_set.mapping.why},
        "alternatives": [
            {"shape": each.shape.value, "columns": dict(each.columns), "leads": each.leads, "won": each.won}
            for each in data_set.mapping.alternatives
        ],
    }


def inspection_text(answer: dict[str, Any]) -> str:
    """`inspection` as lines for a terminal: shapes, parts and concepts by their names in the language, moments as its days."""
    told: dict[str, Any] = {"shape": wording.say(f"pages.shape.{answer['shape']}")}
    told |= {name: answer[name] and datetime.fromisoformat(answer[name]) for name in ("first_start", "last_start")}
    lines = [wording.say("command.shape_line", **{**answer, **told})]
    lines += [wording.say("command.file_line", **file) for file in answer["files"]]
    lines += [
        wording.say("command.column_line", part=wording.say(f"pages.part_of_file.{part}"), column=column)
        for part, column in answer["columns"].items()
    ]
    means = mapping.choices()
    rows = [[label["label"], wording.number(label["leads"]), means[label["concept"]]] for label in answer["labels"]]
    heads = [wording.say(f"pages.column.{head}") for head in ("label", "leads", "concept")]
    lines += ["", *table(heads, rows), ""]
    if answer["alternatives"]:
        lines += [wording.say("command.alternatives")]
        lines += [
            wording.say(
                "command.alternative",
                **each,
                named=wording.say(f"pages.shape.{each['shape']}"),
                lead=each["columns"].get("lead", wording.say("command.each_line")),
            )
            for each in answer["alternatives"]
        ]
    values = [
        wording.say(f"pages.data.{word}", columns=[insights.column_name(column) for column in answer[key]])
        for key, word in (("changed_since_start", "at_start"), ("unknown_at_start", "unknown_at_start"))
        if answer[key]
    ]
    return "\n".join([*answer["doubts"], *lines, *values, *answer["warnings"]]).rstrip()


def funnel(steps: Steps, groups: Breakdown | None = None) -> dict[str, Any]:
    """A funnel, and with a breakdown the same for each group. Times are local, ISO 8601; rates are fractions or null.

    `lost` is the outcome of leads; at a stage it is, as `lost_for_good` says, those lost in the end who came no further, which are
    neither the loss events of `moves` nor those that stood there last (`drop_off`). `lead_to_win_rate` is won of all leads so far.
    """
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
        "observed_until": moment(steps.observed_until),
        "from": moment(filters.start_from),
        "to": moment(filters.start_to),
        "won": steps.won,
        "lost": steps.lost,
        "open": steps.open,
        "lead_to_win_rate": steps.won / steps.leads if steps.leads else None,
        "stages": [{**row, "lost_for_good": row["lost"]} for row in steps.plain_rows()],
    }
    if groups is not None:
        answer["groups"] = [{"value": value, **funnel(each)} for value, each in groups.groups]
    return answer


def funnel_text(steps: Steps, groups: Breakdown | None = None) -> str:
    """`funnel` for a terminal; each group gets its own."""
    parts = [one_funnel(steps, funnel(steps))]
    if groups is not None:
        parts += [f"{insights.value_said(value)}\n{funnel_text(each)}" for value, each in groups.groups]
    return "\n\n".join(parts)


def one_funnel(steps: Steps, answer: dict[str, Any]) -> str:
    """A funnel for a terminal, `answer` told in a line: the stages, then the ledger of each."""
    line = "command.funnel_line" if steps.leads >= FEWEST_FOR_A_RATE else "command.funnel_line_few"
    counted = wording.say(f"pages.counted.{steps.question.unit}", n=steps.leads)
    values = {
        "counted": counted,
        "coverage": steps.coverage or 0,
        "rule": wording.say(f"command.rule_{steps.question.rule}"),
        "observed_until": steps.observed_until,
    }
    title = wording.say(line, **{**in_lines(answer), **values})
    rows = steps.rows()
    return paragraphs([[title], rows_text("steps", rows), rows_text("ledger", rows)])


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


def models_text(answer: dict[str, Any]) -> str:
    """`models` as lines for a terminal: a key, its name and its stages."""
    rows = [
        [model["key"], model["name"], " → ".join(stage["name"] for stage in model["stages"])]
        for model in answer["models"]
    ]
    return "\n".join(table([wording.say(f"command.models_{head}") for head in ("key", "name", "stages")], rows, left=3))
