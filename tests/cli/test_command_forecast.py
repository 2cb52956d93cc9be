"""`python -m funnel forecast`: its keys, its text, a target, and the one sentence where something is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import funnel
from funnel import measures
from funnel.cli.command import main
from tests.cli.test_command import _json, _refused
from tests.planned import LABELS, UNTIL, drawn
from tests.thorough import thorough

pytestmark = pytest.mark.usefixtures("opened_once")
SAMPLE = str(Path(__file__).resolve().parents[2] / "data/samples/leads-history.csv.gz")
WAY = ("--labels", "New,Demo,Won")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    lines = [
        f"L-{number},{LABELS[at]},{moment:%Y-%m-%d %H:%M:%S},{1000 + number},EUR"
        for number, lead in enumerate(drawn(400, 7))
        for at, moment in lead
    ]
    path = tmp_path_factory.mktemp("leads") / "log.csv"
    heads = "lead_id,stage,changed_at,amount,currency"
    path.write_text("\n".join([heads, *lines, f"last,New,{UNTIL:%Y-%m-%d %H:%M:%S},1,EUR"]) + "\n")
    return str(path)


def test_a_forecast_as_json(capsys, file):
    told = _json(capsys, "forecast", file, *WAY, "--months", "3")
    assert list(told) == ["as_of", "unit", "months", "backtests", "value_backtests", "missing", "attributes", "notes"]
    assert (told["as_of"], told["unit"], told["missing"], told["notes"]) == ("2026-06-30", "month", [], [])
    assert [each["month"] for each in told["months"]] == ["2026-07", "2026-08", "2026-09"]
    for month in told["months"]:
        assert list(month) == [
            "month",
            "from_open",
            "from_new",
            "expected",
            "low80",
            "high80",
            "low95",
            "high95",
            "value",
        ]
        assert month["from_open"] + month["from_new"] == pytest.approx(month["expected"])
        assert month["low95"] <= month["low80"] <= month["expected"] <= month["high80"] <= month["high95"]
        (value,) = month["value"]
        assert list(value) == ["currency", "expected", "low80", "high80"]
    assert {tuple(each) for each in told["backtests"]} == {("as_of", "month", "expected", "low80", "high80", "was")}
    newest = told["backtests"][0]
    assert (newest["as_of"], newest["month"]) == ("2026-05-31", "2026-06")
    assert {tuple(each) for each in told["value_backtests"]} == {("as_of", "month", "currency", "expected", "was")}
    worth = told["value_backtests"][0]
    assert (worth["as_of"], worth["month"], worth["currency"]) == ("2026-05-31", "2026-06", "EUR")
    # Leads are worth 1,000 to 1,399 each.
    assert 1_000 * newest["expected"] < worth["expected"] < 1_400 * newest["expected"]
    assert 1_000 * newest["was"] < worth["was"] < 1_400 * newest["was"]


def test_a_target_as_json_and_python_answers_the_same(capsys, file):
    told = _json(capsys, "forecast", file, *WAY, "--target-wins", "60")
    assert list(told["target"]) == [
        "wins", "currency", "since", "by", "so_far", "expected", "open", "coverage", "coverage_needed", "reach",
    ]  # fmt: skip
    assert (told["target"]["wins"], told["target"]["currency"], told["target"]["by"]) == (60, None, "2026-12-31")
    assert 0 < told["target"]["reach"] < 1
    money = _json(capsys, "forecast", file, *WAY, "--target-value", "5e4", "--currency", "EUR")["target"]
    assert (money["value"], money["currency"]) == (50_000, "EUR")
    with funnel.open(file) as data_set:
        question = data_set.question(data_set.labels_model([["New"], ["Demo"], ["Won"]]))
        result = data_set.ask(measures.forecast, question, target_wins=60)
    assert [month.expected for month in result.months] == pytest.approx([each["expected"] for each in told["months"]])
    assert result.goal.reach == pytest.approx(told["target"]["reach"])
    assert "landmarks" in result.sql


def test_a_forecast_as_text(capsys, file):
    assert main(["forecast", file, *WAY, "--target-wins", "60"]) == 0
    told = capsys.readouterr().out
    head = told.splitlines()[0]
    assert " wins expected in Jul 2026, likely " in head
    assert len(head.split()) <= 12
    assert "come from leads open today." in told
    assert "Of a target of 60 wins by 31 Dec 2026" in told
    assert "Told 1 month ahead, " in told
    (july,) = [line for line in told.splitlines() if line.startswith("Jul 2026") and "EUR" not in line]
    assert len(july.split()) == 9  # the month, two words, and seven numbers
    inside = ("--observed-until", "2026-06-11")
    assert main(["forecast", file, *WAY, *inside, "--months", "2"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("Jun 2026: ")
    assert " more expected, likely " in told.splitlines()[0]
    assert "is not over: " in told


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--months", "0"), "1 to 12 months ahead, not 0"),
        (("--months", "13"), "not 13"),
        (("--months", "six"), "“six” is no number of months"),
        (("--months", "9" * 5000), "is no number of months"),
        (("--target-wins", "0"), "0"),
        (("--target-wins", "many"), "many"),
        (("--target-wins", "9000000"), "1 to 1,000,000"),
        (("--target-value", "lots"), "“lots” is no number"),
        (("--target-value", "-1"), "more than 0"),
        (("--target-value", "5e5", "--currency", "GBP"), "In this currency (GBP) no value is forecast"),
        (("--target-wins", "5", "--currency", "EUR"), "Give how much, too"),
        (("--target-wins", "5", "--target-value", "5"), "not allowed with"),
        (("--model", "nowhere"), "nowhere"),
        (("--where", "Planet=Mars"), "Planet"),
    ],
)
def test_what_is_wrong_in_a_forecast_is_said_in_one_sentence(capsys, file, words, said):
    way = () if "--model" in words else WAY
    assert said in _refused(capsys, "forecast", file, *way, *words)


def test_what_a_file_cannot_carry_is_no_error(capsys):
    told = _json(capsys, "forecast", SAMPLE.replace("history", "snapshot"), "--target-wins", "20")
    assert (told["months"], told["backtests"]) == ([], [])
    (why,) = told["missing"]
    assert "Export the stage history" in why
    assert main(["forecast", SAMPLE.replace("history", "snapshot")]) == 0
    assert capsys.readouterr().out.strip() == why


@thorough
def test_a_file_with_one_date_a_stage_says_what_that_leaves_open(capsys):
    told = _json(capsys, "forecast", SAMPLE.replace("history", "wide"), "--months", "1")
    assert [note for note in told["notes"] if "leads that came back to a stage look earlier" in note]


@thorough
def test_the_sample_answers(capsys):
    assert main(["forecast", SAMPLE, "--model", "standard", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert len(told["months"]) == 6
    assert told["months"][0]["value"][0]["currency"] == "EUR"
