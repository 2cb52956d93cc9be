"""Files for the tests of reading, and what becomes of them."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from funnel.core.engine import Engine
from funnel.core.errors import ReadingError
from funnel.core.sql import Query, identifier
from funnel.core.types import FileOnDisk, RawTable
from funnel.reading import read_files
from funnel.words import wording

PLAIN = "id,stage,entered\nL1,New,2024-01-05\nL2,Won,2024-02-06\n"
RUSSIAN = "ID;Название сделки;Этап сделки\n1;Поставка оборудования;Успешно реализовано\n2;Иванов Пётр;не закрыта\n"


class Reader:
    """Reads bytes as a file of that name and looks at what became of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.engine = Engine()

    def tables(self, content: bytes | str, name: str = "leads.csv", **options: object) -> tuple[RawTable, ...]:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        self.engine.close()
        self.engine = Engine([path])
        return read_files(self.engine, [FileOnDisk(path, name)], **options)

    def table(self, content: bytes | str, name: str = "leads.csv") -> RawTable:
        (only,) = self.tables(content, name)
        return only

    def rows(self, table: RawTable) -> list[tuple[object, ...]]:
        return self.engine.rows(
            Query(f"SELECT given.* FROM {identifier(table.table)} AS given ORDER BY given.source_line")
        )

    def rejects(self) -> list[tuple[object, ...]]:
        return self.engine.rows(
            Query(
                "SELECT rejects.source_file, rejects.source_line, rejects.value, rejects.reason, rejects.whole_line"
                " FROM rejects ORDER BY rejects.source_line"
            )
        )

    def refusal(self, content: bytes | str, name: str = "leads.csv") -> str:
        with pytest.raises(ReadingError) as refused:
            self.tables(content, name)
        assert name in str(refused.value)
        return refused.value.key.removeprefix("reading.")


def keys(table: RawTable) -> list[str]:
    """What is noted of a table, each in its short name; every note has its sentence."""
    return [note.key.removeprefix("reading.") for note in table.notes if wording.say(note.key, **note.values)]


def sentence(reader: Reader, content: bytes, name: str = "leads.csv") -> str:
    """The sentence with which it is refused."""
    with pytest.raises(ReadingError) as refused:
        reader.tables(content, name)
    return str(refused.value)


def zipped(**members: bytes | str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def workbook(sheets: dict[str, list[list[object]]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    book.close()
    return stream.getvalue()


def replaced(archive: bytes, old: bytes, new: bytes) -> bytes:
    """A zip with some bytes replaced in its members."""
    with zipfile.ZipFile(io.BytesIO(archive)) as given:
        return zipped(**{name: given.read(name).replace(old, new) for name in given.namelist()})


def parquet(folder: Path, columns: object, **options: object) -> bytes:
    pq.write_table(pa.table(columns), folder / "made.parquet", **options)
    return (folder / "made.parquet").read_bytes()
