"""`python -m funnel plan`: numbers worked out apart, what is printed, and the one sentence where something is wrong."""

from __future__ import annotations

from math import ceil, sqrt
from pathlib import Path

import pytest
from scipy.stats import norm
from statsmodels.stats.proportion import proportion_confint

from funnel.cli.command import main
from tests.cli.deals_before_and_after import LABELS, written
from tests.cli.test_command import _json, _refused
from tests.thorough import thorough

pytestmark = pytest.mark.usefixtures("opened_once")
SAMPLE = str(Path(__file__).resolve().parents[2] / "data/samples/leads-history.csv.gz")


@pytest.fixture
def file(tmp_path: Path) -> str:
    return written(tmp_path)


def needed(now: float, hoped: float, power: float) -> int:
    """Fleiss, Levin and Paik, for each of two groups."""
    middle = (now + hoped) / 2
    pooled = norm.ppf(0.975) * sqrt(2 * middle * (1 - middle))
    apart = norm.ppf(power) * sqrt(now * (1 - now) + hoped * (1 - hoped))
    return ceil(((pooled + apart) / (hoped - now)) ** 2)


def test_plan_as_json(capsys, file):
    asked = ("plan", file, *LABELS, "--day", "30", "--hoped", "0.4", "--hoped", "35%")
    told = _json(capsys, *asked)
    assert list(told) == [
        "day",
        "now",
        "design_effect",
        "inflow",
        "inflow_days",
        "plans",
        "warnings",
        "attributes",
        "notes",
    ]
    leads, won = 160 + 175, 52 + 38
    low, high = proportion_confint(won, leads, method="wilson")
    assert told["now"] == {
        "leads": leads, "converted": won, "rate": pytest.approx(won / leads), "low": pytest.approx(low), "high": pytest.approx(high),
        "accounts": None,
    }  # fmt: skip
    assert told["design_effect"] == 1
    # The last 90 days begin on 10 April: the later leads, the young, and the last.
    assert (told["day"], told["inflow"], told["inflow_days"], told["warnings"]) == (30, 175 + 5 + 1, 90, [])
    for each, hoped in zip(told["plans"], (0.4, 0.35), strict=True):
        leads_each = needed(won / leads, hoped, 0.8)
        days = 2 * leads_each / (181 / 90)
        assert each == {
            "hoped": hoped, "per_group": leads_each, "start_days": pytest.approx(days), "total_days": pytest.approx(days + 30),
        }  # fmt: skip
    (sure, _) = _json(capsys, *asked, "--power", "95%", "--share", "0.5")["plans"]
    assert sure["per_group"] == needed(won / leads, 0.4, 0.95)
    assert sure["start_days"] == pytest.approx(2 * sure["per_group"] / (181 / 90 * 0.5))


def test_plan_by_default_and_to_a_stage(capsys, file):
    told = _json(capsys, "plan", file, *LABELS, "--hoped", "0.5")
    assert (told["day"], told["now"]["leads"], told["now"]["converted"]) == (90, 160, 52)
    told = _json(capsys, "plan", file, *LABELS, "--hoped", "0.5", "--day", "30", "--stage", "Demo done")
    assert told["now"]["converted"] == 82 + 78
    told = _json(capsys, "plan", file, *LABELS, "--hoped", "0.5", "--from", "2023-04-01", "--day", "30")
    assert (told["now"]["leads"], told["inflow"]) == (175, 181)


def test_plan_as_text(capsys, file):
    assert main(["plan", file, *LABELS, "--day", "30", "--hoped", "0.4"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("Now, through labels, won within 30 days: 27% (90 of 335), most likely 22% – 32%\n")
    lines = [line.split() for line in told.splitlines()]
    assert next(line for line in lines if line[1:2] == ["40%"])[2] == str(needed(90 / 335, 0.4, 0.8))
    assert "At the pace of the last 90 days, 181 leads, of which 100% are put to the test (traffic share)." in told


def test_a_plan_of_few_or_of_none(capsys, file):
    assert main(["plan", file, *LABELS, "--day", "30", "--hoped", "0.4", "--from", "2023-06-01"]) == 0
    assert "No lead has been followed for 30 days" in capsys.readouterr().out
    told = _json(capsys, "plan", file, *LABELS, "--day", "30", "--hoped", "0.4", "--from", "2023-06-01")
    assert told["now"] == {"leads": 0, "converted": 0, "rate": None, "low": None, "high": None, "accounts": None}
    assert told["plans"] == [{"hoped": 0.4, "per_group": None, "start_days": None, "total_days": None}]
    assert main(["plan", file, *LABELS, "--day", "10", "--hoped", "0.4", "--hoped", "0", "--from", "2023-06-01"]) == 0
    told = capsys.readouterr().out
    assert "won within 10 days: 0 of 5; of so few the rate is hardly known" in told
    assert "A dash: no number of leads is enough." in told


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "--hoped"),
        (("--hoped", "a lot"), "“a lot” is no share"),
        (("--hoped", "nan"), "“nan” is no share"),
        (("--hoped", "12"), "A share is a number from 0 to 1"),
        (("--hoped", "120%"), "A share is a number from 0 to 1"),
        (("--hoped", "0.4", "--power", "1"), "A share is a number from 0 to 1"),
        (("--hoped", "0.4", "--share", "0"), "A share is a number from 0 to 1"),
        (("--hoped", "0.4", "--day", "1.5"), "--day takes one whole number of days"),
        (("--hoped", "0.4", "--stage", "Signed"), "has no stage “Signed”"),
    ],
)
def test_what_is_wrong_in_a_plan_is_said_in_one_sentence(capsys, file, words, said):
    assert said in _refused(capsys, "plan", file, *words)


@thorough
def test_a_plan_for_the_bundled_sample(capsys):
    told = _json(capsys, "plan", SAMPLE, "--model", "standard", "--hoped", "3%")
    assert (told["inflow_days"], told["now"]["leads"]) == (90, 10_659)
    assert told["plans"][0]["per_group"] == needed(told["now"]["rate"], 0.03, 0.8)
