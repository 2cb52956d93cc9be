"""What a watch tells beside its alarms: new leads, the wins of the last whole month, the leads that have stalled longest."""

from __future__ import annotations

from dataclasses import dataclass

from funnel.core.errors import QuestionError
from funnel.core.sql import Query, compose
from funnel.core.types import Note, Question
from funnel.core.types.watch import WinsRule
from funnel.journeys import Journeys
from funnel.measures.open_leads import Part, follow_up
from funnel.measures.targets import followed
from funnel.measures.watch_other import Looked, judged
from funnel.measures.watch_steps import watched

WEEK = 7
MOST_STALLED = 10


@dataclass(frozen=True)
class StalledLead:
    """A lead that has stayed at a stage longer than nine tenths of those that moved on, for so many days."""

    lead: str
    stage: str
    days: float


@dataclass(frozen=True)
class Digest:
    """Leads that entered in the last seven days, and in those before; the wins against their forecast, or why not; stalled leads, the most
    unusual first."""

    week: int
    before: int
    wins: Note
    stalled: tuple[StalledLead, ...]


def watch_digest(journeys: Journeys, question: Question) -> Digest:
    """The digest of a question, whatever its dates."""
    asked = watched(question)
    text = f"""SELECT COUNT(*) FILTER (WHERE followed.started_at > followed.observed_until - INTERVAL '{WEEK}' DAY) AS week,
    COUNT(*) FILTER (WHERE followed.started_at <= followed.observed_until - INTERVAL '{WEEK}' DAY) AS before
FROM followed
WHERE followed.started_at > followed.observed_until - INTERVAL '{2 * WEEK}' DAY"""
    week, before = journeys.engine.row(compose(followed(journeys, asked), Query(text)))
    wins = judged(WinsRule(), Looked(journeys, asked, None)).said
    return Digest(int(week), int(before), wins, _stalled(journeys, asked))


def _stalled(journeys: Journeys, question: Question) -> tuple[StalledLead, ...]:
    try:
        frame = follow_up(journeys, question, part=Part.LONG, limit=MOST_STALLED)
    except QuestionError:
        return ()
    rows = zip(frame["lead_id"], frame["stage"], frame["days"], strict=True)
    return tuple(StalledLead(str(lead), str(stage), float(days)) for lead, stage, days in rows)
