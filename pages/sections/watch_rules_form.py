"""The rules of a watch, to be changed on the page, taken along as a file, and brought back: the same ones that the command reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import streamlit as st

from funnel import DataSet, FunnelError, Question, Stage
from funnel.core import toml_text
from funnel.core.types.watch import (
    DataRule,
    Direction,
    OpenValueRule,
    Rule,
    StalledRule,
    StepRule,
    TargetRule,
    WatchRules,
    WinsRule,
)
from funnel.measures.target import next_quarter_end
from funnel.measures.watch_places import begins
from funnel.storage import watch_rules
from funnel.words import wording
from pages.server import downloads, edit_conflicts
from pages.server.workspace import Workspace
from pages.ui import day_box, texts
from pages.ui.ask import ask

BUDGETS = (0.25, 0.5, 1.0, 2.0, 4.0, 12.0)
MOST_WINS, MOST_VALUE, MOST_DAYS = 1_000_000, 10**15, 36_500
FIELDS = ("steps", "budget", "both", "wins", "stalled", "data", "days_old", "open_below", "target_wins", "target_by")
PROBLEM = "watch_problem"


def show(workspace: Workspace, data_set: DataSet, question: Question, rules: WatchRules) -> None:
    """The form, the rules as a file, and a place for such a file."""
    st.subheader(wording.say("pages.watch.edit"), anchor=False)
    if problem := st.session_state.pop(PROBLEM, None):
        st.error(problem)
    stages = ask(workspace, begins, question)
    until = question.observed_until
    as_of = data_set.as_of.date() if until is None else until.date()
    with st.form("watch_rules", border=True):
        _fields(stages, rules, as_of)
        st.form_submit_button(
            wording.say("pages.watch.save"), on_click=_keep, args=(workspace, stages, rules), type="primary"
        )
    st.caption(wording.say("pages.watch.more"))
    with st.container(horizontal=True, key="watch_files", vertical_alignment="center"):
        st.download_button(
            wording.say("pages.watch.download"),
            downloads.given(lambda: watch_rules.to_toml(rules).encode()),
            watch_rules.FILE,
            "application/toml",
            key="download_watch",
            on_click="ignore",
        )
        box = f"watch_upload_{workspace.changes[edit_conflicts.SAVED]}"
        with st.popover(wording.say("pages.watch.upload"), key=f"popover_{box}"):
            st.file_uploader(
                wording.say("pages.watch.upload"),
                type=["toml"],
                key=box,
                max_upload_size=1,
                on_change=_load,
                args=(workspace, box),
                label_visibility="collapsed",
            )
        if workspace.watch is not None:
            st.button(wording.say("pages.watch.usual"), key="watch_usual", on_click=_set, args=(workspace, None))
    st.caption(wording.say("pages.watch.command"))
    st.code("python -m funnel watch leads.csv --rules watch.toml", language=None)


def _fields(stages: Sequence[Stage], rules: WatchRules, as_of: date) -> None:
    """What the form asks; other rules are other fields, so that nothing that was typed before stands in their place."""
    keys = _keys(rules)
    of_step = _of_steps(stages, rules)
    names = {stage.key: wording.plain(stage.name) for stage in stages}
    both = any(rule.direction is Direction.BOTH for rule in rules.steps)
    data = next((rule for rule in rules.rules if isinstance(rule, DataRule)), None)
    value = next((rule for rule in rules.rules if isinstance(rule, OpenValueRule)), None)
    target = next((rule for rule in rules.rules if isinstance(rule, TargetRule)), None)
    budgets = sorted({*BUDGETS, rules.false_alarms_a_year})
    st.multiselect(
        wording.say("pages.watch.steps"),
        list(names),
        default=list(of_step),
        format_func=lambda key: names.get(key, key),
        key=keys["steps"],
    )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="watch_numbers"):
        st.selectbox(
            wording.say("pages.watch.budget"),
            budgets,
            index=budgets.index(rules.false_alarms_a_year),
            format_func=wording.number,
            key=keys["budget"],
            help=wording.say("pages.watch.budget_help"),
            width=200,
        )
        st.number_input(
            wording.say("pages.watch.days_old"),
            1,
            MOST_DAYS,
            data.max_age_days if data else DataRule().max_age_days,
            key=keys["days_old"],
            width=200,
        )
        st.number_input(
            wording.say("pages.watch.open_below"),
            0,
            MOST_VALUE,
            int(value.below) if value else 0,
            key=keys["open_below"],
            width=280,
        )
        st.number_input(
            wording.say("pages.watch.target_wins"),
            0,
            MOST_WINS,
            target.wins if target else 0,
            key=keys["target_wins"],
            width=240,
        )
        by = target.by if target else next_quarter_end(as_of, wording.calendar())
        day_box.day(
            wording.say("pages.watch.target_by"),
            by,
            min(as_of, by),
            max(as_of + timedelta(days=3650), by),
            key=keys["target_by"],
            width=180,
        )
    with st.container(horizontal=True, gap="medium", key="watch_checks"):
        for name, ticked in (
            ("both", both),
            ("wins", _has(rules, WinsRule)),
            ("stalled", _has(rules, StalledRule)),
            ("data", data is not None),
        ):
            st.checkbox(wording.say(f"pages.watch.{name}"), value=ticked, key=keys[name])


def _keys(rules: WatchRules) -> dict[str, str]:
    of = hash(watch_rules.to_toml(rules))
    return {name: f"watch_{name}_{of}" for name in FIELDS}


def _of_steps(stages: Sequence[Stage], rules: WatchRules) -> dict[str, StepRule]:
    """The rules of steps by the key of their stage, of those that the model has."""
    return {stage.key: rule for stage in stages for rule in rules.steps if rule.step in (stage.key, stage.name)}


def _has(rules: WatchRules, kind: type[Rule]) -> bool:
    return any(isinstance(rule, kind) for rule in rules.rules)


def _keep(workspace: Workspace, stages: Sequence[Stage], rules: WatchRules) -> None:
    """A callback: the rules as the form has them; what the form does not show of a rule stays as it was."""
    keys = _keys(rules)
    said = {name: st.session_state[key] for name, key in keys.items() if name != "target_by"}
    direction = Direction.BOTH if said["both"] else Direction.DOWN
    before = _of_steps(stages, rules)
    kept: list[Rule] = [
        replace(before.get(stage.key, StepRule(stage.key)), direction=direction)
        for stage in stages
        if stage.key in said["steps"]
    ]
    usual: dict[str, tuple[type[Rule], Rule]] = {
        "wins": (WinsRule, WinsRule()),
        "stalled": (StalledRule, StalledRule()),
    }
    for name, (kind, first) in usual.items():
        if said[name]:
            kept += [rule for rule in rules.rules if isinstance(rule, kind)] or [first]
    if said["data"]:
        data = next((rule for rule in rules.rules if isinstance(rule, DataRule)), DataRule())
        kept.append(replace(data, max_age_days=int(said["days_old"])))
    values = [rule for rule in rules.rules if isinstance(rule, OpenValueRule)]
    if said["open_below"]:
        first_value = values[0] if values else OpenValueRule(0)
        kept += [replace(first_value, below=float(said["open_below"])), *values[1:]]
    targets = [rule for rule in rules.rules if isinstance(rule, TargetRule)]
    if said["target_wins"]:
        by = day_box.said(keys["target_by"])
        if by is None:
            st.session_state[PROBLEM] = wording.say("pages.dates.no_day")
            return
        first_target = targets[0] if targets else TargetRule(1, by)
        kept += [replace(first_target, wins=int(said["target_wins"]), by=by), *targets[1:]]
    if not kept:
        st.session_state[PROBLEM] = wording.say("pages.watch.no_rule")
        return
    _set(workspace, WatchRules(tuple(kept), float(said["budget"])))


def _load(workspace: Workspace, box: str) -> None:
    """A callback: the rules of the file that was brought."""
    file = st.session_state[box]
    if file is None:
        return
    try:
        rules = watch_rules.from_toml(file.read(toml_text.MOST_BYTES + 1), file.name)
    except FunnelError as error:
        st.session_state[PROBLEM] = texts.problem(error)
        return
    _set(workspace, rules)


def _set(workspace: Workspace, rules: WatchRules | None) -> None:
    if edit_conflicts.may_change(workspace, edit_conflicts.SAVED):
        workspace.watch = rules
