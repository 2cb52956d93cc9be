"""The pipeline between two days as plain data, and as text."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from funnel.cli.output.contrasts import said
from funnel.cli.output.text import paragraphs, rows_text, table
from funnel.core.rows import Row, written
from funnel.measures.bridge import ADDED, TAKEN, Bridge, BridgePart, Part, amount_field
from funnel.words import wording

if TYPE_CHECKING:
    import pandas as pd

SUMMED = (*ADDED[:2], *TAKEN[:2], ADDED[2], TAKEN[2])
STAYED = (Part.FORWARD, Part.BACK, Part.UNCHANGED)


def bridge(result: Bridge) -> dict[str, Any]:
    """The open leads of both days, what lies between them, and what those open on both did."""
    slipped = result.part(Part.SLIPPED)
    return {
        "as_of": result.as_of.isoformat(),
        "from": result.since.isoformat(),
        "to": result.to.isoformat(),
        "model": result.question.model.key,
        "unit": result.question.unit.value,
        "open_start": _sizes(result.part(Part.OPEN_START)),
        "parts": [bridge_part(each) for part in SUMMED if (each := result.part(part)) is not None],
        "open_end": _sizes(result.part(Part.OPEN_END)),
        "moved": {part.value: _sizes(result.part(part)) for part in STAYED},
        "slipped": None if slipped is None else {**_sizes(slipped), "of": result.slipped_of},
        "undated": result.undated,
        "untimed": result.untimed,
        "missing": said(result.missing),
    }


def bridge_part(part: BridgePart | None) -> dict[str, Any] | None:
    """A part with its name; None where the file cannot tell it."""
    return None if part is None else {"part": part.part.value, **_sizes(part)}


def bridge_text(result: Bridge) -> str:
    """The answer, the two days, and a line a part."""
    answer = result.answer
    key = f"command.bridge_line_{result.question.unit}"
    line = wording.say(key, since=result.since, to=result.to, model=result.question.model.key)
    return paragraphs([[wording.say(answer.key, **answer.values), line], _table(result), said(result.missing)])


def bridge_part_text(result: Bridge, part: Part) -> str:
    """The two days and one part."""
    key = f"command.bridge_line_{result.question.unit}"
    line = wording.say(key, since=result.since, to=result.to, model=result.question.model.key)
    return paragraphs([[line], _table(result, part), said(result.missing) if result.part(part) is None else []])


def leads(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The leads of a part as plain values."""
    return [{str(name): _plain(cell) for name, cell in row.items()} for row in frame.to_dict("records")]


def leads_text(result: Bridge, frame: pd.DataFrame) -> str:
    """The leads of a part as lines, under the heads of `tables.bridge_leads`; a column of the file keeps its name."""
    filled = frame.dropna(axis="columns", how="all")
    heads = wording.heads("bridge_leads", since=result.since, to=result.to)
    names = [wording.plain(heads.get(str(name), str(name))) for name in filled.columns]
    cells = [[written(_cell(cell)) for cell in row] for row in filled.itertuples(index=False)]
    return "\n".join(table(names, cells, len(names)))


def _table(result: Bridge, only: Part | None = None) -> list[str]:
    names = {row_part.part.value for row_part in result.parts if only in (None, row_part.part)}
    rows = [row for row in result.rows() if str(row["part"]) in names]
    if not rows:
        return []
    return rows_text("bridge", [_with_money(result, row) for row in rows], rare=("value", "without_amount"))


def _with_money(result: Bridge, row: Row) -> Row:
    """A row whose value is one text, an amount in each currency."""
    amounts = [wording.money(row[amount_field(currency)], currency) for currency in result.currencies]
    return {**row, "value": " + ".join(amounts)}


def _sizes(part: BridgePart | None) -> dict[str, Any]:
    assert part is not None
    money = [{"currency": each.currency or None, "amount": each.amount} for each in part.value]
    return {"leads": part.leads, "without_amount": part.without_amount, "value": money}


def _plain(cell: Any) -> Any:
    """A cell of a frame: a moment in ISO form, nothing where it is empty."""
    value = _cell(cell)
    return value.isoformat() if isinstance(value, date) else value


def _cell(cell: Any) -> Any:
    """A cell of a frame as a value of Python; None where it is empty."""
    if cell is None or cell != cell:
        return None
    return cell.item() if hasattr(cell, "item") else cell
