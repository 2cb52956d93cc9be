"""Plain data as types: each value of its kind, or refused with its place, what was found and what is accepted."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

import pytest

from funnel import MappingOverrides
from funnel.core.decoding import Names, Text, Texts, Undecodable, decoded, inside, one_of, refusing, whole
from funnel.core.errors import MappingError
from funnel.core.types import Attribute, Note, Shape


@dataclass(frozen=True)
class Inner:
    size: int
    when: datetime | None = None


@dataclass(frozen=True)
class Outer:
    name: Text
    inner: tuple[Inner, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    titles: Names = field(default_factory=dict)
    texts: Texts = ()
    shape: Shape | None = None
    year: Annotated[int, whole(1, 9999, "a year")] = 1
    by_side: dict[Annotated[str, one_of(("left", "right"))], float] = field(default_factory=dict)


def test_a_value_has_all_that_is_in_it() -> None:
    plain = {
        "name": " n ",
        "inner": [{"size": 3}, {"size": 0, "when": "2025-01-02T03:04:05"}],
        "pairs": [["a", "b"]],
        "titles": "T",
        "texts": [" x "],
        "shape": "wide",
        "year": 5,
        "by_side": {"left": 1},
    }
    inner = (Inner(3), Inner(0, datetime(2025, 1, 2, 3, 4, 5)))
    assert decoded(Outer, plain) == Outer(
        "n", inner, (("a", "b"),), {"en": "T"}, (" x ",), Shape.WIDE, 5, {"left": 1.0}
    )
    assert decoded(Outer, {"name": "n"}) == Outer("n")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "name: found ''. Accepted: a text in quotes."),
        ({"name": None}, "name: found None. Accepted: a text in quotes."),
        ({"more": 1}, "more: found an unknown key. Accepted: name, inner, pairs, titles, texts, shape, year, by_side."),
        ({"inner": {}}, "inner: found {}. Accepted: a list."),
        ({"inner": "ab"}, "inner: found 'ab'. Accepted: a list."),
        ({"inner": [{"size": 1}, []]}, "inner no. 2: found []. Accepted: a table."),
        ({"inner": [{"size": 1}, {}]}, "inner no. 2, size: found nothing. Accepted: a whole number."),
        ({"inner": [{"size": True}]}, "inner no. 1, size: found True. Accepted: a whole number."),
        ({"inner": [{"size": 1.0}]}, "inner no. 1, size: found 1.0. Accepted: a whole number."),
        ({"inner": [{"size": 2**53 + 1}]}, f"inner no. 1, size: found {2**53 + 1}. Accepted: a whole number."),
        ({"inner": [{"size": 1, "when": "soon"}]}, "inner no. 1, when: found 'soon'. Accepted: a moment."),
        ({"inner": [{"size": 1, "when": "2025-01-02T00:00:00Z"}]}, "inner no. 1, when: found '2025-01-02T00:00:00Z'. Accepted: a moment."),
        ({"pairs": ["ab"]}, "pairs no. 1: found 'ab'. Accepted: a list of texts."),
        ({"pairs": [["a"]]}, "pairs no. 1: found ['a']. Accepted: a list of 2."),
        ({"titles": {"ru": 5}}, "titles, ru: found 5. Accepted: a text in quotes."),
        ({"titles": {}}, "titles: found {}. Accepted: a text, or a text by language."),
        ({"texts": ["x", " "]}, "texts: found ['x', ' ']. Accepted: a list of texts."),
        ({"shape": "round"}, "shape: found 'round'. Accepted: history, changes, wide, snapshot."),
        ({"year": 0}, "year: found 0. Accepted: a year."),
        ({"year": 10**5000}, "year: found a number far too large. Accepted: a year."),
        ({"by_side": {"top": 1}}, "by_side, top: found an unknown key. Accepted: left, right."),
        ({"by_side": {"left": float("nan")}}, "by_side, left: found nan. Accepted: a number."),
        ({"by_side": {"left": 10**400}}, f"by_side, left: found 1{'0' * 98}…. Accepted: a number."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_its_place(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(MappingError) as refused, refusing(MappingError, "my.toml"):
        decoded(Outer, {"name": "n", **wrong})
    assert str(refused.value) == f"my.toml, {said}"


def test_a_place_within_another_is_told_from_the_top() -> None:
    with (
        pytest.raises(MappingError, match=r"^f, a\.b no\. 3\.size: found nothing"),
        refusing(MappingError, "f", "."),
        inside("a", "b", 2),
    ):
        decoded(Inner, {})


def test_a_note_that_cannot_be_said_is_none() -> None:
    sound = {"key": "reading.note_nuls", "values": {"file": "x", "cells": 3}}
    assert decoded(Note, sound) == Note(sound["key"], sound["values"])
    for wrong in (
        {**sound, "key": "no.such"},
        {**sound, "more": 1},
        {**sound, "values": {"file": "x"}},
        {**sound, "values": {"file": "x", "cells": "many"}},
        {**sound, "values": {"file": {}, "cells": 3}},
        {**sound, "values": {"file": "x", "cells": 2**60}},
        {"key": sound["key"]},
    ):
        with pytest.raises(Undecodable):
            decoded(Note, wrong)


def test_what_is_no_type_of_plain_data_is_an_error_of_the_program() -> None:
    with pytest.raises(TypeError, match="set"):
        decoded(set, [])


def test_plain_data_become_nouns_only_where_every_type_is_right() -> None:
    plain = {"column": "a", "kind": "text", "values": 2, "values_at_start": 1}
    assert decoded(Attribute, plain) == Attribute("a", "text", 2, 1)
    for wrong in (
        {**plain, "values": "2"},
        {**plain, "values": 2.0},
        {**plain, "values": -1},
        {**plain, "more": 1},
        {"column": "a"},
        [],
    ):
        with pytest.raises(Undecodable):
            decoded(Attribute, wrong)
    assert decoded(
        MappingOverrides, {"shape": "wide", "concepts": [["a", "b"]], "keeps_win": None}
    ) == MappingOverrides(shape=Shape.WIDE, concepts=(("a", "b"),))
    said = {"key": "pages.kept.entry", "values": {"title": "x", "leads": 1, "day": "2025-01-02", "time": "9:00"}}
    assert decoded(Note, said).values["day"] == datetime(2025, 1, 2)
