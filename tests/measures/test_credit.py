"""Credit of channels: against plain Python over nasty histories, its sums, and what a careless reading would get wrong."""

from __future__ import annotations

import random
import tempfile
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import funnel
from funnel import QuestionError, Unit
from funnel.core.errors import LackingError
from funnel.measures.credit import Credit, credit
from funnel.measures.credit_rules import OF_CHANNELS, OF_STAGES, CreditRule
from funnel.measures.stage_credit import stage_credit
from tests.oracles import credit_oracle as oracle
from tests.oracles.credit_oracle import Touch, Win
from tests.thorough import examples, thorough

DAY = datetime(2025, 1, 1)
AS_OF = datetime(2027, 1, 1)
RATIONAL = [rule for rule in CreditRule if rule not in (*OF_CHANNELS, CreditRule.DECAY)]
DIRECT = {"(direct)"}
HEAD = "lead_id,account,stage,entered_at,amount,currency\n"


def opened(folder: Path, leads: str, touches: str | None, **files: str) -> funnel.DataSet:
    paths = []
    for name, text in {"leads": leads, "touches": touches, **files}.items():
        if text is not None:
            paths.append(folder / f"{name}.csv")
            paths[-1].write_text(text)
    return funnel.open(*paths, as_of=AS_OF)


def told(result: Credit, rule: CreditRule) -> dict[str, Fraction | float]:
    return {each.channel: each.exact for each in result.credits if each.rule is rule and each.channel and each.exact}


moments = st.integers(0, 60).flatmap(
    lambda day: st.sampled_from([0, 9, 18]).map(lambda hour: DAY + timedelta(day, hours=hour))
)
touched = st.lists(
    st.tuples(st.integers(0, 4), moments, st.sampled_from(["Web", "Email", "Fair", "(direct)"])), max_size=25
)
leads_drawn = st.lists(
    st.tuples(
        st.sampled_from([None, "A", "B"]),
        st.lists(moments, min_size=4, max_size=4),
        st.sampled_from(["Won", "Lost", None]),
        st.sampled_from([None, 10, 99.99]),
        st.sampled_from(["EUR", "USD"]),
    ),
    min_size=5,
    max_size=5,
)


