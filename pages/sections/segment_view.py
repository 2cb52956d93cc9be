"""Groups of leads against each other: what differs, where on the way, how fast, and how sure that is."""

from __future__ import annotations

from typing import Any

import streamlit as st

from funnel import DataSet, Question, charts
from funnel.core import insights
from funnel.core.errors import QuestionError
from funnel.core.types import Rate, Segment, SegmentFound, Segments, Verdict
from funnel.words import wording
from pages.sections import move_tables, segment_choice, segment_tables
from pages.sections.segment_choice import Age
from pages.server.workspace import Workspace
from pages.sidebar import filters
from pages.ui import ask, frame, texts
from pages.ui.ask import By

MOST_DRAWN = 6
A_ROW = 3
SMALL_WIDTH = 280
MOST_TOLD = 3
ROWS_WIDTH = 1180


@st.fragment
def show(workspace: Workspace, data_set: DataSet, question: Question) -> None:
    """Title and controls, the differences, the steps, the curves, the funnels."""
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
        found = ask.segments(workspace, question, by, age.target, age.day)
    except QuestionError as error:
        head.title(wording.say("pages.segments.view_groups"), anchor=False)
        st.info(texts.problem(error))
        return
    with head:
        st.title(_title(found, age), anchor=False)
        st.caption(_subtitle(workspace, found, age))
    if found.day is not None and not found.whole.numerator:
        st.info(wording.say("pages.segments.none_yet", reached=texts.inert(age.reached), day=found.day))
    _differences(found)
    if isinstance(by, str) and found.day is not None:
        _steps(found)
    _curves(workspace, question, by, age)
    _funnels(workspace, question, by)
    with st.expander(wording.say("pages.segments.how")):
        st.markdown(texts.inert(wording.say("pages.segments.how_told")))


def name(segment: Segment) -> str:
    """What a segment is called, for a Markdown place."""
    return texts.inert(insights.segment_name(segment))


def _title(found: Segments, age: Age) -> str:
    if found.column is None:
        return _title_of_two(found, age)
    if found.day is None:
        column = texts.inert(insights.column_name(found.column))
        return wording.say("pages.segments.title_so_far", column=column)
    high, low = found.most(Verdict.HIGHER), found.most(Verdict.LOWER)
    said: dict[str, Any] = {
        "column": texts.inert(insights.column_name(found.column)),
        "reached": texts.inert(age.reached),
        "high": name(high.segment) if high else "",
        "low": name(low.segment) if low else "",
        "high_rate": high.overall.rate.value if high else None,
        "low_rate": low.overall.rate.value if low else None,
    }
    one = high or low
    if len(found.segments) == 1 and not found.others:
        return wording.say("pages.segments.title_one", only=name(found.segments[0].segment), **said)
    if all(each.overall.verdict is Verdict.FEW for each in found.segments):
        return wording.say("pages.segments.title_too_few")
    if high and low:
        return wording.say("pages.segments.title_both", **said)
    if one:
        key = "title_higher" if high else "title_lower"
        return wording.say(f"pages.segments.{key}", others=one.overall.others.value, **said)
    return wording.say("pages.segments.title_none", **said)


def _title_of_two(found: Segments, age: Age) -> str:
    """Of two groups, the one of which more converted stands first."""
    one, other = found.segments
    verdict = one.overall.verdict
    if found.in_both and not (one.leads and other.leads):
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


def _subtitle(workspace: Workspace, found: Segments, age: Age) -> str:
    question = found.question
    undated = ask.steps(workspace, question).undated if found.day is not None else 0
    parts = [
        wording.say(f"pages.counted.{question.unit}", n=found.leads),
        texts.inert(question.model.name),
        *(texts.inert(each) for each in filters.told(question)),
        wording.say("pages.segments.so_far")
        if found.day is None
        else wording.say("pages.segments.at_age", day=found.day, old=found.whole.denominator),
        together(found.whole, age),
        *filter(None, [insights.by_account(found.whole)]),
    ]
    for key, leads in (("in_both", found.in_both), ("untimed", found.untimed), ("undated", undated)):
        if leads:
            parts.append(wording.say(f"pages.segments.{key}", leads=leads))
    return " · ".join(parts)


def together(whole: Rate, age: Age) -> str:
    """How many of all converted; of fewer than 20 the counts alone."""
    rate = insights.rate_said(whole) if whole.few else wording.percent(whole.value)
    return wording.say("pages.segments.together", rate=rate, reached=texts.inert(age.reached))


