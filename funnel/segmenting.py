"""How the leads of files are told apart and set against each other: segments, periods, tests to come."""

from __future__ import annotations

from collections.abc import Mapping as Pairs
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from funnel import measures
from funnel.asking import Asking
from funnel.core.errors import QuestionError
from funnel.core.types import (
    AS_RECORDED,
    AsOf,
    Attribute,
    Between,
    Periods,
    Plan,
    Question,
    Scan,
    Segment,
    SegmentCurves,
    Segments,
    StageModel,
    Steps,
)
from funnel.measures import Column

MOST_SEGMENTS = 12
MOST_VALUES_SCANNED = 50

Groups = Sequence[Segment | Pairs[str, object]]


class Segmenting(Asking):
    """Files whose leads can be told apart: `by` a column (by its commonest values, or its numbers in four bands), or as two groups,
    each a Segment, or conditions as in `where` of `question`."""

    def segments(
        self,
        asked: Question | str | StageModel = AS_RECORDED,
        by: str | Groups = (),
        target: int | None = None,
        day: int | None = None,
        limit: int = MOST_SEGMENTS,
        *,
        so_far: bool = False,
        **keywords: object,
    ) -> Segments:
        """Each segment against all other leads, or two groups against each other, overall and step by step, with a verdict.

        `target` is a stage's position, None the win. All are looked at by a `day` of age, None: `usual_day`. `so_far`: whatever their
        age, which is no comparison and has no verdict.
        """
        question = self._asked(asked, keywords)
        if not so_far and self.observed_until is not None:
            self.check_starts()
        groups, column = self._apart(question, by, limit)
        return self._ask(measures.segments, question, groups, column, target, day, so_far=so_far)

    def usual_day(self, question: Question) -> int:
        """The day of age by which groups are compared where none is asked for: the latest usual one, of half a year at most, that half
        of the leads are old enough for."""
        return self._ask(measures.usual_day, self._asked(question, {}), most=measures.MOST_FOR_GROUPS)

    def segment_curves(
        self, question: Question, by: str | Groups, target: int | None = None, limit: int = MOST_SEGMENTS
    ) -> SegmentCurves:
        """Conversion by age of each segment, and whether the curves differ."""
        question = self._asked(question, {})
        return self._ask(measures.segment_curves, question, *self._apart(question, by, limit), target)

    def segment_steps(
        self, question: Question, by: str | Groups, limit: int = MOST_SEGMENTS
    ) -> tuple[tuple[Segment, Steps], ...]:
        """The funnel of each segment; leads of two groups count in neither."""
        question = self._asked(question, {})
        groups, _ = self._apart(question, by, limit)
        return tuple(zip(groups, self._ask(measures.segment_steps, question, groups), strict=True))

    def scan(
        self,
        asked: Question | str | StageModel = AS_RECORDED,
        target: int | None = None,
        day: int | None = None,
        *,
        so_far: bool = False,
        **keywords: object,
    ) -> Scan:
        """Where conversion differs most: every segment of every column of at most 50 values, and of numbers in bands; `day` and
        `so_far` as in `segments`.

        It looks at the values at the start whatever the question says, since a later value can know the outcome; a column whose value
        then is not known is left out.
        """
        if not so_far and self.observed_until is not None:
            self.check_starts()
        question = replace(self._asked(asked, keywords), attributes=AsOf.START)
        columns, too_many = [], []
        for attribute in self.attributes:
            if attribute.values < 2 or attribute.column in self.unknown_at_start:
                continue
            if self._banded(attribute, MOST_SEGMENTS):
                bands = self._ask(measures.bands_as_segments, question, attribute.column)
                columns.append(
                    Column(attribute.column, tuple(band for band in bands if isinstance(band.where[0], Between)))
                )
            elif attribute.values > min(MOST_VALUES_SCANNED, self.leads / 2):
                too_many.append(attribute.column)
            else:
                columns.append(Column(attribute.column))
        found = self._ask(measures.scan, question, columns, target, day, too_many, so_far=so_far)
        return replace(found, unknown_at_start=self.unknown_at_start)

    def periods(
        self,
        asked: Question | str | StageModel,
        before: tuple[date, date],
        after: tuple[date, date],
        by: str | None = None,
        target: int | None = None,
        day: int | None = None,
        limit: int = MOST_SEGMENTS,
        **keywords: object,
    ) -> Periods:
        """The leads that started in one range of days against those of an earlier one, both ends included, at equal age.

        `by` a column the change is split into mix and rate. `day` None: the latest usual one that half of both are old enough for.
        """
        self.check_starts()
        question = self._asked(asked, keywords)
        column = None if by is None else self._column(by, question.attributes)
        groups: tuple[Segment, ...] = ()
        if column is not None:
            span = replace(question.filters, start_from=min(before[0], after[0]), start_to=max(before[1], after[1]))
            groups, _ = self._apart(replace(question, filters=span), column, limit)
        return self._ask(measures.periods, question, before, after, groups, column, target, day)

    def plans(
        self,
        question: Question,
        hoped: Sequence[float],
        target: int | None = None,
        day: int = 90,
        power: float = 0.8,
        share: float = 1.0,
    ) -> tuple[Plan, ...]:
        """How many leads, and how long, a test of two groups needs to see each hoped-for rate; `share` of the leads are tested."""
        self.check_starts()
        return self._ask(measures.plans, self._asked(question, {}), hoped, target, day, power, share)

    def _apart(self, question: Question, by: str | Groups, limit: int) -> tuple[tuple[Segment, ...], str | None]:
        """The segments, and the column that tells them apart (None: two groups)."""
        if limit < 1:
            raise QuestionError("errors.most_segments", limit=limit)
        if not isinstance(by, str):
            return self._two(by, question.attributes), None
        column = self._column(by, question.attributes)
        known = next((each for each in self.attributes if each.column == column), None)
        if column == "amount" or (known is not None and self._banded(known, limit)):
            return self._ask(measures.bands_as_segments, question, column), column
        return self._ask(measures.values_as_segments, question, column, limit), column

    def _two(self, groups: Groups, attributes: AsOf) -> tuple[Segment, ...]:
        found = self.groups(groups, attributes)
        told = sum(bool(group.where) for group in found)
        if len(found) != 2 or told != 2:
            raise QuestionError("errors.two_groups", found=told)
        return found

    def groups(self, groups: Groups, attributes: AsOf = AsOf.START) -> tuple[Segment, ...]:
        """Groups as segments whose conditions are in the terms of their columns."""
        return tuple(
            replace(
                group,
                where=tuple(
                    self.conditions.settled(replace(each, column=self._settled_column(each.column, attributes)))
                    for each in group.where
                ),
            )
            if isinstance(group, Segment)
            else Segment(tuple(self._condition(column, wanted, attributes) for column, wanted in group.items()))
            for group in groups
        )

    def _banded(self, attribute: Attribute, limit: int) -> bool:
        """Whether the numbers of a column are too many to be told apart one by one."""
        return attribute.kind == "number" and attribute.values > limit
