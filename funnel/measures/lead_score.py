"""The chance of each open lead to win within so many days, where a test on the same file shows that it says more than its stage.

It is learnt from where leads stood at past moments (`lead_score_panel`) by a ridge that starts at the rate of the stage
(`lead_score_model`), and shown only where it was better than that rate at moments that it had not seen (`lead_score_backtest`). What is
learnt is learnt of all leads of the file: filters choose which open leads are listed, and change no chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from funnel.core import rows as core_rows
from funnel.core.errors import QuestionError
from funnel.core.rows import Row, days, points, share
from funnel.core.sql import Paragraph, Query, compose, identifier
from funnel.core.types import Note, OneOf, Question
from funnel.journeys import Journeys
from funnel.measures.aging import aged
from funnel.measures.population.population import MICROSECONDS_A_DAY, check, meets
from funnel.measures.time_in_stage import Waits

if TYPE_CHECKING:
    from funnel.measures.lead_score_backtest import ScoreTest
    from funnel.measures.lead_score_learning import DroppedColumn, Horizon, Known
    from funnel.measures.lead_score_reasons import Reason

DAY = 90
LONGEST_DAY = 730
TWICE = 2


class Part(StrEnum):
    """Which open leads: ALL; those with at least TWICE the chance of their stage; or those that are STALLED, yet above it."""

    ALL = "all"
    TWICE = "twice"
    STALLED = "stalled"


@dataclass(frozen=True)
class ScoredLead:
    """An open lead. `chance` and `stage_rate` by number of days: None where no score may be shown, or nothing is known; `days` at its
    `stage`, of which three quarters of those that were won from `label` had moved on after `usual_days`."""

    lead: str
    account: str | None
    label: str | None
    stage: str
    days: float | None
    is_stalled: bool
    usual_days: float | None
    amount: float | None
    currency: str | None
    chance: dict[int, float | None]
    stage_rate: dict[int, float | None]
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class LeadScore:
    """The open leads of a question by what they are worth to work on: chance × amount, of currencies one after the other.

    `why_hidden` says why there is no chance within `day` days; then leads carry the rates of their stages alone. `total` leads are in the
    part asked for, `open` in all; of these `leads` is a page. `test` is None where nothing could be tested.
    """

    question: Question
    as_of: date | None
    day: int
    horizons: tuple[int, ...]
    why_hidden: Note | None
    test: ScoreTest | None
    dropped: tuple[DroppedColumn, ...]
    leads: tuple[ScoredLead, ...]
    total: int
    open: int
    notes: tuple[Note, ...]
    sql: str = field(repr=False, default="")

    @property
    def is_shown(self) -> bool:
        """Whether there are chances within `day` days."""
        return self.why_hidden is None

    def rows(self) -> list[Row]:
        """A row a lead: its chance, the rate of its stage, the difference, and why."""
        return [self._row(lead) for lead in self.leads]

    def _row(self, lead: ScoredLead) -> Row:
        chance, rate = lead.chance.get(self.day), lead.stage_rate.get(self.day)
        difference = None if chance is None or rate is None else chance - rate
        return {
            "lead": lead.lead,
            "account": lead.account,
            "stage": lead.stage,
            "label": lead.label,
            "chance": share(chance),
            "stage_rate": share(rate),
            "difference": points(difference),
            "days": days(lead.days),
            "usual_days": days(lead.usual_days),
            "stalled": lead.is_stalled,
            "amount": lead.amount,
            "currency": lead.currency,
            "why": self.why(lead),
        }

    def why(self, lead: ScoredLead) -> str | None:
        """The reasons of a lead as one text; None where there is no chance."""
        if lead.chance.get(self.day) is None:
            return None
        here = next((reason.here for reason in lead.reasons if reason.here is not None), None)
        notes = [*(reason.note for reason in lead.reasons), *([here] if here is not None else [])]
        return core_rows.beside(said(note) for note in notes or [Note("measures.chance_why_none")])

    def decile_rows(self) -> list[Row]:
        """A row a tenth of the tested cases, the lowest chances first: what was said, and what came."""
        return [
            {
                "decile": str(number),
                "cases": each.rows,
                "leads": each.leads,
                "wins": each.wins,
                "said": share(each.said),
                "was": share(each.was),
                "low": share(each.low),
                "high": share(each.high),
            }
            for number, each in enumerate(self.test.deciles if self.test else (), 1)
        ]


def said(*notes: Note | None) -> str:
    """Notes as one text for people."""
    words = [core_rows.Word("", note.key, **note.values) for note in notes if note is not None]
    return ", ".join(core_rows.text(word) for word in words)


def whole_percent(chance: float | None) -> str:
    """A chance as people read it: in whole percent, never 0 or 100, since an open lead may still do either."""
    if chance is None:
        return said(Note("measures.chance_unknown"))
    percent = round(100 * chance)
    key = "under" if percent < 1 else "over" if percent > 99 else "whole"
    return said(Note(f"measures.chance_{key}", {"percent": percent}))


def lead_score(
    journeys: Journeys,
    question: Question,
    day: int = DAY,
    *,
    part: Part = Part.ALL,
    where: Sequence[OneOf] = (),
    offset: int = 0,
    limit: int | None = 50,
) -> LeadScore:
    """The open leads that a question counts, with their chances to win within `day` days (1 to LONGEST_DAY); `limit` None gives all.

    Leads are counted, whatever the question's unit, rule and window. Where nothing can be learnt of the file, or the test does not let
    the score be shown, the answer says why. QuestionError where the number of days is none.
    """
    from funnel.measures import lead_score_learning as learning

    check_day(day)
    check(question)
    model, until = learning.reference(journeys, question.model), question.observed_until
    unlearnable = learning.why_unlearnable(journeys, model, until)
    horizons = tuple(sorted({*learning.HORIZONS, day}))
    if unlearnable is not None or until is None:
        leads, sql = _open_leads(journeys, question, where) if until is not None else ([], "")
        listed = [_unscored(question, lead, horizons) for lead in _page(leads, offset, limit)]
        as_of = until.date() if until is not None else None
        return LeadScore(
            question, as_of, day, horizons, unlearnable, None, (), tuple(listed), len(leads), len(leads), (), sql
        )
    known = learning.known_by(journeys, model, until, horizons)
    scores = {each: learning.horizon(journeys, model, known, each) for each in horizons}
    return _listed(journeys, question, known, scores, day, part, where, offset, limit)


def prepare_score(journeys: Journeys, question: Question, day: int, of: int | None = None) -> bool:
    """Learns what `lead_score` of `day` days needs for `of` days, of None the panel alone; whether anything can be learnt."""
    from funnel.measures import lead_score_learning as learning

    check_day(day)
    model, until = learning.reference(journeys, question.model), question.observed_until
    if until is None or learning.why_unlearnable(journeys, model, until) is not None:
        return False
    known = learning.known_by(journeys, model, until, tuple(sorted({*learning.HORIZONS, day})))
    if of is not None:
        learning.horizon(journeys, model, known, of)
    return True


def check_day(day: int) -> None:
    """Raise a sentence where so many days are none that a chance can be told for."""
    if not 1 <= day <= LONGEST_DAY:
        raise QuestionError("errors.chance_day", day=day, most=LONGEST_DAY)


def _listed(
    journeys: Journeys,
    question: Question,
    known: Known,
    scores: dict[int, Horizon],
    day: int,
    part: Part,
    where: Sequence[OneOf],
    offset: int,
    limit: int | None,
) -> LeadScore:
    from funnel.measures.lead_score_present import Present

    present = Present(journeys, question.model, known, scores)
    leads, sql = _open_leads(journeys, question, where)
    own = scores[day]
    for lead in leads:
        lead["row"] = present.places.get(lead["lead_id"])
        lead["chance"], lead["rate"] = present.chance(day, lead["row"]), present.rate(day, lead["row"])
    chosen = _in_order([lead for lead in leads if _is_in(part, lead)], "chance" if own.why_hidden is None else "rate")
    listed = []
    for lead in _page(chosen, offset, limit):
        row = lead["row"]
        usual = present.usual_days(row)
        listed.append(
            ScoredLead(
                lead=lead["lead_id"],
                account=lead["account_id"],
                label=present.label(row),
                stage=question.model.stages[lead["position"]].name,
                days=lead["days"],
                is_stalled=bool(lead["is_stalled"]),
                usual_days=usual,
                amount=lead["amount"],
                currency=lead["currency"],
                chance={each: present.chance(each, row) for each in scores},
                stage_rate={each: present.rate(each, row) for each in scores},
                reasons=present.reasons(day, row),
            )
        )
    as_exported = "amount" not in journeys.starts.columns and any(lead["amount"] is not None for lead in leads)
    notes = [Note("measures.chance_amount")] if as_exported and own.why_hidden is None else []
    return LeadScore(
        question=question,
        as_of=known.until.date(),
        day=day,
        horizons=tuple(scores),
        why_hidden=own.why_hidden,
        test=own.test,
        dropped=(*known.dropped, *own.dropped),
        leads=tuple(listed),
        total=len(chosen),
        open=len(leads),
        notes=tuple(notes),
        sql=f"{present.sql}\n\n{sql}",
    )


def _open_leads(journeys: Journeys, question: Question, where: Sequence[OneOf]) -> tuple[list[dict[str, Any]], str]:
    """The open leads of a question that meet all conditions: lead_id, account_id, position of the stage, days, is_stalled, amount and
    currency; and the SQL that ran."""
    waits = Waits(journeys, question)
    met = [meets(condition, f"leads.{identifier(condition.column)}") for condition in where]
    chosen = Query(
        f"""SELECT aged.lead_id AS lead_id, leads.account_id AS account_id, aged.position AS position,
    aged.microseconds / {MICROSECONDS_A_DAY} AS days,
    COALESCE(aged.microseconds > aged.limit_time, FALSE) AS is_stalled, leads.amount AS amount, leads.currency AS currency
