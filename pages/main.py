"""The main script, run on every click: page, language, data, sidebar, then the page that was chosen."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from funnel.words import wording
from pages.sections import doubt_banner, upload
from pages.server import autosave, edit_conflicts, first_draw, runs, sessions, warm_up
from pages.server.auth import sign_in
from pages.sidebar import sidebar
from pages.ui import changed_folder, chart_first, loading, views

HERE = Path(__file__).resolve().parent

st.set_page_config(
    page_title=wording.say("pages.name"), page_icon=str(HERE / "icon.svg"), layout="wide", initial_sidebar_state="auto"
)
# Where people sign in, nothing below is reached before they have.
sign_in.gate()
st.html(HERE / "style.css")
sign_in.show_person()

overview = st.Page(HERE / "overview_page.py", title=wording.say("pages.funnel.name"), url_path="funnel", default=True)
files = st.Page(HERE / "files_page.py", title=wording.say("pages.data.name"), url_path="data")
models = st.Page(HERE / "models_page.py", title=wording.say("pages.models.name"), url_path="models")
cohorts = st.Page(HERE / "cohorts_page.py", title=wording.say("pages.cohorts.name"), url_path="cohorts")
times = st.Page(HERE / "times_page.py", title=wording.say("pages.times.name"), url_path="time")
moves_page = st.Page(HERE / "moves_page.py", title=wording.say("pages.moves.name"), url_path="moves")
segments = st.Page(HERE / "segments_page.py", title=wording.say("pages.segments.name"), url_path="segments")
editor = st.Page(HERE / "editor_page.py", title=wording.say("pages.editor.name"), url_path="editor")
pages = [files, overview, models, cohorts, times, moves_page, segments, editor]
page = st.navigation(pages, position="top")
st.logo(HERE / "logo.svg", size="large")

wanted = runs.begin()
space = sessions.current()
edit_conflicts.begin(space)
if space.data_set is not None:
    # Each full run takes the place of the one before: what that one still asks is no longer wanted.
    space.data_set.interrupt()
elif space.load_job is None and space.problem is None:
    asked_sample = st.query_params.get(views.SAMPLE)
    autosave.resume(space, asked_sample)
    if space.load_job is None and asked_sample in loading.SAMPLES:
        loading.begin(space, loading.sample(asked_sample))

if space.data_set is None:
    warm_up.show()
loading.carry_out(space, wanted, lambda: autosave.keep_data(space))

edit_conflicts.tell()
if space.data_set is None:
    upload.greeting(space)
else:
    with first_draw.watched(space, wanted), changed_folder.let_go(space):
        views.resume(space, page, pages)
        if space.sample:
            st.query_params[views.SAMPLE] = space.sample
        elif views.SAMPLE in st.query_params:
            del st.query_params[views.SAMPLE]
        chart_first.none_yet()
        one_model = page is not models
        question, later = sidebar.show(space, space.data_set, files, one_model=one_model)
        st.session_state["question"] = question
        doubt_banner.show(space, space.data_set, files, here=page is files)
        page.run()
        sidebar.draw_starts(space, space.data_set, later)
        if one_model:
            sidebar.tell_moves(space, question, later.moves)
        views.remember(space, page)
    autosave.keep_work(space)
edit_conflicts.seen()
