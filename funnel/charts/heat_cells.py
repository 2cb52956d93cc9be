"""The cells of the drop-off table: for each cohort and each target a shade, a text, a sentence, and where it loses most."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from funnel.charts.canvas.shades import Shade, blank, heat
from funnel.charts.canvas.text import plain, safe
from funnel.charts.cohort_words import (
    cohort_hover,
    cohort_name,
    has_rate,
    is_finished,
    largest_loss,
    rate_by,
    target_name,
)
from funnel.charts.sentences import wrapped
from funnel.core.types import FEWEST_FOR_A_RATE, Unknown
from funnel.measures.cohort_amounts import CohortAmounts
from funnel.measures.cohorts import Cohort, Cohorts
from funnel.words import wording

_UNKNOWN = {Unknown.AGE: "not_yet", Unknown.DATES: "no_dates", Unknown.UNFOLLOWED: "unfollowed"}


@dataclass(frozen=True)
class Cell:
    """One cell: `strong` over `quiet` and `third`, safe to show; `share` is what its row's drops are counted from."""

    shade: Shade
    hover: str
    strong: str = ""
    quiet: str = ""
    third: str = ""
    share: float | None = None
    unfinished: bool = False
    muted: bool = False


@dataclass(frozen=True)
class Drop:
    """Where a cohort loses most: on the way to the target in this column, this share of those that started."""

    column: int
    lost: float
    hover: str


@dataclass(frozen=True)
class Rates:
    """Cells with rates by a day, and counts. `plain` adds the plain ratio of counts."""

    cohorts: Cohorts
    day: int
    targets: tuple[int | None, ...]
    dark: bool
    plain: bool

    def rows(self, drawn: Sequence[Cohort]) -> list[list[Cell]]:
        """A row of cells for each cohort; the shades run from 0 to the largest rate of all. After a stage whose rate is not known, those of
        later ones are not told either: they are of other leads, and would seem to jump."""
        rates = [
            rate_by(cohort.to(target), self.day) or 0.0
            for cohort in drawn
            for target in self.targets
            if has_rate(cohort.to(target), self.day)
        ]
        largest = max(rates, default=0.0) or 1.0
        return [self._row(cohort, largest) for cohort in drawn]

    def _row(self, cohort: Cohort, largest: float) -> list[Cell]:
        cells: list[Cell] = []
        for target in self.targets:
            cell = self._cell(cohort, target, largest)
            if cells and cells[-1].muted and not cell.muted:
                word = wording.say(f"charts.cohort_{_UNKNOWN[Unknown.UNFOLLOWED]}")
                cell = Cell(blank(dark=self.dark), cell.hover, word, cell.quiet, unfinished=True, muted=True)
            cells.append(cell)
        return cells

    def _cell(self, cohort: Cohort, target: int | None, largest: float) -> Cell:
        conversion = cohort.to(target)
        hover = cohort_hover(self.cohorts, cohort, target, self.day)
        by_then = conversion.on(self.day).converted if conversion.by_day else 0
        count = wording.say("charts.count", n=by_then)
        unfinished = not is_finished(conversion, self.day)
        rate = rate_by(conversion, self.day)
        if rate is not None and conversion.leads < FEWEST_FOR_A_RATE:
            few = wording.say("charts.cohort_few", part=by_then, whole=conversion.leads)
            return Cell(blank(dark=self.dark, unfinished=unfinished), hover, few, unfinished=unfinished)
        if rate is None:
            unknown = conversion.on(self.day).unknown if conversion.by_day else None
            if unknown is Unknown.DATES:
                count = wording.say("charts.count", n=conversion.converted)
            word = wording.say(f"charts.cohort_{_UNKNOWN[unknown or Unknown.AGE]}")
            return Cell(blank(dark=self.dark), hover, word, count, unfinished=unfinished, muted=True)
        ratio = conversion.converted / conversion.leads
        return Cell(
            heat(rate / largest, dark=self.dark, unfinished=unfinished),
            hover,
            wording.say("charts.share", rate=rate),
            count,
            wording.say("charts.cohort_ratio", rate=ratio) if self.plain else "",
            rate,
            unfinished,
        )

    def drop(self, cohort: Cohort, row: Sequence[Cell]) -> Drop | None:
        """None where a rate of the row is not known, or nothing is lost."""
        return _drop(row, lambda column, lost: self._hover(cohort, column, lost))

    def _hover(self, cohort: Cohort, column: int, lost: float) -> str:
        values = {
            "cohort": cohort_name(cohort.start, self.cohorts.period),
            "after": target_name(self.cohorts.question, self.targets[column]),
            "day": self.day,
            "rate": lost,
        }
        if column == 0:
            sentence = wording.say("charts.cohort_drop_first", **values)
        else:
            before = target_name(self.cohorts.question, self.targets[column - 1])
            sentence = wording.say("charts.cohort_drop_told", **values, before=before)
        return "<br>".join(wrapped([sentence]))


