"""The touches before each win (or entry at a stage), as kept tables of which all credit is a scan.

**Events** are wins of leads, or their entries at a stage by the question's rule. A touch counts for an event where its day is that of the
event or before it, at most the look-back days before it, and after the day of the last earlier win of the same account; the touches of one
day are in the order of time, those of one moment in that of the file. With the account as unit the touches of all leads of the account
count, those of leads without an account by themselves; a lead's win is one event either way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from funnel.core.errors import LackingError, QuestionError
from funnel.core.sql import Paragraph, Query, compose, identifier
from funnel.core.types import Filters, Question, Touches, Unit
from funnel.journeys import Journeys
from funnel.measures.population.population import in_question
from funnel.measures.statistics.account_sums import account_of

LEAD_CONCEPTS, OPPORTUNITY_CONCEPTS = ("mql", "lead"), ("qualified", "proposal")
LONGEST_LOOKBACK = 36_500


@dataclass(frozen=True)
class Asked:
    """What credit is asked for: the question about leads, the stage whose entries are events (None: wins), whose touches count, the days to
    look back (None: all), and the days in which the weight of a touch is halved by `decay`."""

    question: Question
    at: int | None
    unit: Unit
    lookback: int | None
    half_life: float


@dataclass(frozen=True)
class Paths:
    """Kept tables. `units`: lead_id, lead_code, unit (of its touches). `touched`: unit, touch, channel (a place in `channels`), moment,
    day, cost. `events`: event, unit, piece, is_event (else an end without one), event_day, since_day, cents, currency. `paths`: a row for
    each touch of each event, see `_paths`. `marks`: the stages of the lead and of the opportunity, where the model has them. `other` is
    what channels are called that are put together."""

    asked: Asked
    channels: tuple[str, ...]
    other: str
    units: str
    touched: str
    events: str
    paths: str
    marks: tuple[int | None, int | None]
    sql: str


def known_touches(journeys: Journeys) -> Touches:
    """What is known of the touches; LackingError where no file tells of any."""
    if journeys.file is None or journeys.file.touches is None:
        raise LackingError("measures.no_touches")
    return journeys.file.touches


def asked_of(
    journeys: Journeys, question: Question, at: int | None, unit: Unit | None, lookback: int | None, half_life: float
) -> Asked:
    """What is asked, checked: QuestionError where a number is out of bounds, or accounts are asked for and there are none."""
    if lookback is not None and not 0 < lookback <= LONGEST_LOOKBACK:
        raise QuestionError("measures.credit_lookback", days=lookback, most=LONGEST_LOOKBACK)
    if not 0 < half_life <= LONGEST_LOOKBACK:
        raise QuestionError("measures.credit_half_life", days=half_life)
    unit = unit_asked(journeys, unit)
    return Asked(replace(question, unit=Unit.LEAD, quorum=1), at, unit, lookback, float(half_life))


def unit_asked(journeys: Journeys, unit: Unit | None) -> Unit:
    """Whose touches count: as asked, else the account's where the file has accounts. QuestionError where it has none and they are asked
    for."""
    accounts = journeys.file is not None and journeys.file.columns.in_file("account_id") is not None
    if unit is Unit.ACCOUNT and not accounts:
        raise QuestionError("errors.no_accounts")
    return unit or (Unit.ACCOUNT if accounts else Unit.LEAD)


def units_of(journeys: Journeys, unit: Unit) -> str:
    """The kept table of lead_id, lead_code and unit: whose touches each lead's are."""
    return journeys.keep("credit_units", (unit,), lambda: _units(journeys, unit))


def touches_of_units(journeys: Journeys, unit: Unit, touches: Touches) -> str:
    """The kept table of each unit's touches: unit, touch, channel (its place in the channels known), moment, day and cost."""
    units = units_of(journeys, unit)
    time = journeys.tables.form.time
    return journeys.keep("credit_touched", (unit,), lambda: _touched(units, touches.channels, time))


def marked_stages(question: Question) -> tuple[int | None, int | None]:
    """The stage of the lead and that of the opportunity, by the concepts that they take; None where the model has none."""
    return _stage_of(question, LEAD_CONCEPTS), _stage_of(question, OPPORTUNITY_CONCEPTS)


def _stage_of(question: Question, concepts: Sequence[str]) -> int | None:
    for concept in concepts:
        for position, stage in enumerate(question.model.stages):
            if concept in stage.concepts:
                return position
    return None


