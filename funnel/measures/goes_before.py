"""Which touches go before a step: how many times as often leads move on in the days after a touch as in other days at the same stage.

Time is counted in **lead-days at a stage**: from its recorded entry there to where the lead came further, was lost, or is no longer
observed; at most MOST_DAYS, since what still stands after that has its reasons. A day is *touched* by a channel where one of its touches
fell in the WITHIN days before the day began, so that a touch of the day itself, which may follow the step, counts for none. Only days of
the same stage, of as many weeks there (0 to LAST_WEEK and more) and of the same calendar quarter are set against each other: that mends
what simple comparisons of *touched* and *never touched* leads get wrong, where leads that stay long have more time to be touched.

It cannot mend selection: that sales calls the leads that do well anyway. So with each ratio come its E-value, and whether the leads touched
had passed the stages before faster already (log-rank test within the quarter of arrival). Nothing here says that a touch *causes* a step.

Tests are by account where leads share one; Benjamini and Hochberg's correction over all channels and steps that were looked at. With the
account as unit a lead is touched by whatever touches its account.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from funnel.core.errors import LackingError, QuestionError
from funnel.core.rows import Row, Word, chance
from funnel.core.sql import Paragraph, Query, compose, identifier
from funnel.core.types import Note, Question, Rule, Touches, Unit
from funnel.journeys import Journeys
from funnel.measures.credit_paths import known_touches, unit_asked
from funnel.measures.statistics.differences import benjamini_hochberg
from funnel.measures.statistics.rate_ratio import Ratio, Stratum, e_value, mantel_haenszel, sooner
from funnel.measures.touched_days import TouchedDays, by_stratum, touched_days

WITHIN = 14
MOST_WITHIN = 365
FEWEST_EVENTS = 20
LEVEL = 0.05


class Before(StrEnum):
    """What may be said of a channel and a step."""

    MORE = "goes before"
    MORE_FASTER = "goes before, were faster already"
    LESS = "less often before"
    UNCLEAR = "cannot tell"
    FEW = "too few"


@dataclass(frozen=True)
class ChannelStep:
    """One channel at one step: in the touched days `touched_events` leads moved on, in the others that are set against them
    `other_events`. `ratio` is how many times as often, with its 95 % interval; `q` is the p-value corrected for all that was looked at.
    `faster_p` says how likely so large a head start at the stages before is by chance, where the leads touched had one; None: they had
    none, or it is the first stage. All None of too few."""

    channel: str
    position: int
    touched_days: int
    touched_events: int
    other_days: int
    other_events: int
    ratio: float | None
    low: float | None
    high: float | None
    p: float | None
    q: float | None
    e_value: float | None
    faster_p: float | None
    verdict: Before


@dataclass(frozen=True)
class GoesBefore:
    """Every channel at every step but those out of the last stage; the surest first, those of too few last."""

    question: Question
    unit: Unit
    within: int
    touches: Touches
    steps: tuple[ChannelStep, ...]
    notes: tuple[Note, ...]
    sql: str

    def rows(self) -> list[Row]:
        """A row a channel and step: events and days of either kind, the ratio with its interval, how sure it is, and what may be said."""
        stages = self.question.model.stages
        return [
            {
                "channel": each.channel,
                "step": stages[each.position].key,
                "from": stages[each.position].name,
                "to": stages[each.position + 1].name,
                "touched_days": each.touched_days,
                "touched_events": each.touched_events,
                "other_days": each.other_days,
                "other_events": each.other_events,
                "rr": each.ratio,
                "low": each.low,
                "high": each.high,
                "p": chance(each.p),
                "q": chance(each.q),
                "e_value": each.e_value,
                "faster_before_p": chance(each.faster_p),
                "verdict": Word(each.verdict.value, f"measures.before_{each.verdict.name.lower()}"),
            }
            for each in self.steps
        ]


def goes_before(
    journeys: Journeys, question: Question, touches_of: Unit | None = None, within: int = WITHIN
) -> GoesBefore:
    """For each channel and step, how many times as often leads moved on in the `within` days after a touch as in other days at the same
    stage, of as many weeks there and the same quarter. `unit`: whose touches count (None: the account's, where the file has accounts).

    Stages count from their recorded entries, whatever the question's rule and window. LackingError where no file tells of touches, or the
    file has no date up to which it observes; QuestionError where `within` is out of bounds, or accounts are asked for and there are none.
    """
    touches = known_touches(journeys)
    if question.observed_until is None:
        raise LackingError("errors.no_observation")
    if not 0 < within <= MOST_WITHIN:
        raise QuestionError("measures.before_within", days=within, most=MOST_WITHIN)
    unit = unit_asked(journeys, touches_of)
    asked = replace(question, rule=Rule.PASSED, window_days=None, unit=Unit.LEAD, quorum=1)
    tables = touched_days(journeys, asked, unit, touches, within)
    strata, sql = _strata(journeys, tables)
    ratios = {key: ratio for key, each in strata.items() if (ratio := mantel_haenszel(each)) is not None}
    tested = {
        key: ratio
        for key, ratio in ratios.items()
        if ratio.events >= FEWEST_EVENTS and ratio.other_events >= FEWEST_EVENTS
    }
    squares = _score_squares(journeys, tables, tested)
    ps = {key: ratio.p(squares[key]) for key, ratio in tested.items()}
    qs = dict(zip(ps, benjamini_hochberg(list(ps.values())), strict=True))
    faster = _faster(journeys, tables)
    steps = [
        _step(touches.channels[key[0]], key[1], each, tested.get(key), squares.get(key), qs.get(key), faster.get(key))
        for key, each in strata.items()
    ]
    steps.sort(key=lambda each: (each.q is None, each.q, each.p, each.position, each.channel))
    notes = (*touches.notes, Note("measures.before_not_cause", {"within": within}))
    return GoesBefore(question, unit, within, touches, tuple(steps), notes, sql)


Key = tuple[int, int]
"""A channel's place and a stage's."""


def _strata(journeys: Journeys, tables: TouchedDays) -> tuple[dict[Key, list[Stratum]], str]:
    """The strata of each channel and step, and the SQL that ran."""
    last = """SELECT strata.channel AS channel, strata.stage AS stage, strata.events AS events, strata.time AS time,
    strata.other_events AS other_events, strata.other_time AS other_time
FROM strata
ORDER BY strata.stage, strata.channel, strata.quarter, strata.week"""
    query = compose(by_stratum(tables), Query(last))
    found: dict[Key, list[Stratum]] = {}
    for channel, stage, *counts in journeys.engine.rows(query):
        found.setdefault((channel, stage), []).append(Stratum(*counts))
    names = (tables.spells, tables.cells, tables.touched)
    return found, ";\n\n".join([*(journeys.statement(name) for name in names), query.readable()])


def _score_squares(journeys: Journeys, tables: TouchedDays, ratios: Mapping[Key, Ratio]) -> dict[Key, float]:
    """Σ u² over the accounts, for each channel and step."""
    if not ratios:
        return {}
    told = "\nUNION ALL ".join(["SELECT ? AS channel, ? AS stage, CAST(? AS DOUBLE) AS ratio"] * len(ratios))
    values = tuple(value for key, ratio in ratios.items() for value in (*key, ratio.value))
    rates = """SELECT strata.*, told.ratio AS ratio, strata.time + strata.other_time AS whole,
    (strata.events + strata.other_events) / (told.ratio * strata.time + strata.other_time) AS rate
FROM strata
INNER JOIN told ON told.channel = strata.channel AND told.stage = strata.stage
WHERE strata.time > 0 AND strata.other_time > 0"""
    scores = f"""SELECT rates.channel AS channel, rates.stage AS stage, cells.account AS account,
    SUM(rates.other_time / rates.whole * (COALESCE(touched.events, 0) - rates.ratio * rates.rate * COALESCE(touched.days, 0))
        - rates.ratio * rates.time / rates.whole
        * (cells.events - COALESCE(touched.events, 0) - rates.rate * (cells.days - COALESCE(touched.days, 0)))) AS score
FROM rates
INNER JOIN {identifier(tables.cells)} AS cells
    ON cells.stage = rates.stage AND cells.week = rates.week AND cells.quarter = rates.quarter
LEFT JOIN {identifier(tables.touched)} AS touched
    ON touched.spell = cells.spell AND touched.channel = rates.channel AND touched.week = cells.week
    AND touched.quarter = cells.quarter
GROUP BY rates.channel, rates.stage, cells.account"""
    last = """SELECT scores.channel AS channel, scores.stage AS stage, SUM(scores.score * scores.score) AS squares
FROM scores
GROUP BY scores.channel, scores.stage"""
    paragraphs = [
        *by_stratum(tables),
        Paragraph("told", Query(told, values)),
        Paragraph("rates", Query(rates)),
        Paragraph("scores", Query(scores)),
    ]
    rows = journeys.engine.rows(compose(paragraphs, Query(last)))
    return {(channel, stage): float(squares) for channel, stage, squares in rows}


def _faster(journeys: Journeys, tables: TouchedDays) -> dict[Key, float]:
    """For each channel and step but the first, how likely so large a head start of the leads touched at the stage is by chance, where they
    had one."""
    at_stage = f"""SELECT DISTINCT touched.spell AS spell, touched.channel AS channel
FROM {identifier(tables.touched)} AS touched"""
    whole = f"""SELECT spells.stage AS stage, spells.quarter AS quarter, spells.paced AS paced, COUNT(*) AS leads
FROM {identifier(tables.spells)} AS spells
WHERE spells.stage > 0 AND spells.paced IS NOT NULL
GROUP BY ALL"""
    of_channel = f"""SELECT at_stage.channel AS channel, spells.stage AS stage, spells.quarter AS quarter, spells.paced AS paced,
    COUNT(*) AS leads
FROM {identifier(tables.spells)} AS spells
INNER JOIN at_stage ON at_stage.spell = spells.spell
WHERE spells.stage > 0 AND spells.paced IS NOT NULL
GROUP BY ALL"""
    last = """SELECT channels.channel AS channel, whole.stage AS stage, whole.quarter AS quarter, whole.paced AS paced,
    COALESCE(of_channel.leads, 0) AS touched, whole.leads AS leads
FROM whole
INNER JOIN (SELECT DISTINCT of_channel.channel AS channel, of_channel.stage AS stage FROM of_channel) AS channels
    ON channels.stage = whole.stage
LEFT JOIN of_channel ON of_channel.channel = channels.channel AND of_channel.stage = whole.stage
    AND of_channel.quarter = whole.quarter AND of_channel.paced = whole.paced"""
    paragraphs = [
        Paragraph("at_stage", Query(at_stage)),
        Paragraph("whole", Query(whole)),
        Paragraph("of_channel", Query(of_channel)),
    ]
    strata: dict[Key, dict[Any, list[tuple[int, int, int]]]] = {}
    for channel, stage, quarter, paced, touched, leads in journeys.engine.rows(compose(paragraphs, Query(last))):
        strata.setdefault((channel, stage), {}).setdefault(quarter, []).append((paced, touched, leads))
    found = {}
    for key, quarters in strata.items():
        z, p = sooner(quarters.values())
        if z > 0:
            found[key] = p
    return found


def _step(
    channel: str,
    position: int,
    strata: list[Stratum],
    ratio: Ratio | None,
    squares: float | None,
    q: float | None,
    faster_p: float | None,
) -> ChannelStep:
    both = [each for each in strata if each.time and each.other_time]
    counts = (
        sum(each.time for each in both),
        sum(each.events for each in both),
        sum(each.other_time for each in both),
        sum(each.other_events for each in both),
    )
    if ratio is None or q is None:
        return ChannelStep(channel, position, *counts, None, None, None, None, None, None, None, Before.FEW)
    low, high = ratio.interval(squares)
    verdict = Before.UNCLEAR
    if q < LEVEL:
        fast = faster_p is not None and faster_p < LEVEL
        verdict = Before.LESS if ratio.value < 1 else Before.MORE_FASTER if fast else Before.MORE
    return ChannelStep(
        channel, position, *counts, ratio.value, low, high, ratio.p(squares), q, e_value(ratio.value), faster_p, verdict
    )
