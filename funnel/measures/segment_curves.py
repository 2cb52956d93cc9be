"""Conversion by age of each segment, and whether the curves differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from funnel.core.sql import Paragraph, Query, compose, identifier
from funnel.core.types import FEWEST_FOR_A_RATE, Question, Segment, SegmentCurves
from funnel.journeys import Journeys
from funnel.measures import outcomes
from funnel.measures.curves import POINTS, curve
from funnel.measures.outcomes import IN_BOTH, Outcomes
from funnel.measures.population.states import CONVERTED, KeptTarget
from funnel.measures.statistics import log_rank
from funnel.measures.statistics.incidence import incidence
from funnel.measures.targets import check_days, observed, started_within, tallies


def segment_curves(
    journeys: Journeys,
    question: Question,
    groups: Sequence[Segment],
    column: str | None,
    target: int | None = None,
    fewest: int = FEWEST_FOR_A_RATE,
) -> SegmentCurves:
    """Aalen–Johansen curves from the start to a stage, or (None) to the win, with lost as the competing event, one for each segment;
    and the log-rank test between those of at least `fewest` leads, by account where accounts hold several. It compares at equal age by
    itself: on each day only leads watched until then. Leads of no segment, or of several, have no part.

    QuestionError where the file has no date up to which it observes.
    """
    check_days(question, ())
    to = KeptTarget(outcomes.towards(question, target))
    asked = Outcomes(journeys, question, 0, outcomes.columns_of(groups))
    table, where = asked.table(), started_within(question)
    number = outcomes.number_of(groups, asked.column_of("followed"))
    numbered = Query(
        f"SELECT followed.*, {number.text} AS segment\nFROM {identifier(table)} AS followed\nWHERE {where.text}",
        (*number.values, *where.values),
    )
    apart = Query(f"SELECT numbered.*\nFROM numbered\nWHERE numbered.segment <> {IN_BOTH}")
    base = [Paragraph("numbered", numbered), Paragraph("apart", apart)]
    points = compose(
        [
            *base,
            *observed([to], (), "segment", table="apart"),
            *tallies("segment"),
            *incidence("tallies", ("segment", "target")),
        ],
        Query(POINTS.format(group="incidences.segment")),
    )
    # Who converted is watched up to then; anyone else, lost or not, until the follow-up ends.
    up_to = f"CASE WHEN {to.fate} = {CONVERTED} THEN {to.day} ELSE {to.follow_up} END"
    timed = Query(f"""SELECT followed.segment AS segment, {up_to} AS day, COUNT(*) AS leads,
    COUNT(*) FILTER (WHERE {to.fate} = {CONVERTED}) AS converted
FROM apart AS followed
WHERE {up_to} IS NOT NULL
GROUP BY followed.segment, {up_to}""")
    enough = Query(
        """SELECT timed.*
FROM timed
WHERE timed.segment IN (SELECT sized.segment FROM timed AS sized GROUP BY sized.segment HAVING SUM(sized.leads) >= ?)""",
        (fewest,),
    )
    many = [Paragraph("timed", timed), Paragraph("enough", enough)]
    risks = [*base, *many, *log_rank.paragraphs("enough")]
    compared = compose(risks, log_rank.LAST)
    sql, by_account = f"{asked.made()}{points.readable()};\n\n{compared.readable()}", None
    if asked.several:
        query = compose(
            [*risks, Paragraph("held", _held(to, up_to)), *log_rank.account_paragraphs("held")],
            log_rank.LAST_BY_ACCOUNT,
        )
        by_account = log_rank.accounts_of(journeys.engine.rows(query))
        sql += f";\n\n{query.readable()}"
    rows: dict[int, list[dict[str, Any]]] = {}
    for row in journeys.engine.named(points):
        rows.setdefault(row["cohort"], []).append(row)
    return SegmentCurves(
        question=question,
        column=column,
        target=target,
        curves=tuple((group, curve(None, rows.get(place, []))) for place, group in enumerate(groups)),
        log_rank=log_rank.tested(journeys.engine.rows(compared), len(groups), by_account),
        sql=sql,
    )


def _held(to: KeptTarget, up_to: str) -> Query:
    """The leads that are compared by the account that holds them."""
    return Query(f"""SELECT followed.account AS account, followed.segment AS segment, {up_to} AS day, COUNT(*) AS leads,
    COUNT(*) FILTER (WHERE {to.fate} = {CONVERTED}) AS converted
FROM apart AS followed
WHERE {up_to} IS NOT NULL AND followed.segment IN (SELECT enough.segment FROM enough)
GROUP BY followed.account, followed.segment, {up_to}""")
