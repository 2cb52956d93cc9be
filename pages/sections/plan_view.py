"""A test planned: how many leads show a hoped-for change, and how long that takes at the present inflow."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from funnel import DataSet, Question, charts, measures, report
from funnel.core import insights
from funnel.core.errors import QuestionError
from funnel.core.types import ReportPart
from funnel.measures.plans import Plan
from funnel.words import wording
from pages.sections import period_view
from pages.server.workspace import Workspace
from pages.ui import converted, tables, texts
from pages.ui.ask import ask
from pages.ui.section import section, show_sentences

CHANGES = (-0.5, -0.4, -0.3, -0.2, -0.15, -0.1, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0)
"""The changes that the curve shows, as shares of the rate now."""
USUAL_CHANGE = 0.2
POWERS = (0.8, 0.9, 0.95)
SHARES = (1.0, 0.5, 0.2, 0.1)
ROWS_WIDTH = 1080


@st.fragment
def show(workspace: Workspace, data_set: DataSet, question: Question) -> None:
    """Title, controls, the curve, and how long it takes."""
    if question.observed_until is None or data_set.first_start is None:
        st.header(wording.say("pages.plan.title_unknown"), anchor=False)
        st.info(period_view.undated(data_set))
        return
    head = st.container(key="plan_head")
    with st.container(horizontal=True, vertical_alignment="top", key="segment_controls", gap="medium"):
        target, reached = converted.target(workspace, question, question.model.pure_win_stage(data_set.concepts))
        day = converted.by_day(workspace, question, help=wording.say("pages.segments.day_help"))
    try:
        (base,) = ask(workspace, measures.plans, question, (0.5,), target, day, POWERS[0], SHARES[0])
    except QuestionError as error:
        head.header(wording.say("pages.plan.title_unknown"), anchor=False)
        st.info(texts.problem(error))
        return
    now = base.now.value
    if now is None or base.now.few:
        head.header(wording.say("pages.plan.title_few", day=day), anchor=False)
        old = wording.say(f"pages.counted.{question.unit}", n=base.now.denominator)
        st.info(wording.say("pages.plan.few", old=old, day=day))
        return
    hoped, power, share = _wishes(now, target, day)
    rates = sorted({hoped, *(min(1.0, max(0.0, now * (1 + change))) for change in CHANGES)} - {now})
    plans = ask(workspace, measures.plans, question, tuple(rates), target, day, power, share)
    chosen = next((plan for plan in plans if plan.hoped == hoped), None)
    if chosen is None:
        (chosen,) = ask(workspace, measures.plans, question, (hoped,), target, day, power, share)
    with head:
        st.header(_title(chosen), anchor=False)
        st.caption(texts.inert(_subtitle(chosen, reached)))
    options = {"target": target, "day": day, "power": power, "share": share, "rates": rates}
    _curve(plans, chosen, report.part("plan", question, hoped=hoped, **options))


def _wishes(now: float, target: int | None, day: int) -> tuple[float, float, float]:
    """The hoped-for rate, the power, and the share of the leads that is tested."""
    with st.container(horizontal=True, vertical_alignment="top", key="plan_wishes", gap="medium"):
        usual = round(100 * min(0.99, max(now, 0.01) * (1 + USUAL_CHANGE)), 1)
        of = (target, day, round(now, 6))
        if st.session_state.setdefault("hoped_of", of) != of:
            # Another rate now asks for another hope.
            st.session_state["hoped_of"], st.session_state["hoped"] = of, usual
        hoped = st.number_input(
            wording.say("pages.plan.hoped"),
            min_value=0.0,
            max_value=100.0,
            value=usual,
            step=0.1,
            format="%.1f",
            key="hoped",
            bind="query-params",
            help=wording.say("pages.plan.hoped_help"),
            width=180,
        )
        power = _share("power", POWERS)
        share = _share("share", SHARES)
    return float(hoped) / 100, power, share


def _share(name: str, options: tuple[float, ...]) -> float:
    values: dict[str, dict[str, Any]] = {str(option): {name: option} for option in options}
    chosen = st.pills(
        wording.say(f"pages.plan.{name}"),
        list(values),
        default=str(options[0]),
        required=True,
        format_func=lambda option: wording.say(f"pages.plan.{name}_of", **values[option]),
        key=name,
        bind="query-params",
        help=wording.say(f"pages.plan.{name}_help"),
    )
    return float(chosen or options[0])


def _title(plan: Plan) -> str:
    key = "title_none" if plan.per_group is None else "title_no_inflow" if plan.total_days is None else "title"
    if wording.percent(plan.hoped) == wording.percent(plan.now.value):
        key = "no_change"
    needed = _counted(plan, plan.per_group or 0)
    return wording.say(f"pages.plan.{key}", needed=needed, now=plan.now.value, hoped=plan.hoped, total=plan.total_days)


def _counted(plan: Plan, leads: int) -> str:
    return wording.say(f"pages.counted.{plan.question.unit}", n=leads)


def _subtitle(plan: Plan, reached: str) -> str:
    return wording.say(
        "pages.plan.subtitle",
        part=plan.now.numerator,
        whole=plan.now.denominator,
        reached=reached,
        day=plan.day,
        inflow=_counted(plan, plan.inflow),
        days=plan.inflow_days,
    )


def _curve(plans: tuple[Plan, ...], chosen: Plan, part: ReportPart) -> None:
    def draw(chosen: Plan, **room: Any) -> Any:
        return charts.plan_curve(plans, chosen, **room)

    table = tables.of("plans", [row for plan in plans for row in plan.rows()])
    between = partial(_sentences, chosen)
    section(
        "plan_curve",
        chosen,
        draw,
        charts.describe_plan,
        table=table,
        between=between,
        within=ROWS_WIDTH,
        part=part,
    )


def _sentences(chosen: Plan) -> None:
    if chosen.per_group is not None:
        show_sentences("plan", _sentence(chosen))
    if chosen.now.accounts is not None:
        by_account = insights.by_account(chosen.now)
        st.caption(
            texts.inert(wording.say("pages.plan.by_account", by_account=by_account, effect=chosen.design_effect))
        )


def _sentence(plan: Plan) -> str:
    if plan.start_days is None or plan.per_group is None:
        return wording.say("pages.plan.no_inflow", days=plan.inflow_days)
    return wording.say(
        "pages.plan.told",
        inflow=_counted(plan, plan.inflow),
        days=plan.inflow_days,
        share=plan.share,
        all=_counted(plan, 2 * plan.per_group),
        start=plan.start_days,
        day=plan.day,
        total=plan.total_days,
    )
