"""How many leads got how far, how long it took, and where each of them went: the funnel and its ledger."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from funnel.core import insights
from funnel.core.rows import Row, data, days
from funnel.core.sql import Paragraph, Query, compose, identifier
from funnel.core.types import FEWEST_TIMED, OneOf, Outcome, Question, Rate, Rule, Segment, Unit
from funnel.journeys import EVERYWHERE, FATES, Journeys
from funnel.measures.groups import MOST_SEGMENTS, By, known_column, told_apart
from funnel.measures.medians import keep_waits, middles
from funnel.measures.outcomes import columns_of, number_of
from funnel.measures.population.population import MICROSECONDS_A_DAY, selected, table_of
from funnel.measures.population.summary import Summary, summary
from funnel.measures.statistics.rates import wilson

if TYPE_CHECKING:
    import pandas

Rows = dict[Any, dict[str, Any]]
"""What was counted, by group; None is all leads together, or the group of no value."""


@dataclass(frozen=True)
class StageCount:
    """One stage of a funnel. leads = advanced + skipped_ahead + moved_back + lost + still_there.

    `from_entry` is of the first stage, `from_previous` of the stage before (None at the first). Medians are in days over the
    `timed_leads`, those that were recorded at both stages when they were counted there; None of fewer than FEWEST_TIMED.
    `skipped_here` are leads that, under `passed`, reached the stage only by a later one: they are in no median.
    """

    position: int
    key: str
    name: str
    leads: int
    from_entry: Rate
    from_previous: Rate | None
    median_days_from_previous: float | None
    timed_leads: int
    skipped_here: int
    advanced: int
    skipped_ahead: int
    moved_back: int
    lost: int
    still_there: int

    def row(self) -> Row:
        """The stage as a row; no lead is timed, and none is `skipped_here`, on the way to the first."""
        return {
            "position": self.position,
            "key": self.key,
            "name": self.name,
            "leads": self.leads,
            "from_entry": self.from_entry,
            "from_previous": self.from_previous,
            "median_days_from_previous": days(self.median_days_from_previous),
            "timed": self.timed_leads,
            "advanced": self.advanced,
            "skipped_ahead": self.skipped_ahead,
            "moved_back": self.moved_back,
            "lost": self.lost,
            "still_there": self.still_there,
            "timed_leads": self.timed_leads if self.from_previous else None,
            "skipped_here": self.skipped_here,
        }


@dataclass(frozen=True)
class Steps:
    """A funnel: the answer to a question, with the question in it.

    `leads` counts what the question's unit counts (leads, or accounts). `placed_leads` of `all_leads` could be placed by the
    model. `undated` are counted but have no start. `sql` is what ran.
    """

    question: Question
    leads: int
    all_leads: int
    placed_leads: int
    undated: int
    won: int
    lost: int
    open: int
    first_start: datetime | None
    last_start: datetime | None
    observed_until: datetime | None
    stages: tuple[StageCount, ...]
    sql: str

    @property
    def coverage(self) -> float | None:
        """Leads that the model can place, of all; None where there are no leads."""
        return self.placed_leads / self.all_leads if self.all_leads else None

    def rows(self) -> list[Row]:
        """A row a stage: its count, rates, median and ledger."""
        return [stage.row() for stage in self.stages]

    def plain_rows(self) -> list[dict[str, object]]:
        """The same as plain values: rates are fractions, None where they cannot be said."""
        return data(self.rows(), without=("timed_leads", "skipped_here"))

    def to_pandas(self) -> pandas.DataFrame:
        """A row for each stage, with the columns of `plain_rows`."""
        import pandas  # slow to import, and only this needs it

        return pandas.DataFrame(self.plain_rows())


@dataclass(frozen=True)
class Breakdown:
    """The same funnel for each value of one column, largest first; `other` counts the leads of the values left out."""

    question: Question
    column: str
    groups: tuple[tuple[str | None, Steps], ...]
    other: int
    sql: str

    def rows(self) -> list[Row]:
        """A row a group and stage."""
        return grouped((insights.value_said(value), steps) for value, steps in self.groups)


def grouped(funnels: Iterable[tuple[str, Steps]]) -> list[Row]:
    """The rows of several funnels, each with the name of its `group`."""
    return [{"group": name, **row} for name, steps in funnels for row in steps.rows()]


def steps(journeys: Journeys, question: Question) -> Steps:
    """The funnel: counts, rates, medians and the ledger of each stage, for the leads (or accounts) that the question counts.

    The ledger counts the fates that `funnel.journeys` defines.
    """
    rows, sql = _rows(summary(journeys, question), None)
    return _read(question, rows[None], coverage(journeys, question)[None], sql)


def ready_for_dates(journeys: Journeys, question: Question) -> None:
    """Makes what the funnel of other dates is told from, where leads are so many that it is not told from the same tables."""
    keep_waits(summary(journeys, question))


def breakdown(journeys: Journeys, question: Question, column: str, limit: int = 8) -> Breakdown:
    """The funnel for each of the `limit` values of a column with most leads; None is the group of leads without a value."""
    column = known_column(journeys, question, column)
    summed = summary(journeys, question, (column,))
    rows, sql = _rows(summed, Query(f"CAST({summed.column_of('shown')(column)} AS VARCHAR)"))
    ranked = sorted(rows, key=lambda value: (-rows[value]["leads"], value is None, value or ""))
    covered = coverage(journeys, question, column)
    groups = []
    for value in ranked[:limit]:
        filters = replace(question.filters, where=(*question.filters.where, OneOf(column, (value,))))
        groups.append((value, _read(replace(question, filters=filters), rows[value], covered[value], sql)))
    other = sum(int(rows[value]["leads"]) for value in ranked[limit:])
    return Breakdown(question, column, tuple(groups), other, sql)


def segment_steps(
    journeys: Journeys, question: Question, by: By, limit: int = MOST_SEGMENTS
) -> tuple[tuple[Segment, Steps], ...]:
    """Each segment with its funnel; leads that belong to two count in neither. The question of each is narrowed to its conditions."""
    segments = told_apart(journeys, question, by, limit).groups
    summed = summary(journeys, question, columns_of(segments))
    rows, sql = _rows(summed, number_of(segments, summed.column_of("shown")))
    funnels = []
    for index, segment in enumerate(segments):
        filters = replace(question.filters, where=(*question.filters.where, *segment.where))
        narrow = replace(question, filters=filters)
        row = rows.get(index) or _nobody(len(question.model.stages))
        funnels.append(_read(narrow, row, coverage(journeys, narrow)[None], sql))
    return tuple(zip(segments, funnels, strict=True))


def rule_sensitivity(journeys: Journeys, question: Question) -> dict[Rule, int]:
    """For each other rule, how many leads it would count at other stages than the question's rule does; of rules that have to be worked
    out from all entries, only where the question's is one."""
    others = [rule for rule in EVERYWHERE if rule is not question.rule]
    summed = summary(journeys, replace(question, unit=Unit.LEAD))
    sums = (
        f"COALESCE(SUM(shown.leads) FILTER (WHERE shown.moved_{index}), 0) AS moved_{index}"
        for index in range(len(others))
    )
    query = compose(
        [summed.shown(summed.rule_sensitivity(others), "shown")], Query(f"SELECT {', '.join(sums)}\nFROM shown")
    )
    return {rule: int(moved) for rule, moved in zip(others, journeys.engine.row(query), strict=True)}


