"""A folder that is followed: which files are taken, and when."""

from __future__ import annotations

import json
import os
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest

import funnel
from funnel.cli.command import main
from funnel.core.errors import SourceError
from funnel.live import folder, reader
from funnel.live.folder import FolderFeed
from funnel.live.news import Side, news
from funnel.live.reader import Reader
from funnel.live.sources import Folder

NOON = datetime(2026, 11, 30, 12)
FIRST = "lead_id,stage,entered_at\na,New,2026-01-01\na,Won,2026-02-01\nb,New,2026-01-03\n"
SECOND = "lead_id,stage,entered_at\nc,New,2026-01-05\nb,Lost,2026-02-07\n"


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "STILL_SECONDS", 0)


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    found = tmp_path / "exports"
    found.mkdir()
    (found / "b.csv").write_text(FIRST)
    return found


def _feed(exports: Path) -> FolderFeed:
    return FolderFeed(Folder("Exports", "folder", exports))


def _names(snapshot: reader.Snapshot) -> list[str]:
    return [file.name for file in snapshot.files]


def test_a_file_is_taken_when_it_stood_still_for_two_looks(exports: Path) -> None:
    feed = _feed(exports)
    first = feed.look(NOON)
    assert _names(first) == ["b.csv"]
    assert feed.look(NOON) is first
    (exports / "a.csv").write_text(SECOND)
    assert feed.look(NOON) is first, "seen once"
    with (exports / "a.csv").open("a") as file:
        file.write("d,New,2026-01-08\n")
    assert feed.look(NOON) is first, "still written"
    second = feed.look(NOON)
    assert _names(second) == ["b.csv", "a.csv"], "what was there keeps its place"
    with funnel.open(*[file.path for file in second.files]) as data_set:
        assert data_set.leads == 4, "added files stack"


def test_a_new_version_is_taken_and_the_old_one_stays_as_it_was(exports: Path) -> None:
    feed = _feed(exports)
    first = feed.look(NOON)
    (exports / "b.csv").write_text(SECOND)
    assert feed.look(NOON) is first
    second = feed.look(NOON)
    assert [file.path.read_text() for file in (*first.files, *second.files)] == [FIRST, SECOND]
    # Under the same size, the moment of the change tells.
    (exports / "b.csv").write_text(SECOND.replace("Lost", "Open"))
    os.utime(exports / "b.csv", ns=(1, 1))
    feed.look(NOON)
    assert "Open" in feed.look(NOON).files[0].path.read_text()