@given(leads_drawn, touched, st.sampled_from([None, 30, 7]), st.sampled_from(list(Unit)), st.sampled_from([7.0, 30.0]))
@settings(max_examples=examples(12), deadline=None, suppress_health_check=list(HealthCheck))
def test_credit_is_that_of_plain_python(leads, touches, lookback, unit, half_life) -> None:
    accounts, wins, lines = {}, [], []
    for number, (account, times, end, amount, currency) in enumerate(leads):
        lead = f"L{number}"
        accounts[lead] = account if unit is Unit.ACCOUNT else None
        new, mql, offer, ended = sorted(times)
        entries = [("New", new), ("MQL", mql), ("Proposal", offer), *([(end, ended)] if end else [])]
        lines += [f"{lead},{account or ''},{stage},{at},{amount or ''},{currency}\n" for stage, at in entries]
        if end == "Won":
            cents = 0 if amount is None else round(100 * amount)
            wins.append((Win(lead, ended.date(), (mql.date(), offer.date()), cents), currency))
    lines.append("X,Z,New,2026-06-01,1,EUR\nY,Z,Won,2026-06-01,1,EUR\n")
    everybody = [Touch(f"L{lead}", at, channel) for lead, at, channel in touches]
    # Of touches of one lead and channel at one moment the file has one.
    unique = list({(touch.lead, touch.at, touch.channel): touch for touch in reversed(everybody)}.values())[::-1]
    unique = [touch for touch in dict.fromkeys(everybody) if touch in unique]
    head = "lead_id,touched_at,channel\n" + "".join(
        f"{t.lead},{t.at + timedelta(seconds=1)},{t.channel}\n" for t in unique
    )
    only = [win for win, _ in wins]
    with (
        tempfile.TemporaryDirectory() as folder,
        opened(Path(folder), HEAD + "".join(lines), head + "X,2025-12-31 00:00:01,Web\n") as data_set,
    ):
        model = data_set.labels_model([["New"], ["MQL"], ["Proposal"], ["Won"]])
        question = data_set.question(model, rule="visited", where={"lead_id": sorted(accounts)})
        paths = oracle.paths_before(only, unique, accounts, lookback=lookback, earlier=only)
        try:
            result = data_set.ask(credit, question, None, tuple(CreditRule), unit, lookback, half_life)
        except QuestionError:
            assert not any(paths)
            return
    for rule in (*RATIONAL, CreditRule.DECAY):
        events, cents, without = oracle.credit(rule.value, only, paths, DIRECT, half_life)
        found = told(result, rule)
        if rule is CreditRule.DECAY:
            assert found == pytest.approx(events)
        else:
            assert found == {channel: weight for channel, weight in events.items() if weight}
            assert sum(each.exact for each in result.credits if each.rule is rule) == result.events == len(only)
        assert (result.without_touch, result.events) == (without, len(only))
        for currency in result.currencies:
            some = [number for number, (_, code) in enumerate(wins) if code == currency]
            of_some = oracle.credit(rule.value, [only[n] for n in some], [paths[n] for n in some], DIRECT, half_life)[1]
            money = {
                each.channel: amount.amount
                for each in result.credits
                if each.rule is rule and each.channel
                for amount in each.value
                if amount.currency == currency and amount.amount
            }
            assert money == pytest.approx({name: float(value) / 100 for name, value in of_some.items() if value})
            given = sum(
                m.amount for each in result.credits if each.rule is rule for m in each.value if m.currency == currency
            )
            assert given == pytest.approx(sum(only[n].cents for n in some) / 100)


def many(seed: int, leads: int = 260) -> tuple[str, str, list[tuple[list[str], bool]]]:
    """Files of leads of which some are won, and their paths."""
    draw = random.Random(seed)
    lines, touches, paths = [], [], []
    for number in range(leads):
        won = draw.random() < 0.4
        path = draw.choices(["Web", "Email", "Fair"], k=draw.randint(0, 4))
        lines += [f"{number},,New,2025-01-01,,\n", f"{number},,{'Won' if won else 'Lost'},2025-03-01,,\n"]
        touches += [f"{number},{DAY + timedelta(place + 1, hours=9)},{channel}\n" for place, channel in enumerate(path)]
        if path:
            paths.append((path, won))
    return HEAD + "".join(lines), "lead_id,touched_at,channel\n" + "".join(touches), paths


def test_chains_and_games_are_those_of_plain_python(tmp_path: Path) -> None:
    leads, touches, paths = many(5)
    with opened(tmp_path, leads, touches) as data_set:
        result = data_set.ask(credit, data_set.question(), None, OF_CHANNELS, Unit.LEAD)
    assert result.few == ()
    wins = sum(won for _, won in paths)
    _, effects = oracle.removal([(path, int(won), int(not won)) for path, won in paths])
    markov = {channel: float(effect / sum(effects.values()) * wins) for channel, effect in effects.items()}
    assert told(result, CreditRule.MARKOV) == pytest.approx(markov)
    sets: dict[frozenset[str], tuple[int, int]] = {}
    for path, won in paths:
        converted, total = sets.get(frozenset(path), (0, 0))
        sets[frozenset(path)] = converted + won, total + 1
    values = oracle.shapley(sets)
    shapley = {channel: float(value / sum(values.values()) * wins) for channel, value in values.items()}
    assert told(result, CreditRule.SHAPLEY) == pytest.approx(shapley)
    assert result.events == result.without_touch + wins
    assert all(each.low <= each.events <= each.high for each in result.credits if each.channel)


