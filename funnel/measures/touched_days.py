"""Lead-days at a stage, those touched by a channel among them, as kept tables; what counts as such a day stands in `goes_before`."""

from __future__ import annotations

from dataclasses import dataclass

from funnel.core.sql import Paragraph, Query, compose, identifier
from funnel.core.types import Question, Touches, Unit
from funnel.journeys import Journeys
from funnel.measures.credit_paths import touches_of_units, units_of
from funnel.measures.population.population import MICROSECONDS_A_DAY, in_question
from funnel.measures.statistics.account_sums import account_of

MOST_DAYS = 365
LAST_WEEK = 12


@dataclass(frozen=True)
class TouchedDays:
    """Kept tables. `spells`: spell, stage, account, since, paced (whole days from the start to there; NULL: unknown), quarter (of since),
    last_day, moved. `cells`: spell, stage, account, week, quarter, days, events. `touched`: spell, stage, channel, week, quarter, days,
    events."""

    spells: str
    cells: str
    touched: str


def touched_days(journeys: Journeys, question: Question, unit: Unit, touches: Touches, within: int) -> TouchedDays:
    units = units_of(journeys, unit)
    of_units = touches_of_units(journeys, unit, touches)
    spells = journeys.keep("before_spells", (question, unit), lambda: _spells(journeys, question, units))
    cells = journeys.keep("before_cells", (question, unit), lambda: _cells(spells))
    touched = journeys.keep("before_touched", (question, unit, within), lambda: _touched(spells, of_units, within))
    return TouchedDays(spells, cells, touched)


def _spells(journeys: Journeys, question: Question, units: str) -> Query:
    until = "CAST(? AS TIMESTAMP)"
    parts = []
    for position in range(len(question.model.stages) - 1):
        ended = (
            f"CASE WHEN counted.reached_{position + 1} THEN counted.time_{position + 1}"
            f" WHEN counted.outcome <> 'open' THEN counted.ended_at ELSE {until} END"
        )
        parts.append(
            f"""SELECT {position} AS stage, counted.lead_id AS lead_id, {account_of("counted")} AS account,
    counted.started_at AS started_at, counted.time_{position} AS since, LEAST({ended}, {until}) AS ended_at,
    counted.reached_{position + 1} AND counted.time_{position + 1} <= {until} AS moved
FROM counted
WHERE counted.recorded_{position} AND counted.time_{position} <= {until}"""
        )
    union = "\nUNION ALL\n".join(parts)
    day = MICROSECONDS_A_DAY
    last = f"(EPOCH_US(stays.ended_at) - EPOCH_US(stays.since)) // {day}"
    text = f"""SELECT ROW_NUMBER() OVER () AS spell, stays.stage AS stage, stays.account AS account, units.unit AS unit,
    stays.since AS since,
    CAST(FLOOR((EPOCH_US(stays.since) - EPOCH_US(stays.started_at)) / {day}) AS BIGINT) AS paced,
    CAST(DATE_TRUNC('quarter', stays.since) AS DATE) AS quarter,
    CAST(LEAST({last}, {MOST_DAYS}) AS INTEGER) AS last_day,
    stays.moved AND {last} <= {MOST_DAYS} AS moved
FROM stays
INNER JOIN {identifier(units)} AS units ON units.lead_id = stays.lead_id
WHERE stays.ended_at >= stays.since"""
    moments = (question.observed_until,) * (4 * len(parts))
    return compose([*in_question(journeys, question), Paragraph("stays", Query(union, moments))], Query(text))


def _day(row: str) -> str:
    """Weeks at the stage and quarter of a day of a spell, as SQL."""
    moment = f"{row}.since + {row}.day * INTERVAL '1' DAY"
    return f"LEAST({row}.day // 7, {LAST_WEEK}) AS week, CAST(DATE_TRUNC('quarter', {moment}) AS DATE) AS quarter"


def _cells(spells: str) -> Query:
    each = f"""SELECT spells.spell AS spell, spells.stage AS stage, spells.account AS account, spells.since AS since, spells.moved AS moved,
    spells.last_day AS last_day, UNNEST(RANGE(spells.last_day + 1)) AS day
FROM {identifier(spells)} AS spells"""
    text = f"""SELECT days.spell AS spell, days.stage AS stage, days.account AS account, {_day("days")},
    COUNT(*) AS days, COUNT(*) FILTER (WHERE days.moved AND days.day = days.last_day) AS events
FROM days
GROUP BY ALL"""
    return compose([Paragraph("days", Query(each))], Query(text))


def _touched(spells: str, of_units: str, within: int) -> Query:
    day = MICROSECONDS_A_DAY
    after = "(EPOCH_US(touches.moment) - EPOCH_US(spells.since))"
    first = f"GREATEST(CAST(FLOOR({after} / {day}) AS BIGINT) + 1, 0)"
    last = f"LEAST(CAST(FLOOR({after} / {day}) AS BIGINT) + {within}, spells.last_day)"
    reached = f"""SELECT spells.spell AS spell, spells.stage AS stage, spells.since AS since, spells.moved AS moved,
    spells.last_day AS last_day, touches.channel AS channel, {first} AS first, {last} AS last
FROM {identifier(spells)} AS spells
INNER JOIN {identifier(of_units)} AS touches ON touches.unit = spells.unit
    AND touches.moment < spells.since + (spells.last_day + 1) * INTERVAL '1' DAY
    AND touches.moment >= spells.since - INTERVAL '{within}' DAY"""
    each = """SELECT DISTINCT reached.spell AS spell, reached.stage AS stage, reached.since AS since, reached.moved AS moved,
    reached.last_day AS last_day, reached.channel AS channel, UNNEST(RANGE(reached.first, reached.last + 1)) AS day
FROM reached
WHERE reached.first <= reached.last"""
    text = f"""SELECT days.spell AS spell, days.stage AS stage, days.channel AS channel, {_day("days")},
    COUNT(*) AS days, COUNT(*) FILTER (WHERE days.moved AND days.day = days.last_day) AS events
FROM days
GROUP BY ALL"""
    return compose([Paragraph("reached", Query(reached)), Paragraph("days", Query(each))], Query(text))


def by_stratum(tables: TouchedDays) -> list[Paragraph]:
    """Paragraphs that end in `strata`: channel, stage, week, quarter, events, time, other_events, other_time."""
    whole = f"""SELECT cells.stage AS stage, cells.week AS week, cells.quarter AS quarter, SUM(cells.days) AS days,
    SUM(cells.events) AS events
FROM {identifier(tables.cells)} AS cells
GROUP BY ALL"""
    touched = f"""SELECT touched.channel AS channel, touched.stage AS stage, touched.week AS week, touched.quarter AS quarter,
    SUM(touched.days) AS days, SUM(touched.events) AS events
FROM {identifier(tables.touched)} AS touched
GROUP BY ALL"""
    strata = """SELECT of_channel.channel AS channel, of_channel.stage AS stage, of_channel.week AS week, of_channel.quarter AS quarter,
    CAST(of_channel.events AS BIGINT) AS events, CAST(of_channel.days AS BIGINT) AS time,
    CAST(whole.events - of_channel.events AS BIGINT) AS other_events, CAST(whole.days - of_channel.days AS BIGINT) AS other_time
FROM of_channel
INNER JOIN whole ON whole.stage = of_channel.stage AND whole.week = of_channel.week AND whole.quarter = of_channel.quarter"""
    return [
        Paragraph("whole", Query(whole)),
        Paragraph("of_channel", Query(touched)),
        Paragraph("strata", Query(strata)),
    ]
