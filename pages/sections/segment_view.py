"""Groups of leads against each other: what differs, where on the way, how fast, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import streamlit as st

from funnel import Between, DataSet, OneOf, Question, charts, measures, report
from funnel.core import insights
from funnel.core.errors import QuestionError
from funnel.core.plain_questions import plain_conditions
from funnel.core.types import Segment, Verdict
from funnel.measures.groups import By
from funnel.measures.segments import SegmentFound, Segments
from funnel.measures.steps import grouped
from funnel.report import said
from funnel.words import wording
from pages.sections import scan_view, segment_choice
from pages.sections.segment_choice import Age
from pages.server.workspace import Workspace
from pages.ui import frame, narrowing, tables, tabs, texts
from pages.ui.ask import ask
from pages.ui.section import listing, section, show_sentences

TABS = ("each_step", "curves", "funnels", "scan")
MOST_DRAWN, MOST_TALL, TALL = 6, 3, 12
"""Funnels that are drawn, and of those that have more stages than `TALL`."""
MOST_TOLD = 3
ROWS_WIDTH = 1180


@st.fragment
def show(workspace: Workspace, data_set: DataSet, question: Question) -> None:
    """Title and controls, then one tab, the first of which is what differs and at which step."""
    narrowing.settle()
    if not segment_choice.columns(data_set):
        st.title(wording.say("pages.segments.no_columns_title"), anchor=False)
        st.info(wording.say("pages.segments.no_columns"))
        return
    head = st.container(key="segments_head")
    with st.container(horizontal=True, vertical_alignment="top", key="segment_controls", gap="medium"):
        by: By | None = segment_choice.by(data_set)
        age = segment_choice.age(workspace, question)
    if by is None:
        by = segment_choice.by_hand(workspace, data_set)
    if by is None:
        head.title(wording.say("pages.segments.by_hand").capitalize(), anchor=False)
        st.info(wording.say("pages.segments.two_needed"))
        return
    try:
        segments = ask(workspace, measures.segments, question, by, age.target, age.day, so_far=age.day is None)
    except QuestionError as error:
        head.title(wording.say("pages.segments.failed"), anchor=False)
        st.info(texts.problem(error))
        return
    with head:
        st.title(_title(segments, age), anchor=False)
        st.caption(_subtitle(workspace, segments, age))
    if segments.day is not None and not segments.whole.numerator:
        st.info(wording.say("pages.segments.none_yet", reached=texts.inert(age.reached), day=segments.day))
    _tab(workspace, data_set, question, segments, by, age)


def _tab(workspace: Workspace, data_set: DataSet, question: Question, segments: Segments, by: By, age: Age) -> None:
    chosen = tabs.show("segments", TABS)
    if chosen == "each_step":
        _differences(data_set, segments)
        _steps(data_set, segments)
        with st.expander(wording.say("pages.segments.how")):
            st.markdown(texts.inert(wording.say("pages.segments.how_told")))
    elif chosen == "curves":
        _curves(workspace, segments, by, age)
    elif chosen == "funnels":
        _funnels(workspace, data_set, question, by)
    else:
        scan_view.show(workspace, question, age)


def name(segment: Segment) -> str:
    """What a segment is called, for a Markdown place."""
    return texts.inert(insights.segment_name(segment))


def _title(segments: Segments, age: Age) -> str:
    if segments.column is None:
        return _title_of_two(segments, age)
    if segments.day is None:
        column = texts.inert(insights.column_name(segments.column))
        return wording.say("pages.segments.title_so_far", column=column)
    high, low = segments.most(Verdict.HIGHER), segments.most(Verdict.LOWER)
    values: dict[str, Any] = {
        "column": texts.inert(insights.column_name(segments.column)),
        "reached": texts.inert(age.reached),
        "high": name(high.segment) if high else "",
        "low": name(low.segment) if low else "",
        "high_rate": high.overall.rate.value if high else None,
        "low_rate": low.overall.rate.value if low else None,
    }
    one = high or low
    if len(segments.segments) == 1 and not segments.others:
        return wording.say("pages.segments.title_one", only=name(segments.segments[0].segment), **values)
    if all(each.overall.verdict is Verdict.FEW for each in segments.segments):
        return wording.say("pages.segments.title_too_few")
    if high and low:
        return wording.say("pages.segments.title_both", **values)
    if one:
        key = "title_higher" if high else "title_lower"
        return wording.say(f"pages.segments.{key}", others=one.overall.others.value, **values)
    return wording.say("pages.segments.title_none", **values)


def _title_of_two(segments: Segments, age: Age) -> str:
    """Of two groups, the one of which more converted stands first."""
    one, other = segments.segments
    verdict = one.overall.verdict
    if segments.in_both and not (one.leads and other.leads):
        if one.leads:
            one, other = other, one
        return wording.say("pages.segments.title_inside", a=name(one.segment), b=name(other.segment))
    if verdict is Verdict.LOWER:
        one, other = other, one
    key = {Verdict.FEW: "few", Verdict.UNCLEAR: "unclear", Verdict.SO_FAR: "so_far"}.get(verdict, "higher")
    return wording.say(
        f"pages.segments.title_two_{key}",
        a=name(one.segment),
        b=name(other.segment),
        reached=texts.inert(age.reached),
        rate=one.overall.rate.value,
        others=other.overall.rate.value,
    )


def _subtitle(workspace: Workspace, segments: Segments, age: Age) -> str:
    question = segments.question
    undated = ask(workspace, measures.steps, question).undated if segments.day is not None else 0
    parts = [
        wording.say(f"pages.counted.{question.unit}", n=segments.leads),
        texts.inert(question.model.name),
        *(texts.inert(each) for each in said.conditions(question)),
        wording.say("pages.segments.so_far")
        if segments.day is None
        else wording.say("pages.segments.at_age", day=segments.day, old=segments.whole.denominator),
        segment_choice.together(segments.whole, age),
        *filter(None, [insights.by_account(segments.whole)]),
    ]
    for key, leads in (("in_both", segments.in_both), ("untimed", segments.untimed), ("undated", undated)):
        if leads:
            parts.append(wording.say(f"pages.segments.{key}", leads=leads))
    return wording.dotted(parts)


def _differences(data_set: DataSet, segments: Segments) -> None:
    two = segments.column is None
    names = [name(each.segment) for each in segments.segments]
    title = "forest_so_far" if segments.day is None else "forest_two" if two else "forest"
    values = {"a": names[0], "b": names[1]} if title == "forest_two" else {}
    st.header(wording.say(f"pages.segments.{title}", **values), anchor=False)
    if segments.day is None:
        _so_far(segments)
        return
    section(
        "segments_forest",
        segments,
        charts.segments_forest,
        charts.describe_segments,
        table=tables.of("segments_two", segments.two_rows()) if two else tables.of("segments", segments.ranked_rows()),
        part=report.part(
            "segments", segments.question, **_told_apart(segments), target=segments.target, day=segments.day
        ),
        between=partial(_weighed, segments),
        within=ROWS_WIDTH,
        # Of two groups against each other every row is of both.
        on_click=None if two else narrowing.to_one(data_set, "segments_forest", _groups(segments)),
    )


def _weighed(segments: Segments) -> None:
    """The verdicts in sentences, the bet on one of two groups, and what keeps a difference from being told."""
    show_sentences("segments", *_sentences(segments))
    if segments.column is not None and len(segments.segments) > 1:
        st.caption(wording.say("pages.segments.narrow"))
    if segments.bet is not None:
        bet: dict[str, Any] = {
            "a": name(segments.segments[segments.bet.on].segment),
            "chance": segments.bet.chance,
            "loss": insights.points(segments.bet.loss),
        }
        st.caption(wording.say("pages.segments.bet", **bet), help=wording.say("pages.segments.bet_help"))
    if segments.known:
        groups = [insights.short(insights.segment_name(each)) for each in segments.known]
        st.caption(texts.inert(wording.say("pages.segments.known", groups=groups)))
    if any(_looks_clear(each) for each in segments.segments):
        st.caption(wording.say("pages.segments.still_unclear"))
    if segments.others and segments.column is not None:
        st.caption(wording.say("pages.segments.others_left", leads=segments.others))


def _so_far(segments: Segments) -> None:
    """What came of each group, as a table: there is no difference to draw."""
    show_sentences("segments", wording.say("pages.segments.ages_differ"))
    listing("segments_so_far", segments.so_far_rows(), segments.sql, width=ROWS_WIDTH)


def _looks_clear(each: SegmentFound) -> bool:
    """Whether an interval stays clear of zero and the verdict, which is corrected, does not."""
    contrast = each.overall
    if contrast.low is None or contrast.high is None or contrast.verdict is not Verdict.UNCLEAR:
        return False
    return contrast.low > 0 or contrast.high < 0


def _sentences(segments: Segments) -> list[str]:
    """The verdict on two groups; by a column, on the segments that make most leads."""
    if segments.column is None:
        one, other = (insights.segment_name(each.segment) for each in segments.segments)
        return [insights.verdict_said(segments.segments[0].overall, one, other)]
    ranked = sorted(segments.segments, key=_weight)
    others = wording.say("pages.segments.the_others")
    return [
        insights.verdict_said(each.overall, insights.segment_name(each.segment), others) for each in ranked[:MOST_TOLD]
    ]


def _weight(each: SegmentFound) -> tuple[bool, float]:
    return not each.overall.is_clear, -abs(each.overall.impact or 0.0)


def _groups(segments: Segments) -> list[tuple[OneOf | Between, ...]]:
    return [each.segment.where for each in segments.segments]


def _steps(data_set: DataSet, segments: Segments) -> None:
    if len(segments.question.model.stages) < 2 or segments.column is None or segments.day is None:
        st.info(wording.say("pages.segments.no_steps"))
        return
    caption = charts.describe_segment_steps(segments)
    if segments.day is not None and segments.without_moments:
        caption = f"{caption} {wording.say('pages.segments.no_moments')}"
    section(
        "segment_steps",
        segments,
        charts.segments_steps,
        charts.describe_segment_steps,
        table=tables.of("segment_steps", segments.step_rows()),
        part=report.part(
            "segment_steps", segments.question, by=segments.column, target=segments.target, day=segments.day
        ),
        caption=caption,
        within=ROWS_WIDTH,
        wide=frame.WIDE,
        on_click=narrowing.to_one(data_set, "segment_steps", _groups(segments)),
    )


def _curves(workspace: Workspace, segments: Segments, by: By, age: Age) -> None:
    """How fast, those first that convert clearly better or worse; a file that tells no moments has no curves."""
    try:
        curves = ask(workspace, measures.segment_curves, segments.question, by, age.target)
    except QuestionError as error:
        st.info(texts.problem(error))
        return
    if not any(curve.points for _, curve in curves.curves):
        st.info(wording.say("pages.segments.no_curves"))
        return
    clear = [each.segment for each in segments.segments if each.overall.is_clear]
    draw = partial(charts.segment_curves, day=age.day, clear=clear)
    describe = partial(charts.describe_segment_curves, clear=clear)
    part = report.part(
        "segment_curves", segments.question, **_told_apart(segments), target=segments.target, day=age.day
    )
    section("segment_curves", curves, draw, describe, part=part, reached=age.reached)


def _funnels(workspace: Workspace, data_set: DataSet, question: Question, by: By) -> None:
    """The funnel of each segment, small, on one scale; of many, those with most leads, in their order."""
    funnels = ask(workspace, measures.segment_steps, question, by)
    if not funnels:
        st.info(wording.say("pages.segments.no_columns"))
        return
    st.header(wording.say("pages.segments.funnels"), anchor=False)
    st.caption(wording.say("pages.segments.funnels_to_date"))
    named = [(insights.segment_name(segment), steps) for segment, steps in funnels]
    most = MOST_DRAWN if len(question.model.stages) <= TALL else MOST_TALL
    places = sorted(sorted(range(len(funnels)), key=lambda place: -funnels[place][1].leads)[:most])
    drawn = [named[place] for place in places]
    figures = charts.group_funnels(drawn, dark=frame.dark(), width_hint=frame.SMALL_WIDTH)
    descriptions = (charts.description(steps) for _, steps in drawn)
    alone = [narrowing.to_all(data_set, funnels[place][0].where) for place in places]
    pictures = frame.side_by_side(figures, descriptions, key="group_funnel", on_click=alone)
    if len(named) > most:
        st.caption(wording.say("pages.segments.funnels_some", shown=most, all=len(named)))
    frame.below(
        key="group_funnels",
        table=tables.of("funnels_by_group", grouped(named)),
        sql=funnels[0][1].sql,
        file_name="funnels-by-group",
        pictures=pictures,
        title=wording.say("pages.segments.funnels"),
        part=report.part("segment_funnels", question, **_by_told(by)),
    )


def _told_apart(segments: Segments) -> dict[str, Any]:
    """What tells the groups apart, as options of a part of a report."""
    return _by_told([each.segment for each in segments.segments] if segments.column is None else segments.column)


def _by_told(by: By) -> dict[str, Any]:
    if isinstance(by, str):
        return {"by": by}
    groups = [each for each in by if isinstance(each, Segment)] if isinstance(by, Sequence) else []
    return {"groups": [{"name": each.name, "where": plain_conditions(each.where)} for each in groups]}
