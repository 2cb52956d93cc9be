"""`python -m funnel bridge`: its keys, its sums, the leads of a part, and the one sentence where something is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from funnel.cli.command import main
from tests.cli.test_command import _json, _refused

pytestmark = pytest.mark.usefixtures("opened_once")
ROOT = Path(__file__).resolve().parents[2]
HISTORY = str(ROOT / "tests/exports/salesforce_history.csv")
SNAPSHOT = str(ROOT / "data/samples/leads-snapshot.csv.gz")
# Twelve leads were over before: they stand in no part.
LOG = """lead_id,stage,changed_at,amount,currency,expected close date
a,New,2025-01-10,100,EUR,2025-03-31
a,Demo,2025-03-10,150,EUR,2025-09-30
b,New,2025-01-10,30.10,EUR,2025-06-30
b,Won,2025-04-10,30.10,EUR,2025-04-10
c,New,2025-03-20,9,USD,2025-08-31
d,New,2025-01-15,,,
d,Lost,2025-05-20,,,
""" + "".join(
    f"x{number},{stage},2025-01-{day},,,\n"
    for number in range(12)
    for stage, day in (("New", 11), ("Demo", 12), ("Lost", 20))
)
DAYS = ("--from", "2025-02-28", "--to", "2025-04-30")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("leads") / "log.csv"
    path.write_text(LOG)
    return str(path)


def test_a_bridge_as_json(capsys, file):
    told = _json(capsys, "bridge", file, *DAYS)
    assert list(told) == [
        "as_of", "from", "to", "model", "unit", "open_start", "parts", "open_end", "moved", "slipped", "undated", "untimed",
        "missing", "attributes", "notes",
    ]  # fmt: skip
    assert (told["as_of"], told["from"], told["to"], told["unit"]) == ("2025-05-20", "2025-02-28", "2025-04-30", "lead")
    eur, usd = ({"currency": code, "amount": 0.0} for code in ("EUR", "USD"))
    assert told["open_start"] == {"leads": 3, "without_amount": 1, "value": [{**eur, "amount": 130.1}, usd]}
    parts = {
        each["part"]: (each["leads"], each["value"][0]["amount"], each["value"][1]["amount"]) for each in told["parts"]
    }
    assert parts == {
        "new": (1, 0.0, 9.0),
        "reopened": (0, 0.0, 0.0),
        "won": (1, 30.1, 0.0),
        "lost": (0, 0.0, 0.0),
        "increased": (1, 50.0, 0.0),
        "decreased": (0, 0.0, 0.0),
    }
    assert told["open_end"]["value"] == [{**eur, "amount": 150.0}, {**usd, "amount": 9.0}]
    assert {part: sizes["leads"] for part, sizes in told["moved"].items()} == {"forward": 1, "back": 0, "unchanged": 1}
    assert (told["slipped"]["leads"], told["slipped"]["of"], told["missing"]) == (1, 1, [])


def test_a_part_and_its_leads(capsys, file):
    told = _json(capsys, "bridge", file, *DAYS, "--part", "slipped", "--leads")
    assert told["part"]["leads"] == 1
    (lead,) = told["leads"]
    assert (lead["lead_id"], lead["stage_was"], lead["stage_now"]) == ("a", "New", "Demo")
    assert (lead["amount_was"], lead["amount_now"]) == (100.0, 150.0)
    assert (lead["planned_was"], lead["planned_now"]) == ("2025-03-31", "2025-09-30")
    assert main(["bridge", file, *DAYS, "--part", "won", "--leads"]) == 0
    text = capsys.readouterr().out
    assert "From the end of 28 Feb 2025 to the end of 30 Apr 2025" in text
    assert text.splitlines()[-1].startswith("b ")


def test_leads_of_a_part_have_heads_and_days_of_the_language(capsys, file):
    assert main(["bridge", file, *DAYS, "--part", "won", "--leads", "--language", "ru"]) == 0
    told = capsys.readouterr().out
    head, line = told.splitlines()[-2:]
    assert "Этап на 28 февр. 2025" in head
    assert "янв. 2025" in line
    assert "T00:00:00" not in told


def test_a_bridge_as_text(capsys, file):
    assert main(["bridge", file, *DAYS]) == 0
    told = capsys.readouterr().out
    assert told.startswith("Pipeline as large as before: 1 new, 0 lost, 1 won\n")
    (line,) = (line for line in told.splitlines() if line.startswith("Value increased"))
    assert line.split()[2:] == ["1", "€50", "+", "$0", "0"]


def test_without_dates_the_last_whole_quarter_that_the_history_holds(capsys, file):
    assert [_json(capsys, "bridge", HISTORY)[key] for key in ("from", "to")] == ["2024-01-31", "2024-02-29"]
    # Its first quarter is the first of the history, and whole.
    assert [_json(capsys, "bridge", file)[key] for key in ("from", "to")] == ["2025-03-31", "2025-04-30"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--from", "2025-04-01", "--to", "2025-03-01"), "which is not later"),
        (("--from", "2024-01-01"), "which is known from 9 Jan 2025 to 20 May 2025"),
        (("--to", "2025-06-01"), "which is known from 9 Jan 2025 to 20 May 2025"),
        (("--from", "soon"), "soon"),
        (("--leads",), "--leads lists the leads of a part"),
        (("--part", "gone"), "gone"),
        (("--unit", "account"), "account"),
    ],
)
def test_what_cannot_be_asked(capsys, file, options, sentence):
    assert sentence in _refused(capsys, "bridge", file, *options)


def test_a_snapshot_is_refused_with_what_is_missing(capsys):
    assert "Give the history of the leads too" in _refused(capsys, "bridge", SNAPSHOT)
