"""What must change nothing changes nothing, and twice the leads are twice the counts: the complete answers of every command."""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import pytest

import funnel
from funnel import measures
from tests import nasty
from tests.answers import answer, differences, same
from tests.thorough import every, thorough

pytestmark = thorough

DAY, SHIFT = date(2024, 4, 15), timedelta(days=364)
LINES = nasty.log(2, 120)
OTHER_LABELS = dict(
    zip(nasty.CONCEPTS, ("Zulu", "Yankee", "Xray", "Whisky", "Victor", "Uniform", "Tango"), strict=True)
)


def _open(folder, *parts, concepts=nasty.CONCEPTS, as_of=nasty.AS_OF):
    paths = [nasty.write(folder / f"log {number}.csv", lines) for number, lines in enumerate(parts)]
    return funnel.open(*paths, overrides=nasty.overrides(concepts), as_of=as_of)


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """The answer to each question about the log as it is, worked out once."""
    with _open(tmp_path_factory.mktemp("base"), LINES) as data_set:
        yield cache(lambda name: answer(data_set, name, DAY))


def test_the_log_has_what_it_is_for(tmp_path):
    """Offsets, ties, lost leads that came back, wins moved back, ends without a time, several leads an account, changing amounts."""
    by_lead = {}
    for line in LINES:
        by_lead.setdefault(line.deal, []).append(line)
    assert {line.at.utcoffset() for line in LINES if line.at} == {timedelta(hours=1), timedelta(hours=-5)}
    ties = [lead for lead, own in by_lead.items() if len({line.at for line in own}) < len(own)]
    back = [lead for lead, own in by_lead.items() if "Closed Lost" in [line.stage for line in own[:-1]]]
    unwon = [lead for lead, own in by_lead.items() if "Closed Won" in [line.stage for line in own[:-1]]]
    undated = [line for line in LINES if line.at is None]
    changing = [lead for lead, own in by_lead.items() if len({line.amount for line in own}) > 1]
    assert min(map(len, (ties, back, unwon, undated, changing))) >= 3
    with _open(tmp_path, LINES) as data_set:
        assert data_set.ask(measures.account_sizes, data_set.question("standard", unit="account")).counts[-1][0] > 1
        assert list(data_set.loaded.at_start) == ["amount"]


@pytest.mark.parametrize("name", every(3, ["standard", "any entry", "files"]))
def test_the_order_of_lines_says_nothing(base, tmp_path, name):
    """But for ties of a file that numbers its entries, which this one does not: they stand in the order of the model."""
    mixed = random.Random(5).sample(LINES, len(LINES))
    with _open(tmp_path, mixed) as data_set:
        assert differences(base(name), answer(data_set, name, DAY)) == []


@pytest.mark.parametrize("name", every(3, ["files", "in order, window", "as recorded"]))
def test_a_label_is_what_it_means(base, tmp_path, name):
    renamed = [replace(line, stage=OTHER_LABELS[line.stage]) for line in LINES]
    concepts = {OTHER_LABELS[label]: concept for label, concept in nasty.CONCEPTS.items()}
    with _open(tmp_path, renamed, concepts=concepts) as data_set:
        told = json.dumps(answer(data_set, name, DAY))
    for label, other in OTHER_LABELS.items():
        told = told.replace(other, label).replace(other.lower(), label.lower().replace(" ", "-"))
    assert differences(base(name), json.loads(told)) == []


@pytest.mark.parametrize("name", every(2, ["standard", "accounts"]))
def test_an_id_is_only_a_name(base, tmp_path, name):
    """Also where the new names stand in the opposite order."""
    deals, accounts = (sorted({getattr(line, part) for line in LINES}) for part in ("deal", "account"))
    deal = {each: f"X{999 - place}" for place, each in enumerate(deals)}
    account = {each: f"Co {999 - place}" for place, each in enumerate(accounts)}
    renamed = [replace(line, deal=deal[line.deal], account=account[line.account]) for line in LINES]
    with _open(tmp_path, renamed) as data_set:
        assert differences(base(name), answer(data_set, name, DAY)) == []


