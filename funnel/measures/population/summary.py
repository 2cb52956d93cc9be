"""What is kept of the leads of a question, whatever its dates, so that moving a date looks at no journey again.

For each question tables are built when it is first asked:

- *patterns*: a row for each day of start and what became of the leads that started then (outcome, and the fate at each stage), with
  how many they are. It grows with days, not with leads.
- *waits*: a row for each lead: the day of its start, and the microseconds from its arrival at each stage to that at the next.
  Of very many leads they stand sorted instead, once a date is chosen; see `medians`.
- *ends*: a row for each lead: its start, its outcome, and how long it took to the win.

The columns that filters of single values look at stand in all of them as value_0, value_1, …, so that other values cost nothing either.
An account is put together from the leads that meet the filters, so there each filter makes tables of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from funnel.core.sql import Paragraph, Query, compose, identifier
from funnel.core.types import Filters, OneOf, Question, Rule, Unit
from funnel.journeys import Journeys
from funnel.measures.population.population import (
    check,
    check_columns,
    id_of,
    in_question,
    meets,
    reached,
    rows_of,
    started_by,
    table_of,
)


@dataclass(frozen=True)
class Summary:
    """The kept tables of a question: `everyone` is it without dates, `columns` stand in the tables as value_0, value_1, …"""

    journeys: Journeys
    question: Question
    everyone: Question
    columns: tuple[str, ...]

    def daily_counts(self) -> str:
        """The name of a table of start_day (NULL where no start is known), outcome, fate_i of each stage, the value_n, leads (how many
        they are), undated (how many of them have no start), first_start and last_start."""
        stages = range(len(self.question.model.stages))
        keys = ["start_day", "outcome", *(f"fate_{position}" for position in stages), *self._values()]
        names = ", ".join(f"dated.{key}" for key in keys)
        last = f"""SELECT {names},
    COUNT(*) AS leads, COUNT(*) - COUNT(dated.started_at) AS undated,
    MIN(dated.started_local) AS first_start, MAX(dated.started_local) AS last_start
