"""`python -m funnel cohorts`: the same cohorts without a browser."""

from __future__ import annotations

import json

import pytest

from funnel.cli.command import main

pytestmark = pytest.mark.usefixtures("opened_once")
LINES = """lead_id,stage,changed_at
A,New,2025-01-10
A,Won,2025-01-15
B,New,2025-01-20
B,Lost,2025-02-01
C,New,2025-02-03
C,Qualified,2025-02-05
D,New,2025-03-30
D,Qualified,2025-03-31
"""


@pytest.fixture
def leads(tmp_path):
    path = tmp_path / "leads.csv"
    path.write_text(LINES)
    return str(path)


def told(capsys, *arguments):
    code = main(["cohorts", *arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_json_has_cohorts_stages_and_days(leads, capsys):
    code, out, _ = told(capsys, leads, "--period", "month", "--day", "10,30", "--json")
    answer = json.loads(out)
    assert (code, answer["period"]) == (0, "month")
    january, february, march = answer["cohorts"]
    assert [each["start"] for each in answer["cohorts"]] == ["2025-01-01", "2025-02-01", "2025-03-01"]
    assert january["leads"] == 2
    # A was won on day 5, B lost on day 12; of passed stages, a won lead has passed all.
    assert [(stage["name"], stage["leads"]) for stage in january["stages"]] == [
        ("New", 2),
        ("Qualified", 1),
        ("Won", 1),
    ]
    assert [(each["day"], each["rate"], each["old_enough"]) for each in january["by_day"]] == [
        (10, 0.5, 2),
        (30, 0.5, 2),
    ]
    assert january["by_day"][0]["mature"] == {"converted": 1, "leads": 2, "rate": 0.5}
    assert 0 < january["by_day"][0]["low"] < 0.5 < january["by_day"][0]["high"] < 1
    assert (january["at_least"], january["at_most"]) == (0.5, 0.5)
    # C is followed for 56 days and never won; D for one.
    assert [(each["rate"], each["old_enough"]) for each in february["by_day"]] == [(0.0, 1), (0.0, 1)]
    assert [(each["rate"], each["old_enough"]) for each in march["by_day"]] == [(None, 0), (None, 0)]
    assert (answer["all"]["leads"], answer["all"]["won"], answer["undated"]) == (4, 1, 0)


def test_conversion_to_a_stage(leads, capsys):
    _, out, _ = told(capsys, leads, "--period", "year", "--day", "3", "--stage", "Qualified", "--json")
    answer = json.loads(out)
    # Within 3 days: D on day 1, when four are watched, and C on day 2, when three are. A passed it with the win on day 5.
    assert answer["to_stage"] == "Qualified"
    assert answer["cohorts"][0]["by_day"][0]["rate"] == pytest.approx(1 / 4 + 3 / 4 * 1 / 3)
    assert answer["cohorts"][0]["by_day"][0]["converted"] == 2


def test_the_table_says_not_yet(leads, capsys):
    code, out, _ = told(capsys, leads, "--day", "30")
    assert code == 0
    lines = out.splitlines()
    assert lines[0].startswith("Leads by month of entry through as-recorded")
    assert lines[-2].split()[:3] == ["Mar", "2025", "1"]
    assert lines[-2].endswith("too early (0)")
    assert lines[3].endswith("1 of 2 (2)")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--day", "soon"], "--day takes whole numbers of days with commas between"),
        (["--day", "40000"], "A day is a whole number from 0 to 36,500, not 40,000."),
        (["--stage", "Demo"], "has no stage “Demo”"),
        (["--period", "century"], "invalid choice"),
    ],
)
def test_wrong_words_get_one_sentence(leads, capsys, arguments, said):
    code, out, err = told(capsys, leads, *arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert len(err.strip().splitlines()) == 1


def test_a_file_without_a_win_says_so(tmp_path, capsys):
    path = tmp_path / "leads.csv"
    path.write_text(LINES.replace("A,Won,2025-01-15\n", ""))
    _, out, _ = told(capsys, str(path), "--json")
    assert any("won" in warning for warning in json.loads(out)["warnings"])
    _, out, _ = told(capsys, str(path), "--stage", "Qualified", "--json")
    assert json.loads(out)["warnings"] == []
