"""The same table exported again and again, tables with validity, and logs of changes: histories by their differences."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from funnel.core.types import Shape
from tests.mapped import Mapped, mapped, written
from tests.thorough import thorough

MONDAYS = ("2025-02-03", "2025-02-10", "2025-02-17", "2025-02-24", "2025-03-03")
STANDS = {
    "K1": ("New", "New", "Qualified", "Proposal", "Closed Won"),
    "K2": ("New", "Qualified", "Qualified", "Closed Lost", "Closed Lost"),
    "K3": (None, "New", "New", "New", "New"),
    "K4": (None, None, "Qualified", "Proposal", "Qualified"),
    "K5": ("Proposal", "Proposal", None, None, None),
    "K6": (None, None, None, None, "New"),
}
"""Lead → its stage on each Monday; None where it was not in the export."""
CHANGES = [
    ("K1", "New", "2025-02-03"),
    ("K1", "Qualified", "2025-02-17"),
    ("K1", "Proposal", "2025-02-24"),
    ("K1", "Closed Won", "2025-03-03"),
    ("K2", "New", "2025-02-03"),
    ("K2", "Qualified", "2025-02-10"),
    ("K2", "Closed Lost", "2025-02-24"),
    ("K3", "New", "2025-02-10"),
    ("K4", "Qualified", "2025-02-17"),
    ("K4", "Proposal", "2025-02-24"),
    ("K4", "Qualified", "2025-03-03"),
    ("K5", "Proposal", "2025-02-03"),
    ("K6", "New", "2025-03-03"),
]
"""What changed from one Monday to the next, by hand."""


def weeks() -> list[list[tuple[str, str]]]:
    return [
        [(lead, stage) for lead, stages in STANDS.items() if (stage := stages[week]) is not None]
        for week in range(len(MONDAYS))
    ]


def check(found: Mapped) -> None:
    """The changes are the entries, all other lines are ignored with a reason, and it was observed until the last export."""
    read = sum(len(week) for week in weeks())
    assert found.mapping.shape is Shape.HISTORY
    assert found.mapping.primary.series
    assert found.entries() == CHANGES
    assert (sum(each[0] for each in found.sums()), sum(each[1] for each in found.sums())) == (read, len(CHANGES))
    assert sum(each[2] for each in found.sums()) == 0
    assert all(lines == used + rejected + ignored for lines, used, rejected, ignored in found.sums())
    assert found.loaded.observed_until == datetime(2025, 3, 3)


NAMES = {
    "iso": "pipeline_{0:%Y-%m-%d}",
    "underscores": "deals_{0:%Y_%m_%d}_export",
    "in one": "export{0:%Y%m%d}",
    "dots, day first": "Pipeline {0:%d.%m.%Y}",
    "hyphens, day first": "{0:%d-%m-%Y} pipeline",
    "without noughts": "pipeline {0.day}.{0.month}.{0.year}",
    "with a time": "pipeline_{0:%Y-%m-%d}T0800",
}


@thorough
@pytest.mark.parametrize("form", NAMES.values(), ids=NAMES)
def test_five_weekly_files_whose_names_say_the_day(tmp_path: Path, form: str) -> None:
    for reverse in (False, True):
        texts = {
            form.format(datetime.fromisoformat(day)): "deal_id,stage\n"
            + "".join(f"{lead},{stage}\n" for lead, stage in week)
            for day, week in zip(MONDAYS, weeks(), strict=True)
        }
        paths = written(tmp_path, **texts)
        # In whichever order they are dropped.
        with mapped(*(reversed(paths) if reverse else paths)) as found:
            check(found)
            assert found.loaded.columns["time"] == "snapshot_date"


@pytest.mark.parametrize(
    "header", ["snapshot_date", "As of", "report_date", "exported_on", "Stichtag", "Дата выгрузки"]
)
def test_one_file_with_a_column_of_the_day_of_each_export(tmp_path: Path, header: str) -> None:
    rows = [
        f"{lead},{stage},{day},2025-01-0{lead[1]},{100 + int(lead[1])}\n"
        for day, week in zip(MONDAYS, weeks(), strict=True)
        for lead, stage in week
    ]
    text = f"deal_id,stage,{header},created_date,amount\n" + "".join(rows)
    with mapped(*written(tmp_path, pipeline=text)) as found:
        check(found)
        assert found.loaded.columns["time"] == header
        assert found.leads()["K4"]["created_at"] == datetime(2025, 1, 4)
        assert found.leads()["K4"]["amount"] == 104


def test_files_of_two_days_are_enough_and_two_of_one_day_are_no_series(tmp_path: Path) -> None:
    first = "deal_id,stage\n" + "".join(f"D{lead},New\n" for lead in range(15))
    second = "deal_id,stage\n" + "".join(f"D{lead},{'Closed Won' if lead % 3 == 0 else 'New'}\n" for lead in range(15))
    with mapped(*written(tmp_path, **{"a_2025-01-06": first, "b_2025-01-13": second})) as found:
        assert found.mapping.primary.series
        # 15 beginnings and the five that were won: 0, 3, 6, 9, 12.
        assert len(found.entries()) == 20
        assert ("D3", "Closed Won", "2025-01-13") in found.entries()


def test_a_name_with_a_day_on_one_file_of_two_dates_none(tmp_path: Path) -> None:
    text = "deal_id,stage,created_at\n" + "".join(f"{{0}}{lead},New,2025-01-0{lead}\n" for lead in range(1, 8))
    with mapped(*written(tmp_path, **{"a_2025-01-06": text.format("A"), "rest": text.format("B")})) as found:
        assert "snapshot_date" not in found.loaded.columns.values()
        assert found.loaded.leads == 14


@pytest.mark.parametrize(
    ("since", "until", "still"),
    [
        ("valid_from", "valid_to", ""),
        ("dbt_valid_from", "dbt_valid_to", ""),
        ("_fivetran_start", "_fivetran_end", "9999-12-31 23:59:59"),
        ("Gültig ab", "Gültig bis", ""),
    ],
)
def test_a_table_with_validity_is_a_history(tmp_path: Path, since: str, until: str, still: str) -> None:
    """A line holds from a time until a time; a line that only changes another column is no entry."""
    rows = []
    for lead in range(12):
        begun = f"2025-01-{lead + 1:02} 08:00:00"
        raised, moved = f"2025-02-{lead + 1:02} 08:00:00", f"2025-03-{lead + 1:02} 08:00:00"
        rows += [
            f"D{lead},New,100,{begun},{raised}",
            f"D{lead},New,150,{raised},{moved}",
            f"D{lead},{'Closed Won' if lead % 2 else 'Closed Lost'},150,{moved},{still}",
        ]
    text = f"deal_id,stage,amount,{since},{until}\n" + "\n".join(rows) + "\n"
    with mapped(*written(tmp_path, deals=text)) as found:
        assert found.mapping.shape is Shape.HISTORY
        assert found.loaded.columns["time"] == since
        assert len(found.entries()) == 24
        assert found.entries()[:2] == [
            ("D0", "New", "2025-01-01 08:00:00"),
            ("D0", "Closed Lost", "2025-03-01 08:00:00"),
        ]
        assert found.leads()["D0"]["amount"] == 150
        assert found.sums() == [(36, 24, 0, 12)]
        assert found.loaded.observed_until == datetime(2025, 3, 12, 8)


def test_a_log_of_changes_as_a_tracker_writes_it(tmp_path: Path) -> None:
    """key, field, fromString, toString: only the lines of the status are entries; comments and assignees are not."""
    rows = []
    for issue in range(1, 13):
        rows += [
            f"SALE-{issue},2025-04-{issue:02}T09:00:00.000+0000,status,Open,Qualified",
            f"SALE-{issue},2025-04-{issue:02}T10:00:00.000+0000,assignee,Ann,Bob",
            f"SALE-{issue},2025-05-{issue:02}T09:00:00.000+0000,status,Qualified,{'Closed Won' if issue % 3 == 0 else 'Closed Lost'}",
            f"SALE-{issue},2025-05-{issue:02}T09:00:00.000+0000,resolution,,Done",
        ]
    text = "key,created,field,fromString,toString\n" + "\n".join(rows) + "\n"
    with mapped(*written(tmp_path, changelog=text)) as found:
        assert found.mapping.shape is Shape.CHANGES
        columns = found.loaded.columns
        assert (columns["lead"], columns["label"], columns["old"]) == ("key", "toString", "fromString")
        assert len(found.entries()) == 24
        assert found.entries()[-2:] == [
            ("SALE-9", "Qualified", "2025-04-09 09:00:00"),
            ("SALE-9", "Closed Won", "2025-05-09 09:00:00"),
        ]
        assert found.sums() == [(48, 24, 0, 24)]
        assert {label for label, concept in found.concepts().items() if concept == "won"} == {"Closed Won"}


@pytest.mark.parametrize(
    ("clocks", "read"),
    [
        (("9:05", "16:30:20"), ("2024-02-13 09:05:00", "2024-02-13 16:30:20")),
        (("09:05 AM", "4:30 pm"), ("2024-02-13 09:05:00", "2024-02-13 16:30:00")),
    ],
)
def test_a_date_and_a_clock_in_two_columns_are_one_time(
    tmp_path: Path, clocks: tuple[str, str], read: tuple[str, str]
) -> None:
    """The earlier step stands below the later one: only the clock tells which came first."""
    text = "deal_id,phase,Datum,Uhrzeit\n"
    for lead in range(8):
        text += f"K{lead},Won,13.02.2024,{clocks[1]}\nK{lead},New,13.02.2024,{clocks[0]}\n"
    with mapped(*written(tmp_path, log=text)) as found:
        assert found.loaded.columns["clock"] == "Uhrzeit"
        assert found.entries()[:2] == [("K0", "New", read[0]), ("K0", "Won", read[1])]


def test_a_second_column_of_durations_is_no_clock(tmp_path: Path) -> None:
    text = "deal_id,phase,changed_at,Time spent\nK1,New,2024-02-13,90\nK1,Won,2024-02-15,120\nK2,New,2024-02-13,15\n"
    with mapped(*written(tmp_path, log=text)) as found:
        assert "clock" not in found.loaded.columns
