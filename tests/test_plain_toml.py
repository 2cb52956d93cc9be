"""The quick way through plain TOML: it says what the standard library says, or nothing."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from funnel import plain_toml, toml_text

DATA = Path(__file__).resolve().parents[1] / "data"
PIECES = st.sampled_from(
    [
        *("a", "b", "a.b", "_", "1", '"a"', '"a b"', '""', '"\\u0061"', "'a'", "é"),
        *(
            '"x"',
            '"ü\\n"',
            '"\\u00e9"',
            '"\\ud800"',
            '"\\U0001f600"',
            '"\\q"',
            '"""x"""',
            '"a\tb"',
            '"\x00"',
            '"#"',
            '"]"',
            '"',
        ),
        *(" = ", "=", " ", "\t", "\n", "\n\n", "\r\n", ",", ", ", "#", '# say "x"\n', "\n# x\n"),
        *("[", "]", "[[", "]]", "{", "}", "[a]\n", "[b]\n", "[a.b]\n", "[[a]]\n", "[[a.b]]\n", "[ a ]\n", "[a.b.a]\n"),
        *("true", "false", "0", "12", "012", "1_0", "1.5", "1e3", "-1", "1979-05-27", "07:32:00", "inf"),
        *(
            'a = "x"\n',
            'b = ["x", "y"]\n',
            'b = ["x",\n"y", # z\n]\n',
            "b = []\n",
            "b = [,]\n",
            'b = { a = "x", b = "y" }\n',
        ),
        *(
            'b = { a = "x", a = "y" }\n',
            "b = {}\n",
            'b = { a = "x", }\n',
            "a = 1\n",
            'a.b = "x"\n',
            'b = ["x"] # z\n',
            "b = true\n",
        ),
    ]
)


@pytest.mark.parametrize("path", sorted(DATA.rglob("*.toml")), ids=lambda path: path.stem)
def test_our_own_files_read_the_same(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found, told = plain_toml.values(text), tomllib.loads(text)
    assert found is None or (found == told and repr(found) == repr(told))


@pytest.mark.parametrize(
    "name", ["concepts.toml", "headers.toml", "value_kinds.toml", "words/en.toml", "models/standard.toml"]
)
def test_the_long_ones_are_plain(name: str) -> None:
    assert plain_toml.values((DATA / name).read_text(encoding="utf-8")) is not None


@given(st.lists(PIECES, max_size=14).map("".join))
@example('[a]\nb = "x"\n[a.b]\n')
@example("[[a]]\n[a.b]\n[[a]]\n[a.b]\n")
@example("b = []\n[[b]]\n")
@example('b = { a = "x" }\n[b.c]\n')
@example("[a.b]\n[a]\n")
@example('[a]\na = "x"\n[[a.a]]\n')
@example('"a" = 1\na = 1\n')
def test_it_says_what_the_standard_library_says_or_nothing(text: str) -> None:
    found = plain_toml.values(text)
    if found is not None:
        told = tomllib.loads(text)
        assert repr(found) == repr(told)


@given(st.dictionaries(st.text("abc", min_size=1), st.lists(st.text(max_size=5), max_size=3), max_size=4))
def test_what_we_write_reads_back(values: dict[str, list[str]]) -> None:
    text = "".join(f"{key} = {toml_text.texts(each)}\n" for key, each in values.items())
    if not any("\ud800" <= sign <= "\udfff" for sign in text):
        assert toml_text.parsed(text) == values
