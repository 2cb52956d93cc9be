"""A model that changed on a day: the leads that started before it beside those that started after, on one scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import streamlit as st

from funnel import DataSet, Question, StageModel, Steps, charts, measures, report
from funnel.core.errors import QuestionError
from funnel.core.types import ReportPart, Unit
from funnel.measures.changed import Change
from funnel.measures.steps import grouped
from funnel.words import wording
from pages.sections import scoreboard_text
from pages.server.workspace import Workspace
from pages.strip import versions
from pages.ui import day_box, frame, own_models, tables, texts
from pages.ui.ask import ask

DAYS = ("30", "90", "180")
ALL = "all"


def show(workspace: Workspace, data_set: DataSet, base: Question) -> None:
    """Closed at first. Inside: the day, the two models, the time each lead gets; then the two funnels."""
    if data_set.first_start is None or data_set.last_start is None:
        return
    first, last = data_set.first_start.date(), data_set.last_start.date()
    if first == last:
        return
    stated = "changed_on" in st.query_params
    with st.expander(wording.say("pages.change.title"), key="changed", expanded=stated, on_change="rerun") as opened:
        if opened.open or stated:
            _inside(workspace, data_set, base, first, last)


@st.fragment
def _inside(workspace: Workspace, data_set: DataSet, base: Question, first: date, last: date) -> None:
    st.caption(wording.say("pages.change.help"))
    models = own_models.choices(data_set)
    with st.container(horizontal=True, vertical_alignment="bottom", key="change_choice"):
        day = day_box.day(
            wording.say("pages.change.day"),
            None,
            first + timedelta(days=1),
            last,
            key="changed_on",
            bind=True,
            width=180,
        )
        before, after = (_model(name, models) for name in ("before", "after"))
        chosen = st.pills(
            wording.say("pages.change.within"),
            [*DAYS, ALL],
            default="90",
            required=True,
            format_func=lambda name: wording.say(f"pages.change.{name}_days"),
            key="changed_within",
            bind="query-params",
            help=wording.say("pages.change.within_help"),
        )
    if not isinstance(day, date):
        return
    within_days = None if chosen == ALL else int(chosen or 90)
    try:
        sides = [
            replace(base, model=model, unit=base.unit if base.unit is Unit.ACCOUNT else data_set.unit_of(model))
            for model in (before, after)
        ]
        change = ask(workspace, measures.change, sides, day, within_days)
    except QuestionError as error:
        st.info(texts.problem(error))
        return
    options = {"after": after, "unit": sides[1].unit, "within_days": within_days}
    for side in (change.before, change.after):
        versions.tell(workspace, side.question)
    _drawn(change, day, report.part("change", sides[0], day=day, **options))


def _model(name: str, models: Mapping[str, StageModel]) -> StageModel:
    key = st.selectbox(
        wording.say(f"pages.change.model_{name}"),
        list(models),
        index=list(models).index("standard") if "standard" in models else 0,
        format_func=lambda key: models[key].name,
        key=f"changed_{name}",
        bind="query-params",
        width=240,
    )
    return models[key]


def _drawn(change: Change, day: date, part: ReportPart) -> None:
    text = _sentence(change, day)
    st.markdown(texts.inert(text))
    figures = charts.change(change, dark=frame.dark(), width_hint=frame.width_hint("change_before"))
    for column, figure, name in zip(st.columns(2, gap="medium"), figures, ("before", "after"), strict=True):
        with column:
            steps: Steps = getattr(change, name)
            frame.picture(figure, key=f"change_{name}", description=charts.description(steps))
    sides = [(wording.say(f"pages.change.{name}"), getattr(change, name)) for name in ("before", "after")]
    frame.below(
        key="change",
        table=tables.of("funnels_by_group", grouped(sides)),
        sql=frame.queries((name, steps.sql) for name, steps in sides),
        file_name="before-and-after",
        pictures=("change_before", "change_after"),
        title=text,
        questions=(change.before.question, change.after.question),
        part=part,
    )


def _sentence(change: Change, day: date) -> str:
    """How many of each group got to the last stage, in the same time; without equal time, what that means."""
    before, after = change.before.stages[-1], change.after.stages[-1]
    same = "after" if before.name == after.name else "after_other"
    sentences = [
        wording.say(
            f"pages.change.told_{key}",
            day=day,
            reached=scoreboard_text.rate_of(stage.from_entry),
            stage=wording.plain(stage.name),
        )
        for key, stage in (("before", before), (same, after))
    ]
    if change.within_days is None:
        return " ".join([*sentences, wording.say("pages.change.unequal")])
    return " ".join([*sentences, wording.say("pages.change.equal", days=change.within_days)])