@thorough
def test_of_more_than_twelve_channels_the_rest_play_as_one(tmp_path: Path) -> None:
    draw = random.Random(3)
    lines, touches = [], []
    for number in range(300):
        lines += [f"{number},,New,2025-01-01,,\n", f"{number},,{'Won' if number % 2 else 'Lost'},2025-03-01,,\n"]
        touches.append(f"{number},2025-01-05,C{min(draw.randrange(15), draw.randrange(15)):02}\n")
    with opened(tmp_path, HEAD + "".join(lines), "lead_id,touched_at,channel\n" + "".join(touches)) as data_set:
        result = data_set.ask(credit, data_set.question(), None, (CreditRule.LINEAR, CreditRule.SHAPLEY))
    players = [each for each in result.credits if each.rule is CreditRule.SHAPLEY and each.channel]
    assert len(players) == 12
    assert [each.channel for each in players].count("Other channels") == 1
    assert sum(each.events for each in players) == pytest.approx(150)
    assert len({each.channel for each in result.credits if each.rule is CreditRule.LINEAR and each.channel}) == 15


def test_few_wins_have_no_chain_no_game_and_no_interval(tmp_path: Path) -> None:
    leads, touches, paths = many(1, 120)
    with opened(tmp_path, leads, touches) as data_set:
        result = data_set.ask(credit, data_set.question())
        assert result.few == OF_CHANNELS
        won = sum(one for _, one in paths)
        assert result.decided == (won, len(paths) - won)
        assert result.notes[0].key == "measures.credit_few"
        few = data_set.ask(credit, data_set.question(where={"lead_id": [str(n) for n in range(10)]}))
    assert {each.low for each in few.credits} == {None}
    assert {each.rank for each in few.credits} == {None}
    assert any(each.low is not None for each in result.credits)


def test_the_order_of_lines_and_files_changes_nothing(tmp_path: Path) -> None:
    leads, touches, _ = many(9, 120)
    head, *lines = touches.splitlines(keepends=True)
    random.Random(2).shuffle(lines)
    first, *entries = leads.splitlines(keepends=True)
    turned = first + "".join(reversed(entries))
    results = []
    for name, files in (
        ("one", {"leads": leads, "touches": touches}),
        ("two", {"b_touches": head + "".join(lines[:90]), "leads": turned, "a_touches": head + "".join(lines[90:])}),
    ):
        (tmp_path / name).mkdir()
        with opened(tmp_path / name, files.pop("leads"), files.pop("touches", None), **files) as data_set:
            results.append(data_set.ask(credit, data_set.question(), None, tuple(CreditRule)))
    one, two = results
    for rule in RATIONAL:
        assert told(one, rule) == told(two, rule)
    for before, after in zip(one.credits, two.credits, strict=True):
        assert (before.channel, before.rule, before.rank) == (after.channel, after.rule, after.rank)
        assert (after.events, after.low, after.high) == pytest.approx((before.events, before.low, before.high))


def test_a_rank_stands_where_intervals_part(tmp_path: Path) -> None:
    lines, touches = [], []
    for number in range(200):
        lines += [f"{number},,New,2025-01-01,,\n", f"{number},,Won,2025-03-01,,\n"]
        channel = "Most" if number < 120 else "Some" if number < 162 else "Others"
        touches.append(f"{number},2025-01-05,{channel}\n")
    with opened(tmp_path, HEAD + "".join(lines), "lead_id,touched_at,channel\n" + "".join(touches)) as data_set:
        result = data_set.ask(credit, data_set.question(), None, (CreditRule.FIRST,))
    ranks = {each.channel: each.rank for each in result.credits}
    assert ranks == {"Most": 1, "Some": None, "Others": None, None: None}


LEADS = HEAD + "L1,A,New,2025-01-10,100,EUR\nL1,A,Won,2025-03-20,100,EUR\n"


