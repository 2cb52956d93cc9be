"""The chances of open leads, as plain data for `--json`, as CSV, and as text for people."""

from __future__ import annotations

from typing import Any

from funnel.cli.output.text import paragraphs, rows_text
from funnel.core.rows import heads, number
from funnel.measures.lead_score import LeadScore, ScoredLead, said
from funnel.words import wording

RARE = ("account", "chance", "difference", "usual_days", "amount", "currency", "why")
"""Fields that some files, or a score that is not shown, have nothing in."""


def score(result: LeadScore, limit: int) -> dict[str, Any]:
    """Whether the score is shown and how it did in its test, and the open leads with chance, rate of the stage and reasons."""
    return {
        "as_of": None if result.as_of is None else result.as_of.isoformat(),
        "day": result.day,
        "shown": result.is_shown,
        "why_hidden": said(result.why_hidden) if result.why_hidden else None,
        "test": _test(result),
        "dropped_columns": [{"column": each.column, "why": said(each.why)} for each in result.dropped],
        "leads": [_lead(result, lead) for lead in result.leads[:limit]],
    }


def score_csv(result: LeadScore) -> bytes:
    """The open leads as CSV under the heads that people read."""
    import pandas as pd

    from funnel.core import exports

    rows = result.rows()
    names = heads("lead_score", rows, RARE)
    cells = [[number(row[field]) for field in names] for row in rows]
    return exports.csv(pd.DataFrame(cells, columns=pd.Index(list(names.values()), dtype=str)))


def score_text(result: LeadScore, limit: int) -> str:
    """What the test says, a line for each lead, and what a chance does not tell."""
    test = result.test
    lines = [said(result.why_hidden)] if result.why_hidden else []
    if test is not None and result.is_shown:
        values: dict[str, object] = {
            "day": result.day,
            "leads": test.leads,
            "wins": test.wins,
            "skill": test.skill.value,
        }
        values |= {"low": test.skill.low, "high": test.skill.high, "best": test.best, "stage": test.best_stage}
        lines += [wording.say("measures.chance_tested", **values), wording.say("measures.chance_best", **values)]
    dropped = [
        wording.say("measures.chance_dropped", column=each.column, why=said(each.why)) for each in result.dropped
    ]
    rows = result.rows()[:limit]
    # Sentences stand below the columns, which they would make too wide to read.
    shown = rows_text("lead_score", [{**row, "why": None} for row in rows], rare=RARE)
    why = [f"{wording.plain(str(row['lead']))}: {row['why']}" for row in rows if row["why"]]
    caution = [wording.say("measures.chance_caution")] if result.is_shown else []
    return paragraphs([lines, dropped, shown, why, caution])


def _test(result: LeadScore) -> dict[str, Any] | None:
    test = result.test
    if test is None:
        return None
    return {
        "leads": test.leads,
        "wins": test.wins,
        "skill": test.skill.value,
        "low": test.skill.low,
        "high": test.skill.high,
        "brier": test.brier,
        "brier_stage": test.brier_stage,
        "slope": test.slope,
        "expected": test.expected,
        "observed": test.observed,
        "top20": {"score": test.best, "stage": test.best_stage},
        "deciles": [[each.leads, each.said, each.was, each.low, each.high] for each in test.deciles],
    }


def _lead(result: LeadScore, lead: ScoredLead) -> dict[str, Any]:
    reasons = [
        {"column": each.column, "value": each.value, "log_odds": each.log_odds, "text": said(each.note, each.here)}
        for each in lead.reasons
    ]
    return {
        "lead": lead.lead,
        "account": lead.account,
        "label": lead.label or lead.stage,
        "days": lead.days,
        "chance": {str(day): chance for day, chance in lead.chance.items()},
        "stage_rate": {str(day): rate for day, rate in lead.stage_rate.items()},
        "amount": lead.amount,
        "currency": lead.currency,
        "reasons": reasons,
    }