FROM aged
INNER JOIN leads ON leads.lead_id = aged.lead_id
WHERE {" AND ".join(["TRUE", *(each.text for each in met)])}""",
        tuple(value for each in met for value in each.values),
    )
    query = compose(
        [*waits.watched(), *aged(journeys), Paragraph("chosen", chosen)],
        Query("SELECT chosen.*\nFROM chosen\nORDER BY chosen.days DESC NULLS LAST, chosen.lead_id"),
    )
    return journeys.engine.named(query), query.readable()


def _is_in(part: Part, lead: dict[str, Any]) -> bool:
    if part is Part.ALL:
        return True
    chance, rate = lead["chance"], lead["rate"]
    if chance is None or rate is None:
        return False
    return bool(chance >= TWICE * rate if part is Part.TWICE else lead["is_stalled"] and chance > rate)


def _in_order(leads: list[dict[str, Any]], by: str) -> list[dict[str, Any]]:
    """By chance × amount, of each currency by itself, that of most leads first; without an amount by the chance, behind the others."""
    priced: dict[str | None, int] = {}
    for lead in leads:
        if lead["amount"] is not None:
            priced[lead["currency"]] = priced.get(lead["currency"], 0) + 1
    rank = {
        currency: place for place, currency in enumerate(sorted(priced, key=lambda each: (-priced[each], each or "")))
    }

    def key(lead: dict[str, Any]) -> tuple[object, ...]:
        value = lead[by]
        unknown = value is None
        worth = 0.0 if unknown else value * (lead["amount"] if lead["amount"] is not None else 1)
        return lead["amount"] is None, rank.get(lead["currency"], 0), unknown, -worth, lead["lead_id"]

    return sorted(leads, key=key)


def _page(leads: list[dict[str, Any]], offset: int, limit: int | None) -> list[dict[str, Any]]:
    return leads[offset:] if limit is None else leads[offset : offset + limit]


def _unscored(question: Question, lead: dict[str, Any], horizons: tuple[int, ...]) -> ScoredLead:
    return ScoredLead(
        lead=lead["lead_id"],
        account=lead["account_id"],
        label=None,
        stage=question.model.stages[lead["position"]].name,
        days=lead["days"],
        is_stalled=bool(lead["is_stalled"]),
        usual_days=None,
        amount=lead["amount"],
        currency=lead["currency"],
        chance=dict.fromkeys(horizons),
        stage_rate=dict.fromkeys(horizons),
    )