def _rows(summed: Summary, group: Query | None) -> tuple[Rows, str]:
    """For each group totals, and for each stage its count, ledger and median; and the SQL that ran. `group` tells a row of `shown`
    to a group."""
    counts, counted_by = _counts(summed, group)
    medians, timed_by = middles(summed, group)
    ran = [summed.journeys.statement(summed.daily_counts()), counted_by, *([timed_by] if timed_by else [])]
    return {value: row | medians.get(value, {}) for value, row in counts.items()}, ";\n\n".join(ran)


def _counts(summed: Summary, group: Query | None) -> tuple[Rows, str]:
    """Leads share few patterns of fates: the engine adds up each pattern, and the patterns are added up here, stage by stage."""
    stages = len(summed.question.model.stages)
    parts = ", ".join(f"shown.{part}" for part in ("outcome", *(f"fate_{position}" for position in range(stages))))
    grouped = group or Query("CAST(NULL AS VARCHAR)")
    daily_counts = f"""SELECT {grouped.text} AS of_group, {parts},
    SUM(shown.leads) AS leads, SUM(shown.undated) AS undated,
    MIN(shown.first_start) AS first_start, MAX(shown.last_start) AS last_start
FROM shown
GROUP BY 1, {parts}"""
    query = compose([summed.shown(summed.daily_counts(), "shown")], Query(daily_counts, grouped.values))
    rows: Rows = {} if group else {None: _nobody(stages)}
    for of_group, outcome, *fates, leads, undated, first_start, last_start in summed.journeys.engine.rows(query):
        row = rows.setdefault(of_group, _nobody(stages))
        row["leads"] += leads
        row["undated"] += undated
        row[outcome] += leads
        row["first_start"] = min((at for at in (row["first_start"], first_start) if at is not None), default=None)
        row["last_start"] = max((at for at in (row["last_start"], last_start) if at is not None), default=None)
        for position, fate in enumerate(fates):
            if fate:
                row[f"leads_{position}"] += leads
                row[f"{FATES[fate - 1]}_{position}"] += leads
    return rows, query.readable()


