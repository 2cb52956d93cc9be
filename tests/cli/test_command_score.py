"""`python -m funnel score`: its keys, its text, its CSV, and the one sentence where something is wrong."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import funnel
from funnel.cli.command import main
from funnel.measures.lead_score import lead_score
from tests.cli.test_command import _json, _refused
from tests.scored import file_of_leads

pytestmark = pytest.mark.usefixtures("opened_once")
SAMPLES = Path(__file__).resolve().parents[2] / "data/samples"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("leads") / "log.csv"
    path.write_bytes(file_of_leads(5, 2500, 0.8))
    return str(path)


def test_a_score_as_json(capsys, file):
    told = _json(capsys, "score", file, "--day", "60", "--limit", "7")
    assert list(told) == [
        "as_of", "day", "shown", "why_hidden", "test", "dropped_columns", "leads", "attributes", "notes",
    ]  # fmt: skip
    assert (told["as_of"], told["day"], told["shown"], told["why_hidden"]) == ("2024-12-20", 60, True, None)
    assert list(told["test"]) == [
        "leads", "wins", "skill", "low", "high", "brier", "brier_stage", "slope", "expected", "observed", "top20", "deciles",
    ]  # fmt: skip
    assert list(told["test"]["top20"]) == ["score", "stage"]
    assert [len(each) for each in told["test"]["deciles"]] == [5] * 10
    assert told["dropped_columns"] == [{"column": "Deal notes", "why": "looks like it is filled in when a deal closes"}]
    assert len(told["leads"]) == 7
    lead = told["leads"][0]
    assert list(lead) == [
        "lead", "account", "label", "days", "chance", "stage_rate", "amount", "currency", "reasons",
    ]  # fmt: skip
    assert list(lead["chance"]) == list(lead["stage_rate"]) == ["30", "60", "90", "180"]
    reasons = [reason for each in told["leads"] for reason in each["reasons"]]
    assert {tuple(reason) for reason in reasons} == {("column", "value", "log_odds", "text")}


def test_python_says_the_same(capsys, file):
    told = _json(capsys, "score", file, "--day", "60", "--limit", "3")
    with funnel.open(file) as data_set:
        result = data_set.ask(lead_score, data_set.question(), 60, limit=3)
    assert [lead.lead for lead in result.leads] == [lead["lead"] for lead in told["leads"]]
    assert result.test.skill.value == told["test"]["skill"]
    assert [lead.chance[60] for lead in result.leads] == [lead["chance"]["60"] for lead in told["leads"]]


def test_as_text_and_as_csv(capsys, file, tmp_path):
    out = tmp_path / "scores.csv"
    assert main(["score", file, "--day", "60", "--limit", "2", "--out", str(out)]) == 0
    text = capsys.readouterr().out
    assert "The best-scored 20% of open leads held " in text
    assert "Likely to be won is not the same as worth your time: nothing here says what your work changes." in text
    assert "Not looked at: Deal notes, looks like it is filled in when a deal closes." in text
    with out.open(encoding="utf-8-sig", newline="") as written:
        rows = list(csv.DictReader(written))
    told = _json(capsys, "score", file, "--day", "60", "--limit", "9999")
    assert [row["Lead"] for row in rows] == [lead["lead"] for lead in told["leads"]]
    assert len(rows) > 50
    assert float(rows[0]["Chance, %"]) == pytest.approx(100 * told["leads"][0]["chance"]["60"], abs=0.06)
    assert any("of such were won" in row["Why"] for row in rows)


def test_a_snapshot_says_why_there_is_no_score(capsys):
    told = _json(capsys, "score", str(SAMPLES / "leads-snapshot.csv.gz"), "--limit", "2")
    assert (told["shown"], told["test"]) == (False, None)
    assert told["why_hidden"] == (
        "A snapshot does not tell where leads stood earlier, so no chance can be learnt from it; export the stage history."
    )
    assert [lead["chance"] for lead in told["leads"]] == [{"30": None, "90": None, "180": None}] * 2


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--day", "0"], "A chance is told for 1 to 730 days ahead, not 0."),
        (["--day", "731"], "A chance is told for 1 to 730 days ahead, not 731."),
        (["--day", "soon"], "“soon” is no number of days. Give a whole one, such as 90."),
        (
            ["--out", "/no/such/folder/scores.csv"],
            "“/no/such/folder/scores.csv” cannot be written. Name another file or folder.",
        ),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(capsys, file, options, sentence):
    assert sentence in _refused(capsys, "score", file, *options)