@dataclass(frozen=True)
class Money:
    """Cells with the money that reached each stage so far, coloured by its share of the first stage's."""

    cohorts: Cohorts
    amounts: CohortAmounts
    currency: str
    day: int
    targets: tuple[int, ...]
    dark: bool

    def rows(self, drawn: Sequence[Cohort]) -> list[list[Cell]]:
        """A row of cells for each cohort; without any amount in the currency, the cells are blank."""
        return [[self._cell(cohort, target) for target in self.targets] for cohort in drawn]

    def _sums(self, cohort: Cohort) -> tuple[int, tuple[float, ...]]:
        rows = [
            (leads, sums)
            for start, currency, leads, sums in self.amounts.sums
            if currency == self.currency and cohort.start in (None, start)
        ]
        stages = len(self.cohorts.question.model.stages)
        return sum(leads for leads, _ in rows), tuple(sum(sums[stage] for _, sums in rows) for stage in range(stages))

    def _cell(self, cohort: Cohort, target: int) -> Cell:
        leads, sums = self._sums(cohort)
        name = cohort_name(cohort.start, self.cohorts.period)
        of = f"{name}, {target_name(self.cohorts.question, target)}"
        if not leads:
            none = wording.say("charts.cohort_no_money", of=of)
            return Cell(blank(dark=self.dark), "<br>".join(wrapped([none])), wording.ABSENT, muted=True)
        conversion = cohort.to(target)
        # Where all are there from the outset, nothing more can come.
        unfinished = not is_finished(conversion, self.day) and (target > 0 or conversion.converted < conversion.leads)
        amount, first = sums[target], sums[0]
        share = amount / first if first > 0 else None
        values = {"of": of, "amount": self._full(amount), "leads": leads}
        sentences = [wording.say("charts.cohort_money", **values)]
        enough = leads >= FEWEST_FOR_A_RATE
        if share is not None and target and enough:
            first_name = target_name(self.cohorts.question, 0)
            of_first = {"rate": share, "first": self._full(first), "stage": first_name}
            sentences.append(wording.say("charts.cohort_money_share", **of_first))
        if unfinished:
            sentences.append(wording.say("charts.cohort_told_unfinished", day=self.day))
        share_text = ""
        if share is not None and target and enough:
            share_text = wording.say("charts.share", rate=share)
        return Cell(
            heat(share or 0.0, dark=self.dark, unfinished=unfinished),
            "<br>".join(wrapped(sentences)),
            safe(wording.money(amount, self.currency)),
            share_text,
            share=share if enough else None,
            unfinished=unfinished,
        )

    def _full(self, amount: float) -> str:
        return f"{wording.number(amount)} {plain(self.currency)}".strip()

    def drop(self, cohort: Cohort, row: Sequence[Cell]) -> Drop | None:
        """Where most money is lost; of finished rows only, since money counts as it stands so far."""
        if any(cell.unfinished for cell in row):
            return None
        return _drop(row, lambda column, lost: self._hover(cohort, column, lost))

    def _hover(self, cohort: Cohort, column: int, lost: float) -> str:
        values = {
            "cohort": cohort_name(cohort.start, self.cohorts.period),
            "before": target_name(self.cohorts.question, self.targets[max(0, column - 1)]),
            "after": target_name(self.cohorts.question, self.targets[column]),
            "rate": lost,
        }
        return "<br>".join(wrapped([wording.say("charts.cohort_drop_money", **values)]))


def _drop(row: Sequence[Cell], hover: Callable[[int, float], str]) -> Drop | None:
    loss = largest_loss([cell.share for cell in row])
    return loss and Drop(*loss, hover(*loss))
