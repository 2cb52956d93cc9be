"""Where files may well mean something else, that is said; clear files leave no doubt."""

from __future__ import annotations

from pathlib import Path

import pytest

from funnel.core.types import Note, Shape
from funnel.mapping import MappingOverrides
from funnel.words import wording
from tests.mapped import EXPORTS, Mapped, mapped, written
from tests.thorough import every

SAMPLES = sorted((Path(__file__).parents[2] / "data" / "samples").glob("leads-*.csv.gz"))


def doubts(found: Mapped) -> dict[str, Note]:
    """The doubts by name; each can be said."""
    assert all(wording.say(note.key, **note.values) for note in found.loaded.doubts)
    return {note.key.removeprefix("doubt."): note for note in found.loaded.doubts}


@pytest.mark.parametrize("path", every(3, [*SAMPLES, *sorted(EXPORTS.glob("*.csv"))]), ids=lambda path: path.name)
def test_clear_files_leave_no_doubt(path: Path) -> None:
    with mapped(path) as found:
        assert doubts(found) == {}


def two_ways() -> str:
    """Fourteen people with 34 lines: of their 20 moves 16 go the commoner way, and half of them begin elsewhere."""
    paths = [("Lead", "Demo"), ("Demo", "Lead"), ("Lead", "Demo", "Closed Won"), ("Demo", "Closed Won", "Lead")]
    rows = [
        f"p{person}@example.com,{stage},2024-0{line + 2}-{person + 1:02}"
        for person in range(14)
        for line, stage in enumerate(paths[person % 4])
    ]
    return "email,stage,date\n" + "\n".join(rows) + "\n"


def test_a_list_of_deals_or_the_history_of_people(tmp_path: Path) -> None:
    """The moves are nearly those of a history: each line is a lead, and the other reading is shown with its leads."""
    with mapped(*written(tmp_path, deals=two_ways())) as found:
        assert (found.mapping.shape, found.loaded.leads) == (Shape.SNAPSHOT, 34)
        assert found.mapping.close
        assert doubts(found).keys() == {"two_ways_snapshot_lines"}
        # Won: every fourth person of fourteen from the third on; those from the fourth on moved back from their win.
        told = [(each.shape, each.leads, each.won) for each in found.mapping.alternatives]
        assert (Shape.HISTORY, 14, 3) in told


def test_clients_that_come_again_in_no_order_are_another_reading_without_doubt(tmp_path: Path) -> None:
    stages = ("New", "Proposal", "Closed Won", "Closed Lost")
    rows = [
        f"Client {client},{stages[(client * 7 + line * line * 3) % 4]},2024-{line * 2 + 1:02}-{client % 28 + 1:02}"
        for client in range(30)
        for line in range(3)
    ]
    with mapped(*written(tmp_path, deals="client,stage,created_at\n" + "\n".join(rows) + "\n")) as found:
        assert (found.mapping.shape, found.loaded.leads) == (Shape.SNAPSHOT, 90)
        assert doubts(found) == {}
        assert [(each.shape, each.leads) for each in found.mapping.alternatives if each.shape is Shape.HISTORY] == [
            (Shape.HISTORY, 30)
        ]


def test_another_reading_is_chosen_by_its_hints_and_says_what_it_promised(tmp_path: Path) -> None:
    [path] = written(tmp_path, deals=two_ways())
    with mapped(path) as found:
        others = found.mapping.alternatives
    assert others
    for other in others:
        with mapped(path, overrides=other.overrides) as chosen:
            assert chosen.mapping.shape is other.shape
            assert chosen.loaded.leads == other.leads
            assert dict(other.columns).items() <= dict(chosen.loaded.columns).items()
            back = chosen.mapping.alternatives
            assert (Shape.SNAPSHOT, 34) in [(each.shape, each.leads) for each in back]


@pytest.mark.parametrize(("bad", "doubted"), [(2, False), (3, True), (30, True)])
def test_more_than_two_lines_in_a_hundred_that_could_not_be_used(tmp_path: Path, bad: int, doubted: bool) -> None:
    rows = [f"K{lead // 2},{('New', 'Closed Won')[lead % 2]},2024-03-{lead % 2 + 1:02}" for lead in range(100 - bad)]
    rows += [f"K{lead},New,soon" for lead in range(bad)]
    text = "deal_id,stage,changed_at\n" + "\n".join(rows) + "\n"
    with mapped(*written(tmp_path, log=text)) as found:
        assert found.sums() == [(100, 100 - bad, bad, 0)]
        assert (doubts(found).get("rejected") is not None) is doubted
        if doubted:
            assert doubts(found)["rejected"].values == {"n": bad, "lines": 100}


@pytest.mark.parametrize(("again", "doubted"), [(1, False), (6, True)])
def test_a_list_whose_ids_repeat(tmp_path: Path, again: int, doubted: bool) -> None:
    """Of a hundred leads one has a second line: nothing to speak of. Six have one: that is said."""
    rows = [
        f"K{lead},{('New', 'Closed Won')[lead % 2]},2024-03-{lead % 28 + 1:02}" for lead in [*range(100), *range(again)]
    ]
    text = "deal_id,stage,created_at\n" + "\n".join(rows) + "\n"
    with mapped(*written(tmp_path, deals=text), overrides=MappingOverrides(shape=Shape.SNAPSHOT)) as found:
        assert found.loaded.leads == 100
        assert ("repeated" in doubts(found)) is doubted
        if doubted:
            assert doubts(found)["repeated"].values == {"n": 6, "column": "deal_id"}


@pytest.mark.parametrize(("back", "doubted"), [(4, False), (5, True)])
def test_lost_leads_that_come_back(tmp_path: Path, back: int, doubted: bool) -> None:
    """Of twenty that were lost, a fifth may come back; more is a doubt."""
    paths = [("New", "Closed Lost", "Qualified") if lead < back else ("New", "Closed Lost") for lead in range(20)]
    paths += [("New", "Qualified", "Closed Won")] * 20
    rows = [f"K{lead},{stage},2024-03-{day:02}" for lead, path in enumerate(paths) for day, stage in enumerate(path, 1)]
    text = "deal_id,stage,changed_at\n" + "\n".join(rows) + "\n"
    with mapped(*written(tmp_path, log=text)) as found:
        assert ("come_back" in doubts(found)) is doubted
        if doubted:
            assert doubts(found)["come_back"].values == {"n": 5, "lost": 20}


def test_few_lost_leads_leave_no_doubt(tmp_path: Path) -> None:
    paths = [("New", "Closed Lost", "Qualified")] * 9 + [("New", "Qualified", "Closed Won")] * 20
    rows = [f"K{lead},{stage},2024-03-{day:02}" for lead, path in enumerate(paths) for day, stage in enumerate(path, 1)]
    with mapped(*written(tmp_path, log="deal_id,stage,changed_at\n" + "\n".join(rows) + "\n")) as found:
        assert doubts(found) == {}
