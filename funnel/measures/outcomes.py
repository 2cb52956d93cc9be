"""What became of each lead: whether it was on the way to a target, and whether it got there, so far or by a day of age.

Targets have numbers: 0 … k − 1 the stages, k the win, both from the start; k + 1 + i the step from stage i to stage i + 1.

By a day, only leads followed for so many days from their origin are on the way, and only what they reached by then counts: young
and old ones are set against each other at the same age. A lead that converted at a moment that the file does not tell is left out;
where more than MOST_UNTIMED of those that converted are such, the target cannot be told by a day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from funnel.core.errors import QuestionError
from funnel.core.sql import Paragraph, Query, compose, identifier
from funnel.core.types import Contrast, Outcome, Question, Rate, Segment
from funnel.journeys import Journeys
from funnel.measures.population.population import in_question, meets
from funnel.measures.population.states import CONVERTED, KeptTarget
from funnel.measures.statistics import account_sums, clustered
from funnel.measures.statistics.account_sums import NOBODY, AccountSums
from funnel.measures.statistics.clustered import Spread
from funnel.measures.statistics.differences import contrast
from funnel.measures.statistics.rates import wilson
from funnel.measures.targets import MOST_UNTIMED, Target, check_days, from_start, kept, started_within, to_next

NONE = wilson(0, 0)
IN_BOTH = -1
"""The number of leads that belong to more than one segment; they count in none."""


def win(question: Question) -> int:
    """The number of the win."""
    return len(question.model.stages)


def step(question: Question, position: int) -> int:
    """The number of the step from a stage to the next."""
    return len(question.model.stages) + 1 + position


def steps(question: Question) -> range:
    """The numbers of all steps."""
    return range(step(question, 0), step(question, len(question.model.stages) - 1))


def towards(question: Question, target: int | None) -> int:
    """The number of a stage, or (None) of the win; QuestionError where there is no such stage."""
    stages = len(question.model.stages)
    if target is None:
        return stages
    if not 0 <= target < stages:
        raise QuestionError("errors.no_such_stage", position=target, stages=stages)
    return target


def way(journeys: Journeys, question: Question, to: int) -> tuple[int, ...]:
    """The numbers of the targets on the way to one, itself last: each stage after the first; to the win, those before its stage."""
    if to != win(question):
        return tuple(range(1, to + 1)) or (0,)
    win_stage = question.model.pure_win_stage(journeys.concepts)
    before_win = len(question.model.stages) if win_stage is None else win_stage
    return (*range(1, before_win), to)


@dataclass(frozen=True)
class Outcomes:
    """The leads of a question as rows of `outcomes`, and the `columns` that tell them apart as value_0, value_1, …"""

    journeys: Journeys
    question: Question
    day: int | None
    columns: tuple[str, ...] = ()

    def paragraphs(self, numbers: Sequence[int]) -> list[Paragraph]:
        """Paragraphs that end in `outcomes`, a row for each lead: value_n, started_on, outcome, and for each target among_n and reached_n
        (neither is NULL); untimed_n and young_n say why a lead is not among those on the way to it, converted_n that it got there by
        any day. Where `several`: account, whose lead it is (of none: its own)."""
        if self.day is None:
            return [
                *in_question(self.journeys, self.question, self.columns),
                Paragraph("outcomes", self._so_far(numbers)),
            ]
        check_days(self.question, (self.day,))
        return [Paragraph("outcomes", self._by_day(self.day, numbers))]

    @property
    def several(self) -> bool:
        """Whether accounts hold several leads, so that what is told of rates is by account."""
        return account_sums.several(self.journeys, self.question)

    def column_of(self, row: str) -> Callable[[str], str]:
        """Where a column stands on a row that has them as value_0, value_1, …, as SQL."""
        return lambda column: f"{row}.value_{self.columns.index(column)}"

    def made(self) -> str:
        """What made the kept table that the paragraphs read, for *Show SQL*; empty where they read none."""
        return "" if self.day is None else f"{self.journeys.statement(self.table())};\n\n"

    def table(self) -> str:
        """The kept table of these leads on their way to every target."""
        question = self.question
        targets: list[Target] = from_start(self.journeys, question)
        targets += [
            replace(to_next(self.journeys, question, position), number=step(question, position))
            for position in range(len(question.model.stages) - 1)
        ]
        return kept(self.journeys, question, targets, self.columns, accounts=self.several)

    def _so_far(self, numbers: Sequence[int]) -> Query:
        columns = [f"counted.{identifier(column)} AS value_{index}" for index, column in enumerate(self.columns)]
        columns += ["CAST(counted.started_local AS DATE) AS started_on", "counted.outcome AS outcome"]
        columns += [f"{account_sums.account_of('counted')} AS account"] * self.several
        for number in numbers:
            among, reached = self._counted(number)
            columns += [f"{among} AS among_{number}", f"{reached} AS reached_{number}"]
        return Query("SELECT\n    " + ",\n    ".join(columns) + "\nFROM counted")

    def _counted(self, number: int) -> tuple[str, str]:
        stages = len(self.question.model.stages)
        if number < stages:
            return "TRUE", f"counted.reached_{number}"
        if number == stages:
            return "TRUE", "counted.outcome = 'won'"
        position = number - stages - 1
        return f"counted.reached_{position}", f"counted.reached_{position} AND counted.reached_{position + 1}"

    def _by_day(self, day: int, numbers: Sequence[int]) -> Query:
        columns = [f"followed.value_{index} AS value_{index}" for index in range(len(self.columns))]
        columns += ["followed.started_on AS started_on", "followed.outcome AS outcome"]
        columns += ["followed.account AS account"] * self.several
        for number in numbers:
            target = KeptTarget(number, from_start=number <= len(self.question.model.stages))
            untimed = f"{target.fate} = {CONVERTED} AND {target.day} IS NULL"
            is_known = f"{target.among} AND NOT ({untimed})"
            old = f"{target.follow_up} >= {int(day)}"
            columns += [
                f"{is_known} AND {old} AS among_{number}",
                f"{is_known} AND {old} AND {target.fate} = {CONVERTED} AND {target.day} <= {int(day)} AS reached_{number}",
            ]
            columns += [
                f"{is_known} AND NOT ({old}) AS young_{number}",
                f"{target.among} AND {untimed} AS untimed_{number}",
                f"{target.among} AND {target.fate} = {CONVERTED} AS converted_{number}",
            ]
        where = started_within(self.question)
        text = "SELECT\n    " + ",\n    ".join(columns) + f"\nFROM {identifier(self.table())} AS followed"
        return Query(f"{text}\nWHERE {where.text}", where.values)


@dataclass(frozen=True)
class Counts:
    """How many leads of a segment, and for each target how many were among those on the way and reached it; young and untimed are of
    the first target; won and open are how the leads stand. `sums` are those of each target by account; None: each lead counts by
    itself."""

    leads: int
    rates: tuple[Rate, ...]
    young: int
    untimed: int
    won: int
    open: int
    sums: tuple[AccountSums, ...] | None = None

    @property
    def one_each(self) -> bool:
        """Whether leads count each by itself on the way to the first target: no account has two."""
        return self.sums is None or self.sums[0].one_each

    def against(self, whole: Counts) -> list[Contrast]:
        """These leads against all others of a `whole` that they are part of, for each target, not corrected."""
        if self.sums is not None and whole.sums is not None:
            return [clustered.contrast_with_others(*pair) for pair in zip(self.sums, whole.sums, strict=True)]
        return [
            contrast(rate, wilson(every.numerator - rate.numerator, every.denominator - rate.denominator))
            for rate, every in zip(self.rates, whole.rates, strict=True)
        ]

    def since(self, earlier: Counts) -> Contrast:
        """These leads against those of an earlier period, for the first target."""
        if self.sums is not None and earlier.sums is not None:
            return clustered.contrast_apart(self.sums[0], earlier.sums[0])
        return contrast(self.rates[0], earlier.rates[0])


def nobody(targets: int, *, several: bool) -> Counts:
    """The counts of a segment without leads."""
    return Counts(0, (wilson(0, 0),) * targets, 0, 0, 0, 0, (NOBODY,) * targets if several else None)


def by_segment(
    outcomes: Outcomes, segments: Sequence[Segment], numbers: Sequence[int], *, apart: bool = False
) -> tuple[dict[int | None, Counts], Counts, str]:
    """The counts of each segment by its index (IN_BOTH: leads of several; None: of no one), those of all leads, and the SQL.

    Sums by account set each segment beside all leads; `apart`: beside the leads of one segment, and only those are in the whole's sums.
    """
    number = number_of(segments, outcomes.column_of("outcomes"))
    grouped = Query(f"SELECT outcomes.*, {number.text} AS segment\nFROM outcomes", number.values)
    kinds = ("among", "reached") if outcomes.day is None else ("among", "reached", "young", "untimed", "converted")
    flags = [f"{kind}_{target}" for target in numbers for kind in kinds]
    ends = [f"COUNT(*) FILTER (WHERE grouped.outcome = '{end}') AS leads_{end}" for end in (Outcome.WON, Outcome.OPEN)]
    sums = ["COUNT(*) AS leads", *ends, *(f"COUNT(*) FILTER (WHERE grouped.{flag}) AS {flag}" for flag in flags)]
    last = "SELECT grouped.segment AS segment, " + ",\n    ".join(sums) + "\nFROM grouped\nGROUP BY grouped.segment"
    paragraphs = [*outcomes.paragraphs(numbers), Paragraph("grouped", grouped)]
    query = compose(paragraphs, Query(last))
    rows = outcomes.journeys.engine.named(query)
    timed, first = _known_by_day(outcomes, rows, numbers), numbers[0]
    counts = {
        row["segment"]: Counts(
            row["leads"],
            tuple(wilson(row[f"reached_{each}"], row[f"among_{each}"]) if each in timed else NONE for each in numbers),
            row.get(f"young_{first}", 0),
            row.get(f"untimed_{first}", 0),
            row[f"leads_{Outcome.WON}"],
            row[f"leads_{Outcome.OPEN}"],
        )
        for row in rows
    }
    whole, text = added(counts.values(), len(numbers)), outcomes.made() + query.readable()
    if not outcomes.several:
        return counts, whole, text
    by_account = _by_account(paragraphs, numbers, apart=apart)
    sums_of: dict[int, dict[int | None, AccountSums]] = {each: {} for each in numbers}
    for row in outcomes.journeys.engine.named(by_account):
        if row["kind"] in timed:
            sums_of[row["kind"]][row["cell"]] = account_sums.sums_of(row)
    counts = {
        index: _summed(own, [sums_of[each].get(index, NOBODY) for each in numbers]) for index, own in counts.items()
    }
    every = tuple(account_sums.together(sums_of[each].values()) for each in numbers)
    return counts, replace(whole, sums=every) if apart else _summed(whole, every), f"{text};\n\n{by_account.readable()}"


def _by_account(paragraphs: Sequence[Paragraph], numbers: Sequence[int], *, apart: bool) -> Query:
    """The sums by account of each segment on its way to each target."""
    where = " AND grouped.segment >= 0" if apart else ""
    held = "\nUNION ALL\n".join(
        f"""SELECT {number} AS kind, grouped.segment AS cell, grouped.account AS account, COUNT(*) AS leads,
    COUNT(*) FILTER (WHERE grouped.reached_{number}) AS converted
