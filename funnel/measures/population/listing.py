"""The leads behind a number, one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from funnel.core.errors import QuestionError
from funnel.core.sql import Paragraph, Query, compose, identifier, marks
from funnel.core.types import Question, Unit
from funnel.journeys import CORE_COLUMNS, FATES, Journeys, local_time
from funnel.measures.groups import in_terms
from funnel.measures.population.population import deepest, in_question
from funnel.measures.population.required import Required, required

if TYPE_CHECKING:
    import pandas as pd

WENT_ON = "went_on"
ALL = "all"


def leads_at(
    journeys: Journeys,
    question: Question,
    position: int,
    part: str = ALL,
    *,
    offset: int = 0,
    limit: int | None = 50,
    beside: Sequence[Question] = (),
    lacking: Sequence[str] = (),
) -> pd.DataFrame:
    """The leads counted at a stage, latest start first: lead_id, account_id, outcome, started_at, reached_at, then the file's columns.

    `part` keeps one part of the ledger ("advanced", "lost", …), "went_on" (advanced and skipped ahead) or "all". For accounts, a
    row is an account, with its first lead. `limit` None gives all of them. `.attrs["total"]` holds how many there are.
    `beside` adds a column for each other question, named as its model: the deepest stage where it counts the lead (of an account:
    its first lead), empty where it counts it nowhere; `.attrs["beside"]` holds the names of these columns. `lacking` keeps the leads
    that do not have all of these columns filled, see `required`, and adds the column `.attrs["lacking"]`, which says which are empty.
    """
    stages = len(question.model.stages)
    if not 0 <= position < stages:
        raise QuestionError("errors.no_such_stage", position=position, stages=stages)
    codes: dict[str, tuple[int, ...]] = {part: (code,) for code, part in enumerate(FATES, start=1)}
    codes |= {WENT_ON: codes["advanced"] + codes["skipped_ahead"], ALL: tuple(range(1, len(FATES) + 1))}
    if part not in codes:
        raise QuestionError("errors.no_such_part", part=part, accepted=", ".join(codes))
    attributes = [name for name, _ in journeys.engine.columns("leads") if name not in CORE_COLUMNS]
    reached, joins = local_time("found.lead_id", f"found.time_{position}", "arrival", journeys.local_times)
    columns = [
        *([] if question.unit is Unit.ACCOUNT else ["found.lead_id AS lead_id"]),
        "found.account_id AS account_id",
        "found.outcome AS outcome",
        "found.started_local AS started_at",
        f"{reached} AS reached_at",
        "leads.amount AS amount",
        "leads.currency AS currency",
        *(f"leads.{identifier(name)} AS {identifier(name)}" for name in attributes),
    ]
    needed = required(journeys, question, lacking)
    empty = _unlike("lacking", attributes)
    if lacking:
        columns.append(f"found.{identifier(empty)} AS {identifier(empty)}")
    text, names_of_empty = _without(needed, empty) if lacking else ("SELECT counted.*\nFROM counted\nWHERE TRUE", ())
    paragraphs = [
        *in_question(journeys, question, needed.extra),
        Paragraph(
            "found",
            Query(
                f"{text}\n    AND counted.fate_{position} IN ({marks(codes[part])})", (*names_of_empty, *codes[part])
            ),
        ),
    ]
    names: dict[str, str] = {}
    for number, other in enumerate(in_terms(journeys, each) for each in beside):
        table = f"beside_{number}"
        paragraphs.append(Paragraph(table, deepest(journeys, other)))
        columns.append(f"{table}.stage AS {table}")
        joins += f"\nLEFT JOIN {table} ON {table}.lead_id = found.lead_id"
        names[table] = _unlike(other.model.name, [*attributes, *names.values()])
    page = "" if limit is None else f"\nLIMIT {int(limit)} OFFSET {int(offset)}"
    last = f"""SELECT
    {", ".join(columns)}
FROM found
INNER JOIN leads ON leads.lead_id = found.lead_id{joins}
ORDER BY found.started_at DESC NULLS LAST, found.lead_id{page}"""
    frame = journeys.engine.frame(compose(paragraphs, Query(last)))
    for table, other in zip(names, beside, strict=True):
        stages_of_other = dict(enumerate(stage.name for stage in other.model.stages))
        frame[table] = frame[table].map(stages_of_other).astype("str")
    frame = frame.rename(columns=names)
    frame.attrs["beside"] = list(names.values())
    if lacking:
        frame.attrs["lacking"] = empty
    frame.attrs["total"] = journeys.engine.row(compose(paragraphs, Query("SELECT COUNT(*) AS leads FROM found")))[0]
    return frame


def _without(needed: Required, name: str) -> tuple[str, tuple[str, ...]]:
    """The select of the leads that lack one of the columns or more, with the names of those as a column, and its values; it ends in a
    condition."""
    empty = [f"CASE WHEN counted.{identifier(column)} IS NULL THEN ? END" for _, column in needed.columns]
    listed = f"CONCAT_WS(', ', {', '.join(empty)})" if empty else "NULL"
    text = f"SELECT counted.*, {listed} AS {identifier(name)}\nFROM counted\nWHERE NOT ({needed.filled('counted')})"
    return text, tuple(name for name, _ in needed.columns)


def _unlike(name: str, taken: Sequence[str]) -> str:
    """The name, numbered where a column of the file has it already, in any case."""
    taken_names = {each.casefold() for each in taken}
    number, free = 1, name
    while free.casefold() in taken_names:
        number += 1
        free = f"{name} ({number})"
    return free
