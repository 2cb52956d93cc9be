"""A target planned backwards: what so many wins by a day need, stage by stage, and what a better step would change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

import streamlit as st

from funnel import DataSet, Question, report
from funnel.charts import target as picture
from funnel.core import rows
from funnel.core.errors import QuestionError
from funnel.core.types import ReportPart
from funnel.measures.target import WinTarget, Worth, first_day, next_quarter_end, paced, target, usual_wins
from funnel.measures.target_plan import Lever
from funnel.measures.target_worth import mean_wins, value_target
from funnel.words import wording
from pages.sections import period_view
from pages.server.workspace import Workspace
from pages.ui import day_box, tables, texts
from pages.ui.ask import ask
from pages.ui.section import listing, section, show_sentences

ROWS_WIDTH = 1080
MOST_WINS = 1_000_000
MOST_STEPS = 5
MOST_ROWS = 12
MOST_POINTS = 25
SURE = (0.5, 0.8, 0.9)
USUALLY_SURE = 0.8
MOST_FASTER = 50
WINS = "wins"


@st.fragment
def show(workspace: Workspace, data_set: DataSet, question: Question) -> None:
    """The answer as a title, two inputs, the wins to come, what each stage needs, and what if."""
    if question.observed_until is None or data_set.first_start is None:
        st.header(wording.say("pages.target.title_unknown"), anchor=False)
        st.info(period_view.undated(data_set))
        return
    head = st.container(key="target_head")
    as_of = question.observed_until.date()
    try:
        with st.container(horizontal=True, vertical_alignment="top", key="target_wishes", gap="medium"):
            wished = _wishes(workspace, question, as_of)
        now = _asked(workspace, question, wished)
        pictured = st.container(key="target_pictured")
        changes = _what_if(now)
        result = now if changes == NO_CHANGE else _asked(workspace, question, wished, changes)
    except QuestionError as error:
        head.header(wording.say("pages.target.title_unknown"), anchor=False)
        st.info(texts.problem(error))
        return
    with head:
        st.header(texts.inert(wording.say(result.answer.key, **result.answer.values)), anchor=False)
        st.caption(_subtitle(result))
        if result.worth is not None:
            st.caption(texts.inert(_worth(result.worth, result.wins)))
    with pictured:
        _path(result, _part(question, wished) if changes == NO_CHANGE else None)
    _stages(result)
    for note in result.notes:
        st.caption(texts.inert(wording.say(note.key, **note.values)))
    with st.expander(wording.say("pages.target.levers")):
        st.html(tables.html(tables.of("target_levers", result.lever_rows())))
    with st.expander(wording.say("pages.target.how")):
        st.markdown(texts.inert(wording.say("pages.target.how_told", backtests=result.backtests)))


def _stages(result: WinTarget) -> None:
    """What the rest needs, stage by stage; of many stages in a box that opens."""
    rows = result.rows()
    if len(rows) <= MOST_ROWS:
        listing("target_stages", rows, result.sql, table=tables.of("target", rows))
        return
    with st.expander(wording.say("sections.target_stages.title"), key="target_stages_box", on_change="rerun") as box:
        if box.open:
            listing("target_stages", rows, result.sql, table=tables.of("target", rows), heading=False)


@dataclass(frozen=True)
class _Wished:
    """The target day, what is wanted by then, wins or (with a currency, "" is one too) money, and how sure to be."""

    by: date
    wanted: float
    currency: str | None
    sure: float


@dataclass(frozen=True)
class _Changes:
    """What if: steps that pass more on, so many times the new leads, stages where leads wait less, and so many times the amounts."""

    steps: tuple[tuple[int, float], ...] = ()
    arrivals: float = 1.0
    faster: tuple[tuple[int, float], ...] = ()
    amount: float = 1.0


NO_CHANGE = _Changes()


def _asked(workspace: Workspace, question: Question, wished: _Wished, what_if: _Changes = NO_CHANGE) -> WinTarget:
    changes = (what_if.steps, what_if.arrivals, what_if.faster, what_if.amount)
    if wished.currency is None:
        return ask(workspace, target, question, wished.by, int(wished.wanted), None, wished.sure, *changes)
    more = (wished.currency, None, wished.sure, *changes)
    return ask(workspace, value_target, question, wished.by, wished.wanted, *more)


def _wishes(workspace: Workspace, question: Question, as_of: date) -> _Wished:
    """The target day, what is wanted, and how sure to be."""
    unit_place, wanted_place = st.container(key="target_in", width="content"), st.container(width=180)
    usual_by = next_quarter_end(as_of, question.calendar)
    day = day_box.day(
        wording.say("pages.target.by"),
        usual_by,
        as_of + timedelta(days=1),
        as_of.replace(year=as_of.year + 50, day=min(as_of.day, 28)),
        key="target_by",
        bind=True,
        help=wording.say("pages.target.by_help"),
        width=180,
    )
    by = day or usual_by
    usual = ask(workspace, usual_wins, question, first_day(by, as_of, question.calendar), by)
    means = ask(workspace, mean_wins, question, first_day(by, as_of, question.calendar))
    with unit_place:
        currency = _currency(list(means))
    key, most = "target_wins", float(MOST_WINS)
    if currency is not None:
        key, most = f"target_value_{currency}", MOST_WINS * means[currency]
        usual = _rounded(usual * means[currency])
    of = (by, usual)
    if st.session_state.setdefault(f"{key}_of", of) != of:
        # Another period begins with its own usual wins.
        st.session_state[f"{key}_of"], st.session_state[key] = of, usual
    wanted = wanted_place.number_input(
        wording.say("pages.target.wins" if currency is None else "pages.target.value", currency=currency or ""),
        min_value=1,
        max_value=int(most),
        value=usual,
        step=1 if currency is None else max(1, usual // 20),
        key=key,
        bind="query-params",
        help=wording.say("pages.target.wins_help"),
        width=180,
    )
    chosen = st.pills(
        wording.say("pages.target.sure"),
        [str(each) for each in SURE],
        default=str(USUALLY_SURE),
        required=True,
        format_func=lambda option: wording.say("pages.target.sure_of", sure=float(option)),
        key="target_sure",
        bind="query-params",
        help=wording.say("pages.target.sure_help"),
    )
    return _Wished(by, float(wanted), currency, float(chosen or USUALLY_SURE))


def _currency(currencies: list[str]) -> str | None:
    """In which money the target is; None: in wins."""
    if not currencies:
        return None
    chosen = st.segmented_control(
        wording.say("pages.target.unit"),
        [WINS, *currencies],
        default=WINS,
        required=True,
        format_func=lambda name: (
            wording.say("pages.target.unit_wins") if name == WINS else name or wording.say("pages.target.unit_money")
        ),
        key="target_unit",
        bind="query-params",
    )
    return chosen if chosen in currencies else None


def _rounded(value: float) -> int:
    """An amount to two figures, as people set targets."""
    digits = len(str(int(value)))
    return max(1, int(round(value, min(0, 2 - digits))))


def _what_if(now: WinTarget) -> _Changes:
    """By how much steps are better, those that are worth most; how many times the new leads; how much shorter waits; larger deals."""
    st.subheader(wording.say("pages.target.what_if"), anchor=False, help=wording.say("pages.target.what_if_help"))
    worth = sorted(now.levers, key=lambda lever: -(lever.by_points or 0.0))[:MOST_STEPS]
    with st.container(horizontal=True, vertical_alignment="bottom", key="target_what_if", gap="medium"):
        points = {lever.position: _points(lever) for lever in sorted(worth, key=lambda lever: lever.position)}
        arrivals = st.slider(
            wording.say("pages.target.arrivals"), 0, 300, 100, 10, format="%d%%", key="target_arrivals", width=210
        )
        faster = st.slider(
            wording.say("pages.target.faster"),
            0,
            MOST_FASTER,
            0,
            5,
            format="%d%%",
            key="target_faster",
            help=wording.say("pages.target.faster_help"),
            width=210,
        )
        amount = 100
        if now.worth is not None:
            amount = st.slider(
                wording.say("pages.target.amount"), 50, 200, 100, 5, format="%d%%", key="target_amount", width=210
            )
    # Levers are the steps that leads have gone on from, so the waits there are known.
    return _Changes(
        tuple((position, more / 100) for position, more in points.items() if more),
        arrivals / 100,
        tuple((lever.position, faster / 100) for lever in now.levers) if faster else (),
        amount / 100,
    )


def _points(lever: Lever) -> int:
    most = min(MOST_POINTS, int(100 * (1 - lever.rate)))
    if most < 1:
        return 0
    chosen = st.slider(
        wording.say("pages.target.points", stage=texts.inert(lever.name)),
        0,
        most,
        0,
        1,
        format="+%d",
        key=f"target_points_{lever.position}_{most}",
        help=wording.say(
            "pages.target.points_help",
            rate=lever.rate,
            part=lever.advanced,
            whole=lever.entered,
            stage=texts.inert(lever.name),
        ),
        width=210,
    )
    return int(chosen)


def _subtitle(result: WinTarget) -> str:
    key = "subtitle" if result.open_low is None else "subtitle_range"
    return wording.say(
        f"pages.target.{key}",
        since=result.since,
        by=result.by,
        won=result.won,
        wins=result.wins,
        leads=result.open_leads,
        open=round(result.open),
        low=result.open_low,
        high=result.open_high,
    )


def _part(question: Question, wished: _Wished) -> ReportPart:
    options = {"wanted": wished.wanted, "currency": wished.currency, "sure": wished.sure}
    return report.part("target", question, by=wished.by, **options)


def _path(result: WinTarget, part: ReportPart | None) -> None:
    table = tables.of("target_path", result.path_rows(), rare=("what_if",))
    between = partial(_sentences, result)
    section(
        "target_path",
        result,
        picture.draw,
        picture.describe,
        table=table,
        between=between,
        within=ROWS_WIDTH,
        part=part,
    )


def _sentences(result: WinTarget) -> None:
    sentences = [_gain(result)] if result.what_if else []
    if result.reach is not None:
        key, needed = ("chance_sure" if result.first.sure else "chance"), paced(result.first.sure or 0.0)
        sentences.append(wording.say(f"pages.target.{key}", reach=result.reach, sure=result.sure, needed=needed))
    if result.to_find and result.first.last_useful_day is not None:
        key = "last_day" if result.first.last_useful_day > result.as_of else "last_day_past"
        day, half = result.first.last_useful_day, result.first.half_days
        sentences.append(wording.say(f"pages.target.{key}", day=day, half=half))
    show_sentences("target", *sentences)


def _gain(result: WinTarget) -> str:
    what_if = result.what_if
    if what_if is None:
        return ""
    values = {"extra": rows.signed(round(what_if.extra, 1)), "expected": round(what_if.expected), "by": result.by}
    values |= {"now": round(result.expected), "reach": what_if.reach, "was": result.reach}
    gain = wording.say("pages.target.gain" if what_if.reach is None else "pages.target.gain_chance", **values)
    if (worth := result.worth) is None:
        return gain

    def money(expected: float, times: float) -> str:
        return wording.money(worth.so_far + (expected - result.won) * worth.mean * times, worth.currency)

    told = {"value": money(what_if.expected, what_if.amount), "now": money(result.expected, 1.0)}
    return f"{gain}. {wording.say('pages.target.gain_value', **told)}"


def _worth(worth: Worth, wins: int) -> str:
    told = {"value": worth.value, "so_far": worth.so_far, "mean": worth.mean}
    money = {name: wording.money(amount, worth.currency) for name, amount in told.items()}
    return wording.say("pages.target.worth", wins=wins, priced=worth.priced, **money)
