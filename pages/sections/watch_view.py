"""Watch: what rings now, when the same rules would have rung, and the rules. Closed at first; it asks only once it is opened."""

from __future__ import annotations

import streamlit as st

from funnel import DataSet, Question
from funnel.charts import watch as picture
from funnel.core.errors import QuestionError
from funnel.measures.watch import watch
from funnel.measures.watch_found import StepWatch, Watched, seldom
from funnel.measures.watch_other import Judged
from funnel.words import wording
from pages.sections import watch_rules_form
from pages.server.workspace import Workspace
from pages.ui import tables, texts
from pages.ui.ask import ask
from pages.ui.section import listing, section

STEP = "watch_step_shown"
WIDTH = 1080


@st.fragment
def show(workspace: Workspace, data_set: DataSet, question: Question) -> None:
    """The box."""
    with st.expander(
        wording.say("pages.watch.title"), key="watch", on_change="rerun", icon=":material/notifications:"
    ) as box:
        if box.open:
            _inside(workspace, data_set, question)


def _inside(workspace: Workspace, data_set: DataSet, question: Question) -> None:
    st.caption(wording.say("pages.watch.help"))
    try:
        found = ask(workspace, watch, question, workspace.watch, data_set.as_of.date())
    except QuestionError as error:
        st.info(texts.problem(error))
        return
    _now(found)
    _step(found)
    with st.container(key="watch_rules_now", width=WIDTH):
        listing("watch", found.rows(), found.sql, table=tables.of("watch", found.rows()))
    _unjudged(found)
    _past(found)
    watch_rules_form.show(workspace, data_set, question, found.rules)


def _now(found: Watched) -> None:
    """What rings, each with its chance and since when; and what is promised."""
    if not found.ringing:
        st.markdown(f"**{texts.inert(wording.say('pages.watch.none'))}**")
    else:
        counts = {"n": len(found.ringing), "all": len(found.judged)}
        st.markdown(f"**{texts.inert(wording.say('pages.watch.rings', **counts))}**")
    if found.at_once:
        names = [wording.say(each.name.key, **each.name.values) for each in found.at_once]
        st.warning(texts.inert(wording.say("measures.watch_at_once", steps=names)))
    with st.container(key="watch_alarms", gap="small"):
        for each in found.ringing:
            st.markdown(f"- {texts.inert(_alarm(found, each))}")
    if found.rules.steps:
        st.caption(texts.inert(wording.say("pages.watch.promise", budget=found.rules.false_alarms_a_year)))


def _alarm(found: Watched, alarm: Judged) -> str:
    text = wording.say(alarm.said.key, **alarm.said.values)
    if alarm.years is not None:
        often = seldom(alarm.years, "_said")
        text = wording.say("command.watch_chance", text=text, chance=wording.say(often.key, **often.values))
    step = found.step(alarm.rule.key)
    if step is None or step.episode.since is None:
        return text
    return wording.say("pages.watch.since", text=text, day=step.episode.since)


def _step(found: Watched) -> None:
    """The cohorts of one step: the one that rings, or whose chance is least, unless another is chosen."""
    seen = [each for each in found.steps if each.window is not None]
    if not seen:
        return
    first = min(range(len(seen)), key=lambda place: _unusual(seen[place]))
    names = [wording.say(each.name.key, **each.name.values) for each in seen]
    with st.container(width=360):
        chosen = st.selectbox(
            wording.say("pages.watch.step"),
            range(len(seen)),
            index=first,
            format_func=lambda place: wording.plain(names[place]),
            key=f"{STEP}_{found.question.model.key}_{len(seen)}",
        )
    step = seen[first if chosen is None else chosen]
    section(
        "watch_step",
        step,
        picture.draw,
        picture.describe,
        table=tables.of("watch_step", step.rows()),
        heading=names[seen.index(step)],
        within=WIDTH,
    )
    if step.smallest_fall is not None and step.look is not None:
        cohorts = len(step.look.windows[-1].cohorts)
        st.caption(texts.inert(wording.say("pages.watch.smallest", cohorts=cohorts, fall=step.smallest_fall)))


def _unusual(step: StepWatch) -> float:
    return 1.0 if step.window is None else step.window.chance


def _unjudged(found: Watched) -> None:
    if found.unjudged:
        st.subheader(wording.say("pages.watch.unjudged", n=len(found.unjudged)), anchor=False)
        for each in found.unjudged:
            name = found.name_of(each)
            rule = wording.say(name.key, **name.values)
            why = wording.say(each.said.key, **each.said.values)
            st.caption(texts.inert(wording.say("pages.watch.why", rule=rule, why=why)))


def _past(found: Watched) -> None:
    """When the same rules would have rung."""
    st.subheader(wording.say("pages.watch.past"), anchor=False)
    if not found.rungs:
        st.markdown(texts.inert(wording.say("pages.watch.past_none")))
        return
    st.markdown(texts.inert(wording.say("pages.watch.past_some", n=len(found.rungs))))
    with st.container(key="watch_past", gap="small"):
        for each in found.rungs:
            said = [wording.say(note.key, **note.values) for note in each.said]
            if each.at_once:
                said = [wording.say("measures.watch_at_once", steps=[note.values["step"] for note in each.said])]
            for sentence in said:
                st.caption(texts.inert(wording.say("pages.watch.would_have", day=each.day, said=sentence)))
