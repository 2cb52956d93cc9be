"""Notes to days as a CSV file, and back: a line that cannot be read is left out, with a sentence that says why."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from funnel.core import exports
from funnel.core.errors import ProjectError
from funnel.core.types import DatedNote, Note, NoteKind, parted
from funnel.storage.project.contents import LONGEST_LABEL, MOST_DATED_NOTES
from funnel.words import wording

HEADERS = {
    "day": ("day", "date"),
    "text": ("what happened", "text", "note", "title"),
    "kind": ("kind", "type"),
    "stage": ("stage", "step"),
    "condition": ("condition", "leads it concerns"),
}
"""What the columns can be called, as they are written first."""
MOST_KILOBYTES = 1_000
DELIMITERS = ",;\t"
MOST_SHOWN = 200


@dataclass(frozen=True)
class NotesRead:
    """The notes of a file, and one sentence for each of its `lines` that is none."""

    notes: tuple[DatedNote, ...]
    problems: tuple[Note, ...]
    lines: int


def written(notes: Sequence[DatedNote]) -> bytes:
    """The notes as CSV, the same that `read` takes; what a spreadsheet would run is defused."""
    rows = [[note.day.isoformat(), note.text, note.kind or "", note.stage, note.condition] for note in notes]
    import pandas as pd

    return exports.csv(pd.DataFrame(rows, columns=pd.Index([names[0] for names in HEADERS.values()], dtype=str)))


def read(content: bytes, there: int = 0) -> NotesRead:
    """The notes of a CSV file, the first line its headers; no more than can be kept beside the `there` that are kept already.

    ProjectError where it is no table of notes.
    """
    if len(content) > 1000 * MOST_KILOBYTES:
        raise ProjectError("project.notes_large", most=MOST_KILOBYTES)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise ProjectError("project.notes_text") from wrong
    first = text.lstrip().partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    table = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        rows = [(table.line_num, row) for row in table if any(cell.strip() for cell in row)]
    except csv.Error as wrong:
        raise ProjectError("project.notes_text") from wrong
    if not rows:
        raise ProjectError("project.notes_empty")
    places = _places(rows[0][1])
    notes: dict[DatedNote, None] = {}
    problems: list[Note] = []
    for line, row in rows[1:]:
        cells = {name: _cell(row, place) for name, place in places.items()}
        note = _note(line, cells)
        if isinstance(note, DatedNote) and note not in notes and there + len(notes) >= MOST_DATED_NOTES:
            note = Note("project.notes_full", {"line": line, "most": MOST_DATED_NOTES})
        if isinstance(note, Note):
            problems.append(note)
        else:
            notes[note] = None
    return NotesRead(tuple(notes), tuple(problems), len(rows) - 1)


def problems_said(found: NotesRead, most: int) -> list[str]:
    """How many lines were left out, and why, of so many at most; none where all were read. Plain text."""
    if not found.problems:
        return []
    told = [wording.say(problem.key, **problem.values) for problem in found.problems[:most]]
    more = len(found.problems) - len(told)
    head = wording.say("project.notes_left_out", bad=len(found.problems), lines=found.lines)
    return [head, *told, *([wording.say("project.notes_more", more=more)] if more else [])]


def _places(headers: Sequence[str]) -> dict[str, int]:
    known = [header.strip().casefold() for header in headers]
    places = {
        name: next(place for place, header in enumerate(known) if header in names)
        for name, names in HEADERS.items()
        if set(names) & set(known)
    }
    if not {"day", "text"} <= places.keys():
        found = wording.listed([f"“{_short(header)}”" for header in headers[:10]])
        raise ProjectError("project.notes_columns", found=found)
    return places


def _cell(row: Sequence[str], place: int) -> str:
    """A cell as it was before a spreadsheet's formulas were defused in it."""
    cell = row[place].strip() if place < len(row) else ""
    bare = "".join(part.removeprefix("'") for part in exports.SEPARATORS.split(cell))
    return bare if exports.escape_formulas(bare) == cell else cell


def _note(line: int, cells: Mapping[str, str]) -> DatedNote | Note:
    """The note that a line says, or why it says none."""
    day, text = _day(cells["day"]), cells["text"]
    kind, condition = cells.get("kind", "").casefold(), cells.get("condition", "")
    kinds = [each.value for each in NoteKind]
    if day is None:
        return Note("project.notes_no_day", {"line": line, "found": _short(cells["day"])})
    if not text:
        return Note("project.notes_no_text", {"line": line})
    if max(len(each) for each in (text, cells.get("stage", ""), condition)) > LONGEST_LABEL:
        return Note("project.notes_long", {"line": line, "most": LONGEST_LABEL})
    if kind and kind not in kinds:
        return Note("project.notes_kind", {"line": line, "found": _short(kind), "accepted": ", ".join(kinds)})
    if condition and parted(condition) is None:
        return Note("project.notes_condition", {"line": line, "found": _short(condition)})
    return DatedNote(day, text, NoteKind(kind) if kind else None, cells.get("stage", ""), condition)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == len("2025-04-01") else None
    except ValueError:
        return None


def _short(text: str) -> str:
    return text if len(text) <= MOST_SHOWN else text[: MOST_SHOWN - 1] + "…"