FROM dated
GROUP BY {names}"""
        before = self._counted_before()
        if before is not None:
            return self.journeys.keep("patterns", (self.everyone, self.columns), lambda: before)
        return self.keep("patterns", lambda dated: compose(dated, Query(last)))

    def leads(self) -> int:
        """How many leads the question counts at all dates."""
        table = self.daily_counts()
        return self.journeys.once(("leads", table), lambda: int(self.journeys.engine.row(_total(table))[0] or 0))

    def most_waits(self) -> int:
        """How many waits between stages the leads have at all dates, at most: how often they count at a stage and at the one before."""
        table = self.daily_counts()
        stages = range(1, len(self.question.model.stages))
        both = [f"CASE WHEN kept.fate_{i - 1} > 0 AND kept.fate_{i} > 0 THEN 1 ELSE 0 END" for i in stages]
        query = Query(
            f"SELECT SUM(kept.leads * ({' + '.join(both) or '0'})) AS waits\nFROM {identifier(table)} AS kept"
        )
        return self.journeys.once(("waits", table), lambda: int(self.journeys.engine.row(query)[0] or 0))

    def waits(self) -> str:
        """The name of a table of start_day, the value_n, and wait_i: microseconds from the arrival at stage i − 1 to that at stage i;
        NULL where a lead was not recorded at one of them when it was counted there."""
        stages = range(1, len(self.question.model.stages))
        between = [f"{self.wait('dated', i)} AS wait_{i}" for i in stages]
        text = "SELECT " + ",\n    ".join(["dated.start_day AS start_day", *self._values("dated"), *between])
        return self.keep("waits", lambda dated: compose(dated, Query(f"{text}\nFROM dated")))

    def ends(self) -> str:
        """The name of a table of start_day, the value_n, started_at, outcome, and to_win: the microseconds from the start to the first
        win; NULL where there is none, or the moment is unknown."""
        to_win = (
            "CASE WHEN dated.outcome = 'won' THEN EPOCH_US(dated.ended_at) - EPOCH_US(dated.started_at) END AS to_win"
        )
        own = ["dated.started_at AS started_at", "dated.outcome AS outcome", to_win]
        text = "SELECT " + ",\n    ".join(["dated.start_day AS start_day", *self._values("dated"), *own])
        return self.keep("ends", lambda dated: compose(dated, Query(f"{text}\nFROM dated")))

    @staticmethod
    def wait(row: str, position: int) -> str:
        """The microseconds from the stage before one to it, as SQL: NULL where a lead does not count at one of the two, or counts there at
        the moment of a later stage."""
        recorded = f"{row}.recorded_{position - 1} AND {row}.recorded_{position}"
        return f"CASE WHEN {recorded} THEN EPOCH_US({row}.time_{position}) - EPOCH_US({row}.time_{position - 1}) END"

    def rule_sensitivity(self, others: list[Rule]) -> str:
        """The name of a table of start_day, the value_n, moved_j (whether the other rule j counts the leads at other stages than the
        question's own) and leads."""
        own = reached(self.question, "dated")
        columns = []
        for number, rule in enumerate(others):
            pairs = zip(own, reached(self.question, "dated", rule), strict=True)
            differs = " OR ".join(f"({left}) <> ({right})" for left, right in pairs)
            columns.append(f"{differs} AS moved_{number}")
        keys = ["start_day", *self._values(), *(f"moved_{number}" for number in range(len(others)))]

        def query() -> Query:
            moved = Query("SELECT " + ",\n    ".join(["dated.*", *columns]) + "\nFROM dated")
            names = ", ".join(f"moved.{key}" for key in keys)
            last = f"SELECT {names}, COUNT(*) AS leads\nFROM moved\nGROUP BY {names}"
            source = rows_of(self.journeys, self.everyone, "kept", self.columns)
            return compose([*self._with_days(source, "kept"), Paragraph("moved", moved)], Query(last))

        return self.journeys.keep("rule_sensitivity", (self.everyone, self.columns), query)

    def keep(self, kind: str, query: Callable[[list[Paragraph]], Query]) -> str:
        """The name of a table made of the leads, kept for this question; `query` is given paragraphs that end in `dated`: the columns
        of `counted`, start_day, and the value_n."""

        return self.journeys.keep(kind, (self.everyone, self.columns), lambda: self.over_all(query))

    def over_all(self, query: Callable[[list[Paragraph]], Query]) -> Query:
        """A query over the leads at all dates, from the paragraphs that `keep` gives."""
        return query(self._with_days(in_question(self.journeys, self.everyone, self.columns), "counted"))

    @property
    def has_dates(self) -> bool:
        """Whether the question counts only leads that started on some days."""
        filters = self.question.filters
        return filters.start_from is not None or filters.start_to is not None

    def shown(self, table: str, name: str, *further: Query) -> Paragraph:
        """The paragraph of this name: the rows of a kept table that the dates and the filters of the question let through, and the
        `further` conditions on `kept`."""
        filters = self.question.filters
        conditions = [condition.text for condition in further]
        values = [value for condition in further for value in condition.values]
        if filters.start_from is not None:
            conditions.append("kept.start_day >= ?")
            values.append(filters.start_from)
        if filters.start_to is not None:
            conditions.append("kept.start_day <= ?")
            values.append(filters.start_to)
        for condition in filters.where:
            if condition not in self.everyone.filters.where:
                met = meets(condition, self.column_of("kept")(condition.column))
                conditions.append(met.text)
                values += met.values
        where = "\nWHERE " + "\n    AND ".join(conditions) if conditions else ""
        return Paragraph(name, Query(f"SELECT kept.*\nFROM {identifier(table)} AS kept{where}", tuple(values)))

    def column_of(self, row: str) -> Callable[[str], str]:
        """Where a column stands on a row of these tables, as SQL."""
        return lambda column: f"{row}.value_{self.columns.index(column)}"

    def _counted_before(self) -> Query | None:
        everyone = self.everyone
        narrowed = self.columns or everyone.filters.where or everyone.dated_by is not None
        if narrowed or everyone.window_days is not None or everyone.unit is not Unit.LEAD:
            return None
        return self.journeys.counted_before(everyone.model, everyone.rule)

    def _values(self, row: str = "") -> list[str]:
        start = f"{row}." if row else ""
        return [f"{start}value_{number}" for number in range(len(self.columns))]

    def _with_days(self, paragraphs: list[Paragraph], source: str) -> list[Paragraph]:
        values = [f"{source}.{identifier(column)} AS value_{index}" for index, column in enumerate(self.columns)]
        started, join = f"{source}.started_local", ""
        if self.question.dated_by is not None:
            unit = id_of(self.question)
            paragraphs = [*paragraphs, *started_by(self.journeys, self.everyone)]
            started, join = (
                "first_start.started_local",
                f"\nLEFT JOIN first_start ON first_start.{unit} = {source}.{unit}",
            )
        columns = ", ".join([f"{source}.*", *values, f"CAST({started} AS DATE) AS start_day"])
        return [*paragraphs, Paragraph("dated", Query(f"SELECT {columns}\nFROM {source}{join}"))]


def _total(daily_counts: str) -> Query:
    return Query(f"SELECT SUM(kept.leads) AS leads\nFROM {identifier(daily_counts)} AS kept")


def summary(journeys: Journeys, question: Question, columns: tuple[str, ...] = ()) -> Summary:
    """What is kept for a question, with further columns of its leads. Raises QuestionError where it cannot be asked."""
    check(question)
    if question.filters.where:
        check_columns(journeys, table_of(journeys, question), question.filters)
    where = question.filters.where
    single = [each for each in where if isinstance(each, OneOf)] if question.unit is Unit.LEAD else []
    rest = tuple(each for each in where if each not in single)
    everyone = replace(question, filters=Filters(where=rest), observed_until=None)
    named = dict.fromkeys((*columns, *(each.column for each in single)))
    return Summary(journeys, question, everyone, tuple(named))