def test_a_touch_after_the_win_changes_nothing_and_is_counted(tmp_path: Path) -> None:
    touches = "lead_id,touched_at,channel\nL1,2025-01-05,Web\n"
    with opened(tmp_path, LEADS, touches) as data_set:
        before = data_set.ask(credit, data_set.question())
    with opened(tmp_path, LEADS, touches + "L1,2025-03-21,Fair\n") as data_set:
        after = data_set.ask(credit, data_set.question())
    assert (before.after, after.after) == (0, 1)
    for rule in before.rules:
        assert told(before, rule) == told(after, rule) == {"Web": 1}


def test_a_touch_on_the_day_of_the_win_counts_whatever_the_time(tmp_path: Path) -> None:
    leads = LEADS.replace("2025-03-20", "2025-03-20 09:00:00")
    with opened(tmp_path, leads, "lead_id,touched_at,channel\nL1,2025-03-20 18:00:00,Web\n") as data_set:
        assert told(data_set.ask(credit, data_set.question()), CreditRule.LAST) == {"Web": 1}


def test_what_came_by_an_earlier_win_of_the_account_belongs_to_that(tmp_path: Path) -> None:
    leads = (
        LEADS
        + "L2,A,New,2025-04-01,50,EUR\nL2,A,Won,2025-06-01,50,EUR\nL3,A,New,2025-04-01,50,EUR\nL3,A,Won,2025-06-01,50,EUR\n"
    )
    touches = "lead_id,touched_at,channel\nL2,2025-01-05,Web\nL1,2025-03-20,Fair\nL1,2025-05-05,Email\n"
    with opened(tmp_path, leads, touches) as data_set:
        result = data_set.ask(credit, data_set.question(), None, (CreditRule.LINEAR,))
        assert result.unit is Unit.ACCOUNT
        # Both wins of one day have the same touch.
        assert told(result, CreditRule.LINEAR) == {"Web": Fraction(1, 2), "Fair": Fraction(1, 2), "Email": 2}
        # A filter takes away the earlier win, not that it was.
        later = data_set.ask(credit, data_set.question(where={"lead_id": "L2"}), None, (CreditRule.LINEAR,))
        assert told(later, CreditRule.LINEAR) == {"Email": 1}
        own = data_set.ask(credit, data_set.question(), None, (CreditRule.LINEAR,), Unit.LEAD)
        assert told(own, CreditRule.LINEAR) == {"Web": 1, "Fair": 1}
        assert own.without_touch == 1


def test_touches_after_the_wins_alone_look_like_a_wrong_join(tmp_path: Path) -> None:
    with opened(tmp_path, LEADS, "lead_id,touched_at,channel\nL1,2025-05-05,Web\n") as data_set:
        question = data_set.question()
        with pytest.raises(QuestionError, match="the join, or the order of day and month, is wrong"):
            data_set.ask(credit, question)


def test_the_form_that_made_the_lead_counts_and_is_said(tmp_path: Path) -> None:
    touches = "lead_id,touched_at,channel\nL1,2025-01-10,Form\n"
    with opened(tmp_path, LEADS, touches) as data_set:
        result = data_set.ask(stage_credit, data_set.question())
        assert (result.entries[0], result.of(0, "Form", CreditRule.FIRST)) == (1, 1)
        assert [note.key for note in result.notes] == ["measures.credit_form_only"]
    with opened(tmp_path, LEADS, touches + "L1,2025-01-09,Web\n") as data_set:
        assert data_set.ask(stage_credit, data_set.question()).notes == ()


def test_entries_at_every_stage_are_shared_out_whole(tmp_path: Path) -> None:
    leads, touches, _ = many(7, 80)
    with opened(tmp_path, leads, touches) as data_set:
        model = data_set.labels_model([["New"], ["Won"]])
        result = data_set.ask(stage_credit, data_set.question(model))
        for position in range(2):
            for rule in OF_STAGES:
                given = [each.exact for each in result.shares if (each.position, each.rule) == (position, rule)]
                assert sum(given) == pytest.approx(result.entries[position])
        by_hand = data_set.ask(credit, data_set.question(model), 0, OF_STAGES)
        assert {rule: {c: float(v) for c, v in told(by_hand, rule).items()} for rule in OF_STAGES} == {
            rule: pytest.approx({c: v for c in result.channels if (v := result.of(0, c, rule))}) for rule in OF_STAGES
        }