def _differences(found: Segments) -> None:
    two = found.column is None
    names = [name(each.segment) for each in found.segments]
    title = "forest_so_far" if found.day is None else "forest_two" if two else "forest"
    values = {"a": names[0], "b": names[1]} if title == "forest_two" else {}
    st.subheader(wording.say(f"pages.segments.{title}", **values), anchor=False)
    if found.day is None:
        _so_far(found)
        return
    figure = charts.segments_forest(found, dark=frame.dark(), width_hint=frame.width_hint())
    with st.container(width=ROWS_WIDTH):
        frame.picture(
            figure, key="segments_forest", description=charts.describe_segments(found), file_name="differences"
        )
    with st.container(key="said"):
        for said in _told(found):
            st.markdown(texts.inert(said))
    if found.bet is not None:
        bet: dict[str, Any] = {
            "a": names[found.bet.on],
            "chance": found.bet.chance,
            "loss": insights.points(found.bet.loss),
        }
        st.caption(wording.say("pages.segments.bet", **bet), help=wording.say("pages.segments.bet_help"))
    if found.known:
        groups = [insights.short(insights.segment_name(each)) for each in found.known]
        st.caption(texts.inert(wording.say("pages.segments.known", groups=groups)))
    if any(_looks_clear(each) for each in found.segments):
        st.caption(wording.say("pages.segments.still_unclear"))
    if found.others and not two:
        st.caption(wording.say("pages.segments.others_left", leads=found.others))
    table = segment_tables.of_two(found) if two else segment_tables.differences(found)
    frame.below(key="segments_forest", table=table, sql=found.sql, file_name="differences")


def _so_far(found: Segments) -> None:
    """What came of each group, as a table: there is no difference to draw."""
    table = segment_tables.so_far(found)
    with st.container(width=ROWS_WIDTH):
        st.html(move_tables.html(table))
    with st.container(key="said"):
        st.markdown(texts.inert(wording.say("pages.segments.ages_differ")))
    frame.below(key="segments_so_far", table=table, sql=found.sql, file_name="so-far", picture=False, views=("sql",))


def _looks_clear(each: SegmentFound) -> bool:
    """Whether an interval stays clear of zero and the verdict, which is corrected, does not."""
    contrast = each.overall
    if contrast.low is None or contrast.high is None or contrast.verdict is not Verdict.UNCLEAR:
        return False
    return contrast.low > 0 or contrast.high < 0


def _told(found: Segments) -> list[str]:
    """The verdict on two groups; by a column, on the segments that make most leads."""
    if found.column is None:
        one, other = (insights.segment_name(each.segment) for each in found.segments)
        return [insights.verdict_said(found.segments[0].overall, one, other)]
    ranked = sorted(found.segments, key=_weight)
    others = wording.say("pages.segments.the_others")
    return [
        insights.verdict_said(each.overall, insights.segment_name(each.segment), others) for each in ranked[:MOST_TOLD]
    ]


def _weight(each: SegmentFound) -> tuple[bool, float]:
    return not each.overall.is_clear, -abs(each.overall.impact or 0.0)


def _steps(found: Segments) -> None:
    if len(found.question.model.stages) < 2:
        return
    st.subheader(wording.say("pages.segments.steps"), anchor=False, help=wording.say("pages.segments.steps_help"))
    figure = charts.segments_steps(found, dark=frame.dark(), width_hint=frame.width_hint())
    description = charts.describe_segment_steps(found)
    with st.container(width=ROWS_WIDTH):
        frame.picture(figure, key="segment_steps", description=description, file_name="steps-by-group")
    st.caption(texts.inert(description))
    every = [step for each in found.segments for step in each.steps]
    if found.day is not None and any(not step.rate.denominator + step.others.denominator for step in every):
        st.caption(wording.say("pages.segments.no_moments"))
    frame.below(key="segment_steps", table=segment_tables.steps(found), sql=found.sql, file_name="steps-by-group")


def _curves(workspace: Workspace, question: Question, by: By, age: Age) -> None:
    """How fast; a file that tells no moments has no curves."""
    try:
        found = ask.segment_curves(workspace, question, by, age.target)
    except QuestionError:
        return
    if not any(curve.points for _, curve in found.curves):
        return
    st.subheader(
        wording.say("pages.segments.curves", reached=texts.inert(age.reached)),
        anchor=False,
        help=wording.say("pages.segments.curves_help"),
    )
    figure = charts.segment_curves(found, day=age.day, dark=frame.dark(), width_hint=frame.width_hint())
    description = charts.describe_segment_curves(found)
    frame.picture(figure, key="segment_curves", description=description, file_name="conversion-by-age-and-group")
    st.caption(texts.inert(description))
    frame.below(
        key="segment_curves",
        table=segment_tables.curves(found),
        sql=found.sql,
        file_name="conversion-by-age-and-group",
        picture=False,
    )


def _funnels(workspace: Workspace, question: Question, by: By) -> None:
    """The funnel of each segment, small, on one scale."""
    found = ask.segment_steps(workspace, question, by)
    if not found:
        return
    st.subheader(wording.say("pages.segments.funnels"), anchor=False)
    named = [(insights.segment_name(segment), steps) for segment, steps in found]
    figures = charts.group_funnels(named[:MOST_DRAWN], dark=frame.dark(), width_hint=SMALL_WIDTH)
    for first in range(0, len(figures), A_ROW):
        for place, column in enumerate(st.columns(A_ROW), first):
            if place < len(figures):
                with column:
                    description = charts.description(named[place][1])
                    frame.picture(
                        figures[place],
                        key=f"group_funnel_{place}",
                        description=description,
                        file_name="funnel-of-group",
                    )
    if len(named) > MOST_DRAWN:
        st.caption(wording.say("pages.segments.funnels_some", shown=MOST_DRAWN, all=len(named)))
    frame.below(
        key="group_funnels", table=segment_tables.funnels(named), sql=found[0][1].sql, file_name="funnels-by-group"
    )
