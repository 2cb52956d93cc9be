"""Touches that stand in the history of the leads itself, as entries at labels that a person calls touches."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

import funnel
from funnel import DataSet, MappingOverrides, mapping, measures
from funnel.core.sql import Query
from funnel.core.types import IGNORED
from funnel.measures.credit import credit
from tests.mapped import written

AS_OF = datetime(2026, 3, 1)
LOG = """lead,stage,changed at,company
L1,E-mail opened,2026-01-02 09:00,Acme
L1,New,2026-01-03 10:00,Acme
L1,E-mail opened,2026-01-04 08:00,Acme
L1,E-mail opened,2026-01-04 08:00,Acme
L1,Webinar,2026-01-10 15:00,Acme
L1,Closed won,2026-01-20 12:00,Acme
L1,Webinar,2026-02-01 15:00,Acme
L2,New,2026-01-05 10:00,Borg
L2,Webinar,2026-01-06 10:00,Borg
L2,Closed lost,2026-01-09 10:00,Borg
"""
SAID = MappingOverrides(touch_labels=("e-mail OPENED", "Webinar"))


def opened(tmp_path: Path, overrides: MappingOverrides = SAID, text: str = LOG, **named: str) -> DataSet:
    paths = written(tmp_path, log=text, **named)
    return funnel.open(*paths, overrides=overrides, as_of=AS_OF)


def rows(data_set: DataSet) -> list[tuple[str, str, str]]:
    form = data_set.journeys.tables.form
    query = f"""SELECT leads.lead_id, {form.time.format("touches.touched_at")}, touches.channel FROM touches
INNER JOIN leads ON {form.key} = touches.lead_code ORDER BY leads.lead_id, touches.touched_at, touches.touch"""
    return [(lead, f"{at:%m-%d %H:%M}", channel) for lead, at, channel in data_set.engine.rows(Query(query))]


def test_entries_at_such_labels_are_touches_and_no_stage(tmp_path: Path) -> None:
    with opened(tmp_path) as data_set:
        assert rows(data_set) == [
            ("L1", "01-02 09:00", "E-mail opened"),
            ("L1", "01-04 08:00", "E-mail opened"),
            ("L1", "01-10 15:00", "Webinar"),
            ("L1", "02-01 15:00", "Webinar"),
            ("L2", "01-06 10:00", "Webinar"),
        ]
        assert data_set.touches is not None
        assert set(data_set.touches.labels) == {"E-mail opened", "Webinar"}
        # The one that came twice in a minute is one.
        assert (data_set.touches.used, data_set.touches.lines) == (5, 6)
        assert {data_set.concepts[label] for label in data_set.touches.labels} == {IGNORED}
        (file,) = data_set.files
        assert (file.rows_read, file.rows_used, file.rows_rejected) == (10, 10, 0)
        assert "E-mail opened" not in [stage.name for stage in data_set.as_recorded().stages]


def test_what_they_are_credited_with(tmp_path: Path) -> None:
    with opened(tmp_path) as data_set:
        found = data_set.ask(credit, data_set.question("as-recorded"), None, ("first", "last", "linear"))
        told = {row["channel"]: row for row in found.rows()}
    # One win, before it two e-mails and a webinar; the second webinar came after it.
    assert (told["E-mail opened"]["first"], told["Webinar"]["last"]) == (1, 1)
    assert told["E-mail opened"]["linear"] == pytest.approx(2 / 3, abs=1e-6)
    assert found.after == 1


def test_the_first_channel_is_that_of_a_touch_before_the_lead_came(tmp_path: Path) -> None:
    with opened(tmp_path) as data_set:
        assert data_set.touches is not None
        column = data_set.touches.column
        values = dict(data_set.engine.rows(Query(f'SELECT leads.lead_id, leads."{column}" FROM leads')))
        assert values == {"L1": "E-mail opened", "L2": None}


def test_they_stand_beside_those_of_a_file(tmp_path: Path) -> None:
    text = "lead,touched at,channel\nL2,2026-01-07,Fair\nL9,2026-01-07,Fair\n"
    with opened(tmp_path, touches=text) as data_set:
        assert ("L2", "01-07 00:00", "Fair") in rows(data_set)
        assert len(rows(data_set)) == 6
        assert data_set.touches is not None
        assert data_set.touches.unmatched == 1


@pytest.mark.parametrize("text", [LOG, "\n".join([LOG.splitlines()[0], *reversed(LOG.splitlines()[1:])])])
def test_the_order_of_lines_changes_nothing(tmp_path: Path, text: str) -> None:
    with opened(tmp_path, text=text) as data_set:
        assert next(row for row in rows(data_set) if row[0] == "L1") == ("L1", "01-02 09:00", "E-mail opened")
        assert len(rows(data_set)) == 5


def test_without_them_the_same_labels_are_stages_as_before(tmp_path: Path) -> None:
    with opened(tmp_path, MappingOverrides()) as data_set:
        assert data_set.touches is None
        before = data_set.ask(measures.steps, "as-recorded").leads
        data_set.remap(SAID)
        assert data_set.touches is not None
        assert data_set.ask(measures.steps, "as-recorded").leads == before == 2
        data_set.remap(MappingOverrides())
        assert data_set.touches is None


def test_a_saved_mapping_names_them(tmp_path: Path) -> None:
    with opened(tmp_path) as data_set:
        text = mapping.to_toml(data_set.mapping, data_set.overrides)
        assert 'touch_labels = ["e-mail OPENED", "Webinar"]' in text
        assert mapping.from_toml(text, "mapping.toml").touch_labels == SAID.touch_labels


def test_a_label_that_the_file_lacks_makes_no_touches(tmp_path: Path) -> None:
    with opened(tmp_path, MappingOverrides(touch_labels=("Fair",))) as data_set:
        assert data_set.touches is None