@pytest.mark.parametrize("name", ["in order, window"])
def test_two_files_are_one(base, tmp_path, name):
    """Though the lines of one lead are in both."""
    half = len(LINES) // 2 + 1
    assert LINES[half - 1].deal == LINES[half].deal
    with _open(tmp_path, LINES[:half], LINES[half:]) as data_set:
        assert differences(base(name), answer(data_set, name, DAY)) == []


@pytest.mark.parametrize("name", every(2, ["files", "loop"]))
def test_a_year_of_whole_weeks_later_all_is_thesame(base, tmp_path, name):
    """Cohorts are of weeks: those of months would hold other leads."""
    later = [replace(line, at=line.at and line.at + SHIFT) for line in LINES]
    with _open(tmp_path, later, as_of=nasty.AS_OF + SHIFT) as data_set:
        told = json.dumps(answer(data_set, name, DAY + SHIFT))
    earlier = re.sub(r"\d{4}-\d\d-\d\d", lambda day: (date.fromisoformat(day[0]) - SHIFT).isoformat(), told)
    assert differences(base(name), json.loads(earlier)) == []


SURER = {
    *("p", "p_adjusted", "detectable", "detectable_fall", "design_effect", "log_rank", "bet", "se", "expected"),
    *("until", "cut", "points", "pace", "at_least", "at_least_by_day", "median_low", "median_high"),
    *("stands_out", "slowest", "drop_off", "bottleneck", "start_days", "total_days", "scan"),
    *("limit_days", "long_limit_days", "stalled", "long_stalled", "unknown"),
}
"""What speaks of chance, is cut where leads are few, or lies between two leads of a rank (a limit of aging): more leads change these.
The scan stands in the order of the chances."""
ONCE = {
    *("day", "position", "target", "degrees", "by_day", "window_days", "within_days", "pace_days", "inflow_days"),
    *("followed_days", "tested", "distinct_paths", "origin", "to", "from", "per_group", "start"),
}
"""Whole numbers that count no leads."""
TWICE = {"all_days", "arrivals_per_day", "per_day", "per_month", "expected_open", "impact", "effect", "amount"}
"""Numbers with a fraction that grow with the leads."""


BOUND = re.compile(r"(.+_)?(low|high)")


def _unlike_twice(one, other, name="", path=""):
    """(path, one, other) of each value that is not what twice the leads must give."""
    if name in SURER:
        return []
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        # The first factor of a change is how many leads there are, the others are rates.
        counts = one.get("factor") == "leads"
        names = {key: "amount" if counts and key in ("before", "after") else key for key in one}
        found = [each for key in one for each in _unlike_twice(one[key], other[key], names[key], f"{path}/{key}")]
        return found + _wider(one, other, path)
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [each for place, (a, b) in pairs for each in _unlike_twice(a, b, "", f"{path}/{place}")]
    return [] if _as_twice(one, other, name) else [(path, one, other)]


def _as_twice(one, other, name):
    if BOUND.fullmatch(name):
        return True
    if name == "verdict":
        return one == other or one in ("cannot tell", "too few")
    if one is None:
        return True  # what too few leads did not carry may be told now
    if isinstance(one, bool) or not isinstance(one, int | float):
        return one == other
    if not name:
        return same(one, other) or same(one, other, 2)
    return same(one, other, 2 if name in TWICE or (isinstance(one, int) and name not in ONCE) else 1)


def _wider(one, other, path):
    """Where an interval of `other` is wider than that of `one`."""
    found = []
    for low in (key for key in one if re.fullmatch(r"(.+_)?low", key) and key not in SURER):
        high = low.removesuffix("low") + "high"
        ends = [each[end] for each in (one, other) for end in (low, high)]
        if None not in ends and ends[3] - ends[2] > ends[1] - ends[0] + 1e-9:
            found.append((f"{path}/{low}", ends[:2], ends[2:]))
    return found


@pytest.mark.parametrize("name", every(3, ["accounts", "standard", "in order, window"]))
def test_twice_the_leads_are_twice_the_counts_and_the_same_rates(base, tmp_path, name):
    """Under new ids and accounts. Intervals grow no wider, and a verdict that is clear stays as it is."""
    again = [replace(line, deal=f"E{line.deal}", account=f"B{line.account}") for line in LINES]
    with _open(tmp_path, [*LINES, *again]) as data_set:
        assert _unlike_twice(base(name), answer(data_set, name, DAY)) == []
