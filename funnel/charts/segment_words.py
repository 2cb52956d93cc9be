"""What the charts of segments and periods say in a few words: names, counts, what a difference comes to, and in which order."""

from __future__ import annotations

from collections.abc import Sequence

from funnel.charts.canvas.text import plain
from funnel.charts.cohort_words import target_name
from funnel.core import insights
from funnel.core.types import Contrast, Question, Rate, Segment, Unit, Verdict
from funnel.measures.segments import SegmentFound, Segments
from funnel.words import wording


def name_of(segment: Segment, *, columns: bool = False) -> str:
    """What a segment is called; plain, in its own writing direction."""
    return plain(insights.segment_name(segment, columns=columns))


def column_of(column: str) -> str:
    """What a column is called."""
    return plain(insights.column_name(column))


def in_order(segments: Sequence[SegmentFound]) -> list[tuple[int, SegmentFound]]:
    """Each with its index in the result: what most leads were gained by first, what most were lost by last; then those of too few
    leads."""
    return sorted(
        enumerate(segments),
        key=lambda pair: (pair[1].overall.verdict is Verdict.FEW, -(pair[1].overall.impact or 0.0), pair[0]),
    )


def others_of(question: Question) -> str:
    """ "all other leads", or accounts, as it stands in a sentence."""
    return wording.say(f"charts.segments_all_other_{_unit(question)}")


def against(segments: Segments) -> str:
    """Whom the segments stand against: all others; of two groups made by hand, each the other."""
    if segments.column is None and len(segments.segments) == 2:
        return wording.say("charts.segments_other_group")
    return others_of(segments.question)


def rate_of(rate: Rate) -> str:
    """ "14%"; of too few leads the counts, "3 of 12"; a dash of none."""
    if not rate.denominator:
        return wording.ABSENT
    if rate.few or rate.value is None:
        return wording.say("charts.part_of", part=rate.numerator, whole=rate.denominator)
    return wording.say("charts.share", rate=rate.value)


def counted_rate(rate: Rate) -> str:
    """ "14% · 167 of 1,244"; of too few leads the counts alone."""
    if rate.few or rate.value is None:
        return rate_of(rate)
    values = {"rate": rate.value, "part": rate.numerator, "whole": rate.denominator}
    return wording.say("charts.segments_rate", **values)


def impact_of(contrast: Contrast, question: Question) -> str:
    """ "+25 leads": how many more, or fewer, than at the others' rate."""
    size = abs(contrast.impact or 0.0)
    more = (contrast.impact or 0.0) > 0
    key = "under_one" if round(size) == 0 else "more" if more else "fewer"
    return wording.say(f"charts.segments_{key}_{_unit(question)}", n=round(size))


def impact_sentence(contrast: Contrast, question: Question, target: str) -> str:
    """The same as a sentence; "" where it is under one."""
    size = round(abs(contrast.impact or 0.0))
    if not size:
        return ""
    change = "more" if (contrast.impact or 0.0) > 0 else "fewer"
    return wording.say(f"charts.segments_told_{change}_{_unit(question)}", n=size, target=target)


def step_name(question: Question, step: int) -> str:
    """ "Qualified → Proposal"."""
    names = {"before": stage_of(question, step), "after": stage_of(question, step + 1)}
    return wording.say("charts.step_from_to", **names)


def stage_of(question: Question, position: int) -> str:
    """The stage's name; past the last one, the win."""
    return target_name(question, position if position < len(question.model.stages) else None)


def reached(question: Question, target: int | None, day: int | None) -> str:
    """What the rates are of: "came to Proposal by day 90", or so far."""
    name = target_name(question, target)
    key = ("won" if target is None else "reached") + ("" if day is None else "_by")
    return wording.say(f"charts.segments_{key}", target=name, day=day)


def within(day: int | None) -> str:
    """How long leads had for each step: "within 90 days", or so far."""
    return wording.say("charts.segments_so_far" if day is None else "charts.segments_by", day=day)


def _unit(question: Question) -> str:
    return "accounts" if question.unit is Unit.ACCOUNT else "leads"
