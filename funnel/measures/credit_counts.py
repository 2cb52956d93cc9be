"""How many events there are, with what amounts, and which of the counted leads each channel touched."""

from __future__ import annotations

from funnel.core.period_sql import first_day
from funnel.core.sql import Paragraph, Query, compose, identifier
from funnel.core.types import Calendar, Period, Question
from funnel.journeys import Journeys
from funnel.measures.closings import closed_span
from funnel.measures.credit_paths import Paths, known_touches
from funnel.measures.population.population import in_question


def touched_leads(journeys: Journeys, paths: Paths) -> dict[int, tuple[int, float | None]]:
    """Channel → the counted leads that it touched, up to the moment observed, and what its touches of them cost (None: none has a cost); a
    touch of several of them costs once. Where touches of the account count, these are those of all leads of the
    accounts that counted leads have."""
    question = paths.asked.question
    touched = f"SELECT touched.*\nFROM {identifier(paths.touched)} AS touched"
    values: tuple[object, ...] = ()
    if question.observed_until is not None:
        touched += "\nWHERE touched.day <= CAST(? AS DATE)"
        values = (question.observed_until,)
    found = f"""SELECT counted.lead_id AS lead_id, touched.channel AS channel, touched.touch AS touch, touched.cost AS cost
FROM counted
INNER JOIN {identifier(paths.units)} AS units ON units.lead_id = counted.lead_id
INNER JOIN touched ON touched.unit = units.unit"""
    once = """SELECT found.channel AS channel, found.touch AS touch, ANY_VALUE(found.cost) AS cost
FROM found
GROUP BY found.channel, found.touch"""
    # Sums of decimals are the same in whatever order they are added up.
    spent = """SELECT once.channel AS channel, CAST(SUM(TRY_CAST(once.cost AS DECIMAL(38, 4))) AS DOUBLE) AS cost
FROM once
GROUP BY once.channel"""
    leads = """SELECT found.channel AS channel, COUNT(DISTINCT found.lead_id) AS leads
FROM found
GROUP BY found.channel"""
    text = """SELECT leads.channel AS channel, leads.leads AS leads, spent.cost AS cost
FROM leads
INNER JOIN spent ON spent.channel = leads.channel"""
    paragraphs = [
        *in_question(journeys, question),
        Paragraph("touched", Query(touched, values)),
        Paragraph("found", Query(found), settled=True),
        *(Paragraph(name, Query(body)) for name, body in (("once", once), ("spent", spent), ("leads", leads))),
    ]
    rows = journeys.engine.rows(compose(paragraphs, Query(text)))
    told = {int(channel): (int(leads_touched), cost) for channel, leads_touched, cost in rows}
    if not known_touches(journeys).cost_table:
        return told
    costs = _spent(journeys, question)
    return {
        place: (told.get(place, (0, None))[0], costs.get(name))
        for place, name in enumerate(paths.channels)
        if place in told or name in costs
    }


def _spent(journeys: Journeys, question: Question) -> dict[str, float]:
    """Channel → what it cost by the table of costs, in the months in which leads of the question may have come; a month counts whole."""
    conditions: list[str] = []
    values: list[object] = []
    if question.observed_until is not None:
        conditions.append("costs.day <= CAST(? AS DATE)")
        values.append(question.observed_until)
    start, end = closed_span(question) or (question.filters.start_from, question.filters.start_to)
    if start is not None:
        # A month counts whole; where the table tells days, each counts by itself.
        # Which months the table tells does not hang on who looks: those whose first days all of its days are.
        cases = " ".join(f"WHEN {_monthly(calendar)} THEN CAST(? AS DATE)" for calendar in Calendar)
        conditions.append(f"costs.day >= CASE {cases} ELSE CAST(? AS DATE) END")
        values += [*(Period.MONTH.first_day(start, calendar) for calendar in Calendar), start]
    if end is not None:
        conditions.append("costs.day <= CAST(? AS DATE)")
        values.append(end)
    where = f"\nWHERE {' AND '.join(conditions)}" if conditions else ""
    text = f"""SELECT costs.channel AS channel, CAST(SUM(TRY_CAST(costs.cost AS DECIMAL(38, 4))) AS DOUBLE) AS cost
FROM touch_costs AS costs{where}
GROUP BY costs.channel"""
    return dict(journeys.engine.rows(Query(text, tuple(values))))


def _monthly(calendar: Calendar) -> str:
    first = first_day("told.day", Period.MONTH, calendar)
    return f"NOT EXISTS (SELECT 1 FROM touch_costs AS told WHERE told.day <> {first})"


def counts(journeys: Journeys, paths: Paths) -> dict[str, int]:
    """events, untimed, without_amount, and `after`: touches on days after the last event of their unit."""
    (row,) = journeys.engine.named(
        Query(
            f"""SELECT COUNT(*) FILTER (WHERE events.is_event AND events.event_day IS NOT NULL) AS events,
    COUNT(*) FILTER (WHERE events.is_event AND events.event_day IS NULL) AS untimed,
    COUNT(*) FILTER (WHERE events.is_event AND events.event_day IS NOT NULL AND events.cents IS NULL) AS without_amount,
    (SELECT COUNT(DISTINCT touched.touch) FROM {identifier(paths.touched)} AS touched
        INNER JOIN (SELECT told.unit AS unit, MAX(told.event_day) AS last_day FROM {identifier(paths.events)} AS told
            WHERE told.is_event GROUP BY told.unit) AS last ON last.unit = touched.unit AND touched.day > last.last_day) AS after
FROM {identifier(paths.events)} AS events"""
        )
    )
    return {name: int(count) for name, count in row.items()}


def without(journeys: Journeys, paths: Paths) -> dict[str, tuple[int, int]]:
    """Currency → events without a touch, and their cents."""
    rows = journeys.engine.rows(
        Query(
            f"""SELECT events.currency AS currency, COUNT(*) AS events, COALESCE(SUM(events.cents), 0) AS cents
FROM {identifier(paths.events)} AS events
WHERE events.is_event AND events.event_day IS NOT NULL
    AND events.event NOT IN (SELECT paths.event FROM {identifier(paths.paths)} AS paths)
GROUP BY events.currency"""
        )
    )
    return {currency: (int(events), int(cents)) for currency, events, cents in rows}


def currencies(journeys: Journeys, paths: Paths) -> tuple[str, ...]:
    """The currencies of events with an amount, those with most first."""
    rows = journeys.engine.rows(
        Query(
            f"""SELECT events.currency AS currency, COUNT(*) AS events
FROM {identifier(paths.events)} AS events
WHERE events.is_event AND events.event_day IS NOT NULL AND events.cents IS NOT NULL
GROUP BY events.currency
ORDER BY COUNT(*) DESC, events.currency"""
        )
    )
    return tuple(currency for currency, _ in rows)
