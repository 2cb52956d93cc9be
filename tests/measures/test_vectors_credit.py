"""Credit held to worked numbers: paths through files, chains and games through what the measure calls."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import funnel
from funnel import Unit
from funnel.measures.credit import Credit, credit
from funnel.measures.credit_rules import CreditRule
from funnel.measures.stage_credit import stage_credit
from funnel.measures.statistics.removal import removal_effects, shares_of
from funnel.measures.statistics.shapley import rate_game, shapley_values
from tests.thorough import every, thorough

VECTORS = Path(__file__).parents[1] / "vectors"
RULES, MARKOV, SHAPLEY, W, STAGES, NEGATIVE = (
    json.loads((VECTORS / f"{name}.json").read_text())["expected"]
    for name in (
        "18_attribution_rules",
        "19_attribution_markov",
        "20_attribution_shapley",
        "31_w_shape",
        "32_stage_credit",
        "43_shapley_negative",
    )
)
STAGE_INPUT = json.loads((VECTORS / "32_stage_credit.json").read_text())
DAY = date(2026, 1, 1)
SIMPLE = {
    "first": CreditRule.FIRST,
    "last": CreditRule.LAST,
    "linear": CreditRule.LINEAR,
    "position_40_20_40": CreditRule.POSITION,
    "time_decay": CreditRule.DECAY,
}


def written(folder: Path, leads: list[str], touches: list[str]) -> list[Path]:
    files = {"leads": "lead_id,stage,entered_at,amount\n", "touches": "lead_id,touched_at,channel,seq\n"}
    paths = []
    for (name, head), lines in zip(files.items(), (leads, touches), strict=True):
        paths.append(folder / f"{name}.csv")
        paths[-1].write_text(head + "\n".join(lines) + "\n")
    return paths


def asked(paths: list[Path], rules: tuple[CreditRule, ...], **options: object) -> Credit:
    with funnel.open(*paths, as_of=datetime(2027, 1, 1)) as data_set:
        return data_set.ask(credit, data_set.question(), None, rules, Unit.LEAD, **options)


def money(result: Credit, rule: CreditRule) -> dict[str, float]:
    return {
        each.channel: sum(m.amount for m in each.value) for each in result.credits if each.rule is rule and each.channel
    }


@thorough
def test_rules_of_single_paths(tmp_path: Path) -> None:
    with (VECTORS / "touches.csv").open() as file:
        rows = list(csv.DictReader(file))
    leads, touches = [], []
    for row in rows:
        won = DAY + timedelta(int(row["conversion_day"]))
        leads += [f"{row['path_id']},New,2025-12-01,{row['value']}", f"{row['path_id']},Won,{won},{row['value']}"]
        touches.append(f"{row['path_id']},{DAY + timedelta(int(row['touch_day']))},{row['channel']},{row['seq']}")
    result = asked(written(tmp_path, list(dict.fromkeys(leads)), touches), tuple(SIMPLE.values()))
    assert result.without_touch == 0
    for name, rule in SIMPLE.items():
        assert money(result, rule) == pytest.approx(RULES["value_by_channel"][name], abs=1e-9)
        assert sum(each.exact for each in result.credits if each.rule is rule) == pytest.approx(result.events)
        # A path of its own channels shows the weight of each of its touches.
        shown = RULES["weights"]["P1"][name]
        only = asked(written(tmp_path, [line for line in leads if line.startswith("P1")], touches), (rule,))
        assert [only.of(channel, rule).events for channel in ("Event", "Email", "Web", "Demo")] == pytest.approx(shown)


@pytest.mark.parametrize("name", every(3, list(W)))
def test_w_and_the_full_path(name: str, tmp_path: Path) -> None:
    """The touches are two days apart; a stage is entered the day after the touch that is the last before it."""
    expected = W[name]
    full = name.startswith("full")
    marks = {
        "n6_first0_lead2_opp4": (2, 4),
        "n3_all_distinct": (1, 2),
        "n1": (None, None),
        "n2_first0_lead0_opp1": (0, 1),
        "n5_lead_same_as_opp(0,3,3)": (3, 3),
        "full_n6(0,2,4,5)": (2, 4),
        "full_n4_all": (1, 2),
    }[name]
    touches = [f"L,{DAY + timedelta(2 * place)},c{place}" for place in range(len(expected))]
    leads = [f"L,Awareness,{DAY - timedelta(9)},"]
    for stage, place in zip(("MQL", "Qualified"), marks, strict=True):
        if place is not None:
            leads.append(f"L,{stage},{DAY + timedelta(2 * place + 1)},")
    leads.append(f"L,Won,{DAY + timedelta(2 * len(expected))},")
    # With labels of the file a stage counts where it was recorded.
    paths = written(tmp_path, leads, touches)
    rule = CreditRule.FULL if full else CreditRule.W
    with funnel.open(*paths, as_of=datetime(2027, 1, 1)) as data_set:
        labels = ["Awareness", *(["MQL", "Qualified"] if marks[0] is not None else []), "Won"]
        model = data_set.labels_model([[label] for label in labels])
        if marks[0] is None:
            model = data_set.model("inbound")
        question = data_set.question(model, rule="visited")
        result = data_set.ask(credit, question, None, (rule,), Unit.LEAD)
    assert [result.of(f"c{place}", rule).events for place in range(len(expected))] == pytest.approx(expected, abs=1e-12)
    assert sum(each.exact for each in result.credits) == 1


def chain(paths: list[tuple[list[str], int, int]]) -> tuple[list[str], np.ndarray]:
    channels = sorted({channel for path, *_ in paths for channel in path})
    size = len(channels)
    table = np.zeros((1, size + 1, size + 2))
    for path, converted, lost in paths:
        steps = [size, *(channels.index(channel) for channel in path)]
        for one, other in pairwise(steps):
            table[0, one, other] += converted + lost
        table[0, steps[-1], size] += converted
        table[0, steps[-1], size + 1] += lost
    return channels, table


@pytest.mark.parametrize("name", MARKOV)
def test_removal_effects(name: str) -> None:
    known = MARKOV[name]
    channels, table = chain(known["paths"])
    base, effects = removal_effects(table)
    assert base[0] == pytest.approx(known["base"], abs=1e-9)
    assert dict(zip(channels, effects[0], strict=True)) == pytest.approx(known["removal"], abs=1e-9)
    shares = shares_of(effects, np.zeros_like(effects))[0]
    assert dict(zip(channels, shares, strict=True)) == pytest.approx(known["share"], abs=1e-9)


def test_where_no_channel_can_be_removed_the_others_shares_hold() -> None:
    _, table = chain([(["A"], 0, 3), (["B"], 0, 1)])
    base, effects = removal_effects(table)
    assert base[0] == 0
    assert shares_of(effects, np.array([[3.0, 1.0]]))[0].tolist() == [0.75, 0.25]


def game(counts: Mapping[str, tuple[int, int]], players: list[str]) -> np.ndarray:
    won, paths = np.zeros((1, 1 << len(players))), np.zeros((1, 1 << len(players)))
    for names, (converted, total) in counts.items():
        members = names.split("+") if "+" in names or names in players else list(names)
        place = sum(1 << players.index(member) for member in members)
        won[0, place], paths[0, place] = converted, total
    return rate_game(won, paths)


def test_shapley_values_of_the_rate_game() -> None:
    known = SHAPLEY["rate_game"]
    worth = game(known["input"], ["A", "B", "C"])
    assert worth[0, -1] == pytest.approx(known["v_all"], abs=1e-9)
    assert shapley_values(worth)[0] == pytest.approx([known["phi"][name] for name in "ABC"], abs=1e-9)
    # The glove game: a right one makes a pair with either left one.
    gloves = np.array([[0, 0, 0, 0, 0, 1, 1, 1.0]])
    assert shapley_values(gloves)[0] == pytest.approx([SHAPLEY["glove"][name] for name in ("L1", "L2", "R")], abs=1e-9)


def test_a_channel_can_be_worth_less_than_nothing() -> None:
    counts = {"Email": (40, 100), "Ads": (1, 200), "Email+Ads": (2, 50)}
    values = shapley_values(game(counts, ["Ads", "Email"]))[0]
    assert values == pytest.approx([NEGATIVE["phi"]["Ads"], NEGATIVE["phi"]["Email"]], abs=1e-9)
    assert values / values.sum() * NEGATIVE["wins"] == pytest.approx(
        [NEGATIVE["credit"]["Ads"], NEGATIVE["credit"]["Email"]]
    )


def test_a_negative_value_stays_and_is_said_of_files_too(tmp_path: Path) -> None:
    leads, touches, number = [], [], 0
    for channels, won, total in ((("Email",), 60, 150), (("Ads",), 1, 200), (("Email", "Ads"), 2, 50)):
        for place in range(total):
            number += 1
            leads += [f"{number},New,2026-01-01,", f"{number},{'Won' if place < won else 'Lost'},2026-03-01,"]
            touches += [f"{number},2026-01-0{2 + at},{channel}" for at, channel in enumerate(channels)]
    result = asked(written(tmp_path, leads, touches), (CreditRule.SHAPLEY, CreditRule.MARKOV))
    ads, email = (result.of(name, CreditRule.SHAPLEY) for name in ("Ads", "Email"))
    v = {"Email": Fraction(60, 150), "Ads": Fraction(1, 200), "all": Fraction(63, 400)}
    value = (v["Ads"] + v["all"] - v["Email"]) / 2
    assert ads.events == pytest.approx(float(value / v["all"] * 63))
    assert ads.events + email.events == pytest.approx(63)
    assert ads.low <= ads.events <= ads.high < 0
    assert [note.key for note in result.notes] == ["measures.credit_negative"]
    assert sum(each.events for each in result.credits if each.rule is CreditRule.MARKOV) == pytest.approx(63)


def test_entries_at_each_stage(tmp_path: Path) -> None:
    leads = [
        f"{lead},{stage},{day}," for lead, stages in STAGE_INPUT["stages"].items() for stage, day in stages.items()
    ]
    paths = written(tmp_path, leads, [",".join(touch) for touch in STAGE_INPUT["touches"]])
    rules = {
        "first": CreditRule.FIRST,
        "last": CreditRule.LAST,
        "linear": CreditRule.LINEAR,
        "time_decay_30": CreditRule.DECAY,
    }
    with funnel.open(*paths, as_of=datetime(2027, 1, 1)) as data_set:
        model = data_set.labels_model([["Lead"], ["Opportunity"], ["Won"]])
        result = data_set.ask(stage_credit, data_set.question(model), Unit.LEAD)
    for position, name in enumerate(("Lead", "Opportunity", "Won")):
        known = STAGES[name]
        assert (result.entries[position], result.without_touch[position]) == (known["reached"], known["without_touch"])
        for key, rule in rules.items():
            given = {channel: result.of(position, channel, rule) for channel in known[key]}
            assert given == pytest.approx(known[key], abs=1e-9)
            assert sum(result.of(position, channel, rule) for channel in result.channels) == pytest.approx(
                known["reached"]
            )
