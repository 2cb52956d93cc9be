"""`python -m funnel touches`: its keys, its sums, and the one sentence where something is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from funnel.cli.command import main
from tests.cli.test_command import _json, _refused

pytestmark = pytest.mark.usefixtures("opened_once")
LEADS = """lead_id,account,stage,entered_at,amount,currency
a,Acme,Lead,2025-01-10,100,EUR
a,Acme,Won,2025-03-20,100,EUR
b,Acme,Lead,2025-02-01,,
c,Beta,Lead,2025-01-15,50,USD
c,Beta,Won,2025-02-15,50,USD
d,Gamma,Lead,2025-01-15,7,EUR
d,Gamma,Lost,2025-02-15,7,EUR
"""
TOUCHES = """wer,wann,wodurch,kosten
a,2025-01-05,Web,10
b,2025-01-06,Fair,30
a,2025-03-25,Email,1
z,2025-01-05,Web,1
a,2031-01-05,Web,1
d,2025-01-20,Web,4
"""
SAID = ("--touch-lead", "wer", "--touch-time", "wann", "--touch-channel", "wodurch")


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    paths = tmp_path / "leads.csv", tmp_path / "contacts.csv"
    for path, text in zip(paths, (LEADS, TOUCHES), strict=True):
        path.write_text(text)
    return str(paths[0]), str(paths[1])


def test_credit_as_json(capsys, files):
    leads, touches = files
    told = _json(capsys, "touches", leads, "--touches", touches, *SAID, "--models", "first,linear")
    assert list(told) == [
        "model", "unit", "at", "lookback", "half_life", "events", "without_touch", "untimed", "touches", "channels", "credit",
        "too_few", "stages", "attributes", "notes",
    ]  # fmt: skip
    assert (told["unit"], told["at"], told["events"], told["without_touch"]) == ("account", None, 2, 1)
    assert told["touches"] == {
        "used": 4, "unmatched": 1, "after": 1, "future": 1, "planned": 0, "sent": 0, "duplicate": 0, "ignored": 0, "rejected": 0,
    }  # fmt: skip
    assert told["channels"][0] == {"channel": "Web", "touched": 1, "leads": 3, "cost": 14.0}
    linear = {each["channel"]: each for each in told["credit"] if each["model"] == "linear"}
    assert {name: each["events"] for name, each in linear.items()} == {"Web": 0.5, "Fair": 0.5, "Email": 0.0, None: 1.0}
    assert linear["Web"]["value"] == [{"currency": "EUR", "amount": 50.0}, {"currency": "USD", "amount": 0.0}]
    assert linear[None]["value"] == [{"currency": "EUR", "amount": 0.0}, {"currency": "USD", "amount": 50.0}]
    assert (linear["Web"]["cost_each"], linear[None]["cost_each"]) == (28.0, None)
    assert {each["model"] for each in told["stages"]} == {"first", "linear"}
    at_won = [each for each in told["stages"] if each["stage"] == "Won" and each["model"] == "linear"]
    assert sum(each["events"] for each in at_won) == 2


def test_the_same_for_people(capsys, files):
    leads, touches = files
    assert main(["touches", leads, "--touches", touches, *SAID, "--unit", "lead", "--lookback", "all"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(
        "Web gets most: 1 of 2 wins, by any rule\n2 wins, 1 of them without a touch; touches of the lead itself,"
    )
    assert "Touches: 4 used, 1 of them after the last win; 1 of nobody here, 1 in the future" in out
    assert "Amounts (EUR):" in out
    assert "Markov and Shapley look at all leads together and need 50 won" in out
    # Each table ends with what has no touch, and the stages with all.
    assert out.count("\nNo touch known") == 4
    assert "\nAll " in out


def test_entries_at_a_stage(capsys, files):
    leads, touches = files
    told = _json(
        capsys, "touches", leads, "--touches", touches, *SAID, "--at", "Lead", "--models", "last", "--unit", "lead"
    )
    assert (told["at"], told["events"], told["without_touch"]) == ("Lead", 4, 2)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--touch-channel", "channel"), "There is no column “channel” in contacts.csv"),
        (("--touch-lead", "wer", "--touch-time", "wann"), "These could be it: wodurch"),
        ((*SAID, "--models", "best"), "not “best”"),
        ((*SAID, "--models", ""), "not “”"),
        ((*SAID, "--lookback", "soon"), "Write a number of days (180), or “all”"),
        ((*SAID, "--lookback", "0"), "Look back 1 to"),
        ((*SAID, "--half-life", "0"), "A half-life is a number of days above 0"),
        ((*SAID, "--half-life", "x"), "Write a number of days (30)"),
        ((*SAID, "--at", "Nowhere"), "Nowhere"),
        (("--touches", "none.csv"), "none.csv"),
    ],
)
def test_what_is_wrong_is_one_sentence(capsys, files, options, words):
    leads, touches = files
    assert words in _refused(capsys, "touches", leads, "--touches", touches, *options)


def test_without_touches_it_says_what_would_bring_them(capsys, files):
    assert "No file tells of touches" in _refused(capsys, "touches", files[0])


def test_files_whose_headers_say_that_they_are_touches_need_no_flag(capsys, tmp_path):
    paths = tmp_path / "leads.csv", tmp_path / "visits.csv"
    paths[0].write_text(LEADS)
    paths[1].write_text("lead_id,visit time,channel\na,2025-01-05 10:00,Web\n")
    assert _json(capsys, "touches", *map(str, paths))["touches"]["used"] == 1
    by = _json(capsys, "steps", *map(str, paths), "--by", "First channel")
    assert {each["value"]: each["stages"][0]["leads"] for each in by["groups"]} == {"Web": 1, None: 3}


def test_what_goes_before_a_step_as_json(capsys, files):
    leads, touches = files
    told = _json(capsys, "touches", leads, "--touches", touches, *SAID, "--before-steps", "--within", "30")
    assert told["within"] == 30
    assert list(told["goes_before"][0]) == [
        "channel", "step", "touched_days", "touched_events", "other_days", "other_events", "rr", "low", "high", "p", "q", "e_value",
        "faster_before_p", "verdict",
    ]  # fmt: skip
    assert {each["verdict"] for each in told["goes_before"]} == {"too few"}
    asked = ("touches", leads, "--touches", touches, *SAID)
    assert "belongs to --before-steps" in _refused(capsys, *asked, "--within", "30")
    assert "whole number of days" in _refused(capsys, *asked, "--before-steps", "--within", "x")


def test_labels_of_the_history_that_are_touches(capsys, tmp_path):
    log = tmp_path / "log.csv"
    log.write_text(LEADS.replace("b,Acme,Lead", "a,Acme,Webinar,2025-02-01,,\nb,Acme,Lead"))
    told = _json(capsys, "touches", str(log), "--touch-labels", "webinar", "--models", "first", "--unit", "lead")
    assert told["touches"]["used"] == 1
    assert {each["channel"]: each["events"] for each in told["credit"]} == {"Webinar": 1, None: 1}
    assert "Fair" in _refused(capsys, "touches", str(log), "--touch-labels", "Fair")
