"""The command line: what it prints, and the one sentence it says when something is wrong."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import funnel
from funnel import measures
from funnel.cli.command import main
from funnel.words import wording
from tests import doubtful
from tests.thorough import every, thorough

HISTORY = """Deal ID,Stage,Entered at,Company,Region,Amount
d1,New,2025-01-02,Acme,East,100
d1,Demo done,2025-01-12,Acme,East,100
d1,Closed won,2025-02-01,Acme,East,100
d2,New,2025-01-05,Acme,West,50
d2,Closed lost,2025-01-20,Acme,West,50
d3,New,2025-02-10,Birch,East,70
d3,Closed won,2025-02-15,Birch,East,70
d4,New,2025-03-01,,"=1+1",10
"""


@pytest.fixture
def file(tmp_path) -> str:
    path = tmp_path / "deals.csv"
    path.write_text(HISTORY, encoding="utf-8")
    return str(path)


def _json(capsys, *words: str) -> dict:
    assert main([*words, "--json"]) == 0
    told = capsys.readouterr()
    assert told.err == ""
    return json.loads(told.out)


def _refused(capsys, *words: str) -> str:
    assert main(list(words)) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1, told.err
    assert "Traceback" not in told.err
    return told.err


def test_steps_as_json(capsys, file):
    told = _json(capsys, "steps", file, "--labels", "New,Demo done,Closed won")
    stages = told.pop("stages")
    assert told == {
        "model": "labels",
        "rule": "passed",
        "window_days": None,
        "entry": "first",
        "unit": "lead",
        "leads": 4,
        "coverage": 1.0,
        "observed_until": "2025-03-01T00:00:00",
        "from": None,
        "to": None,
        "won": 2,
        "lost": 1,
        "open": 1,
        "lead_to_win_rate": 0.5,
        "attributes": "start",
        "notes": [],
    }
    assert stages[1] == {
        "position": 1,
        "key": "Demo done",
        "name": "Demo done",
        "leads": 2,
        "from_entry": 0.5,
        "from_previous": 0.5,
        "median_days_from_previous": None,
        "timed": 1,
        "advanced": 2,
        "skipped_ahead": 0,
        "moved_back": 0,
        "lost": 0,
        "still_there": 0,
        "lost_for_good": 0,
    }
    assert (stages[0]["advanced"], stages[0]["skipped_ahead"], stages[0]["lost"], stages[0]["still_there"]) == (
        1,
        1,
        1,
        1,
    )
    assert (stages[0]["from_entry"], stages[0]["from_previous"], stages[0]["median_days_from_previous"]) == (
        1.0,
        None,
        None,
    )


def test_inspect_as_json(capsys, file):
    told = _json(capsys, "inspect", file)
    assert told["shape"] == "history"
    assert told["files"] == [
        {
            "name": "deals.csv",
            "encoding": "utf-8",
            "delimiter": ",",
            "rows_read": 8,
            "rows_used": 8,
            "rows_rejected": 0,
            "rows_ignored": 0,
        }
    ]
    assert told["columns"] == {
        "lead": "Deal ID",
        "label": "Stage",
        "time": "Entered at",
        "account": "Company",
        "amount": "Amount",
    }
    assert told["formats"]["Entered at"] == "YYYY-MM-DD"
    assert (told["leads"], told["entries"]) == (4, 8)
    assert (told["first_start"], told["last_start"]) == ("2025-01-02T00:00:00", "2025-03-01T00:00:00")
    assert told["labels"][0] == {"label": "New", "leads": 4, "concept": "lead"}
    assert {label["label"]: label["concept"] for label in told["labels"]}["Closed lost"] == "lost"
    assert told["warnings"] == []


def test_inspect_as_text_names_shape_parts_and_meanings_in_the_language(capsys, file):
    assert main(["inspect", file, "--language", "ru"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("лидов 4, входов 8, вход с 2 янв. 2025 по 1 мар. 2025. История: одна строка на переход\n")
    assert "\n  Метка этапа: Stage\n" in told
    assert re.search(r"^Метка +Лиды +Смысл$", told, re.MULTILINE)
    assert re.search(r"^Closed won +2 +Сделка выиграна$", told, re.MULTILINE)


def test_another_reading_is_named_and_says_how_to_choose_it(capsys, tmp_path):
    path = tmp_path / "deals.csv"
    path.write_bytes(doubtful.content())
    other, *_ = _json(capsys, "inspect", str(path))["alternatives"]
    assert main(["inspect", str(path)]) == 0
    named = wording.say(f"pages.shape.{other['shape']}")
    assert f"\n  {named} (--shape {other['shape']}); lead: " in capsys.readouterr().out


def test_a_build_refused_for_its_shape_names_it_in_the_language(capsys, tmp_path):
    rows = {"Lead ID": ["1", "2", "3"], "Status": ["New", "Won", "Lost"], "Created": ["2024-01-01"] * 3}
    pq.write_table(pa.table(rows), tmp_path / "deals.parquet")
    words = ("build", str(tmp_path / "deals.parquet"), "--to", str(tmp_path / "to"), "--language", "ru")
    assert main(words) == 2
    assert "читается как «Снимок: лиды в текущем состоянии»" in capsys.readouterr().err


def test_the_line_of_a_funnel_says_its_last_day_as_the_language_does(capsys, file):
    assert main(["steps", file, "--language", "ru"]) == 0
    assert capsys.readouterr().out.splitlines()[0].endswith("наблюдение до 1 мар. 2025")


@thorough
def test_dates_filters_windows_units_and_groups(capsys, file):
    labels = ("steps", file, "--labels", "New,Closed won")
    assert _json(capsys, *labels, "--from", "2025-01-05", "--to", "2025-02-10")["leads"] == 2
    assert _json(capsys, *labels, "--where", "region=East", "--where", "Region=West")["leads"] == 3
    assert _json(capsys, *labels, "--where", "company=")["leads"] == 1
    assert [stage["leads"] for stage in _json(capsys, *labels, "--window", "5")["stages"]] == [4, 1]
    accounts = _json(capsys, *labels, "--unit", "account")
    assert (accounts["leads"], accounts["won"], accounts["unit"]) == (2, 2, "account")
    groups = _json(capsys, *labels, "--by", "Region")["groups"]
    assert [(group["value"], group["leads"], group["won"]) for group in groups] == [
        ("East", 2, 2),
        ("=1+1", 1, 0),
        ("West", 1, 0),
    ]
    ordered = _json(capsys, "steps", file, "--labels", "New,Demo done,Closed won", "--rule", "in-order")
    assert [stage["leads"] for stage in ordered["stages"]] == [4, 1, 1]


def test_a_catalogue_model_and_joined_spellings(capsys, file):
    standard = _json(capsys, "steps", file, "--model", "standard")
    assert [stage["leads"] for stage in standard["stages"]] == [4, 2, 2, 2, 2]
    joined = _json(capsys, "steps", file, "--labels", "New=Demo done,Closed won")
    assert [(stage["name"], stage["leads"]) for stage in joined["stages"]] == [("New", 4), ("Closed won", 2)]


def test_a_saved_mapping_is_taken_and_a_flag_wins_over_it(capsys, file, tmp_path):
    from funnel.mapping import MappingOverrides, to_toml

    with funnel.open(file, overrides=MappingOverrides(won=("Demo done",))) as data_set:
        saved = tmp_path / "mapping.toml"
        saved.write_text(to_toml(data_set.mapping), encoding="utf-8")
    assert _json(capsys, "steps", file, "--mapping", str(saved))["won"] == 1
    assert _json(capsys, "steps", file, "--mapping", str(saved), "--won", "Closed won")["won"] == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--model", "nope"), "nope"),
        (("--labels", "New,Nothing"), "“Nothing”"),
        (("--labels", ","), "--labels"),
        (("--rule", "sideways"), "sideways"),
        (("--window", "-3"), "-3"),
        (("--window", "ten"), "ten"),
        (("--from", "2025-13-01"), "2025-13-01"),
        (("--from", "2025-03-01", "--to", "2025-01-01"), "1 Jan 2025"),
        (("--where", "Region"), "COLUMN=VALUE"),
        (("--where", "Nowhere=1"), "Nowhere"),
        (("--by", "Nowhere"), "Nowhere"),
        (("--lead", "Nowhere"), "Nowhere"),
        (("--time", "Region"), "Region"),
        (("--mapping", "no-such.toml"), "no-such.toml"),
        (("--model", "no-such.toml"), "no-such.toml"),
        (("--frobnicate",), "--frobnicate"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(capsys, file, words, said):
    assert said in _refused(capsys, "steps", file, *words)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("header.csv", b"Deal ID,Stage,Entered at\n"),
        ("picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20),
        ("one.csv", b"name\nanna\nboris\n"),
        ("truncated.csv.gz", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcbH"),
        ("ids.csv", b"Deal ID,Stage,Entered at\n,New,2025-01-01\n,Won,2025-01-02\n"),
        ("dates.csv", b"Deal ID,Stage,Entered at\n1,New,soon\n1,Won,later\n2,New,maybe\n"),
    ],
)
def test_a_broken_file_is_refused_in_one_sentence(capsys, tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    assert name in _refused(capsys, "inspect", str(path))


def test_no_file_and_no_command(capsys):
    assert "gone.csv" in _refused(capsys, "steps", "gone.csv")
    assert "COMMAND" in _refused(capsys)


def test_the_module_runs(file):
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "funnel", "steps", file, "--labels", "New,Closed won"],
        cwd=root,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={"PYTHONIOENCODING": "utf-8", "PATH": ""},
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "Closed won" in done.stdout


def test_leads_can_be_asked_in_python(file):
    with funnel.open(file) as data_set:
        table = data_set.ask(measures.steps, data_set.question("as-recorded", where={"Region": "East"})).to_pandas()
        assert list(table["name"]) == ["New", "Demo done", "Closed won"]
        assert list(table["leads"]) == [2, 2, 2]
        assert data_set.ask(measures.steps, data_set.question("standard", where={"Amount": (50, None)})).leads == 3
        folder = data_set.engine.folder
        assert folder.exists()
    assert not folder.exists()


def test_models_lists_all_seventeen_in_any_of_six_languages(capsys):
    assert main(["models", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["models"]
    assert (len(listed), listed[0]["key"], listed[0]["stages"]) == (17, "as-recorded", [])
    reverse = next(model for model in listed if model["key"] == "reverse")
    assert [stage["name"] for stage in reverse["stages"]] == ["Closing", "Proposal", "Qualification", "Lead"]
    assert main(["models", "--language", "th"]) == 0
    assert "กรวยย้อนกลับ" in capsys.readouterr().out
    assert main(["models", "--language", "xx"]) == 2
    assert "'xx'" in capsys.readouterr().err


@pytest.mark.parametrize("tag", every(5, ["ru", "hy", "ar", "fa", "th"]))
def test_answers_and_errors_are_written_in_the_language_asked_for(capsys, file, tag):
    assert main(["steps", file, "--language", tag]) == 0
    told = capsys.readouterr().out
    with wording.speaking(tag):
        assert wording.heads("steps")["from_entry"] in told
    assert " through " not in told
    assert _json(capsys, "steps", file, "--language", tag)["stages"] == _json(capsys, "steps", file)["stages"]
    assert main(["steps", "nowhere.csv", "--language", tag]) == 2
    assert "There is no" not in capsys.readouterr().err
