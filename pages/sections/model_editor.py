"""The editor: a stage model made by hand, its funnel beside it, kept in the session or as a file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

import streamlit as st

from funnel import DataSet, Question, Steps, Unit, catalogue, charts, measures
from funnel.charts import versions as picture
from funnel.words import wording
from pages.sections import stage_cards
from pages.server import downloads
from pages.server.workspace import Workspace, safe_name
from pages.ui import drafting, frame, own_models, texts
from pages.ui.ask import ask
from pages.ui.draft import Draft, slug
from pages.ui.drafting import held

READINGS = ("forward", "backward")
PREVIEW_WIDTH = 360
FEW_LEADS = 20


def show(workspace: Workspace, data_set: DataSet, question: Question) -> None:
    """Title, then what can be edited at the left and what comes of it at the right."""
    st.html(Path(__file__).with_name("editor.css"))
    st.header(wording.say("pages.editor.title"), anchor=False, help=wording.say("pages.editor.intro"))
    _editor(workspace, data_set, question)


@st.fragment
def _editor(workspace: Workspace, data_set: DataSet, question: Question) -> None:
    _start(data_set)
    draft = drafting.drafts()[-1]
    with st.container(key="editor"):
        shaping, seeing = st.columns([3, 2], gap="medium")
    with shaping:
        _model(draft)
        stage_cards.show(draft, data_set)
    with seeing, st.container(key="editor_preview"):
        _keep(draft)
        steps = _preview(workspace, data_set, question, draft)
        _own()
    with shaping:
        _nowhere(draft, data_set, steps)


def _start(data_set: DataSet) -> None:
    """Where to begin: a copy, nothing, or a file; and the way back."""
    models = own_models.choices(data_set)
    with st.container(horizontal=True, vertical_alignment="bottom", key="editor_start", gap="small"):
        key = st.selectbox(
            wording.say("pages.editor.start_from"),
            list(models),
            format_func=lambda key: wording.plain(models[key].name),
            key="start_from",
            persist_state="session",
            width=280,
        )
        help_text = wording.say("pages.editor.start_help")
        st.button(
            wording.say("pages.editor.copy"),
            key="start_copy",
            help=help_text,
            on_click=lambda: drafting.begin(drafting.copy_of(models[key])),
        )
        st.button(
            wording.say("pages.editor.empty"),
            key="start_empty",
            help=help_text,
            on_click=lambda: drafting.begin(Draft(wording.say("pages.editor.new_model"))),
        )
        box = drafting.box_key()
        # With each file the popover is a new one, which is closed: what comes of the file stands under it.
        with st.popover(wording.say("pages.editor.load"), key=f"popover_{box}"):
            st.file_uploader(
                wording.say("pages.editor.load_label"),
                type=["toml"],
                key=box,
                max_upload_size=1,
                on_change=drafting.load,
                args=(box,),
            )
        st.button(
            wording.say("pages.editor.undo"),
            key="undo",
            help=wording.say("pages.editor.undo_help"),
            disabled=len(drafting.drafts()) < 2,
            on_click=drafting.undo,
        )
    if problem := st.session_state.pop(drafting.PROBLEM, None):
        st.error(problem)


def _model(draft: Draft) -> None:
    """What the model is called, how it is read and what it counts."""
    with st.container(border=True, key="editor_model", gap="small"):
        left, right = st.columns(2, gap="small")
    with left:
        st.text_input(
            wording.say("pages.editor.model_name"),
            key=held("draft_name", draft.name),
            on_change=lambda: _set(name=st.session_state["draft_name"]),
        )
        with st.container(horizontal=True, key="editor_kind"):
            st.pills(
                wording.say("pages.editor.unit"),
                [unit.value for unit in Unit],
                required=True,
                format_func=lambda unit: wording.say(f"pages.unit.{unit}"),
                key=held("draft_unit", draft.unit.value),
                help=wording.say("pages.editor.unit_help"),
                on_change=lambda: _set(unit=Unit(st.session_state["draft_unit"])),
                width="content",
            )
            st.pills(
                wording.say("pages.editor.reading"),
                READINGS,
                required=True,
                format_func=lambda reading: wording.say(f"pages.editor.reading_{reading}"),
                key=held("draft_reading", draft.reading),
                help=wording.say("pages.editor.reading_help"),
                on_change=lambda: _set(reading=st.session_state["draft_reading"]),
                width="content",
            )
        if draft.versions:
            _versions(draft)
    with right:
        st.text_area(
            wording.say("pages.editor.description"),
            key=held("draft_description", draft.description),
            height=120,
            on_change=lambda: _set(description=st.session_state["draft_description"]),
        )


def _versions(draft: Draft) -> None:
    """Which version is shaped; the others stay as they are."""
    whole = draft.model()
    st.selectbox(
        wording.say("pages.strip.version"),
        range(len(draft.versions)),
        format_func=lambda number: picture.named(whole.in_version(number).seams[0]),
        key=held("draft_version", draft.version),
        help=wording.say("pages.editor.versions"),
        on_change=lambda: drafting.change(lambda each: each.of_version(st.session_state["draft_version"])),
        disabled=bool(draft.problems()),
    )
    st.caption(wording.say("pages.editor.versions"))


def _set(**values: object) -> None:
    drafting.change(lambda draft: replace(draft, **values))  # type: ignore[arg-type]


def _nowhere(draft: Draft, data_set: DataSet, steps: Steps | None) -> None:
    """The labels and the meanings that no stage takes, and how many leads are in no stage for it."""
    names = catalogue.concept_names()
    stage_concepts = [concept.key for concept in catalogue.concepts() if concept.kind == "stage"]
    labels = draft.unplaced_labels(data_set.concepts)
    concepts = draft.unplaced_concepts(stage_concepts)
    borne = [
        wording.say("pages.editor.label_leads", label=label.label, leads=label.leads)
        for label in data_set.labels
        if label.label in labels
    ]
    with st.container(border=True, key="editor_nowhere", gap="xsmall"):
        st.markdown(f"**{wording.say('pages.editor.nowhere')}**")
        listed = texts.inert(wording.listed(borne))
        st.markdown(
            wording.say("pages.editor.labels_nowhere", labels=listed)
            if labels
            else wording.say("pages.editor.all_labels")
        )
        if steps is not None:
            unplaced = steps.all_leads - steps.placed_leads
            key = "leads_nowhere" if unplaced else "all_leads"
            st.markdown(wording.say(f"pages.editor.{key}", leads=unplaced, all=steps.all_leads))
        meanings = wording.listed([names[concept] for concept in concepts])
        st.caption(
            wording.say("pages.editor.concepts_nowhere", concepts=meanings)
            if concepts
            else wording.say("pages.editor.all_concepts")
        )


def _keep(draft: Draft) -> None:
    """Keep the model in the session, or take it along as a file; both once it is whole."""
    whole = not draft.problems()
    with st.container(horizontal=True, key="editor_keep"):
        if st.button(
            wording.say("pages.editor.keep"),
            key="keep",
            type="primary",
            help=wording.say("pages.editor.keep_help"),
            disabled=not whole,
        ):
            saved = own_models.save(draft.model())
            if saved is not None:
                st.session_state["kept_model"] = saved.name
            st.rerun()
        key = slug(draft.name) or "model"
        st.download_button(
            wording.say("pages.editor.download"),
            downloads.given(lambda: catalogue.model_toml(draft.model(key)).encode()),
            safe_name(f"{key}.toml"),
            "application/toml",
            key="download_model",
            help=wording.say("pages.editor.download_help"),
            on_click="ignore",
            disabled=not whole,
        )
    if name := st.session_state.pop("kept_model", None):
        st.success(wording.say("pages.editor.kept", name=texts.inert(name)))


def _preview(workspace: Workspace, data_set: DataSet, question: Question, draft: Draft) -> Steps | None:
    """The funnel of the draft, or of the last draft that was whole; what is missing. None where the draft is not whole."""
    st.header(wording.say("pages.editor.preview"), anchor=False, help=wording.say("pages.editor.preview_help"))
    problems = draft.problems()
    if not problems:
        st.session_state["previewed"] = draft.model()
    model = st.session_state.get("previewed") if draft.stages else None
    if problems:
        sentences = [texts.sentence(problem) for problem in problems]
        if model is not None:
            sentences.append(wording.say("pages.editor.last_whole"))
        st.info("\n\n".join(sentences))
    if model is None:
        return None
    of_draft = replace(question, model=model, unit=data_set.unit_of(model))
    steps = ask(workspace, measures.steps, of_draft)
    base = drafting.base(draft, data_set)
    before = ask(workspace, measures.steps, replace(of_draft, model=base)) if base is not None and base.stages else None
    _coverage(steps, before)
    figure = charts.funnel(steps, dark=frame.dark(), width_hint=PREVIEW_WIDTH)
    frame.picture(figure, key="preview", description=charts.description(steps), fits=True)
    if model.reading == "backward":
        st.caption(wording.say("pages.editor.backward"))
    return None if problems else steps


def _coverage(steps: Steps, before: Steps | None) -> None:
    """The share of leads that the draft can place, against the model it began as."""
    text = wording.say("pages.editor.coverage_now", placed=steps.placed_leads, all=steps.all_leads)
    few = steps.all_leads < FEW_LEADS
    arrow: Literal["up", "down", "off"] = "off"
    colour: Literal["blue", "orange", "off"] = "off"
    if before is not None:
        key = "few_before" if few else "coverage_before"
        text = wording.say(f"pages.editor.{key}", now=text, share=before.coverage, placed=before.placed_leads)
        if steps.placed_leads > before.placed_leads:
            arrow, colour = "up", "blue"
        elif steps.placed_leads < before.placed_leads:
            arrow, colour = "down", "orange"
    st.metric(
        wording.say("pages.editor.coverage"),
        wording.number(steps.placed_leads) if few else wording.percent(steps.coverage),
        text,
        delta_arrow=arrow,
        delta_color=colour,
        help=wording.say("pages.editor.coverage_help"),
    )


def _own() -> None:
    """The models kept in this session, each to be edited again or forgotten."""
    models = own_models.own()
    if not models:
        return
    st.markdown(f"**{wording.say('pages.editor.own')}**")
    for key, model in models.items():
        with st.container(horizontal=True, vertical_alignment="center", key=f"own_{key}"):
            st.markdown(texts.inert(model.name), width="stretch")
            st.button(
                wording.say("pages.editor.edit"),
                key=f"edit_{key}",
                help=wording.say("pages.editor.edit_named", name=texts.inert(model.name)),
                type="tertiary",
                on_click=drafting.begin,
                args=(Draft.of(model),),
            )
            if st.button(
                wording.say("pages.editor.forget"),
                key=f"forget_{key}",
                help=wording.say("pages.editor.forget_named", name=texts.inert(model.name)),
                type="tertiary",
            ):
                own_models.forget(key)
                st.rerun()