def _nobody(stages: int) -> dict[str, Any]:
    """The row of no lead."""
    parts = ("leads", *FATES)
    row: dict[str, Any] = dict.fromkeys(
        ("leads", "undated", *Outcome, *(f"{p}_{i}" for i in range(stages) for p in parts)), 0
    )
    return row | {"first_start": None, "last_start": None}


def _read(question: Question, row: dict[str, Any], coverage: tuple[int, int], sql: str) -> Steps:
    all_leads, placed_leads = coverage
    stages = []
    entry = int(row["leads_0"])
    for position, stage in enumerate(question.model.stages):
        count = int(row[f"leads_{position}"])
        median, timed = row.get(f"median_{position}"), row.get(f"timed_{position}", 0)
        stages.append(
            StageCount(
                position=position,
                key=stage.key,
                name=stage.name,
                leads=count,
                from_entry=wilson(count, entry),
                from_previous=wilson(count, int(row[f"leads_{position - 1}"])) if position else None,
                median_days_from_previous=float(median) / MICROSECONDS_A_DAY
                if median is not None and timed >= FEWEST_TIMED
                else None,
                timed_leads=timed,
                skipped_here=int(row[f"skipped_ahead_{position - 1}"])
                if position and question.rule is Rule.PASSED
                else 0,
                **{part: int(row[f"{part}_{position}"]) for part in FATES},
            )
        )
    return Steps(
        question=question,
        leads=int(row["leads"]),
        all_leads=all_leads,
        placed_leads=placed_leads,
        undated=int(row["undated"]),
        won=int(row["won"]),
        lost=int(row["lost"]),
        open=int(row["open"]),
        first_start=row["first_start"],
        last_start=row["last_start"],
        observed_until=question.observed_until,
        stages=tuple(stages),
        sql=sql,
    )


def coverage(journeys: Journeys, question: Question, group: str | None = None) -> dict[str | None, tuple[int, int]]:
    """For each value of a column (None: for all leads together): all leads that meet the filters on columns, and those of
    them that the model places; dates are not looked at, and leads of another version of the model not counted."""
    if group is None and not question.filters.where and question.unit is Unit.LEAD and not question.model.seams:
        # The patterns hold each lead that the model places.
        every = Query("SELECT COUNT(*) AS leads FROM leads")
        (total,) = journeys.once(("leads",), lambda: journeys.engine.row(every))
        return {None: (total, summary(journeys, question).leads())}
    table = table_of(journeys, question)
    key = "coverage", table, question.filters.where, group

    def count() -> dict[str | None, tuple[int, int]]:
        # A lead that no stage takes has no moment of closing.
        closing = bool(question.filters.closed)
        leads = table if closing else journeys.starts.seen("leads", question.attributes)
        text = f"CAST(kept.{identifier(group)} AS VARCHAR)" if group else "CAST(NULL AS VARCHAR)"
        where = ""
        if question.model.seams:
            others = f"SELECT others.lead_id FROM {identifier(journeys.elsewhere(question.model))} AS others"
            where = f"\nWHERE kept.lead_id NOT IN ({others} WHERE others.is_dated)"
        count = Query(f"SELECT {text} AS value, COUNT(*) AS leads\nFROM kept{where}\nGROUP BY {text}")
        total, placed = (
            dict(journeys.engine.rows(compose([Paragraph("kept", selected(source, question.filters))], count)))
            for source in (leads, table)
        )
        return {value: (total.get(value, 0), placed.get(value, 0)) for value in {*total, None}}

    return journeys.once(key, count)
