"""What is answered of several models as tables for people: headers in words, numbers as numbers."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from funnel import Steps
from funnel.core.types import AccountSizes, Alignment, Backward, Change, Flows, InferredOrder, Loyalty, Overlap, Rate
from funnel.words import wording
from pages.sections.scoreboard_text import Line
from pages.ui import tables


def columns(funnels: Sequence[Steps]) -> pd.DataFrame:
    """A row a stage of each model: model, stage, leads, percent of the first stage, median days from the one before."""
    return _side_by_side([(wording.plain(steps.question.model.name), steps) for steps in funnels], "model")


def change(found: Change) -> pd.DataFrame:
    """A row a stage before and after."""
    groups = [(wording.say(f"pages.change.{name}"), getattr(found, name)) for name in ("before", "after")]
    return _side_by_side(groups, "group")


def _side_by_side(groups: Sequence[tuple[str, Steps]], called: str) -> pd.DataFrame:
    rows = [
        {
            called: name,
            "stage": wording.plain(stage.name),
            "leads": stage.leads,
            "of_first": tables.percent(stage.from_entry.value),
            "median_days": _rounded(stage.median_days_from_previous),
            "timed_leads": stage.timed_leads if stage.from_previous else None,
        }
        for name, steps in groups
        for stage in steps.stages
    ]
    return tables.headed(pd.DataFrame(rows))


def flows(found: Flows) -> pd.DataFrame:
    """A row a label: label, leads, and the stage that each model puts it at (empty: none)."""
    stages = [question.model.stages for question in found.questions]
    names = [wording.plain(question.model.name) for question in found.questions]
    rows = [
        {
            wording.say("pages.column.label"): wording.plain(flow.label),
            wording.say("pages.column.leads"): flow.leads,
            **{
                name: None if place is None else wording.plain(of[place].name)
                for name, of, place in zip(names, stages, flow.stages, strict=True)
            },
        }
        for flow in found.labels
    ]
    return pd.DataFrame(rows)


def overlap(found: Alignment, pair: Overlap) -> pd.DataFrame:
    """A row for each two stages that share leads: the stage in each model (empty: no place), leads, whether they disagree."""
    one, other = (found.questions[place].model for place in (pair.a, pair.b))
    yes, no = wording.say("pages.column.yes"), wording.say("pages.column.no")
    rows = [
        {
            wording.plain(one.name): None if a is None else wording.plain(one.stages[a].name),
            wording.plain(other.name): None if b is None else wording.plain(other.stages[b].name),
            wording.say("pages.column.leads"): leads,
            wording.say("pages.column.differ"): yes if differs else no,
        }
        for a, b, leads, differs in pair.cells
    ]
    return pd.DataFrame(rows)


def scores(lines: Sequence[Line], models: Sequence[str]) -> pd.DataFrame:
    """A row a measure: its name, what its number means, and the number for each model, or why there is none."""
    rows = [
        {
            wording.say("pages.models.measure"): line.name,
            wording.say("pages.column.meaning"): line.meaning,
            **{
                wording.plain(name): cell.absent
                or "; ".join(f"{figure.said} {figure.of}".strip() for figure in cell.figures)
                for name, cell in zip(models, line.cells, strict=True)
            },
        }
        for line in lines
    ]
    return pd.DataFrame(rows)


def backward(found: Backward) -> pd.DataFrame:
    """A row a stage from the win down: wins recorded there, days before the win, leads needed for one win and its interval."""
    rows = [
        {
            "stage": wording.plain(stage.name),
            "wins_recorded": stage.recorded.numerator,
            "of_wins": stage.recorded.denominator,
            "share_of_wins": _percent(stage.recorded),
            "days_before_win": _rounded(stage.median_days_before_win),
            "timed_leads": stage.timed,
            "leads": stage.leads,
            "won": stage.won,
            "open": stage.open,
            "needed": _rounded(stage.needed),
            "needed_low": _rounded(stage.low),
            "needed_high": _rounded(stage.high),
            "needed_at_best": _rounded(stage.at_best),
        }
        for stage in found.stages
    ]
    return tables.headed(pd.DataFrame(rows))


def loyalty(found: Loyalty) -> pd.DataFrame:
    """One row: customers, those that bought again, repeats, those of them that came straight, median days between."""
    straight = found.straight
    row = {
        "customers": found.customers,
        "again": found.again.numerator,
        "repeats": found.repeats,
        "straight": straight.numerator if straight else None,
        "days_between": _rounded(found.median_days),
    }
    return tables.headed(pd.DataFrame([row]))


def account_sizes(found: AccountSizes) -> pd.DataFrame:
    """A row for each number of leads: how many accounts have so many."""
    rows = [{"leads_of_account": leads, "accounts": accounts} for leads, accounts in found.counts]
    return tables.headed(pd.DataFrame(rows))


def order(found: InferredOrder) -> pd.DataFrame:
    """A row for each two labels that follow each other: why in this order, and the leads that entered the earlier one first, the
    later one first, or both at one moment."""
    rows = [
        {
            "earlier": wording.plain(pair.earlier),
            "later": wording.plain(pair.later),
            "order_reason": wording.say(f"pages.reason.{pair.reason or 'given'}"),
            "forward": pair.forward,
            "backward": pair.backward,
            "together": pair.together,
        }
        for pair in found.pairs
    ]
    return tables.headed(pd.DataFrame(rows))


def _percent(rate: Rate) -> float | None:
    return tables.percent(rate.value)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
