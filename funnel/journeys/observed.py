"""What was observed by a moment: the leads and the history cut there, so that nothing later is counted by anything that asks them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from funnel.core.engine import Engine
from funnel.core.history import TEXT, Form, known_as
from funnel.core.sql import Query, identifier


@dataclass(frozen=True)
class Tables:
    """The tables that journeys are made of, and what the names of those made of them begin with: `leads`, and the entries as `form`
    tells. `later` names one of the leads that were there already, and of which all that is known came later; None where nothing was
    cut."""

    leads: str = "leads"
    prefix: str = ""
    later: str | None = None
    form: Form = TEXT

    def forget(self, engine: Engine) -> None:
        """Remove those that were made for a moment."""
        if self.later is None:
            return
        if self.form.is_sorted:
            engine.drop_view(self.form.history)
        engine.drop_table(self.form.entries)
        engine.drop_table(self.leads)
        engine.drop_table(self.later)


WHOLE = Tables()


def latest_entry(engine: Engine, tables: Tables) -> datetime | None:
    """The moment of the last entry; None where none has one."""
    form = tables.form
    latest = f"MAX(entries.{form.moment})"
    (moment,) = engine.row(
        Query(f"SELECT {form.time.format(latest)} AS latest FROM {known_as(form.entries, 'entries')}")
    )
    return moment if isinstance(moment, datetime) else None


def cut(engine: Engine, until: datetime, prefix: str, whole: Tables) -> Tables:
    """The tables as they stood at a moment, made of the whole ones under names that begin with `prefix`.

    Entries after it, and all entries of leads created after it, are not there. Every lead has its row still; one that was closed
    after it has no closing and no outcome yet. What has no time stands in both.
    """
    form, history = whole.form, f"{prefix}history"
    entries = f"{prefix}entries" if form.is_sorted else history
    tables = Tables(f"{prefix}leads", prefix, f"{prefix}later", replace(form, entries=entries, history=history))
    ended = "leads.closed_at > ?"
    columns = [
        f"CASE WHEN {ended} THEN NULL ELSE leads.{identifier(name)} END AS {identifier(name)}"
        if name in ("closed_at", "outcome_said")
        else f"leads.{identifier(name)} AS {identifier(name)}"
        for name, _ in engine.columns("leads")
    ]
    masked = sum(name in ("closed_at", "outcome_said") for name, _ in engine.columns("leads"))
    engine.keep(tables.leads, Query(f"SELECT {', '.join(columns)} FROM leads", (until,) * masked))
    moment = form.time.format(f"entries.{form.moment}")
    joined = f"FROM {known_as(form.entries, 'entries')}\nINNER JOIN leads ON {form.key} = entries.{form.lead}"
    engine.keep(
        entries,
        Query(
            f"""SELECT entries.*
{joined}
WHERE COALESCE({moment} <= ?, TRUE) AND COALESCE(leads.created_at <= ?, TRUE)""",
            (until, until),
        ),
    )
    if form.is_sorted:
        engine.view(history, tables.form.timed())
    engine.keep(
        f"{prefix}later",
        Query(
            f"""SELECT leads.lead_id AS lead_id
{joined}
WHERE leads.created_at <= ?
GROUP BY leads.lead_id
HAVING BOOL_AND(COALESCE({moment} > ?, FALSE))""",
            (until, until),
        ),
    )
    return tables
