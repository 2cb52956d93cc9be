"""`python -m funnel ask`: the rows of a measure, in a terminal and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import funnel
from funnel.cli.ask import askable
from funnel.cli.command import main
from funnel.words import wording
from tests.cli.test_command import HISTORY
from tests.cli.test_command_times import LABELS, LINES
from tests.thorough import thorough

pytestmark = pytest.mark.usefixtures("opened_once")
# Of 23 leads, all of January 2025: one cohort, and all together.
ROWS = {"aging": 2, "cohort_amounts": 3, "cohorts": 6, "kpis": 1, "step_trend": 2, "times": 2, "velocity": 1}

CONTRACTS = str(Path(__file__).resolve().parents[2] / "data/samples/contracts.csv.gz")
CHANGED = """
[[stages]]
name = "Lead"
concepts = ["lead"]
[[versions]]
from = 2025-01-20
[[versions.stages]]
name = "Lead"
concepts = ["lead"]
"""
OF_CUSTOMERS = ("customer_deals", "expansion", "retention")
"""Measures of files whose accounts buy again."""


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "deals.csv"
    path.write_text("\n".join(LINES) + "\n", encoding="utf-8")
    return str(path)


@thorough
@pytest.mark.parametrize("measure", ROWS)
def test_a_measure_prints_the_same_rows_in_words_and_as_json(
    measure: str, file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ask", measure, file, *LABELS, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert len(rows) == ROWS[measure]
    heads = wording.heads(measure)
    assert all(heads.keys() <= row.keys() for row in rows)
    assert main(["ask", measure, file, *LABELS]) == 0
    first, *lines = capsys.readouterr().out.splitlines()
    assert first.split() == " ".join(heads.values()).split()
    assert len([line for line in lines if line.strip()]) >= len(rows)


def test_cohorts_tell_what_is_known_by_each_day(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "cohorts", file, *LABELS, "--json"]) == 0
    january, *_ = json.loads(capsys.readouterr().out)["rows"]
    assert (january["start"], january["day"], january["leads"], january["unknown"]) == ("2025-01-01", 90, 23, "age")
    assert january["at_least"] == pytest.approx(20 / 23)


@pytest.fixture
def deals(tmp_path: Path) -> str:
    path = tmp_path / "deals.csv"
    path.write_text(HISTORY, encoding="utf-8")
    return str(path)


def test_rows_are_those_of_the_measure(deals: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "pipeline", deals, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["measure"], told["model"], told["unit"]) == ("pipeline", "as-recorded", "lead")
    assert told["rows"] == [
        {"month": "2025-01-01", "came": 2, "won": 0, "lost": 1, "open": 1},
        {"month": "2025-02-01", "came": 1, "won": 2, "lost": 0, "open": 0},
        {"month": "2025-03-01", "came": 1, "won": 0, "lost": 0, "open": 1},
    ]
    assert "sql" not in told


def test_people_see_the_heads_of_the_words_and_the_query_where_they_want_it(
    deals: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ask", "account_sizes", deals, "--sql"]) == 0
    told = capsys.readouterr().out
    assert told.splitlines()[0].split("  ") == ["Leads in the account", "Accounts"]
    assert "FROM counted" in told


def test_conditions_count_here_too(deals: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "pipeline", deals, "--json", "--where", "Region=West"]) == 0
    assert [row["came"] for row in json.loads(capsys.readouterr().out)["rows"]] == [1]


def test_a_measure_that_there_is_not_is_a_sentence(deals: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "nonsense", deals]) == 2
    assert "nonsense" in capsys.readouterr().err


def test_every_measure_with_rows_has_heads_and_answers(deals: str, tmp_path: Path) -> None:
    names = [name for name, _ in askable()]
    assert {"account_sizes", "credit", "pipeline"} <= {*names}
    touches = tmp_path / "touches.csv"
    touches.write_text("Deal ID,Touched at,Channel\nd1,2025-01-01,Web\n")
    changed = tmp_path / "changed.toml"
    changed.write_text(CHANGED)
    with funnel.open(deals, touches=touches) as plain, funnel.open(CONTRACTS) as contracts:
        for name, measure in askable():
            data_set = contracts if name in OF_CUSTOMERS else plain
            heads = wording.heads(name)
            assert heads, name
            # One needs a loop of the model, one a model that changed on a day.
            needed = {"loyalty": "consumer-decision-journey", "versions": str(changed)}
            model = needed.get(name, "standard")
            options = (
                {"by": "Region"}
                if name in ("segment_curves", "segments")
                else {"hoped": 0.5}
                if name == "plans"
                else {}
            )
            rows = data_set.ask(measure, data_set.question(model), **options)
            assert all({*heads} <= {*row} for row in rows.rows()), name
