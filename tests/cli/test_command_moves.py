"""`python -m funnel moves`: what it prints, as JSON and for people."""

from __future__ import annotations

import json

import pytest

from funnel.cli.command import main

pytestmark = pytest.mark.usefixtures("opened_once")
HISTORY = """Deal ID,Stage,Entered at,Region
d1,New,2025-01-01,East
d1,Demo done,2025-01-05,East
d1,New,2025-01-09,East
d1,Demo done,2025-01-15,East
d1,Closed won,2025-01-31,East
d2,New,2025-01-05,West
d2,Closed lost,2025-01-20,West
d3,New,2025-02-10,East
d3,Closed won,2025-02-15,East
d4,New,2025-03-01,West
d4,Closed lost,2025-03-04,West
d4,Demo done,2025-03-10,West
"""
LABELS = ("--labels", "New,Demo done,Closed won")


@pytest.fixture
def file(tmp_path) -> str:
    path = tmp_path / "deals.csv"
    path.write_text(HISTORY, encoding="utf-8")
    return str(path)


def _text(capsys, *words: str) -> str:
    assert main(["moves", *words]) == 0
    told = capsys.readouterr()
    assert told.err == ""
    return told.out


def _json(capsys, *words: str) -> dict:
    return json.loads(_text(capsys, *words, "--json"))


def _refused(capsys, *words: str) -> str:
    assert main(["moves", *words]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    return told.err


def test_moves_as_json(capsys, file):
    told = _json(capsys, file, *LABELS)
    moves = {(move["from"], move["to"]): move for move in told.pop("moves")}
    assert moves["Demo done", "New"] == {
        "from": "Demo done",
        "to": "New",
        "kind": "back",
        "count": 1,
        "leads": 1,
        "median_days": 4.0,
    }
    assert {pair: (move["kind"], move["count"]) for pair, move in moves.items()} == {
        ("start", "New"): ("start", 4),
        ("New", "Demo done"): ("forward", 2),
        ("New", "Closed won"): ("skip", 1),
        ("New", "lost"): ("lost", 2),
        ("Demo done", "New"): ("back", 1),
        ("Demo done", "Closed won"): ("forward", 1),
        ("Demo done", "still there"): ("still", 1),
        ("Closed won", "still there"): ("still", 2),
        ("lost", "Demo done"): ("return", 1),
    }
    paths = {tuple(path["path"]): (path["leads"], path["won"], path["median_days"]) for path in told.pop("paths")}
    assert paths == {
        ("New", "Demo done", "New", "Demo done", "Closed won"): (1, 1, 30.0),
        ("New", "lost"): (1, 0, 15.0),
        ("New", "Closed won"): (1, 1, 5.0),
        ("New", "lost", "Demo done", "still there"): (1, 0, None),
    }
    assert told == {
        "model": "labels",
        "attributes": "start",
        "notes": [],
        "unit": "lead",
        "leads": 4,
        "moved_back": {"leads": 1, "of": 4, "share": 0.25},
        "win_rate_after_back": 1.0,
        "win_rate_others": 1 / 3,
        "win_rate_others_alike": None,
        "won_after_back": {"leads": 1, "of": 1},
        "won_others": {"leads": 1, "of": 3},
        "by_stage_reached": [
            {"stage": "New", "after_back": {"leads": 0, "of": 0}, "others": {"leads": 1, "of": 2}},
            {"stage": "Demo done", "after_back": {"leads": 1, "of": 1}, "others": {"leads": 0, "of": 1}},
        ],
        "extra_days": 25.0,
        "returned": {"leads": 1, "of": 2, "share": 0.5},
        "reentries": [
            {"stage": "New", "leads": 1, "of": 4},
            {"stage": "Demo done", "leads": 1, "of": 2},
            {"stage": "Closed won", "leads": 0, "of": 2},
        ],
        "distinct_paths": 4,
        "cannot": [],
    }


def test_options_say_whose_moves_and_how_many_paths(capsys, file):
    assert _json(capsys, file, *LABELS, "--from", "2025-02-01")["leads"] == 2
    assert _json(capsys, file, *LABELS, "--where", "Region=East")["moved_back"]["of"] == 2
    assert _json(capsys, file, "--model", "standard")["model"] == "standard"
    few = _json(capsys, file, *LABELS, "--paths", "1")
    assert (len(few["paths"]), few["distinct_paths"]) == (1, 4)
    assert "not 0" in _refused(capsys, file, "--paths", "0")
    assert "--paths" in _refused(capsys, file, "--paths", "many")
    assert "nope" in _refused(capsys, file, "--model", "nope")


def test_moves_for_people(capsys, file):
    told = _text(capsys, file, *LABELS)
    assert told.startswith(
        "4 leads through labels; every recorded move counts, whatever the rule; by lead, since it is leads that move\n"
    )
    # Too few for percentages.
    assert (
        "Moved back at least once: 1 of 4.\nWon so far: 1 of 1 of those, 1 of 3 of the others, most of which never came as far.\n"
        in told
    )
    rows = [" ".join(line.split()) for line in told.splitlines()]
    assert "Demo done 1 1 1 of 1 1 0 0 of 1" in rows
    assert "Reopened: 1 of 2 that were ever lost." in told
    assert "New → lost → Demo done → in stage now" in told
    assert "Top paths (4 of 4):" in told


def test_a_snapshot_says_what_it_cannot_tell(capsys, tmp_path):
    path = tmp_path / "now.csv"
    rows = "".join(f"s{n},{stage},2025-01-0{n}\n" for n, stage in enumerate(("New", "Qualified", "Closed won"), 1))
    path.write_text(f"Deal ID,Stage,Created\n{rows}", encoding="utf-8")
    told = _json(capsys, str(path), "--shape", "snapshot")
    assert (told["leads"], told["moves"], told["paths"]) == (3, [], [])
    assert told["moved_back"] == {"leads": 0, "of": 0, "share": None}
    assert told["win_rate_after_back"] is told["extra_days"] is None
    assert any("no stage history" in sentence for sentence in told["cannot"])
    said = _text(capsys, str(path), "--shape", "snapshot")
    assert "A snapshot has no stage history" in said
    assert "Moved back" not in said


def test_a_file_with_a_date_a_stage_says_what_shows_only_in_part(capsys, tmp_path):
    path = tmp_path / "wide.csv"
    lines = "w1,2025-01-01,2025-01-05,2025-02-01\nw2,2025-01-09,2025-01-03,\nw3,2025-01-04,,\n"
    path.write_text(
        f"Lead ID,Date entered New,Date entered Qualified,Date entered Closed won\n{lines}", encoding="utf-8"
    )
    told = _json(capsys, str(path), "--shape", "wide")
    assert told["moved_back"] == {"leads": 1, "of": 3, "share": 1 / 3}  # w2 was qualified before it was new
    assert any("only in part" in sentence for sentence in told["cannot"])