def paths_of(journeys: Journeys, asked: Asked) -> Paths:
    """The tables for what is asked, each made once."""
    touches = known_touches(journeys)
    units, channels = units_of(journeys, asked.unit), touches.channels
    touched = touches_of_units(journeys, asked.unit, touches)
    everyone = replace(asked.question, filters=Filters(), window_days=None, dated_by=None)
    wins = journeys.keep("credit_wins", (asked.unit, everyone.model), lambda: _wins(journeys, everyone, units))
    marks = marked_stages(asked.question)
    key = (asked.question, asked.at, asked.unit)
    events = journeys.keep("credit_events", key, lambda: _events(journeys, asked, units, wins, marks))
    direct = [channels.index(channel) for channel in touches.direct]
    path_key = (*key, asked.lookback, asked.half_life)
    paths = journeys.keep("credit_paths", path_key, lambda: _paths(asked, touched, events, direct))
    sql = ";\n\n".join(journeys.statement(name) for name in (units, touched, wins, events, paths))
    return Paths(asked, channels, touches.other, units, touched, events, paths, marks, sql)


def _units(journeys: Journeys, unit: Unit) -> Query:
    form = journeys.tables.form
    leads = identifier(journeys.tables.leads)
    if unit is Unit.LEAD:
        text = f"SELECT leads.lead_id AS lead_id, {form.key} AS lead_code, leads.rowid AS unit FROM {leads} AS leads"
        return Query(text)
    accounts = f"""SELECT named.account_id AS account_id, ROW_NUMBER() OVER (ORDER BY named.account_id) AS unit
FROM (SELECT DISTINCT leads.account_id AS account_id FROM {leads} AS leads WHERE leads.account_id IS NOT NULL) AS named"""
    text = f"""SELECT leads.lead_id AS lead_id, {form.key} AS lead_code, COALESCE(accounts.unit, -1 - leads.rowid) AS unit
FROM {leads} AS leads
LEFT JOIN accounts ON accounts.account_id = leads.account_id"""
    return compose([Paragraph("accounts", Query(accounts))], Query(text))


def _touched(units: str, channels: Sequence[str], time: str) -> Query:
    """Each touch of each unit once, in the order of units and time."""
    numbered = "SELECT unnest(?::VARCHAR[]) AS name, unnest(range(?)) AS number"
    moment = time.format("told.touched_at")
    told = f"""SELECT DISTINCT units.unit AS unit, touches.touch AS touch, touches.channel AS channel, touches.touched_at AS touched_at,
    touches.cost AS cost
FROM touches
INNER JOIN {identifier(units)} AS units ON units.lead_code = touches.lead_code"""
    text = f"""SELECT told.unit AS unit, told.touch AS touch, CAST(channels.number AS SMALLINT) AS channel, {moment} AS moment,
    CAST({moment} AS DATE) AS day, told.cost AS cost
FROM told
INNER JOIN channels ON channels.name = told.channel
ORDER BY unit, moment, touch"""
    paragraphs = [
        Paragraph("channels", Query(numbered, (list(channels), len(channels)))),
        Paragraph("told", Query(told)),
    ]
    return compose(paragraphs, Query(text))


def _wins(journeys: Journeys, question: Question, units: str) -> Query:
    """The days on which leads of a unit were won, whatever is filtered."""
    text = f"""SELECT DISTINCT units.unit AS unit, CAST(counted.ended_at AS DATE) AS day
FROM counted
INNER JOIN {identifier(units)} AS units ON units.lead_id = counted.lead_id
WHERE counted.outcome = 'won' AND counted.ended_at IS NOT NULL"""
    return compose(in_question(journeys, question), Query(text))


def _events(journeys: Journeys, asked: Asked, units: str, wins: str, marks: tuple[int | None, int | None]) -> Query:
    """Events, and ends without one of decided leads; of those without a moment event_day is NULL."""
    from funnel.measures.statistics.resampling import PIECES

    amount = journeys.starts.worth(asked.question.attributes)
    if asked.at is None:
        is_event, moment = "counted.outcome = 'won'", "counted.ended_at"
    else:
        is_event, moment = f"counted.reached_{asked.at}", f"counted.time_{asked.at}"
    event_at = f"CASE WHEN {is_event} THEN {moment} ELSE counted.ended_at END"
    mark_days = [
        "CAST(NULL AS DATE)"
        if mark is None
        else f"CASE WHEN counted.reached_{mark} THEN CAST(counted.time_{mark} AS DATE) END"
        for mark in marks
    ]
    happened = f"""SELECT counted.lead_id AS lead_id, units.unit AS unit,
    CAST(MD5_NUMBER_LOWER({account_of("counted")}) % ? AS INTEGER) AS piece,
    {is_event} AS is_event,
    CAST({event_at} AS DATE) AS event_day,
    {mark_days[0]} AS lead_day,
    {mark_days[1]} AS opportunity_day,
    CAST(ROUND(100 * TRY_CAST(counted.{identifier(amount)} AS DECIMAL(36, 4))) AS HUGEINT) AS cents,
    COALESCE(counted.currency, '') AS currency
FROM counted
INNER JOIN {identifier(units)} AS units ON units.lead_id = counted.lead_id
WHERE {is_event} OR counted.outcome <> 'open'"""
    # Of an account: what came by its last win of a day before belongs to that one.
    text = f"""SELECT ROW_NUMBER() OVER () AS event, happened.*,
    (SELECT MAX(wins.day) FROM {identifier(wins)} AS wins WHERE wins.unit = happened.unit AND wins.day < happened.event_day) AS since_day
FROM happened"""
    paragraphs = [
        *in_question(journeys, asked.question, (amount, "currency")),
        Paragraph("happened", Query(happened, (PIECES,))),
    ]
    return compose(paragraphs, Query(text))