def test_a_look_back_ends_where_it_is_said(tmp_path: Path) -> None:
    won = date(2025, 3, 20)
    touches = "lead_id,touched_at,channel\n" + f"L1,{won - timedelta(30)},In\nL1,{won - timedelta(31)},Out\n"
    with opened(tmp_path, LEADS, touches) as data_set:
        near = data_set.ask(credit, data_set.question(), None, (CreditRule.LINEAR,), None, 30)
        assert told(near, CreditRule.LINEAR) == {"In": 1}
        every = data_set.ask(credit, data_set.question(), None, (CreditRule.LINEAR,), None, None)
        assert told(every, CreditRule.LINEAR) == {"In": Fraction(1, 2), "Out": Fraction(1, 2)}
        for wrong in ({"lookback": 0}, {"half_life": 0.0}, {"half_life": float("nan")}):
            with pytest.raises(QuestionError):
                data_set.ask(credit, data_set.question(), **wrong)


def test_costs_are_those_of_the_touches_of_counted_leads(tmp_path: Path) -> None:
    leads = LEADS + "L2,A,New,2025-01-10,,\nL3,B,New,2025-01-10,,\nL3,B,Lost,2025-02-10,,\n"
    touches = (
        "lead_id,account,touched_at,channel,cost\nL1,,2025-01-05,Web,10\n,A,2025-01-06,Fair,7.5\nL3,,2025-01-05,Web,4\n"
    )
    with opened(tmp_path, leads, touches) as data_set:
        result = data_set.ask(credit, data_set.question(), None, (CreditRule.FIRST, CreditRule.LINEAR), Unit.LEAD)
    costs = {each.channel: (each.cost, each.leads, each.touched.numerator) for each in result.channels}
    assert costs == {"Web": (14, 2, 1), "Fair": (7.5, 2, 1)}
    assert result.cost_each("Web", CreditRule.LINEAR) == 28
    assert result.cost_each("Fair", CreditRule.FIRST) is None


def test_nobody_touched_stands_in_its_own_row(tmp_path: Path) -> None:
    leads = LEADS + "L2,B,New,2025-01-10,50,USD\nL2,B,Won,2025-02-10,50,USD\n"
    with opened(tmp_path, leads, "lead_id,touched_at,channel\nL1,2025-01-05,Web\n") as data_set:
        result = data_set.ask(credit, data_set.question(), None, (CreditRule.FIRST,))
    last = result.of(None, CreditRule.FIRST)
    assert (last.exact, [(m.currency, m.amount) for m in last.value]) == (1, [("EUR", 0.0), ("USD", 50.0)])
    assert [row["channel"] for row in result.rows()] == ["Web", "no touch"]
    assert (result.events, result.without_touch) == (2, 1)


def test_without_a_file_of_touches_it_is_said_what_would_bring_them(tmp_path: Path) -> None:
    with opened(tmp_path, LEADS, None) as data_set, pytest.raises(LackingError, match="No file tells of touches"):
        data_set.ask(credit, data_set.question())


def test_the_answer_says_how_far_the_rules_differ(tmp_path: Path) -> None:
    touches = "lead_id,touched_at,channel\nL1,2025-01-05,Web\nL1,2025-01-06,Fair\n"
    with opened(tmp_path, LEADS, touches) as data_set:
        apart = data_set.ask(credit, data_set.question(), None, (CreditRule.FIRST, CreditRule.LAST)).answer
        same = data_set.ask(credit, data_set.question(), None, (CreditRule.FIRST,)).answer
    assert (apart.key, apart.values["low"], apart.values["high"]) == ("measures.credit_apart_wins", 0, 1)
    assert (same.key, same.values["channel"]) == ("measures.credit_even_wins", "Web")
    for note in (apart, same):
        assert len(funnel.words.wording.say(note.key, **note.values).split()) <= 12
