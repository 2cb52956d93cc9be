"""The leads behind a part of the bridge, one by one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from funnel.core.errors import QuestionError
from funnel.core.sql import Paragraph, Query, compose, identifier
from funnel.core.types import Question, Unit
from funnel.journeys import CORE_COLUMNS, Journeys
from funnel.measures.bridge import Part, between, in_any_currency, priced
from funnel.measures.bridge_states import standings

if TYPE_CHECKING:
    import pandas as pd

OWN_COLUMNS = (
    "lead_id",
    "account_id",
    "stage_was",
    "stage_now",
    "outcome",
    "started_at",
    "ended_at",
    "currency",
    "amount_was",
    "amount_now",
    "planned_was",
    "planned_now",
)


def bridge_leads(
    journeys: Journeys,
    question: Question,
    part: Part | str,
    since: date | None = None,
    to: date | None = None,
    *,
    offset: int = 0,
    limit: int | None = 50,
) -> pd.DataFrame:
    """The leads (or accounts, each with its first lead) in a part of the bridge between two days, as `bridge` counts them, those worth
    most on the later day first.

    Columns: OWN_COLUMNS, then those of the file; one of the file that has such a name is numbered. Stages are names, empty while the lead
    had not started; `outcome` is that of the later day, `ended_at` empty while it is open; the amounts of an account with several
    currencies are empty. `limit` None gives all of them. `.attrs["total"]` holds how many there are. The errors are those of `bridge`.
    """
    if part not in list(Part):
        raise QuestionError("errors.bridge_part", part=part, accepted=", ".join(Part))
    asked, since, to, _ = between(journeys, question, since, to)
    found = standings(journeys, asked, since, to)
    by_unit = """SELECT gains.unit AS unit, MAX(gains.gained) AS most, MIN(gains.gained) AS least,
    STRING_AGG(NULLIF(gains.currency, ''), ', ' ORDER BY gains.currency) AS currency,
    CASE WHEN COUNT(*) = 1 THEN MAX(gains.amount_was) END AS amount_was,
    CASE WHEN COUNT(*) = 1 THEN MAX(gains.amount_now) END AS amount_now
FROM gains
GROUP BY gains.unit"""
    chosen = f"""SELECT states.*, priced.currency AS currency, CAST(priced.amount_was AS DOUBLE) AS amount_was,
    CAST(priced.amount_now AS DOUBLE) AS amount_now
FROM {identifier(found.states)} AS states
LEFT JOIN priced ON priced.unit = states.unit
WHERE {in_any_currency(Part(part))}"""
    paragraphs = [*priced(found.amounts), Paragraph("priced", Query(by_unit)), Paragraph("chosen", Query(chosen))]
    attributes = [name for name, _ in journeys.engine.columns("leads") if name not in CORE_COLUMNS]
    columns = [
        *([] if asked.unit is Unit.ACCOUNT else ["chosen.lead_id AS lead_id"]),
        "chosen.account_id AS account_id",
        "chosen.stage_was AS stage_was",
        "chosen.stage_now AS stage_now",
        "chosen.now AS outcome",
        "chosen.started_local AS started_at",
        *(f"chosen.{name} AS {name}" for name in OWN_COLUMNS[6:]),
        *(f"leads.{identifier(name)} AS {identifier(_unlike(name, attributes))}" for name in attributes),
    ]
    page = "" if limit is None else f"\nLIMIT {int(limit)} OFFSET {int(offset)}"
    last = f"""SELECT
    {", ".join(columns)}
FROM chosen
INNER JOIN leads ON leads.lead_id = chosen.lead_id
ORDER BY chosen.amount_now DESC NULLS LAST, chosen.started_local DESC, chosen.unit{page}"""
    frame = journeys.engine.frame(compose(paragraphs, Query(last)))
    stages = dict(enumerate(stage.name for stage in asked.model.stages))
    for name in ("stage_was", "stage_now"):
        frame[name] = frame[name].map(stages).astype("str")
    count = compose(paragraphs, Query("SELECT COUNT(*) AS leads FROM chosen"))
    frame.attrs["total"] = journeys.engine.row(count)[0]
    return frame


def _unlike(name: str, taken: Sequence[str]) -> str:
    """The name of a column of the file, numbered where it is one of ours."""
    used = {each.casefold() for each in taken} - {name.casefold()}
    number, free = 1, name
    while free.casefold() in OWN_COLUMNS or free.casefold() in used:
        number += 1
        free = f"{name} ({number})"
    return free