def _paths(asked: Asked, touched: str, events: str, direct: Sequence[int]) -> Query:
    """A row for each touch of each event: event, is_event, piece, channel, cents, currency, next (the channel of the touch after it; NULL:
    none), place (from 1), touches (how many), is_new (the first of its channel on the path), channels (how many), last_other (the place
    of the last that is not direct), is_same_day, decay (its share by decay), and for W and the full path marks_… (on it), all_… (of the
    path) and others_… (touches without a mark)."""
    within = "touched.day <= events.event_day"
    if asked.lookback is not None:
        within += f" AND touched.day >= events.event_day - {int(asked.lookback)}"
    joined = f"""SELECT events.event AS event, events.is_event AS is_event, events.piece AS piece, events.cents AS cents,
    events.currency AS currency, touched.channel AS channel, touched.moment AS moment,
    touched.day <= events.lead_day AS by_lead, touched.day <= events.opportunity_day AS by_opportunity,
    touched.day = events.event_day AS is_same_day,
    ROW_NUMBER() OVER path AS place,
    LEAD(touched.channel) OVER path AS next
FROM {identifier(events)} AS events
INNER JOIN {identifier(touched)} AS touched ON touched.unit = events.unit
WHERE {within} AND (events.since_day IS NULL OR touched.day > events.since_day)
WINDOW path AS (PARTITION BY events.event ORDER BY touched.moment, touched.touch)"""
    is_direct = f"joined.channel IN ({', '.join(map(str, direct))})" if direct else "FALSE"
    ages = "EPOCH_US(joined.moment)"
    summed = f"""SELECT joined.event AS event, COUNT(*) AS touches, COUNT(DISTINCT joined.channel) AS channels,
    COALESCE(MAX(CASE WHEN NOT {is_direct} THEN joined.place END), COUNT(*)) AS last_other,
    MAX(CASE WHEN joined.by_lead THEN joined.place END) AS lead_place,
    MAX(CASE WHEN joined.by_opportunity THEN joined.place END) AS opportunity_place,
    MAX({ages}) AS last_us
FROM joined
GROUP BY joined.event"""
    decay = f"POW(2, ({ages} - whole.last_us) / {86_400_000_000 * asked.half_life!r})"
    marks = ["(joined.place = 1)", "COALESCE(joined.place = whole.lead_place, FALSE)"]
    marks += ["COALESCE(joined.place = whole.opportunity_place, FALSE)", "(joined.place = whole.touches)"]
    numbers = [f"{mark}::INTEGER" for mark in marks]
    on = ["1", "whole.lead_place", "whole.opportunity_place", "whole.touches"]
    counts = {
        "w": (" + ".join(numbers[:3]), _present(on[:3]), _distinct(on[:3])),
        "full": (" + ".join(numbers), _present(on), _distinct(on)),
    }
    columns = ",\n    ".join(
        f"{of} AS marks_{name}, {present} AS all_{name}, whole.touches - {distinct} AS others_{name}"
        for name, (of, present, distinct) in counts.items()
    )
    weighed = f"""SELECT joined.event AS event, joined.is_event AS is_event, joined.piece AS piece, joined.channel AS channel,
    joined.cents AS cents, joined.currency AS currency, joined.next AS next, joined.place AS place, joined.is_same_day AS is_same_day,
    whole.touches AS touches, whole.channels AS channels, whole.last_other AS last_other,
    ROW_NUMBER() OVER (PARTITION BY joined.event, joined.channel ORDER BY joined.place) = 1 AS is_new,
    {columns},
    {decay} AS weight
FROM joined
INNER JOIN whole ON whole.event = joined.event"""
    text = """SELECT weighed.* EXCLUDE (weight), weighed.weight / SUM(weighed.weight) OVER (PARTITION BY weighed.event) AS decay
FROM weighed"""
    paragraphs = [
        Paragraph("joined", Query(joined), settled=True),
        Paragraph("whole", Query(summed)),
        Paragraph("weighed", Query(weighed)),
    ]
    return compose(paragraphs, Query(text))


def _present(places: Sequence[str]) -> str:
    """How many marks have a touch."""
    return "(" + " + ".join("1" if place == "1" else f"({place} IS NOT NULL)::INTEGER" for place in places) + ")"


def _distinct(places: Sequence[str]) -> str:
    """How many touches have a mark."""
    return f"len(list_distinct([{', '.join(places)}]))"
