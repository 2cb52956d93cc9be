"""The effect of a change: a note or a day, a step, the time that each lead gets; the verdict, what it rests on, and the months."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import streamlit as st

from funnel import DataSet, Question, StageModel, measures, report
from funnel.charts import effect as picture
from funnel.core.errors import QuestionError
from funnel.core.types import Between, DatedNote, OneOf, ReportPart, Unit
from funnel.measures.effect import Effect, stage_of
from funnel.measures.effect_words import evidence, limits, meant, verdict_note
from funnel.words import wording
from pages.server.workspace import Workspace
from pages.strip import versions
from pages.ui import day_box, note_links, own_models, tables, texts
from pages.ui.ask import ask
from pages.ui.section import section, show_sentences

DAYS = ("30", "60", "90", "180", "365")
USUAL_DAYS = "90"
OWN_DAY, FROM_START, AS_NOTED = "", "", " "
STEP = "effect_step"
WIDTH = 1180
Only = tuple[OneOf | Between, ...]


@st.fragment
def show(workspace: Workspace, data_set: DataSet, base: Question) -> None:
    """Its choices under one title; below them the answer, or in a sentence why there is none."""
    st.header(wording.say("pages.effect.title"), anchor=False, help=wording.say("pages.effect.help"))
    first, last = data_set.first_start, data_set.last_start
    if first is None or last is None or first.date() >= last.date() or base.observed_until is None:
        st.info(wording.say("pages.effect.no_days"))
        return
    noted, day = _when(workspace, first.date() + timedelta(days=1), last.date())
    models = own_models.choices(data_set)
    with st.container(horizontal=True, vertical_alignment="bottom", key="effect_choice"):
        model = versions.box(_model(models), "effect_")
        question = replace(base, model=model, unit=base.unit if base.unit is Unit.ACCOUNT else data_set.unit_of(model))
        position = _step(question, noted)
        within = st.pills(
            wording.say("pages.effect.within"),
            DAYS,
            default=USUAL_DAYS,
            required=True,
            format_func=lambda name: wording.say("pages.effect.days", days=int(name)),
            key="effect_within",
            bind="query-params",
            help=wording.say("pages.change.within_help"),
        )
        gap = st.toggle(
            wording.say("pages.effect.gap"),
            key="effect_gap",
            bind="query-params",
            help=wording.say("pages.effect.gap_help"),
        )
    if day is None:
        st.info(wording.say("pages.effect.choose" if workspace.dated_notes else "pages.effect.no_day"))
        return
    only = _only(data_set, question, noted)
    try:
        result = ask(workspace, measures.effect, question, day, position, int(within or USUAL_DAYS), gap, only)
    except QuestionError as error:
        st.info(texts.problem(error))
        return
    part = report.part(
        "effect",
        question,
        on=day,
        position=position,
        within=result.within_days,
        gap=gap,
        condition=noted.condition if noted is not None and only else "",
    )
    _answer(result, part)


def _when(workspace: Workspace, first: date, last: date) -> tuple[DatedNote | None, date | None]:
    """The note chosen and its day; None and a day of one's own."""
    notes = {note_links.name_of(note): note for note in reversed(workspace.dated_notes)}
    names = [OWN_DAY, *reversed(notes)]
    with st.container(horizontal=True, vertical_alignment="bottom", key="effect_when"):
        chosen = OWN_DAY
        if notes:
            within = [place for place, name in enumerate(names) if name in notes and first <= notes[name].day <= last]
            chosen = st.selectbox(
                wording.say("pages.effect.note"),
                names,
                # The latest that there is anything to say of.
                index=within[-1] if within else 0,
                format_func=lambda name: (
                    note_links.said(notes[name]) if name in notes else wording.say("pages.effect.own_day")
                ),
                key=note_links.NOTE,
                bind="query-params",
                width=360,
            )
        if chosen in notes:
            return notes[chosen], notes[chosen].day
        day = day_box.day(wording.say("pages.effect.day"), None, first, last, key="effect_on", bind=True, width=180)
    return None, day


def _model(models: Mapping[str, StageModel]) -> StageModel:
    """The model that is looked through: at first that of the other pages."""
    usual = st.session_state.get("model")
    keys = list(models)
    name = usual if isinstance(usual, str) and usual in models else "standard" if "standard" in models else keys[0]
    key = st.selectbox(
        wording.say("pages.sidebar.model"),
        keys,
        index=keys.index(name),
        format_func=lambda key: models[key].name,
        key="effect_model",
        bind="query-params",
        width=240,
    )
    return models[key]


def _step(question: Question, noted: DatedNote | None) -> int | None:
    """The stage whose step is asked about, that of the note unless another is chosen; None: from the start to the win."""
    stages = question.model.stages
    of_note = _stage_of_note(question, noted)
    options = [*([AS_NOTED] if of_note is not None else []), FROM_START, *(stage.key for stage in stages[:-1])]
    # Another note, or another model, has other steps.
    if st.session_state.get(STEP) not in options:
        st.session_state.pop(STEP, None)

    def said(option: str) -> str:
        if option == FROM_START:
            return wording.say("pages.effect.start")
        at = of_note if option == AS_NOTED else [stage.key for stage in stages].index(option)
        names = {"before": stages[at or 0].name, "after": stages[(at or 0) + 1].name}
        return wording.say("pages.effect.step_noted" if option == AS_NOTED else "charts.times_step", **names)

    chosen = st.selectbox(
        wording.say("pages.effect.step"), options, format_func=said, key=STEP, bind="query-params", width=300
    )
    if chosen == AS_NOTED:
        return of_note
    return None if chosen == FROM_START else [stage.key for stage in stages].index(chosen)


def _stage_of_note(question: Question, noted: DatedNote | None) -> int | None:
    """The stage of the note, where it is one of the model from which a step leads on; where it is not, that is said."""
    if noted is None or not noted.stage.strip():
        return None
    try:
        position = stage_of(question, noted.stage)
    except QuestionError:
        position = None
    if position is None or position == len(question.model.stages) - 1:
        missing = wording.say("pages.effect.no_stage", stage=noted.stage, model=question.model.name)
        st.caption(texts.inert(missing))
        return None
    return position


def _only(data_set: DataSet, question: Question, noted: DatedNote | None) -> Only:
    """The leads that the note concerns; none where it concerns all, or where its condition cannot be asked of this file, which is said."""
    if noted is None or not noted.condition:
        return ()
    try:
        only = data_set.columns.written(noted.condition, question.attributes)
    except QuestionError as error:
        st.warning(texts.inert(wording.say("pages.effect.no_condition", problem=str(error))))
        return ()
    st.caption(texts.inert(wording.say("pages.effect.only", condition=noted.condition)))
    return only


def _answer(result: Effect, part: ReportPart) -> None:
    note, what = verdict_note(result), meant(result)
    st.subheader(texts.sentence(note), anchor=False)
    section(
        "effect",
        result,
        picture.draw,
        picture.describe,
        table=tables.of(
            "effect" if result.apart is None else "effect_apart", result.rows(), rare=("young", "left_out", "untimed")
        ),
        between=lambda: show_sentences("effect", *(wording.say(each.key, **each.values) for each in evidence(result))),
        within=WIDTH,
        part=part,
        what=wording.plain(wording.say(what.key, **what.values)),
        within_days=result.within_days,
    )
    for each in limits(result):
        st.caption(texts.sentence(each))
    with st.expander(wording.say("pages.segments.how")):
        st.markdown(texts.inert(wording.say("pages.effect.how_told")))
