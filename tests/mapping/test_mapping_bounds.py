"""Cells, overrides and mapping files that nobody would mean: each is read for what it can be, or has its sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from funnel import catalogue
from funnel.catalogue.checked import CatalogueError
from funnel.core.engine import Engine
from funnel.core.errors import FunnelError, MappingError
from funnel.core.toml_text import MOST_BYTES, MOST_PARTS, NotToml, parsed
from funnel.mapping import from_toml
from funnel.mapping.cells.dates import read_dates
from tests.columns import values, write
from tests.mapped import mapped, written


def test_what_the_engine_takes_for_an_infinite_time_is_no_date() -> None:
    engine = Engine()
    table = write(engine, ["05/13/2024", "2024-02-06", "infinity", "-infinity", "2024-03-01", "04/05/2024"])
    found = read_dates(engine, table, "created")
    assert found is not None
    assert (found.filled, found.parsed) == (6, 4)
    assert [value and f"{value:%m-%d}" for value in values(engine, found.expression)] == [
        *("05-13", "02-06", None, None, "03-01", "04-05")
    ]
    engine.close()


def test_the_second_time_of_a_log_may_look_like_dates_and_be_none(tmp_path: Path) -> None:
    lines = [f"{place % 4},{['New', 'Won'][place % 2]},2012/01/0{place},2012/13/0{place}" for place in range(1, 9)]
    header = "Case ID,Activity,Start Timestamp,Complete Timestamp"
    with mapped(*written(tmp_path, log="\n".join([header, *lines]) + "\n")) as found:
        assert [(read, used) for read, used, _, _ in found.sums()] == [(8, 8)]
        assert found.mapping.primary.parts["time"] == "Start Timestamp"


DEEP = ".".join(["a"] * (MOST_PARTS + 1))


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("won = " + "[" * 100_000, "nested too deep"),
        ("won = " + "{a=" * 100_000, "nested too deep"),
        (f"{DEEP} = 1", "more than 20 parts"),
        (f"[{DEEP}]", "more than 20 parts"),
        ("columns = { " + " . ".join(["'a'"] * 30) + " = 1 }", "more than 20 parts"),
        ("a." * 300_000 + "a = 1", "more than 20 parts"),
        ("pipeline = " + "9" * 5000, "digits"),
        ("#" * (MOST_BYTES + 1), "larger than 1,000,000 bytes"),
        ("pipeline = 'a\0b'", "line 1"),
        ("pipeline = '", "is not a mapping"),
    ],
)
def test_a_mapping_file_out_of_bounds(content: str, found: str) -> None:
    with pytest.raises(MappingError) as refused:
        from_toml(content, "mine.toml")
    assert found in str(refused.value)
    assert len(str(refused.value)) < 400
    with pytest.raises(CatalogueError) as refused_model:
        catalogue.read_model_text(content, "mine.toml")
    assert len(str(refused_model.value)) < 400


@pytest.mark.parametrize(
    "content",
    [
        "pipeline = 2024-01-05",
        "pipeline = 07:30:00",
        "won = [1979-05-27]",
        "columns = { lead = 1 }",
        "stage_dates = { a = { b = 'c' } }",
        "concepts = [[]]",
        "shape = inf",
        "date_order = 1e999",
        "pipeline = 0x" + "f" * 9000,
        "'" + "k" * 100_000 + "' = 1",
        "pipeline = ['" + "x" * 100_000 + "']",
        "columns." + ".".join(["a"] * 15) + " = 1",
        "\n".join(f"k{number} = 1" for number in range(50_000)),
    ],
)
def test_values_of_another_kind_in_a_mapping_file(content: str) -> None:
    with pytest.raises(MappingError) as refused:
        from_toml(content, "mine.toml")
    assert "mine.toml, " in str(refused.value)
    assert len(str(refused.value)) < 700


def test_what_only_looks_like_a_long_key_is_read() -> None:
    content = f"""# {DEEP} = 1
pipeline = "{DEEP} = 1"
won = ['{DEEP} = 1', \"\"\"{DEEP} = 1\"\"\", '''
{DEEP} = "1'''] # '''
lost = ["\\"{DEEP}"]
"""
    overrides = from_toml(content, "mine.toml")
    assert (overrides.pipeline, len(overrides.won), overrides.lost) == (f"{DEEP} = 1", 3, (f'"{DEEP}',))


@pytest.mark.parametrize("content", [b"\xff\xfe", "name = 'é'".encode("latin-1"), b"\x00", "a = 1".encode("utf-16")])
def test_bytes_that_are_no_text_are_no_toml(content: bytes) -> None:
    with pytest.raises(NotToml):
        parsed(content)
    with pytest.raises(FunnelError):
        catalogue.read_model_text(content, "mine.toml")
