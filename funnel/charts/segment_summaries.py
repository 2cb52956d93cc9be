"""What the charts of segments say in a sentence or two, for those who cannot see them. Plain text."""

from __future__ import annotations

from funnel.charts.cohort_words import target_name
from funnel.charts.forest import finding_name
from funnel.charts.segment_curves import drawn_curves
from funnel.charts.segment_words import against, impact_told, name_of, others_of, stage_of, step_name
from funnel.core import insights
from funnel.core.types import CLEAR, FEWEST_AT_RISK, Contrast, Question, Scan, SegmentCurves, Segments, Verdict
from funnel.words import wording


def describe_segments(found: Segments) -> str:
    """The segments that gain and that lose most leads, of those that differ clearly; of two groups, the first against the second."""
    if not found.segments:
        return wording.say("charts.segments_nothing")
    if found.column is None and len(found.segments) == 2:
        one, other = found.segments
        to = target_name(found.question, found.target)
        return _said(one.overall, found.question, name_of(one.segment), name_of(other.segment), to)
    if found.day is None:
        return wording.say("charts.segments_ages_differ")
    clear = [each for verdict in (Verdict.HIGHER, Verdict.LOWER) if (each := found.most(verdict))]
    others = others_of(found.question)
    if not clear:
        few = all(each.overall.verdict is Verdict.FEW for each in found.segments)
        key = "segments_all_few" if few else "segments_none_clear"
        return wording.say(f"charts.{key}", n=len(found.segments), others=others)
    to = target_name(found.question, found.target)
    return " ".join(_said(each.overall, found.question, name_of(each.segment), others, to) for each in clear)


def describe_segment_steps(found: Segments) -> str:
    """How many steps differ clearly, and the one of the largest impact."""
    # Of two groups, the second says the same again.
    told = found.segments[:1] if found.column is None and len(found.segments) == 2 else found.segments
    every = [(each, place, step) for each in told for place, step in enumerate(each.steps)]
    if not every:
        key = "step_trend_none" if found.segments else "segments_nothing"
        return wording.say(f"charts.{key}")
    if found.day is None:
        return wording.say("charts.segments_ages_differ")
    others = against(found)
    clear = [one for one in every if one[2].is_clear]
    counts = {"part": len(clear), "whole": len(every)}
    said = [wording.say("charts.segments_clear_steps", others=others, **counts)]
    if clear:
        each, place, step = max(clear, key=lambda one: abs(one[2].impact or 0.0))
        names = {"segment": name_of(each.segment), "step": step_name(found.question, place)}
        name = wording.say("charts.segments_of_step", **names)
        to = stage_of(found.question, place + 1)
        said.append(_said(step, found.question, name, others, to))
    return " ".join(said)


def describe_segment_curves(curves: SegmentCurves, day: int | None = None) -> str:
    """What the log-rank test says of the curves, in plain words; the rates by `day` of those that are drawn; which are not."""
    shown = drawn_curves(curves)
    if not shown:
        return wording.say("charts.segments_curves_none")
    said = []
    if day is not None:
        rates = []
        for _, segment, curve in shown:
            point, name = curve.at(day), name_of(segment)
            if point is None and day > curve.until:
                rates.append(wording.say("charts.segments_curves_unknown", name=name))
            else:
                rate = point.rate if point else 0.0
                rates.append(wording.say("charts.segments_curves_rate", name=name, rate=rate))
        listed = wording.listed(rates)
        said.append(wording.say("charts.segments_curves_rates", day=day, rates=listed))
    said.append(_test(curves))
    few = [name_of(segment) for segment, curve in curves.curves if curve.leads < FEWEST_AT_RISK]
    left_out = len(curves.curves) - len(shown) - len(few)
    if left_out:
        said.append(wording.say("charts.segments_curves_left_out", n=left_out))
    if few:
        said.append(wording.say("charts.segments_curves_few", names=few))
    return " ".join(said)


def describe_scan(found: Scan) -> str:
    """How many segments differ clearly and how many of those differences hold; the first that does, else the first."""
    if not found.findings:
        return wording.say("charts.segments_nothing_found")
    if found.day is None:
        return wording.say("charts.segments_ages_differ")
    clear = [each for each in found.findings if each.contrast.is_clear]
    holding = [each for each in clear if each.holds]
    others = others_of(found.question)
    counts = {"n": len(found.looked_at), "tested": found.tested, "clear": len(clear), "holds": len(holding)}
    said = [wording.say("charts.segments_scanned", others=others, **counts)]
    for each in (holding or clear)[:1]:
        to = target_name(found.question, found.target)
        said.append(_said(each.contrast, found.question, finding_name(each), others, to))
    return " ".join(said)


def _test(curves: SegmentCurves) -> str:
    if curves.log_rank is None:
        return wording.say("charts.segments_curves_no_test")
    key = "segments_curves_differ" if curves.log_rank.p < CLEAR else "segments_curves_alike"
    return wording.say(f"charts.{key}", chance=insights.chance(curves.log_rank.p))


def _said(contrast: Contrast, question: Question, name: str, others: str, target: str) -> str:
    """The verdict, and where it is clear how many leads that makes."""
    said = insights.verdict_said(contrast, name, others)
    makes = impact_told(contrast, question, target) if contrast.is_clear else ""
    return f"{said} {makes}" if makes else said
