"""Every number of a report is that of its command: what stands in the page as data is what `--json` prints."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import funnel
from funnel import report
from funnel.cli.command import main
from funnel.core.types import Rate
from funnel.report import html
from tests.thorough import every

pytestmark = pytest.mark.usefixtures("opened_once")
SAMPLE = str(Path(__file__).resolve().parents[2] / "data/samples/leads-history.csv.gz")
ASKED = ("--model", "standard", "--from", "2024-01-01", "--where", "Channel=Event", "--where", "Channel=Partner")
SAME_AS_ASK = [
    ("aging", "aging"),
    ("pipeline", "pipeline"),
    ("bridge", "bridge"),
    ("times", "times"),
    ("velocity", "velocity"),
    ("value_steps", "value_steps"),
    ("account_sizes", "account_sizes"),
    ("backward", "backward"),
    ("moves", "moves"),
    ("expansion", "expansion"),
    ("forecast", "forecast"),
    ("watch", "watch"),
]
"""Sections whose rows are those of one measure, and what `ask` calls it."""


@pytest.fixture(scope="module")
def page() -> dict[str, list[dict[str, Any]]]:
    """The rows of each section, as they stand in the page."""
    with funnel.open(SAMPLE) as data_set:
        question = data_set.question("standard", start_from=date(2024, 1, 1), where={"Channel": ["Event", "Partner"]})
        names = ["funnel", *(name for name, _ in SAME_AS_ASK), "scan"]
        parts = [report.part(name, question) for name in names]
        parts += [
            report.part("cohorts", question, period="quarter", day=90),
            report.part("segments", question, by="Region", day=180),
            report.part("effect", question, on=date(2024, 9, 1), within=60, condition="Region=EMEA"),
        ]
        made = html.page(report.make(data_set, parts)).decode()
    told = [
        json.loads(each) for each in re.findall(r'<script type="application/json" id="s\d+-rows">(.*)</script>', made)
    ]
    rows = [[dict(zip(each["fields"], row, strict=True)) for row in each["rows"]] for each in told]
    return dict(zip([*names, "cohorts", "segments", "effect"], rows, strict=True))


def test_what_the_pipeline_is_worth_is_a_sum_with_its_currency_in_a_terminal(capsys) -> None:
    assert main(["ask", "bridge", SAMPLE, *ASKED]) == 0
    first, *lines = capsys.readouterr().out.splitlines()
    assert "Value" in first
    assert any("€" in line for line in lines)


def _told(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert main([*words, "--json"]) == 0
    return dict(json.loads(capsys.readouterr().out))


def test_the_funnel(page, capsys) -> None:
    told = _told(capsys, "steps", SAMPLE, *ASKED)
    assert [row["leads"] for row in page["funnel"]] == [stage["leads"] for stage in told["stages"]]
    shared = page["funnel"][0].keys() & told["stages"][0].keys()
    assert {"advanced", "lost", "still_there", "from_entry", "from_previous", "median_days_from_previous"} <= shared
    for row, stage in zip(page["funnel"], told["stages"], strict=True):
        assert {field: row[field] for field in shared} == {field: stage[field] for field in shared}


@pytest.mark.parametrize(("section", "measure"), every(3, SAME_AS_ASK))
def test_rows_are_those_of_ask(section, measure, page, capsys) -> None:
    told = _told(capsys, "ask", measure, SAMPLE, *ASKED)["rows"]
    rows = page[section]
    if section == "bridge":
        # What has a column for each currency has no list of them beside it.
        rows, told = ([{**row, "value": None} for row in each] for each in (rows, told))
    if section == "watch":
        # How old the data are depends on the day of the report; `ask` knows of no day.
        rows, told = ([row for row in each if row["rule"] != "data"] for each in (rows, told))
    assert rows == told


def test_cohorts(page, capsys) -> None:
    told = _told(capsys, "cohorts", SAMPLE, *ASKED, "--period", "quarter", "--day", "90")
    for cohort in [*told["cohorts"], told["all"]]:
        start = cohort["start"] or "all"
        rows = [row for row in page["cohorts"] if row["start"] == start]
        assert [row["reached"] for row in rows[:-1]] == [stage["leads"] for stage in cohort["stages"]]
        assert [row["rate"] for row in rows[:-1]] == [stage["by_day"][0]["rate"] for stage in cohort["stages"]]
        assert (rows[-1]["rate"], rows[-1]["low"], rows[-1]["high"]) == tuple(
            cohort["by_day"][0][field] for field in ("rate", "low", "high")
        )


def test_segments(page, capsys) -> None:
    told = _told(capsys, "segments", SAMPLE, *ASKED, "--by", "Region", "--day", "180")["groups"]
    shared = page["segments"][0].keys() & told[0].keys()
    assert {"leads", "converted", "difference", "low", "high", "p", "verdict"} <= shared
    by_value = {group["value"]: group for group in told}
    assert len(page["segments"]) == len(told)
    for row in page["segments"]:
        assert {field: row[field] for field in shared} == {field: by_value[row["value"]][field] for field in shared}


def test_an_effect(page, capsys) -> None:
    of = ("--on", "2024-09-01", "--day", "60", "--only", "Region=EMEA")
    told = _told(capsys, "effect", SAMPLE, *ASKED, *of)
    after = [row for row in page["effect"] if row["side"] == "after"]
    assert sum(row["converted"] for row in after) == told["after"]["k"]
    assert sum(row["leads"] for row in after) == told["after"]["n"]


def test_the_table_says_the_same_as_people_read_it() -> None:
    with funnel.open(SAMPLE) as data_set:
        made = report.make(data_set, [report.part("funnel", data_set.question("standard"))])
    (section,) = made.sections
    assert section.heads[:3] == ("Stage", "Leads", "Cumulative conversion")
    for cells, row in zip(section.cells, section.rows, strict=True):
        rate = row["from_entry"]
        assert isinstance(rate, Rate)
        assert cells[1].replace(",", "") == str(rate.numerator)
        assert float(cells[2].removesuffix("%")) == pytest.approx(100 * rate.numerator / rate.denominator, rel=0.05)
