"""Results as plain data for `--json`, and as a table for people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from funnel import wording
from funnel.dataset import DataSet
from funnel.nouns import Breakdown, Steps

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


def _moment(moment: date | datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _table(heads: list[str], rows: list[list[str]]) -> list[str]:
    widths = [max(len(row[place]) for row in [heads, *rows]) for place in range(len(heads))]
    return [
        "  ".join(
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in [heads, *rows]
    ]