FROM grouped
WHERE grouped.among_{number}{where}
GROUP BY grouped.segment, grouped.account"""
        for number in dict.fromkeys(numbers)
    )
    more, last = account_sums.summed("held")
    return compose([*paragraphs, Paragraph("held", Query(held)), *more], last)


def spread(
    outcomes: Outcomes, segments: Sequence[Segment], number: int, parts: Mapping[int | None, tuple[float, float]]
) -> tuple[Spread, str]:
    """How a weighted sum of the segments' shares spreads over accounts, and the SQL. `parts`: by segment the weight of a lead, and
    the share of the segment."""
    of_segment = number_of(segments, outcomes.column_of("outcomes"))
    grouped = Query(f"SELECT outcomes.*, {of_segment.text} AS segment\nFROM outcomes", of_segment.values)
    rows = [
        f"SELECT {'CAST(NULL AS INTEGER)' if index is None else index} AS segment, ? AS weight, ? AS share"
        for index in parts
    ]
    weights = Query("\nUNION ALL\n".join(rows), tuple(float(value) for part in parts.values() for value in part))
    held = f"""SELECT grouped.account AS account, SUM(parts.weight) AS weight,
    SUM(parts.weight * (CASE WHEN grouped.reached_{number} THEN 1 ELSE 0 END - parts.share)) AS apart
