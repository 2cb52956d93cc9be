"""What the charts of segments say in a sentence or two, for those who cannot see them. Plain text."""

from __future__ import annotations

from funnel import telling, wording
from funnel.charts.cohort_words import target_name
from funnel.charts.forest import finding_name
from funnel.charts.segment_curves import drawn_curves
from funnel.charts.segment_words import against, impact_told, name_of, others_of, stage_of, step_name
from funnel.nouns import CLEAR, FEWEST_AT_RISK, Contrast, Question, Scan, SegmentCurves, Segments, Verdict


def describe_segments(found: Segments, *, language: str = "en") -> str:
    """The segments that gain and that lose most leads, of those that differ clearly; of two groups, the first against the second."""
    if not found.segments:
        return wording.say("charts.segments_nothing", language=language)
    if found.column is None and len(found.segments) == 2:
        one, other = found.segments
        to = target_name(found.question, found.target, language)
        return _said(
            one.overall, found.question, name_of(one.segment, language), name_of(other.segment, language), to, language
        )
    if found.day is None:
        return wording.say("charts.segments_ages_differ", language=language)
    clear = [each for verdict in (Verdict.HIGHER, Verdict.LOWER) if (each := found.most(verdict))]
    others = others_of(found.question, language)
    if not clear:
        few = all(each.overall.verdict is Verdict.FEW for each in found.segments)
        key = "segments_all_few" if few else "segments_none_clear"
        return wording.say(f"charts.{key}", language=language, n=len(found.segments), others=others)
    to = target_name(found.question, found.target, language)
    return " ".join(
        _said(each.overall, found.question, name_of(each.segment, language), others, to, language) for each in clear
    )


def describe_segment_steps(found: Segments, *, language: str = "en") -> str:
    """How many steps differ clearly, and the one of the largest impact."""
    # Of two groups, the second says the same again.
    told = found.segments[:1] if found.column is None and len(found.segments) == 2 else found.segments
    every = [(each, place, step) for each in told for place, step in enumerate(each.steps)]
    if not every:
        key = "step_trend_none" if found.segments else "segments_nothing"
        return wording.say(f"charts.{key}", language=language)
    if found.day is None:
        return wording.say("charts.segments_ages_differ", language=language)
    others = against(found, language)
    clear = [one for one in every if one[2].is_clear]
    counts = {"part": len(clear), "whole": len(every)}
    said = [wording.say("charts.segments_clear_steps", language=language, others=others, **counts)]
    if clear:
        each, place, step = max(clear, key=lambda one: abs(one[2].impact or 0.0))
        names = {"segment": name_of(each.segment, language), "step": step_name(found.question, place, language)}
        name = wording.say("charts.segments_of_step", language=language, **names)
        to = stage_of(found.question, place + 1, language)
        said.append(_said(step, found.question, name, others, to, language))
    return " ".join(said)


def describe_segment_curves(curves: SegmentCurves, day: int | None = None, *, language: str = "en") -> str:
    """What the log-rank test says of the curves, in plain words; the rates by `day` of those that are drawn; which are not."""
    shown = drawn_curves(curves)
    if not shown:
        return wording.say("charts.segments_curves_none", language=language)
    said = []
    if day is not None:
        rates = []
        for _, segment, curve in shown:
            point, name = curve.at(day), name_of(segment, language)
            if point is None and day > curve.until:
                rates.append(wording.say("charts.segments_curves_unknown", language=language, name=name))
            else:
                rate = point.rate if point else 0.0
                rates.append(wording.say("charts.segments_curves_rate", language=language, name=name, rate=rate))
        listed = wording.listed(rates, language=language)
        said.append(wording.say("charts.segments_curves_rates", language=language, day=day, rates=listed))
    said.append(_test(curves, language))
    few = [name_of(segment, language) for segment, curve in curves.curves if curve.leads < FEWEST_AT_RISK]
    left_out = len(curves.curves) - len(shown) - len(few)
    if left_out:
        said.append(wording.say("charts.segments_curves_left_out", language=language, n=left_out))
    if few:
        said.append(wording.say("charts.segments_curves_few", language=language, names=few))
    return " ".join(said)


def describe_scan(found: Scan, *, language: str = "en") -> str:
    """How many segments differ clearly and how many of those differences hold; the first that does, else the first."""
    if not found.findings:
        return wording.say("charts.segments_nothing_found", language=language)
    if found.day is None:
        return wording.say("charts.segments_ages_differ", language=language)
    clear = [each for each in found.findings if each.contrast.is_clear]
    holding = [each for each in clear if each.holds]
    others = others_of(found.question, language)
    counts = {"n": len(found.looked_at), "tested": found.tested, "clear": len(clear), "holds": len(holding)}
    said = [wording.say("charts.segments_scanned", language=language, others=others, **counts)]
    for each in (holding or clear)[:1]:
        to = target_name(found.question, found.target, language)
        said.append(_said(each.contrast, found.question, finding_name(each, language), others, to, language))
    return " ".join(said)


def _test(curves: SegmentCurves, language: str) -> str:
    if curves.log_rank is None:
        return wording.say("charts.segments_curves_no_test", language=language)
    key = "segments_curves_differ" if curves.log_rank.p < CLEAR else "segments_curves_alike"
    return wording.say(f"charts.{key}", language=language, chance=telling.chance(curves.log_rank.p, language=language))


def _said(contrast: Contrast, question: Question, name: str, others: str, target: str, language: str) -> str:
    """The verdict, and where it is clear how many leads that makes."""
    said = telling.verdict_said(contrast, name, others, language=language)
    makes = impact_told(contrast, question, target, language) if contrast.is_clear else ""
    return f"{said} {makes}" if makes else said
