"""One name for one number: no two values may stand under one name, in what every command and every page tells of one question."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from funnel.cli.command import main
from tests.measures.names_of_numbers import Figure, in_json, in_page, in_sentences, in_text, two_values
from tests.pages.apps import choose, menus, opened, turned, uploaded, with_ledger
from tests.thorough import thorough

pytestmark = pytest.mark.usefixtures("opened_once")
SAMPLE = Path(__file__).resolve().parents[2] / "data" / "samples" / "leads-history.csv.gz"
PAGES = (
    "overview",
    "funnel",
    "paths",
    "convert",
    "pipeline",
    "stages",
    "trends",
    "heat",
    "segments",
    "models",
    "scorecard",
)


def commands(file: str, model: str, by: str, day: int, rule: str) -> list[list[str]]:
    """One question asked of every command."""
    one = [file, "--model", model, "--rule", rule]
    aged = ["--day", str(day)]
    return [
        ["steps", *one],
        ["steps", *one, "--by", by],
        ["compare", file, "--models", f"{model},as-recorded", "--rule", rule],
        ["cohorts", *one, "--period", "quarter", *aged],
        ["times", *one],
        ["moves", *one],
        ["segments", *one, "--by", by, *aged],
        ["scan", *one, *aged],
        ["plan", *one, *aged, "--hoped", "0.5"],
    ]


def of_commands(asked: list[list[str]], model: str, capsys: pytest.CaptureFixture[str]) -> list[Figure]:
    """What the commands tell, of the model alone."""
    found: list[Figure] = []
    for words in asked:
        assert main([*words, "--json"]) == 0, words
        answer = json.loads(capsys.readouterr().out)
        if words[0] == "compare":
            (ours,) = [each for each in answer["models"] if each["model"] == model]
            found += in_json(ours, "compare.models")
            continue
        found += in_json(answer, words[0])
        assert main(words) == 0
        told = capsys.readouterr().out
        found += in_text(told, words[0])
        if "--by" not in words:
            found += in_sentences(told, words[0])
    return found


def of_pages(at: AppTest) -> list[Figure]:
    """What every page tells, with each of its tables open."""
    found: list[Figure] = []
    for page in PAGES:
        turned(at, page)
        if page == "funnel":
            with_ledger(at)
        for key in menus(at):
            choose(at, key, "view", "table")
        found += in_page(at, page)
    return found


# Of each kind of lead: its region, and its labels with the day on which it came to each.
KINDS = (
    ("East", (("New", 0), ("Demo done", 9), ("Closed won", 30))),
    ("West", (("New", 0), ("Qualified", 4), ("Demo done", 11), ("Closed won", 90))),
    ("East", (("New", 0), ("Qualified", 3), ("New", 8), ("Closed lost", 12))),
    ("West", (("New", 0), ("Closed lost", 2), ("Qualified", 20), ("Closed lost", 41))),
    ("East", (("New", 0), ("Qualified", 5), ("Demo done", 6), ("Qualified", 7))),
    ("West", (("New", 0), ("Demo done", 14), ("Qualified", 15), ("Closed lost", 33))),
    ("East", (("Qualified", 0), ("Demo done", 10), ("Closed lost", 50), ("Demo done", 60))),
    ("", (("New", 0), ("Closed won", 21), ("Demo done", 40))),
    ("West", (("New", 0), ("New", 0), ("Sent a mug", 3))),
    ("East", (("New", 0), ("Closed lost", 400))),
)
PER_KIND = 30


def nasty() -> str:
    """Leads that skip, go back, are lost twice, opened again, won and moved back, or stand at a label without a meaning."""
    lines = ["lead_id,stage,changed_at,region,amount"]
    for (kind, (region, path)), turn in product(enumerate(KINDS), range(PER_KIND)):
        start = datetime(2024, 1, 1, 8) + timedelta(days=11 * turn, hours=kind)
        for label, day in path:
            at = start + timedelta(days=day, minutes=day * kind)
            lines.append(f"K{kind}-{turn:02d},{label},{at:%Y-%m-%d %H:%M},{region},{100 + kind}")
    return "\n".join(lines) + "\n"


@thorough
@pytest.mark.parametrize("rule", ["passed", "visited", "in-order"])
def test_no_command_gives_one_name_to_two_numbers(
    rule: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "nasty.csv"
    file.write_text(nasty(), encoding="utf-8")
    found = of_commands(commands(str(file), "standard", "region", 30, rule), "standard", capsys)
    assert len(found) > 300
    assert two_values(found) == {}


@thorough
def test_no_command_or_page_gives_one_name_to_two_numbers_of_the_sample(capsys: pytest.CaptureFixture[str]) -> None:
    found = of_commands(commands(str(SAMPLE), "standard", "Channel", 180, "passed"), "standard", capsys)
    found += of_pages(opened(sample="history", model="Standard B2B"))
    assert two_values(found) == {}


@thorough
def test_no_page_gives_one_name_to_two_numbers() -> None:
    found = of_pages(uploaded(nasty().encode(), model="Standard B2B"))
    assert len(found) > 50
    assert two_values(found) == {}
