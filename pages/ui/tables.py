"""Results as tables for people: headers in words, numbers as numbers, so that they sort and export."""

from __future__ import annotations

from typing import Literal

import pandas as pd
import streamlit as st

from funnel import Steps
from funnel.core.types import FEWEST_FOR_A_RATE, Breakdown, FileCount, LabelCount
from funnel.words import wording
from pages.ui.draft import free

HOUSE_COLUMNS = ("lead_id", "account_id", "outcome", "started_at", "reached_at", "amount", "currency")
MOST_ROWS_IN_VIEW = 25
LEDGER = ("advanced", "skipped_ahead", "moved_back", "lost", "still_there")


def funnel(steps: Steps) -> pd.DataFrame:
    """A row a stage: stage, leads, percent of the first and of the previous stage, median days, skipped."""
    rows = [
        {
            "stage": wording.plain(stage.name),
            "leads": stage.leads,
            "of_first": share(stage.from_entry.numerator, stage.from_entry.denominator),
            "of_previous": share(stage.leads, stage.from_previous.denominator) if stage.from_previous else None,
            "median_days": stage.median_days_from_previous,
            "timed_leads": stage.timed_leads if stage.from_previous else None,
            "skipped_here": stage.skipped_here,
        }
        for stage in steps.stages
    ]
    return headed(pd.DataFrame(rows))


def ledger(steps: Steps) -> pd.DataFrame:
    """A row a stage that sums: entered = advanced + skipped ahead + moved back + lost + still there."""
    rows = [
        {
            "stage": wording.plain(stage.name),
            "entered": stage.leads,
            **{part: getattr(stage, part) for part in LEDGER},
        }
        for stage in steps.stages
    ]
    return headed(pd.DataFrame(rows))


def groups(breakdown: Breakdown) -> pd.DataFrame:
    """A row a group and stage: value, stage, leads, and share of the first stage."""
    rows = [
        {
            "value": wording.say("pages.filter.empty") if value is None else wording.plain(value),
            "stage": wording.plain(stage.name),
            "leads": stage.leads,
            "of_first": share(stage.from_entry.numerator, stage.from_entry.denominator),
            "median_days": stage.median_days_from_previous,
        }
        for value, steps in breakdown.groups
        for stage in steps.stages
    ]
    return headed(pd.DataFrame(rows))


def leads(frame: pd.DataFrame) -> pd.DataFrame:
    """A page of leads under headers in words, where other models put them first; columns of the file keep their headers.

    A header that is there already is numbered.
    """
    names = {name: wording.say(f"pages.column.{name.removesuffix('_id')}") for name in HOUSE_COLUMNS}
    kept = frame.drop(columns=[name for name in ("amount", "currency", "account_id") if _is_empty(frame, name)])
    ids = [name for name in ("lead_id", "account_id") if name in kept.columns]
    beside = list(frame.attrs.get("beside", ()))
    kept = kept[[*ids, *beside, *(name for name in kept.columns if name not in (*ids, *beside))]]
    headers: list[str] = []
    for name in kept.columns:
        headers.append(free(names[name] if name in HOUSE_COLUMNS else name, set(headers)))
    return kept.set_axis(headers, axis="columns")


def files(counts: tuple[FileCount, ...]) -> pd.DataFrame:
    """A row a file that sums: lines read = used + rejected + ignored; then why lines were ignored."""
    rows = [
        {
            "file": wording.plain(file.name),
            "read": file.rows_read,
            "used": file.rows_used,
            "rejected": file.rows_rejected,
            "ignored": file.rows_ignored,
            "because": "; ".join(
                f"{reason}: {wording.number(lines)}" for reason, lines in file.ignored_because.items()
            ),
            "encoding": file.encoding or wording.ABSENT,
            "delimiter": _delimiter(file.delimiter),
        }
        for file in counts
    ]
    return headed(pd.DataFrame(rows))


def rejects(frame: pd.DataFrame) -> pd.DataFrame:
    """Lines and cells that could not be read, under headers in words."""
    names = ("source_file", "source_line", "column_name", "value", "reason", "whole_line")
    return frame.rename(columns={name: wording.say(f"pages.column.{name}") for name in names})


def preview(frame: pd.DataFrame) -> pd.DataFrame:
    """The first lines of a file, their place in it first, under a header that none of the file's columns has."""
    place = wording.say("pages.column.source_line")
    while place in frame.columns:
        place += " "
    lines = frame.rename(columns={"source_line": place})
    return lines[[place, *(name for name in lines.columns if name != place)]]


def labels(counts: tuple[LabelCount, ...]) -> pd.DataFrame:
    """A row a label; `concept` is its name in words, to be chosen from `concept_names`."""
    return pd.DataFrame(
        {
            "label": [label.label for label in counts],
            "leads": [label.leads for label in counts],
            "first_seen": [label.first_seen for label in counts],
            "last_seen": [label.last_seen for label in counts],
            "concept": [label.concept for label in counts],
            "confidence": [label.confidence for label in counts],
        }
    )


def height(frame: pd.DataFrame) -> Literal["content", "auto"]:
    """All rows of a table that about fits a screen; of a longer one ten, the others by scrolling inside it."""
    return "content" if len(frame) <= MOST_ROWS_IN_VIEW else "auto"


def show(frame: pd.DataFrame, key: str) -> None:
    """The table on the page, as high as its rows up to a screen."""
    st.dataframe(
        frame,
        hide_index=True,
        key=key,
        height=height(frame),
        placeholder=wording.ABSENT,
        column_config={
            str(name): st.column_config.NumberColumn(format="localized")
            for name, kind in frame.dtypes.items()
            if pd.api.types.is_numeric_dtype(kind)
        },
    )


def headed(frame: pd.DataFrame) -> pd.DataFrame:
    """The table under headers in words."""
    return frame.rename(columns={name: wording.say(f"pages.column.{name}") for name in frame.columns})


def percent(value: float | None) -> float | None:
    """A fraction as a percentage with one decimal; None stays."""
    return None if value is None else round(100 * value, 1)


def share(part: int, whole: int) -> float | None:
    """A part of a whole as a percentage; None of too few to be one."""
    return percent(part / whole) if whole >= FEWEST_FOR_A_RATE else None


def _is_empty(frame: pd.DataFrame, name: str) -> bool:
    return name in frame.columns and bool(frame[name].isna().all())


def _delimiter(sign: str | None) -> str:
    names = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
    if sign is None:
        return wording.ABSENT
    return wording.say(f"pages.delimiter.{names[sign]}") if sign in names else sign
