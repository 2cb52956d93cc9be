"""Conversion by age of each segment, and whether the curves differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from funnel.core.rows import Row, Share
from funnel.core.sql import Paragraph, Query, compose, identifier
from funnel.core.types import FEWEST_FOR_A_RATE, Question, Segment
from funnel.journeys import Journeys
from funnel.measures import outcomes
from funnel.measures.contrast_rows import segment_row
from funnel.measures.curves import POINTS, Curve, curve
from funnel.measures.groups import MOST_SEGMENTS, By, told_apart
from funnel.measures.outcomes import IN_BOTH, Outcomes
from funnel.measures.population.states import CONVERTED, KeptTarget
from funnel.measures.statistics import log_rank
from funnel.measures.statistics.incidence import incidence
from funnel.measures.statistics.log_rank import LogRank
from funnel.measures.targets import check_days, observed, started_within, tallies


@dataclass(frozen=True)
class SegmentCurves:
    """Conversion by age to a target, a curve for each segment. `log_rank` compares those of 20 leads or more (the others have 0 observed
    and 0 expected there), lost leads kept at risk to the end of their follow-up; None where nothing can be compared."""

    question: Question
    column: str | None
    target: int | None
    curves: tuple[tuple[Segment, Curve], ...]
    log_rank: LogRank | None
    sql: str

    def rows(self) -> list[Row]:
        """A row a segment and day on which its curve rises."""
        return [
            {
                **segment_row(segment),
                "day": point.day,
                "at_risk": point.at_risk,
                "rate": Share(point.rate),
                "low": Share(point.low),
                "high": Share(point.high),
            }
            for segment, curve in self.curves
            for point in curve.points
        ]


def segment_curves(
    journeys: Journeys,
    question: Question,
    by: By,
    target: int | None = None,
    limit: int = MOST_SEGMENTS,
    fewest: int = FEWEST_FOR_A_RATE,
) -> SegmentCurves:
    """Aalen–Johansen curves from the start to a stage, or (None) to the win, with lost as the competing event, one for each segment;
    and the log-rank test between those of at least `fewest` leads, by account where accounts hold several. It compares at equal age by
    itself: on each day only leads watched until then. Leads of no segment, or of several, have no part.

    QuestionError where the file has no date up to which it observes.
    """
    check_days(question, ())
    split = told_apart(journeys, question, by, limit)
    groups, column = split.groups, split.column
    to = KeptTarget(outcomes.towards(question, target))
    leads = Outcomes(journeys, question, 0, outcomes.columns_of(groups))
    table, where = leads.table(), started_within(question)
    number = outcomes.number_of(groups, leads.column_of("followed"))
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
    sql, by_account = f"{leads.made()}{points.readable()};\n\n{compared.readable()}", None
    if leads.several:
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
        curves=tuple((group, curve(None, rows.get(index, []))) for index, group in enumerate(groups)),
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
