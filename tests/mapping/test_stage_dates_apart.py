"""Dates of two stages that mean the same: the label of the file is of the date that is named so, and the other keeps its own name."""

from __future__ import annotations

from pathlib import Path

from tests.mapped import mapped, written


def test_accepted_leads_are_counted_apart_from_qualified_ones(tmp_path: Path) -> None:
    """Eight leads: all were accepted on a day, of which four became SQLs on another."""
    rows = []
    for row in range(8):
        status, sql = ("Sql", f"2025-03-{row + 10}") if row < 4 else ("Working", "")
        rows.append(f"L{row},{status},2025-03-01,2025-03-0{row + 2},{sql}")
    text = "\n".join(["lead_id,status,created_date,sal_date,sql_date", *rows]) + "\n"
    with mapped(*written(tmp_path, leads=text)) as found:
        counts = {label.label: label.leads for label in found.loaded.labels}
        assert (counts["SAL"], counts["Sql"]) == (8, 4)
        assert found.concepts()["SAL"] == found.concepts()["Sql"] == "qualified"
        assert ("L0", "SAL", "2025-03-02") in found.entries()
        assert ("L0", "Sql", "2025-03-10") in found.entries()


def test_one_date_alone_takes_the_label_that_means_the_same(tmp_path: Path) -> None:
    rows = [f"L{row},{('SQL', 'Working')[row % 2]},2025-03-01,2025-03-0{row + 2}" for row in range(6)]
    text = "\n".join(["lead_id,status,created_date,sales_accepted_date", *rows]) + "\n"
    with mapped(*written(tmp_path, leads=text)) as found:
        assert {label.label: label.leads for label in found.loaded.labels}["SQL"] == 6
