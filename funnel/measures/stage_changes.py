"""Two periods stage by stage: the share of the leads that came to each stage by the age that is usual for it, or when it can be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from funnel.core.errors import QuestionError
from funnel.core.rows import Row, Word, chance, points
from funnel.core.sql import Query, identifier
from funnel.core.types import Contrast, Question, Rate
from funnel.journeys import Journeys
from funnel.measures import outcomes
from funnel.measures.ages import USUAL_DAYS, check_starts
from funnel.measures.outcomes import Counts, Outcomes
from funnel.measures.periods import Range, check_spans, within
from funnel.measures.population.states import CONVERTED, KeptTarget
from funnel.measures.statistics.differences import over_steps
from funnel.measures.targets import check_days

MOST_ARRIVED = 0.8
"""The share of those that come to a stage at all who have come by the age that is usual for it."""
WON, TOO_EARLY = Word("won", "pages.cohorts.win"), Word("too early", "telling.word_too_early")


@dataclass(frozen=True)
class StageChange:
    """A stage (`position` None: the win) in two periods, by the same `day` of age.

    contrast.rate is of the later period, contrast.others of the earlier one: of the leads that were followed for so long, those counted
    at the stage by then. `young` leads of the later period were not; where they are more than those that were, it is `too_early` to
    compare, and the contrast has no difference. From `complete_on` on all of them will have been; None where they have by now.
    """

    position: int | None
    day: int
    contrast: Contrast
    young: int
    complete_on: date | None

    @property
    def too_early(self) -> bool:
        """Whether most leads of the later period are too young."""
        return self.young > self.contrast.rate.denominator


@dataclass(frozen=True)
class StageChanges:
    """The leads that started in the later period against those that started in the earlier one, stage by stage, the win last.

    p-values are corrected over the stages (Holm). Of the stages in `untold` (positions; None: the win) the file does not tell when
    enough leads came there.
    """

    question: Question
    before: Range
    after: Range
    stages: tuple[StageChange, ...]
    untold: tuple[int | None, ...]
    sql: str

    def rows(self) -> list[Row]:
        """A row a stage: the day of age, then the leads followed for so long, how many of them came there and their share, of both
        periods, and what may be said of the difference."""
        return [self._row(each) for each in self.stages]

    def _row(self, change: StageChange) -> Row:
        contrast = change.contrast
        stage = None if change.position is None else self.question.model.stages[change.position]
        return {
            "stage": WON if stage is None else stage.key,
            "name": WON if stage is None else stage.name,
            "day": change.day,
            **_side("", contrast.rate),
            **_side("before_", contrast.others),
            "difference": points(contrast.difference),
            "difference_low": points(contrast.low),
            "difference_high": points(contrast.high),
            "p_adjusted": chance(contrast.p_adjusted),
            "verdict": TOO_EARLY
            if change.too_early
            else Word(contrast.verdict.value, f"telling.word_{contrast.verdict.name.lower()}"),
            "young": change.young,
            "complete_on": change.complete_on,
        }


def stage_changes(journeys: Journeys, question: Question, before: Range, after: Range) -> StageChanges:
    """The leads that started in `after` against those that started in `before`, whatever the question's own dates: for each stage but
    the first, and the win, the share counted there by a day of age, of the leads followed that long.

    The day is the earliest of USUAL_DAYS by which four of five of those that came to the stage had come, of all leads of whatever
    dates, and never before that of a stage before; where nobody came, that of the stage before. Where accounts hold several leads,
    tests and intervals are by account. QuestionError where a range ends before it starts, where the two overlap, where one reaches into
    another version of the model, or where the file has no date up to which it observes.
    """
    check_starts(journeys)
    check_spans(question, before, after)
    check_days(question, ())
    way = outcomes.way(journeys, question, outcomes.win(question))
    days = _usual_days(journeys, question, way)
    told: list[tuple[int, Counts, Contrast]] = []
    untold, queries = [], []
    for number in way:
        try:
            (earlier, first), (later, second) = (
                _counted(journeys, within(question, span), number, days[number]) for span in (before, after)
            )
        except QuestionError as error:
            if error.key != "errors.untimed":
                raise
            untold.append(_position(question, number))
            continue
        queries += [first, second]
        contrast = later.since(earlier)
        if later.young > later.rates[0].denominator:
            contrast = Contrast(contrast.rate, contrast.others)
        told.append((number, later, contrast))
    corrected = over_steps([contrast for *_, contrast in told])
    return StageChanges(
        question=question,
        before=before,
        after=after,
        stages=tuple(
            StageChange(
                _position(question, number),
                days[number],
                contrast,
                later.young,
                after[1] + timedelta(days=days[number] + 1) if later.young else None,
            )
            for (number, later, _), contrast in zip(told, corrected, strict=True)
        ),
        untold=tuple(untold),
        sql=";\n\n".join(dict.fromkeys(queries)),
    )


def _position(question: Question, number: int) -> int | None:
    return None if number == outcomes.win(question) else number


def _counted(journeys: Journeys, question: Question, number: int, day: int) -> tuple[Counts, str]:
    """The leads of a period on their way to a target, and the SQL."""
    leads = Outcomes(journeys, question, day)
    _, counts, sql = outcomes.by_segment(leads, (), (number,))
    return counts, sql


def _usual_days(journeys: Journeys, question: Question, way: Sequence[int]) -> Mapping[int, int]:
    """By which day of age to look at each target."""
    table = Outcomes(journeys, question, USUAL_DAYS[0]).table()
    arrivals = []
    for number in way:
        target = KeptTarget(number)
        usual = f"QUANTILE_DISC({target.day}, {MOST_ARRIVED}) FILTER (WHERE {target.fate} = {CONVERTED})"
        arrivals.append(f"{usual} AS day_{number}")
    row = journeys.engine.row(Query(f"SELECT {', '.join(arrivals)}\nFROM {identifier(table)} AS followed"))
    days, day = {}, USUAL_DAYS[-1]
    for number, usual in zip(way, row, strict=True):
        if usual is not None:
            day = max(day, next((each for each in reversed(USUAL_DAYS) if each >= usual), USUAL_DAYS[0]))
        days[number] = day
    return days


def _side(prefix: str, rate: Rate) -> Row:
    return {f"{prefix}leads": rate.denominator, f"{prefix}converted": rate.numerator, f"{prefix}rate": rate}