FROM grouped
INNER JOIN parts ON parts.segment IS NOT DISTINCT FROM grouped.segment
WHERE grouped.among_{number}
GROUP BY grouped.account"""
    last = """SELECT SUM(held.weight) AS total, SUM(held.weight * held.weight) AS sizes, SUM(held.apart * held.apart) AS squares
FROM held"""
    paragraphs = [*outcomes.paragraphs((number,)), Paragraph("grouped", grouped), Paragraph("parts", weights)]
    query = compose([*paragraphs, Paragraph("held", Query(held))], Query(last))
    return Spread(*outcomes.journeys.engine.row(query)), query.readable()


def _summed(counts: Counts, sums: Sequence[AccountSums]) -> Counts:
    """The counts with their sums by account, and intervals to match."""
    rates = tuple(
        clustered.rate_of(each) if each.leads else rate for each, rate in zip(sums, counts.rates, strict=True)
    )
    return replace(counts, rates=rates, sums=tuple(sums))


def _known_by_day(outcomes: Outcomes, rows: Sequence[Mapping[str, int]], numbers: Sequence[int]) -> set[int]:
    """The targets that can be told by the day; QuestionError where the first, which all is about, cannot."""
    if outcomes.day is None:
        return set(numbers)
    timed = set()
    for number in numbers:
        untimed, converted = (sum(row[f"{kind}_{number}"] for row in rows) for kind in ("untimed", "converted"))
        if untimed <= MOST_UNTIMED * converted:
            timed.add(number)
        elif number == numbers[0]:
            raise QuestionError("errors.untimed", untimed=untimed, converted=converted)
    return timed


def added(counts: Iterable[Counts], targets: int) -> Counts:
    """All of these leads together."""
    every = list(counts)
    rates = tuple(
        wilson(sum(each.rates[index].numerator for each in every), sum(each.rates[index].denominator for each in every))
        for index in range(targets)
    )
    return Counts(
        sum(each.leads for each in every),
        rates,
        sum(each.young for each in every),
        sum(each.untimed for each in every),
        sum(each.won for each in every),
        sum(each.open for each in every),
    )


def columns_of(groups: Sequence[Segment]) -> tuple[str, ...]:
    """The columns that the conditions of some segments look at, each once."""
    return tuple(dict.fromkeys(condition.column for group in groups for condition in group.where))


def number_of(segments: Sequence[Segment], column_of: Callable[[str], str]) -> Query:
    """The index of the segment that a row belongs to, as SQL: NULL for none, IN_BOTH for two. `column_of` gives a column as SQL."""
    met = [_meets_all(segment, column_of) for segment in segments]
    if not met:
        return Query("CAST(NULL AS INTEGER)")
    cases: list[str] = []
    values: list[object] = []
    if len(met) == 2:
        cases.append(f"WHEN {met[0].text} AND {met[1].text} THEN {IN_BOTH}")
        values += [*met[0].values, *met[1].values]
    for index, each in enumerate(met):
        cases.append(f"WHEN {each.text} THEN {index}")
        values += each.values
    return Query(f"CASE {' '.join(cases)} END", tuple(values))


def _meets_all(segment: Segment, column_of: Callable[[str], str]) -> Query:
    each = [meets(condition, column_of(condition.column)) for condition in segment.where]
    text = " AND ".join(one.text for one in each)
    return Query(f"COALESCE({text or 'TRUE'}, FALSE)", tuple(value for one in each for value in one.values))
