"""Of a long table some ids stand for all: what is understood is what all of its lines say, seldom labels and heavy ids too."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from funnel.core.engine import Engine
from funnel.core.sql import Query
from funnel.mapping.joins import stacked
from funnel.mapping.recognise import facts
from funnel.mapping.recognise.facts import Facts
from funnel.reading import FileOnDisk, read_files
from tests.mapped import mapped, written

LEADS = 600


def log() -> str:
    """Leads that go through stages; some end, and after the end 30 of them are called, which leads no further; 30 are called before."""
    chance, lines = random.Random(5), ["deal,stage,entered"]
    for lead in range(LEADS):
        path = ["New", "Qualified", "Proposal"][: 1 + lead % 3]
        if lead < 30:
            path.insert(1, "Needs analysis")
        if lead % 3 == 2:
            path.append("Closed won" if lead % 2 else "Closed lost")
            if lead >= LEADS - 90:
                path.append("Meeting held")
        day = chance.randrange(1, 200)
        for label in path:
            lines.append(f"D{lead:04},{label},2024-{1 + day // 28:02}-{1 + day % 28:02}")
            day += 1
    return "\n".join(lines) + "\n"


def understood(folder: Path) -> tuple[dict[str, str], object]:
    with mapped(*written(folder, moves=log())) as found:
        return found.concepts(), found.sums()


def test_a_long_log_means_what_all_of_its_leads_say(tmp_path: Path, monkeypatch) -> None:
    whole = understood(tmp_path)
    assert whole[0]["Meeting held"] == "unplaced"
    assert whole[0]["Needs analysis"] not in ("unplaced", "ignored")
    monkeypatch.setattr(facts, "MOST_LINES", 300)
    assert understood(tmp_path) == whole


def counted(folder: Path, ids: list[str]) -> facts.Ids:
    """A column of these ids, as ids."""
    paths = written(folder, deals="deal,stage\n" + "".join(f"{id},New\n" for id in ids))
    engine = Engine(paths)
    try:
        [table] = stacked(engine, read_files(engine, [FileOnDisk(path, path.name) for path in paths]))
        room = Facts(engine, table)
        found = room.ids(table.by_name["deal"])
        room.forget()
        assert not [name for (name,) in engine.rows(Query("SHOW TABLES")) if name.startswith("some_")]
        return found
    finally:
        engine.close()


def test_some_ids_stand_for_all(tmp_path: Path, monkeypatch) -> None:
    ids = [f"D{place % 1000}" for place in range(4000)]
    monkeypatch.setattr(facts, "MOST_LINES", 1000)
    found = counted(tmp_path, ids)
    assert (found.again, found.shared, found.most, found.unique) == (0.75, 1.0, 4, False)
    assert found.filled == pytest.approx(1, abs=facts.SAME_SHARE)
    assert found.distinct == pytest.approx(1000, rel=facts.SAME_SHARE)


@pytest.mark.parametrize("heavy", ["D0", "D1", "D2", "D3", "D4", "D5"])
def test_an_id_with_half_of_the_lines_is_never_missed(tmp_path: Path, monkeypatch, heavy: str) -> None:
    ids = [f"E{place}" for place in range(2000)] + [heavy] * 2000
    monkeypatch.setattr(facts, "MOST_LINES", 1000)
    assert counted(tmp_path, ids) == facts.Ids(filled=1.0, distinct=2001, again=1999 / 4000, shared=0.5, most=2000)