def test_what_is_half_written_hidden_or_leads_out_is_never_taken(exports: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text(FIRST)
    (exports / "link.csv").symlink_to(tmp_path / "secret.csv")
    (exports / "round.csv").symlink_to(exports / "round.csv")
    for name in ("x.tmp", "X.TMP", "x.part", "~$book.xlsx", "x.crdownload", ".hidden.csv"):
        (exports / name).write_text(FIRST)
    (exports / "folder.csv").mkdir()
    assert _names(_feed(exports).look(NOON)) == ["b.csv"]


def test_what_is_gone_is_gone_and_an_empty_folder_says_so(exports: Path) -> None:
    (exports / "a.csv").write_text(SECOND)
    feed = _feed(exports)
    assert _names(feed.look(NOON)) == ["a.csv", "b.csv"]
    (exports / "a.csv").unlink()
    # It may be about to be written anew: old and new are not read together.
    assert _names(feed.look(NOON)) == ["a.csv", "b.csv"]
    assert _names(feed.look(NOON)) == ["b.csv"]
    (exports / "b.csv").unlink()
    assert _names(feed.look(NOON)) == ["b.csv"]
    with pytest.raises(SourceError, match="source Exports has no file yet that stands still"):
        feed.look(NOON)
    exports.rmdir()
    with pytest.raises(SourceError, match="source Exports, or a file in it, cannot be read"):
        feed.look(NOON)


def test_a_fault_leaves_what_was_read_and_says_since_when(exports: Path) -> None:
    clock = [NOON]
    read = Reader(Folder("Exports", "folder", exports), clock=lambda: clock[0])
    first = read.opened()
    clock[0] = NOON + timedelta(minutes=15)
    exports.rename(exports.with_name("elsewhere"))
    read.look()
    assert (read.snapshot, read.looked_at) == (first, NOON)
    assert read.fault is not None
    assert read.fault.at == NOON + timedelta(minutes=15)
    exports.with_name("elsewhere").rename(exports)
    read.look()
    assert (read.fault, read.looked_at) == (None, NOON + timedelta(minutes=15))


def test_it_is_looked_at_no_more_often_than_its_file_says(exports: Path) -> None:
    clock = [NOON]
    read = Reader(Folder("Exports", "folder", exports, refresh=60), clock=lambda: clock[0])
    first = read.opened()
    (exports / "b.csv").write_text(SECOND)
    clock[0] += timedelta(seconds=59)
    assert read.opened() is first
    assert not read.is_due()
    clock[0] += timedelta(seconds=1)
    for _ in range(2):
        read.look_if_due()
        for thread in threading.enumerate():
            if thread.name == "source-reader":
                thread.join()
        clock[0] += timedelta(seconds=60)
    assert read.snapshot is not first


def test_what_nobody_asks_for_is_let_go(exports: Path, tmp_path: Path, monkeypatch) -> None:
    told = tmp_path / "sources.toml"
    told.write_text(f'[[source]]\nname = "Exports"\nkind = "folder"\npath = "{exports}"\n')
    monkeypatch.setenv("FUNNEL_LENS_SOURCES", str(told))
    monkeypatch.setattr(reader, "_readers", {})
    path = reader.shared("Exports").opened().files[0].path
    reader.forget_unasked(60)
    assert path.exists()
    reader.forget_unasked(0)
    assert not path.exists()
    kept = reader.shared("Exports").opened()
    reader.forget_unasked(0)
    assert kept.files[0].path.exists(), "somebody has it open"


def test_weekly_exports_become_a_history(exports: Path) -> None:
    (exports / "b.csv").unlink()
    for day, stage in (("2026-03-02", "New"), ("2026-03-09", "Demo"), ("2026-03-16", "Won")):
        lines = [f"L{n},{stage if n % 2 else 'New'},Acme {n}" for n in range(20)]
        (exports / f"pipeline_{day}.csv").write_text("\n".join(["Deal ID,Stage,Account", *lines]))
    snapshot = _feed(exports).look(NOON)
    with funnel.open(*[file.path for file in snapshot.files]) as data_set:
        assert data_set.leads == 20
        # Ten that stay new, ten that go to a demo and are won.
        assert data_set.entries == 10 + 10 * 3
        assert data_set.observed_until is not None
        assert data_set.observed_until.date().isoformat() == "2026-03-16"


def test_a_copy_is_written_whole(exports: Path, tmp_path: Path, monkeypatch, capsys) -> None:
    told = tmp_path / "sources.toml"
    told.write_text(f'[[source]]\nname = "Exports"\nkind = "folder"\npath = "{exports}"\n')
    monkeypatch.setenv("FUNNEL_LENS_SOURCES", str(told))
    copy = tmp_path / "copy" / "inner"
    assert main(["pull", "source:exports", "--to", str(copy), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["source"], answer["rows"], answer["files"]) == ("Exports", None, [str(copy / "b.csv")])
    assert [path.read_text() for path in copy.iterdir()] == [FIRST]
    assert main(["steps", "source:Exports", "--json"]) == 0
    live = capsys.readouterr().out
    assert main(["steps", str(copy / "b.csv"), "--json"]) == 0
    assert capsys.readouterr().out == live
    assert main(["pull", "source:exports", "--to", str(exports / "b.csv")]) == 2
    assert "The copy cannot be written to" in capsys.readouterr().err


def test_news_are_counted_by_lead_and_entry(exports: Path) -> None:
    """By hand: of FIRST with a and b, SECOND brings c, moves b to Lost; without FIRST's last line b's first entry is gone, not b."""
    with funnel.open(exports / "b.csv") as old:
        (exports / "b.csv").write_text(
            FIRST.replace("a,New,2026-01-01\na,Won,2026-02-01\n", "") + SECOND.split("\n", 1)[1] + "c,Demo,2026-02-09\n"
        )
        with funnel.open(exports / "b.csv") as new:
            told = news(_side(old), _side(new))
    assert (told.leads, told.gone, told.moves) == (1, 1, 1)
    assert told.labels == ("Demo", "Lost")
    assert told.columns == ()
    assert not told.nothing


def test_what_is_too_much_to_compare_is_not_counted(exports: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("funnel.live.news.MOST_COMPARED", 2)
    with funnel.open(exports / "b.csv") as old:
        (exports / "b.csv").write_text(FIRST + SECOND.split("\n", 1)[1])
        with funnel.open(exports / "b.csv") as new:
            told = news(_side(old), _side(new))
    assert (told.leads, told.gone, told.moves, told.labels) == (None, None, None, ("Lost",))


def test_what_is_the_same_is_no_news_and_another_value_is(exports: Path) -> None:
    with funnel.open(exports / "b.csv") as old, funnel.open(exports / "b.csv") as same:
        assert news(_side(old), _side(same)).nothing
    deals = "lead_id,stage,entered_at,amount\na,New,2026-01-01,{}\nb,New,2026-01-03,7\n"
    (exports / "b.csv").write_text(deals.format(5))
    with funnel.open(exports / "b.csv") as old:
        (exports / "b.csv").write_text(deals.format(6))
        with funnel.open(exports / "b.csv") as new:
            told = news(_side(old), _side(new))
    assert (told.leads, told.gone, told.moves, told.nothing) == (0, 0, 0, False)


def _side(data_set: funnel.DataSet) -> Side:
    labels = [each.label for each in data_set.labels]
    return Side(data_set.engine, data_set.entries, labels, data_set.tables[0].columns)
