"""`python -m funnel times`: what it prints, and the one sentence it says when something is wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from funnel.cli.command import main
from tests.cli.test_command import _json, _refused

pytestmark = pytest.mark.usefixtures("opened_once")
# Of twenty, number i went on from New after i days and was won ten days later; two are open, one was lost.
LINES = ["Deal ID,Stage,Entered at,Region,Amount,Currency"]
for number in range(1, 21):
    LINES += [
        f"d{number},{label},2025-01-{day:02},East,100,EUR"
        for label, day in (("New", 1), ("Demo done", 1 + number), ("Closed won", 11 + number))
    ]
LINES += [
    "open,New,2025-01-20,West,70,EUR",
    "stuck,New,2025-01-02,,50,EUR",
    "gone,New,2025-01-10,West,,EUR",
    "gone,Closed lost,2025-01-14,West,,EUR",
]


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "deals.csv"
    path.write_text("\n".join(LINES) + "\n", encoding="utf-8")
    return str(path)


LABELS = ("--labels", "New,Demo done,Closed won")


def test_times_as_json(capsys, file):
    told = _json(capsys, "times", file, *LABELS)
    assert list(told) == [
        "model", "unit", "observed_until", "leads", "stages", "steps", "left_out", "aging", "velocity", "bottleneck", "slowest",
        "drop_off", "missing", "attributes", "notes",
    ]  # fmt: skip
    assert (told["model"], told["observed_until"], told["leads"]) == ("labels", "2025-01-31T00:00:00", 23)
    new, demo = told["stages"]
    # 1 to 20 days, lost after 4; 11 and 29 so far.
    assert {name: new[name] for name in ("name", "stays", "left", "still", "lost")} == {
        "name": "New", "stays": 23, "left": 21, "still": 2, "lost": 1,
    }  # fmt: skip
    assert (new["completed_median_days"], new["all_days"]) == (10, 210 + 4 + 40)
    # S falls below 1/2 on day 11: 11 of 23 had left by day 10, 12 by day 11.
    assert (new["quarter_days"], new["median_days"]) == (5, 11)
    assert new["median_low"] < 11 < new["median_high"]
    assert (demo["stays"], demo["median_days"], demo["quarter_days"], demo["lost"]) == (20, 10, 10, 0)
    assert told["left_out"] == ["Closed won"]
    to_demo, to_win = told["steps"]
    assert {name: to_demo[name] for name in ("from", "to", "entered", "advanced", "lost", "open")} == {
        "from": "New", "to": "Demo done", "entered": 23, "advanced": 20, "lost": 1, "open": 2,
    }  # fmt: skip
    assert [each["day"] for each in to_demo["by_day"]] == [30, 90, 180]
    assert to_demo["by_day"][0]["old_enough"] == 20
    assert to_demo["by_day"][1]["rate"] is None
    assert to_demo["completed_median_days"] == 10.5
    assert (to_win["eventual"], to_win["median_days"]) == (1, 10)
    assert told["aging"] == [
        {
            "stage": "New", "open": 2, "untimed": 0, "median_days": 20, "stalled": 1, "long_stalled": 1, "limit_days": 15.25,
            "long_limit_days": pytest.approx(18.1), "moved_on": 20,
        },
        {
            "stage": "Demo done", "open": 0, "untimed": 0, "median_days": None, "stalled": None, "long_stalled": None, "limit_days": None,
            "long_limit_days": None, "moved_on": 0,
        },
    ]  # fmt: skip
    (euro,) = told["velocity"]["currencies"]
    # Two open, 20 of 21 won, 100 a win, 20.5 days to a win.
    assert euro == {
        "currency": "EUR", "open": 2, "decided": 21, "won": 20, "win_rate": pytest.approx(20 / 21), "mean_amount": 100,
        "cycle_days": 20.5, "win_rate_of_closed": pytest.approx(20 / 21), "mean_days_to_win": 20.5,
        "per_day": pytest.approx(2 * 20 / 21 * 100 / 20.5),
        "per_month": pytest.approx(2 * 20 / 21 * 100 / 20.5 * 30.4375),
    }  # fmt: skip
    assert told["velocity"]["arrivals_per_day"] == pytest.approx(23 / 30)
    assert told["velocity"]["mean_days"] == pytest.approx((20 * 20.5 + 4) / 21)
    # New 1 to 20, 4, 11 and 29 days; Demo done ten of each of twenty. Apart by 54, with a standard error of 35.
    assert told["bottleneck"] == (
        "No stage stands out by its waiting: New comes first with 254 of the 454 days that all leads together waited,"
        " but its lead over another stage may be chance. No stage stands out as the largest drop-off: New comes first, where 1 of"
        " the 1 lost for good stood last, but its lead over another stage may be chance."
    )
    assert told["slowest"] == {"stage": None, "share": pytest.approx(254 / 454), "days": 254, "stands_out": False}
    assert told["drop_off"] == {"stage": None, "share": 1, "leads": 1, "stands_out": False}


def test_times_by_a_column(capsys, file):
    told = _json(capsys, "times", file, *LABELS, "--by", "region", "--groups", "2")
    assert [(group["value"], group["leads"], group["stages"][0]["stays"]) for group in told["groups"]] == [
        ("East", 20, 20),
        ("West", 2, 2),
    ]
    assert main(["times", file, *LABELS, "--by", "Region"]) == 0
    assert "(empty): 1 lead" in capsys.readouterr().out


def test_times_as_text(capsys, file):
    assert main(["times", file, *LABELS]) == 0
    told = capsys.readouterr().out
    assert told.startswith(
        "Times of 23 leads through labels, observed until 31 Jan 2025; by lead, since it is leads that wait\n"
    )
    # After day 11, 11 of 23 are longer, ten of them watched on: the share falls by tenths of that, below a quarter on day 16.
    lines = [line.split() for line in told.splitlines()]
    assert any(line[:10] == ["New", "23", "21", "2", "5", "days", "11", "days", "16", "days"] for line in lines)
    assert (
        "Sales velocity: 2 open × 95% win rate of closed deals (20 won of 21 closed in 180 days) × €100 average deal size"
        " ÷ 21 days average sales cycle" in told
    )
    assert "Median days, completed only" in told
    # Of 23, two are undecided, more than 5 %; ten were last watched on day 12: 11 of 23 by day 11, then one of ten of the other half.
    heads, to_demo = (
        [*re.split(r"\s{2,}", line)] for line in told.splitlines() if line.startswith(("Step ", "New → Demo"))
    )
    of_demo = dict(zip(heads, to_demo, strict=True))
    assert (of_demo["Eventual conversion, %"], of_demo["% at least"], of_demo["By day"]) == ("–", "53%", "12")
    assert told.rstrip().endswith("its lead over another stage may be chance.")


def test_the_question_is_asked_of_times_too(capsys, file):
    told = _json(capsys, "times", file, *LABELS, "--where", "Region=West", "--from", "2025-01-15")
    assert (told["leads"], told["stages"][0]["stays"]) == (1, 1)
    assert told["stages"][0]["median_days"] is None


def test_a_snapshot_says_why_it_tells_no_times(capsys):
    sample = str(Path(__file__).resolve().parents[2] / "data/samples/leads-snapshot.csv.gz")
    told = _json(capsys, "times", sample, "--model", "standard")
    assert (told["stages"], told["steps"], told["bottleneck"]) == ([], [], None)
    assert told["missing"].startswith("This file says only where each lead stands now")
    assert [stage["limit_days"] for stage in told["aging"]] == [None] * 4
    assert told["velocity"]["open"] == 1482


def test_what_cannot_be_asked_is_said_in_one_sentence(capsys, file):
    assert "no column “Nothing”" in _refused(capsys, "times", file, "--by", "Nothing")
    assert "There is no model “nobody”" in _refused(capsys, "times", file, "--model", "nobody")


@pytest.mark.parametrize("groups", ["0", "-3", "few"])
def test_no_groups_are_refused(capsys, file, groups):
    assert main(["times", file, "--by", "Owner", "--groups", groups]) == 2
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", f"--groups takes a whole number from 1 up, not “{groups}”.\n")
