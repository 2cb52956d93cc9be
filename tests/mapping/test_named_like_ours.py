"""A header of a file may be any word that our own queries use: it is only ever that column, and no number changes."""

from __future__ import annotations

import csv
import random
import re
from dataclasses import fields, is_dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

import funnel
from funnel import MappingOverrides, Shape, measures
from funnel.core.types import AS_RECORDED, Rule
from funnel.journeys import RULES
from tests.thorough import every, thorough

pytestmark = thorough

ROOT = Path(__file__).resolve().parents[2]
# Every name that a query gives to a column, a table or a paragraph.
OURS = sorted(
    {
        name.lower()
        for path in ROOT.glob("funnel/**/*.py")
        for name in re.findall(r"\b(?:AS|FROM|JOIN)\s+([a-z][a-z_0-9]+)\b", path.read_text(encoding="utf-8"))
    }
    # These are told from the columns that the house makes itself by a suffix, and tested there.
    - {"lead_id", "account_id", "amount", "currency", "created_at", "closed_at", "owner", "source_line", "source_file"}
)
AS_OF = datetime(2025, 6, 1)
STAGES = ("New", "Demo done", "Proposal sent", "Closed won", "Closed lost")


def moves(seed: int = 3) -> list[tuple[str, str, str]]:
    chance, rows = random.Random(seed), []
    for lead in range(60):
        day = datetime(2024, 1, 1) + timedelta(days=chance.randrange(300))
        for stage in STAGES[: chance.randrange(1, 5)]:
            rows.append((f"d{lead}", stage, f"{day:%Y-%m-%d}"))
            day += timedelta(days=chance.randrange(40))
        if chance.random() < 0.4:
            rows.append((f"d{lead}", "Closed lost", f"{day:%Y-%m-%d}"))
    return rows


def written(path: Path, header: list[str], rows: list[tuple[str, ...]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def plain(found: object) -> object:
    """A result as plain data, without what names the file's columns: the question, the SQL, conditions."""
    if is_dataclass(found):
        left_out = ("question", "sql", "segment", "by", "column", "notes")
        return {field.name: plain(getattr(found, field.name)) for field in fields(found) if field.name not in left_out}
    if isinstance(found, dict):
        return {str(key): plain(value) for key, value in found.items()}
    if isinstance(found, tuple | list):
        return [plain(each) for each in found]
    return repr(found)


def hinted(lead: str, label: str, time: str) -> MappingOverrides:
    """These columns and no others play a part, whatever they are called."""
    others = (
        "created",
        "closed",
        "outcome",
        "account",
        "amount",
        "currency",
        "owner",
        "pipeline_column",
        "field",
        "old",
    )
    return MappingOverrides(shape=Shape.HISTORY, lead=lead, label=label, time=time, **dict.fromkeys(others, "-"))


def few(leads: funnel.DataSet, column: str) -> list[object]:
    """What reads the file's own columns. A column is meant as commands and pages take it: by its header, before a name of ours."""
    column = leads.columns.named(column)
    question = leads.question("standard")
    found = [
        leads.labels,
        leads.files,
        leads.ask(measures.steps, question),
        leads.ask(measures.steps, leads.question("as-recorded", where={column: "v1"}, window_days=60)),
        leads.ask(measures.breakdown, question, column),
        leads.columns.values(column),
        leads.ask(measures.segments, question, column, day=30),
    ]
    return [plain(each) for each in found]


def many(leads: funnel.DataSet, column: str) -> list[object]:
    """What pages ask of a file, by a column of it too."""
    question = leads.question("standard")
    found = [
        *(
            leads.ask(measures.steps, replace(question, rule=Rule(rule)))
            for rule in ("passed", "visited", "in-order", "strict")
        ),
        leads.ask(measures.kpis, question),
        leads.ask(measures.starts, question),
        leads.ask(measures.rule_sensitivity, question),
        leads.ask(measures.cohorts, question, "month"),
        leads.ask(measures.cohort_amounts, question, "month"),
        leads.ask(measures.curves, question, "quarter"),
        leads.ask(measures.times, question),
        leads.ask(measures.times_by, question, column),
        leads.ask(measures.aging, question),
        leads.ask(measures.velocity, question),
        leads.ask(measures.moves, question),
        leads.ask(measures.comparison, ["standard", "aida"]),
        leads.ask(measures.loyalty, leads.question("consumer-decision-journey")),
        leads.ask(measures.leads_at, question, 0, limit=None)["lead_id"].tolist(),
        leads.ask(measures.inferred_order, AS_RECORDED),
    ]
    return [*few(leads, column), *(plain(each) for each in found)]


def test_the_columns_of_every_rule_are_taken(tmp_path):
    ours = [f"{rule.column}{fate}_{place}" for rule in RULES.values() for fate in ("", "_fate") for place in (0, 11)]
    rows = [(*row, *[f"v{int(row[0][1:]) % 3}"] * len(ours)) for row in moves()]
    path = written(tmp_path / "deals.csv", ["Deal", "Stage", "Entered", *ours], rows)
    with funnel.open(path, overrides=hinted("Deal", "Stage", "Entered"), as_of=AS_OF) as leads:
        assert not set(ours) & set(leads.columns.kinds)
        for rule in RULES:
            told = leads.ask(measures.breakdown, leads.question("standard", rule=rule), leads.columns.named("strict_0"))
            assert {value for value, _ in told.groups} == {"v0", "v1", "v2"}


def test_there_are_many_such_names():
    assert len(OURS) > 200
    assert {"text", "value", "place", "leads", "history", "journeys", "first_day", "path"} <= set(OURS)


@pytest.fixture(scope="module")
def usual(tmp_path_factory) -> list[object]:
    """The answers of a file with usual headers: those of `few`, then the others."""
    rows = [(*row, f"v{int(row[0][1:]) % 3}") for row in moves()]
    path = written(tmp_path_factory.mktemp("usual") / "deals.csv", ["Deal", "Stage", "Entered", "Kind"], rows)
    with funnel.open(path, overrides=hinted("Deal", "Stage", "Entered"), as_of=AS_OF) as leads:
        return many(leads, "Kind")


@thorough
def test_columns_beside_them_change_nothing(tmp_path, usual):
    rows = [(*row, f"v{int(row[0][1:]) % 3}", *[f"x{len(row[1])}"] * len(OURS)) for row in moves()]
    path = written(tmp_path / "deals.csv", ["Deal", "Stage", "Entered", "Kind", *OURS], rows)
    with funnel.open(path, overrides=hinted("Deal", "Stage", "Entered"), as_of=AS_OF) as leads:
        assert many(leads, "Kind") == usual


@pytest.mark.parametrize("place", every(6, range(0, len(OURS) - 4, 8)))
def test_the_columns_themselves_may_have_such_names(tmp_path, usual, place):
    lead, label, time, kind = OURS[place : place + 4]
    rows = [(*row, f"v{int(row[0][1:]) % 3}") for row in moves()]
    path = written(tmp_path / "deals.csv", [lead, label, time, kind], rows)
    with funnel.open(path, overrides=hinted(lead, label, time), as_of=AS_OF) as leads:
        found = few(leads, kind)
        assert found == usual[: len(found)]
