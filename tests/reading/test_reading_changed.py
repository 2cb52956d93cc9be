"""Files that are changed while they are read: refused in a sentence, never read short; and files that the system does not give."""

from __future__ import annotations

import errno
import gzip
import os
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import funnel
from funnel.core.errors import FunnelError, ReadingError
from tests.thorough import thorough

LINES = ["Deal ID,Stage,Entered at\n", *(f"d{lead},New,2025-03-{1 + lead % 28:02}\n" for lead in range(5_000))]
PLAIN = "".join(LINES).encode()
# Lines that end in two ways, and a NUL, are read one by one.
BY_HAND = PLAIN.replace(b"d7,", b"d\0007,").replace(b"d9,New,2025-03-10\n", b"d9,New,2025-03-10\r\n")
LATER = 1_900_000_000


class Once:
    """Hears of the progress, and does something at the given word of it."""

    def __init__(self, act: Callable[[], object], at: int = 0) -> None:
        self._act, self._left = act, at
        self.acted = False

    def __call__(self, note: object, share: float | None) -> None:
        if not self.acted and self._left == 0:
            self.acted = True
            self._act()
        self._left -= 1


@pytest.fixture
def each_word(monkeypatch) -> None:
    """Every word of progress is heard, however soon after another."""
    monkeypatch.setattr("funnel.reading.work.TELL_EVERY_SECONDS", 0.0)


def cut(path: Path) -> None:
    content = path.read_bytes()
    os.truncate(path, content.rindex(b"\n", 0, len(content) // 2) + 1)


def append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"d9999,New,2025-03-01\n")


def replace(path: Path) -> None:
    """As many bytes, of other leads."""
    other = path.with_name("other")
    other.write_bytes(path.read_bytes().replace(b"New", b"Old"))
    os.utime(other, (LATER, LATER))
    other.replace(path)


@thorough
@pytest.mark.parametrize("change", [cut, append, replace, Path.unlink])
@pytest.mark.parametrize("content", [PLAIN, BY_HAND], ids=["by the engine", "by hand"])
def test_a_file_that_is_changed_while_it_is_read_is_refused(tmp_path, each_word, change, content):
    path = tmp_path / "deals.csv"
    for at in (0, 1):
        path.write_bytes(content)
        once = Once(lambda: change(path), at)
        with pytest.raises(ReadingError, match=r"^deals\.csv was changed while it was read"):
            funnel.open(path, progress=once)
        assert once.acted
    path.write_bytes(content)
    with funnel.open(path, progress=Once(lambda: None)) as leads:
        assert leads.leads == 5_000


def test_what_seems_damaged_because_it_was_cut_is_said_to_be_changed(tmp_path, each_word):
    path = tmp_path / "deals.csv.gz"
    path.write_bytes(gzip.compress(PLAIN * 20))
    with pytest.raises(ReadingError, match="was changed while it was read"):
        funnel.open(path, progress=Once(lambda: os.truncate(path, 2_000)))
    with pytest.raises(ReadingError, match="cut off or damaged"):
        funnel.open(path)
    table = tmp_path / "deals.parquet"
    pq.write_table(pa.table({"Deal ID": ["a", "b"], "Stage": ["New", "New"]}), table)
    with pytest.raises(ReadingError, match="was changed while it was read"):
        funnel.open(table, progress=Once(lambda: os.truncate(table, 20)))


def test_of_several_files_the_changed_one_is_named_also_when_it_was_read_before(tmp_path, each_word):
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    first.write_bytes(PLAIN)
    second.write_bytes(PLAIN)
    heard: list[str] = []

    def progress(note, share) -> None:
        if not heard and note.values["file"] == "second.csv":
            heard.append("second.csv")
            cut(first)

    with pytest.raises(ReadingError, match=r"^first\.csv was changed"):
        funnel.open(first, second, progress=progress)


def test_a_project_that_is_written_anew_while_it_is_read_is_refused(tmp_path, monkeypatch):
    (tmp_path / "deals.csv").write_bytes(PLAIN)
    saved = tmp_path / "all.funnel"
    with funnel.open(tmp_path / "deals.csv") as leads:
        leads.save(saved)
    real = funnel.storage.project.load

    def load(engine, file):
        os.utime(saved, (LATER, LATER))
        return real(engine, file)

    monkeypatch.setattr(funnel.storage.project, "load", load)
    with pytest.raises(ReadingError, match=r"^all\.funnel was changed"):
        funnel.open(saved)


@pytest.mark.parametrize(("number", "said"), [(errno.EACCES, "Permission denied"), (errno.EIO, "Input/output error")])
def test_a_file_that_the_system_does_not_give_is_said(tmp_path, monkeypatch, number, said):
    path = tmp_path / "deals.csv"
    path.write_bytes(PLAIN)
    real = Path.open

    def refused(self, *others, **named):
        if self == path:
            raise OSError(number, os.strerror(number), str(path))
        return real(self, *others, **named)

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(FunnelError, match=rf"^deals\.csv could not be read: the system says “{said}”"):
        funnel.open(path)
