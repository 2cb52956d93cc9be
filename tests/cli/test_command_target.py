"""`python -m funnel target`: its keys, its text, what if, and the one sentence where something is wrong."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

import funnel
from funnel.cli.command import main
from funnel.measures.target import target
from tests.cli.test_command import _json, _refused
from tests.planned import LABELS, UNTIL, drawn
from tests.thorough import thorough

pytestmark = pytest.mark.usefixtures("opened_once")
SAMPLE = str(Path(__file__).resolve().parents[2] / "data/samples/leads-history.csv.gz")
ASKED = ("--by", "2026-09-30", "--wins", "60")
WAY = ("--labels", "New,Demo,Won")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    lines = [
        f"L-{number},{LABELS[at]},{moment:%Y-%m-%d %H:%M:%S}"
        for number, lead in enumerate(drawn(400, 7))
        for at, moment in lead
    ]
    path = tmp_path_factory.mktemp("leads") / "log.csv"
    path.write_text("\n".join(["lead_id,stage,changed_at", *lines, f"last,New,{UNTIL:%Y-%m-%d %H:%M:%S}"]) + "\n")
    return str(path)


def test_a_target_as_json(capsys, file):
    told = _json(capsys, "target", file, *WAY, *ASKED, "--from", "2026-05-01")
    assert list(told) == [
        "as_of", "from", "by", "target", "won", "open", "to_find", "expected_at_pace", "reach", "sure", "stages", "what_if",
        "together", "scatter", "backtests", "warnings", "attributes", "notes",
    ]  # fmt: skip
    assert (told["as_of"], told["from"], told["by"], told["target"]) == (
        "2026-06-30", "2026-05-01", "2026-09-30", {"wins": 60},
    )  # fmt: skip
    assert told["to_find"] == pytest.approx(60 - told["won"] - told["open"]["expected"])
    assert list(told["open"]) == ["leads", "expected", "low80", "high80"]
    assert list(told["reach"]) == ["at_pace", "at_needed"]
    assert list(told["stages"][0]) == [
        "stage", "per_week", "low80", "high80", "sure", "in_all", "now_per_week", "last_useful_day", "median_days_to_win",
        "entered", "won",
    ]  # fmt: skip
    assert [stage["stage"] for stage in told["stages"]] == ["New", "Demo"]
    assert told["stages"][0]["in_all"] == pytest.approx(told["stages"][0]["per_week"] / 7 * 92)
    # Nothing asked: each step by 5 points more.
    assert [(each["step"], round(each["to"] - each["from"], 9)) for each in told["what_if"]] == [
        ("New", 0.05),
        ("Demo", 0.05),
    ]
    assert told["together"] is None


def test_what_if_as_json(capsys, file):
    told = _json(capsys, "target", file, *WAY, *ASKED, "--step", "Demo=+5", "--arrivals", "1.2")
    (step,) = told["what_if"]
    assert list(step) == ["step", "from", "to", "extra_wins", "by_month"]
    assert [each["month"] for each in step["by_month"]] == ["2026-07", "2026-08", "2026-09"]
    assert sum(each["extra_wins"] for each in step["by_month"]) == pytest.approx(step["extra_wins"])
    assert told["together"]["arrivals"] == 1.2
    assert told["together"]["extra_wins"] > step["extra_wins"]
    worse = _json(capsys, "target", file, *WAY, *ASKED, "--step", "Demo=-5%")
    assert worse["what_if"][0]["extra_wins"] == pytest.approx(-step["extra_wins"])
    more = _json(capsys, "target", file, *WAY, *ASKED, "--step", "New=5", "--step", "Demo=5")
    assert more["together"]["extra_wins"] > sum(each["extra_wins"] for each in more["what_if"])
    sooner = _json(capsys, "target", file, *WAY, *ASKED, "--faster", "New=50", "--faster", "Demo=50")["together"]
    assert sooner["days_sooner"] > 0
    assert sooner["extra_wins"] > 0


def test_a_target_as_text(capsys, file):
    assert main(["target", file, *WAY, *ASKED, "--step", "Demo=+5", "--sure", "90%"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("60 more wins are needed; ")
    assert "From 1 Jul 2026 to 30 Sep 2026, through labels: 0 wins of 60 so far; " in told
    assert "To be 90% sure: " in told
    new = next(line for line in told.splitlines() if line.startswith("New  "))
    assert len(new.split()) == 8  # the stage, three paces, that of now, a day of three words
    assert "From Demo, " in told
    assert "If so: +" in told
    assert main(["target", file, *WAY, "--by", "2026-09-30", "--wins", "1", "--from", "2026-01-01"]) == 0
    assert capsys.readouterr().out.startswith("The target of 1 is reached: ")


def test_python_answers_the_same(capsys, file):
    told = _json(capsys, "target", file, *WAY, *ASKED)
    with funnel.open(file) as data_set:
        question = data_set.question(data_set.labels_model([["New"], ["Demo"], ["Won"]]))
        result = data_set.ask(target, question, by=date(2026, 9, 30), wins=60)
    assert result.open == pytest.approx(told["open"]["expected"], rel=1e-9)
    assert [row["per_week"] for row in result.rows()] == pytest.approx([each["per_week"] for each in told["stages"]])
    assert "MD5_NUMBER_LOWER" in result.sql


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "--by"),
        (("--by", "2026-09-30"), "--wins"),
        (("--by", "soon", "--wins", "60"), "“soon”"),
        (("--by", "2026-06-30", "--wins", "60"), "30 Jun 2026 is not after 30 Jun 2026"),
        (("--by", "2036-06-30", "--wins", "60"), "further ahead than twice the"),
        (("--by", "2026-09-30", "--wins", "0"), "0"),
        ((*ASKED, "--from", "2026-08-01"), "counts from 1 Aug 2026"),
        ((*ASKED, "--sure", "1"), "A share is a number from 0 to 1"),
        ((*ASKED, "--sure", "a lot"), "“a lot” is no share"),
        ((*ASKED, "--step", "Demo"), "“Demo” is no change of a step"),
        ((*ASKED, "--step", "Demo=more"), "“Demo=more” is no change of a step"),
        ((*ASKED, "--step", "Signed=+5"), "has no stage “Signed”"),
        ((*ASKED, "--step", "won=+5"), "is no change of a step"),
        ((*ASKED, "--step", "Demo=+99"), "no share between 0% and 100%"),
        ((*ASKED, "--arrivals", "many"), "“many” is no number of times"),
        ((*ASKED, "--arrivals", "-1"), "0 to 100 times"),
        ((*ASKED, "--faster", "Demo=100"), "0 to 99%"),
        ((*ASKED, "--faster", "Demo"), "“Demo” is no change of a step"),
        ((*ASKED, "--larger", "2"), "the target is no money"),
    ],
)
def test_what_is_wrong_in_a_target_is_said_in_one_sentence(capsys, file, words, said):
    assert said in _refused(capsys, "target", file, *WAY, *words)


@thorough
def test_what_a_file_cannot_tell_is_said_in_one_sentence(capsys):
    snapshot = SAMPLE.replace("history", "snapshot")
    words = ("--by", "2026-03-31", "--wins", "20")
    assert "Export the stage history" in _refused(capsys, "target", snapshot, *words)
    assert "nothing is told of wins to come" in _refused(capsys, "target", SAMPLE, *words, "--where", "Region=Mars")


@thorough
def test_a_target_in_money(capsys, file):
    words = ("--model", "standard", "--by", "2025-12-31", "--value", "9000000")
    told = _json(capsys, "target", SAMPLE, *words)
    assert list(told["target"]) == ["wins", "value", "currency", "won_value", "mean_value", "priced_wins"]
    assert (told["target"]["value"], told["target"]["currency"], told["target"]["won_value"]) == (9_000_000, "EUR", 0)
    assert told["target"]["wins"] == -(-9_000_000 // told["target"]["mean_value"])
    larger = _json(capsys, "target", SAMPLE, *words, "--larger", "1.5")["together"]
    assert (larger["amount"], larger["extra_wins"]) == (1.5, 0)
    assert larger["per_week"] < told["stages"][0]["per_week"]
    assert main(["target", SAMPLE, *words, "--currency", "EUR"]) == 0
    assert "€9M are taken for" in capsys.readouterr().out
    assert "nothing is told of a target in money" in _refused(
        capsys, "target", file, *WAY, "--by", "2026-09-30", "--value", "5e5"
    )
    assert "--currency says in which currency" in _refused(capsys, "target", file, *WAY, *ASKED, "--currency", "EUR")
    assert "not allowed with" in _refused(capsys, "target", file, *WAY, *ASKED, "--value", "5")


def test_the_sample_answers(capsys):
    words = ("--model", "standard", "--by", "2025-12-31", "--wins", "300", "--json")
    assert main(["target", SAMPLE, *words]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["backtests"] == 12
    assert 0.05 < told["reach"]["at_pace"] < 0.95
    assert told["stages"][0]["stage"] == "Lead generation"
