"""The rules of a watch as a file: what is written reads back, and what is wrong is said in one sentence; and what is remembered."""

from __future__ import annotations

import json
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.core.errors import QuestionError
from funnel.core.types.watch import (
    DataRule,
    Direction,
    Episode,
    OpenValueRule,
    StalledRule,
    StepRule,
    TargetRule,
    WatchRules,
    WinsRule,
)
from funnel.storage import watch_rules, watch_state

TEXT = """
false_alarms_a_year = 2
[[rule]]
kind = "step"
step = "Proposal"
day = 90
direction = "both"
[[rule]]
kind = "wins"
[[rule]]
kind = "stalled"
value_above = 50000
currency = "EUR"
[[rule]]
kind = "open_value"
below = 200000
[[rule]]
kind = "data"
max_age_days = 3
rejected_above = 10
unknown_labels = false
[[rule]]
kind = "target"
wins = 120
by = 2026-12-31
since = "2026-10-01"
"""
RULES = WatchRules(
    (
        StepRule("Proposal", 90, Direction.BOTH),
        WinsRule(),
        StalledRule(value_above=50000.0, currency="EUR"),
        OpenValueRule(200000.0),
        DataRule(3, 10, False),
        TargetRule(120, date(2026, 12, 31), date(2026, 10, 1)),
    ),
    2.0,
)
names = st.text(min_size=1, max_size=30).map(str.strip).filter(bool)
days = st.integers(1, 3650)
rules = st.lists(
    st.one_of(
        st.builds(StepRule, names, st.none() | days, st.sampled_from(Direction)),
        st.builds(WinsRule),
        st.builds(StalledRule, st.none() | st.integers(0, 10**9), st.none() | st.floats(0, 1e12), names, days),
        st.builds(OpenValueRule, st.floats(0, 1e12), names),
        st.builds(DataRule, days, st.none() | st.integers(0, 10**9), st.booleans()),
        st.builds(TargetRule, st.integers(1, 10**6), st.dates(), st.none() | st.dates(), st.floats(0.01, 0.99)),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda rule: rule.key,
)


def test_a_file_says_each_kind_of_rule():
    assert watch_rules.from_toml(TEXT, "watch.toml") == RULES


@given(rules, st.floats(0.25, 12))
def test_what_is_written_reads_back(some, budget):
    said = WatchRules(tuple(some), budget)
    assert watch_rules.from_toml(watch_rules.to_toml(said), "watch.toml") == said


@pytest.mark.parametrize(
    ("text", "place", "found"),
    [
        ("", "rule", "nothing"),
        ("rule = []", "rule", "[]"),
        ("rule = [3]", "rule no. 1", "3"),
        ("[[rule]]\n", "rule no. 1.kind", "'nothing'"),
        ('[[rule]]\nkind = "sales"', "rule no. 1.kind", "'sales'"),
        ('[[rule]]\nkind = "step"', "rule no. 1.step", "nothing"),
        ('[[rule]]\nkind = "step"\nstep = ""', "rule no. 1.step", "''"),
        ('[[rule]]\nkind = "step"\nstep = "A"\nday = 0', "rule no. 1.day", "0"),
        ('[[rule]]\nkind = "step"\nstep = "A"\ndirection = "up"', "rule no. 1.direction", "'up'"),
        ('[[rule]]\nkind = "wins"\nbelow = 3', "rule no. 1.below", "an unknown key"),
        ('[[rule]]\nkind = "wins"\n[[rule]]\nkind = "wins"', "rule no. 2", "'wins' for the second time"),
        ('[[rule]]\nkind = "open_value"\nbelow = nan', "rule no. 1.below", "nan"),
        ('[[rule]]\nkind = "target"\nwins = 3\nby = 2026-12-31T10:00:00', "rule no. 1.by", "datetime"),
        ('[[rule]]\nkind = "target"\nwins = 3\nby = "soon"', "rule no. 1.by", "'soon'"),
        ('false_alarms_a_year = 0.1\n[[rule]]\nkind = "wins"', "false_alarms_a_year", "0.1"),
        ('false_alarms_a_year = true\n[[rule]]\nkind = "wins"', "false_alarms_a_year", "True"),
        ('post = "https://example.com"\n[[rule]]\nkind = "wins"', "post", "an unknown key"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text, place, found):
    with pytest.raises(QuestionError) as error:
        watch_rules.from_toml(text, "watch.toml")
    assert str(error.value).startswith(f"watch.toml, {place}: found ")
    assert found in str(error.value)


def test_what_is_no_toml_is_said(tmp_path):
    with pytest.raises(QuestionError, match="not a valid TOML"):
        watch_rules.from_toml("[[rule]\n", "watch.toml")
    with pytest.raises(QuestionError, match="cannot be read"):
        watch_rules.read(tmp_path / "none.toml")


def test_a_state_reads_back_and_knows_its_rules(tmp_path):
    path = watch_state.beside(tmp_path / "watch.toml")
    assert path.name == "watch-state.json"
    assert watch_state.read(path) == watch_state.WatchState()
    until = datetime(2026, 11, 1, 12)
    now = watch_state.state(RULES, until, {"wins": Episode(date(2026, 9, 1), 2, "2026-09-01"), "data": Episode()})
    watch_state.write(path, now)
    assert watch_state.read(path) == now
    other = watch_state.state(WatchRules((WinsRule(),)), until, {})
    assert (now.rules == other.rules, now.observed_until == other.observed_until) == (False, True)
    assert [each.name for each in tmp_path.iterdir()] == ["watch-state.json"]


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{", '{"format": 2}', '{"episodes": {"wins": {"calm": -1}}}', '{"episodes": 3}', '{"more": 1}'],
)
def test_what_is_no_state_is_refused(tmp_path, content):
    path = tmp_path / "state.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(QuestionError):
        watch_state.read(path)


def test_a_state_that_cannot_be_written_leaves_the_one_before(tmp_path, monkeypatch):
    path = tmp_path / "state.json"
    watch_state.write(path, watch_state.WatchState("a"))
    before = path.read_bytes()
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(QuestionError, match="cannot be written"):
        watch_state.write(path, watch_state.WatchState("b"))
    assert path.read_bytes() == before
    assert json.loads(before)["rules"] == "a"
    assert [each.name for each in tmp_path.iterdir()] == ["state.json"]
