"""The main script, run on every click: page, language, data, strip, then the page that was chosen."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import streamlit as st

from funnel.words import wording
from pages.sections import doubt_banner, upload
from pages.server import autosave, edit_conflicts, first_draw, runs, sessions, warm_up
from pages.server.auth import sign_in
from pages.strip import dates, file_bar, live_line, strip
from pages.ui import (
    address_bar,
    calendar_choice,
    changed_folder,
    chart_first,
    focus,
    former_pages,
    language,
    links,
    loading,
    views,
)

HERE = Path(__file__).resolve().parent

language.begin()
st.set_page_config(
    page_title=wording.say("pages.name"),
    page_icon=str(HERE / "icon.svg"),
    layout="wide",
    initial_sidebar_state="collapsed",
)
# Where people sign in, nothing below is reached before they have.
sign_in.gate()
st.html(HERE / "style.css")

wanted = runs.begin()
space = sessions.current()
calendar_choice.begin(space)
language.tell()


def _page(name: str, path: str, *, visible: bool = True, default: bool = False) -> Any:
    title = wording.say(f"pages.page_names.{name}")
    visibility: Literal["visible", "hidden"] = "visible" if visible else "hidden"
    return st.Page(HERE / f"{name}_page.py", title=title, url_path=path, default=default, visibility=visibility)


# Its address is "/"; this one is of no use to Streamlit but to tell it from "/overview", which leads on to it.
overview = _page("overview", "first", default=True)
files = _page("files", "data", visible=False)
models = _page("models", "models")
# By their addresses both are there always; in the bar where somebody bought again, or where there are touches.
customers = _page("customers", "customers", visible=space.data_set is not None and space.data_set.bought_again)
touched = space.data_set is not None and space.data_set.touches is not None
channels = _page("channels", "channels", visible=touched)
usual = (_page(name, name) for name in ("funnel", "segments", "trends", "pipeline"))
in_bar = [overview, *usual, channels, customers, models]
pages = [*in_bar, files]
# Without data every page says the same: there is nothing to go to.
page = st.navigation([*pages, *former_pages.pages()], position="hidden" if space.data_set is None else "top")
st.logo(HERE / "logo.svg", size="large")
by_path = {each.url_path: each for each in pages}
former_pages.lead_on(page, by_path)

edit_conflicts.begin(space)
if space.data_set is not None:
    # Each full run takes the place of the one before: what that one still asks is no longer wanted.
    space.data_set.interrupt()
elif space.load_job is None and space.problem is None:
    asked_sample = st.query_params.get(views.SAMPLE)
    autosave.resume(space, asked_sample)
    if space.load_job is None and asked_sample in loading.BUNDLED:
        loading.begin(space, loading.sample(asked_sample))

if space.data_set is None:
    warm_up.show()
loading.carry_out(space, wanted, lambda: autosave.keep_data(space))

edit_conflicts.tell()
if space.data_set is None:
    sign_in.show_person()
    upload.greeting(space)
    focus.follow(page.url_path)
else:
    with first_draw.watched(space, wanted), changed_folder.let_go(space):
        views.resume(space, page, pages)
        links.settle(space, space.data_set, page.url_path)
        address_bar.put({views.SAMPLE: space.sample or "", **dates.carried()})
        chart_first.none_yet()
        file_bar.show(space, space.data_set, files)
        # It takes the place of the greeting, which would else stay in the strip until the page is whole.
        st.empty()
        live_line.show(space)
        one_model = page is not models
        question, later = strip.show(space, space.data_set, page, by_path, one_model=one_model)
        st.session_state["question"] = question
        doubt_banner.show(space, space.data_set, files, here=page is files)
        page.run()
        focus.follow(page.url_path, space.token)
        strip.draw_starts(space, space.data_set, later)
        if one_model:
            strip.tell_moves(space, question, later.moves)
        dates.say_in_address(space.data_set)
        views.remember(space, page)
    autosave.keep_work(space)
edit_conflicts.mark_seen()
