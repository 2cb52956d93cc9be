"""What was observed by a moment: the leads and the history cut there, so that nothing later is counted by anything that asks them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from funnel.engine import Engine
from funnel.sql import Query, identifier


@dataclass(frozen=True)
class Tables:
    """The tables that journeys are made of, and what the names of those made of them begin with. `later` names one of the leads that
    were there already, and of which all that is known came later; None where nothing was cut."""

    leads: str = "leads"
    history: str = "history"
    prefix: str = ""
    later: str | None = None

    @property
    def cut(self) -> tuple[str, ...]:
        """The tables that were made for a moment."""
        return (self.leads, self.history, self.later) if self.later is not None else ()


WHOLE = Tables()


def latest_entry(engine: Engine) -> datetime | None:
    """The moment of the last entry; None where none has one."""
    (latest,) = engine.row(Query("SELECT MAX(history.entered_at) AS latest FROM history"))
    return latest if isinstance(latest, datetime) else None


def cut(engine: Engine, until: datetime, prefix: str) -> Tables:
    """The tables as they stood at a moment, made under names that begin with `prefix`.

    Entries after it, and all entries of leads created after it, are not there. Every lead has its row still; one that was closed
    after it has no closing and no outcome yet. What has no time stands in both.
    """
    tables = Tables(f"{prefix}leads", f"{prefix}history", prefix, f"{prefix}later")
    ended = "leads.closed_at > ?"
    columns = [
        f"CASE WHEN {ended} THEN NULL ELSE leads.{identifier(name)} END AS {identifier(name)}"
        if name in ("closed_at", "outcome_said")
        else f"leads.{identifier(name)} AS {identifier(name)}"
        for name, _ in engine.columns("leads")
    ]
    masked = sum(name in ("closed_at", "outcome_said") for name, _ in engine.columns("leads"))
    engine.keep(tables.leads, Query(f"SELECT {', '.join(columns)} FROM leads", (until,) * masked))
    engine.keep(
        tables.history,
        Query(
            """SELECT history.*
FROM history
INNER JOIN leads ON leads.lead_id = history.lead_id
WHERE COALESCE(history.entered_at <= ?, TRUE) AND COALESCE(leads.created_at <= ?, TRUE)""",
            (until, until),
        ),
    )
    engine.keep(
        f"{prefix}later",
        Query(
            """SELECT leads.lead_id AS lead_id
FROM leads
INNER JOIN history ON history.lead_id = leads.lead_id
WHERE leads.created_at <= ?
GROUP BY leads.lead_id
HAVING BOOL_AND(COALESCE(history.entered_at > ?, FALSE))""",
            (until, until),
        ),
    )
    return tables
