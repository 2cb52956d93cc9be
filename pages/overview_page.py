"""The Overview page: how it goes, what changed, and what to do."""

from __future__ import annotations

import streamlit as st

from funnel import DataSet, Question, Steps, charts, measures, report
from funnel.measures.bottleneck import Bottleneck
from funnel.words import wording
from pages.sections import mapping_form, overview_cards, overview_news, watch_view
from pages.server.sessions import current
from pages.server.workspace import Workspace
from pages.ui import empty, frame, headline, tables, texts
from pages.ui.ask import ask

CHART = "overview_funnel"


def show(workspace: Workspace, data_set: DataSet, question: Question) -> None:
    """Title, five figures, the funnel with its largest drop-off, what changed, deals to follow up; where no lead is counted, why."""
    steps = ask(workspace, measures.steps, question)
    if not steps.leads:
        empty.show(workspace, question, steps)
        return
    st.title(charts.headline(steps), anchor=False)
    st.caption(headline.subtitle(steps))
    mapping_form.ambiguities(workspace, data_set)
    cards = frame.room("figure_cards_overview")
    with st.container(key="overview_columns"):
        left, right = st.columns([3, 2], gap="large")
    with left:
        _funnel(steps, ask(workspace, measures.bottleneck, question))
    with cards:
        overview_cards.show(workspace, data_set, question)
    with right:
        overview_news.changed(workspace, data_set, question)
        overview_news.follow_up(workspace, question)
    watch_view.show(workspace, data_set, question)
    ask(workspace, measures.ready_for_dates, question)


def _funnel(steps: Steps, bottleneck: Bottleneck | None) -> None:
    """The funnel, small, with where most are lost; and the way to all about it."""
    figure = charts.funnel(
        steps,
        dark=frame.dark(),
        width_hint=frame.width_hint(CHART),
        compact=True,
        drop_off=bottleneck.drop_off.position if bottleneck and bottleneck.drop_off else None,
    )
    frame.picture(figure, key=CHART, description=charts.description(steps))
    frame.below(
        key="overview",
        table=tables.of("steps", steps.rows()),
        sql=steps.sql,
        file_name="funnel",
        pictures=(CHART,),
        questions=(steps.question,),
        part=report.part("funnel", steps.question),
    )
    if bottleneck and bottleneck.sentences:
        st.caption(texts.inert(charts.stuck(bottleneck)))
    st.page_link("funnel_page.py", label=wording.say("pages.overview.open_funnel"), icon=":material/arrow_forward:")


space = current()
if space.data_set is not None and (question := st.session_state.get("question")):
    show(space, space.data_set, question)
