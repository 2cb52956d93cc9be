"""Cells that are nearly dates or numbers, and mappings and models with something wrong in them: the same for the same seed."""

from __future__ import annotations

import random

from tests.fuzzing import CELLS, damaged


def value(chance: random.Random) -> str:
    """A cell that is nearly a date or a number."""
    if chance.random() < 0.5:
        found = chance.choice(CELLS)
    else:
        mark = chance.choice(("-", "/", ".", " ", "", ",", "'", "\u00a0"))
        digits = "0123456789" if chance.random() < 0.9 else "٠١٢٣٤٥٦٧٨٩"
        parts = [
            "".join(chance.choices(digits, k=chance.choice((1, 2, 2, 3, 4, 9))))
            for _ in range(chance.choice((1, 2, 3, 3, 6)))
        ]
        found = chance.choice(("", "", "$", "-", "(", "€ ", "≈")) + mark.join(parts)
        found += chance.choice(
            ("", "", "", "Z", " PM", "+02:00", "%", "k", " млн", ")", " г.", "T12:00", " 24:00", ":60")
        )
    if chance.random() < 0.2:
        place = chance.randrange(len(found) + 1)
        found = found[:place] + chance.choice((" ", "0", "-", ":", "\u200f", "x", "%", "\\", "'")) + found[place:]
    return found.replace("\0", "").encode(errors="replace").decode()


MAPPING = """shape = "history"
date_order = "dmy"
pipeline = "Sales"
headers = ["id", "stage", "when"]
won = ["Won"]
lost = ["Lost", "Gone"]

[columns]
lead = "id"
label = "stage"
time = "when"
pipeline = "-"

[stage_dates]
"MQL Date" = "MQL"

[concepts]
Demo = "meeting"
"""
MODEL = """key = "mine"
kind = "concepts"
name = "Mine"
description = { en = "Mine", de = "Meins" }
place = 10
year = 2020
source = "here"
unit = "lead"
reading = "forward"
left_out = ["pilot"]
loop = { to = "buy", past = ["consider"] }
[[stages]]
key = "consider"
name = "Consider"
concepts = ["lead", "mql"]
labels = ["Looking"]
[[stages]]
key = "buy"
names = { en = "Buy", ru = "Купить" }
concepts = ["won"]
"""
_TOML = (
    "1979-05-27T07:32:00Z", "07:32:00", "1e999", "inf", "nan", "9" * 5000, "-0", "0xff", "true", "{}", "[]", "[[]]", '""',
    "'''a\nb'''", '"\\u0000"', '"\\ud800"', '"\\U0010ffff"', "[" * 3000, "{a=" * 3000, '"' + "x" * 5000 + '"', "{ a.b.c = 1 }",
    '["a", 1]', '[["a"]]', '"-"', '"won"', "1_000", "= =", "#", "\0", "\ufeff", "a.b.c.d = 1", "[stages]", "[[columns]]", '" "',
)  # fmt: skip


def toml(chance: random.Random, given: str) -> bytes:
    """The settings with values exchanged, lines moved, bytes damaged."""
    lines = given.splitlines()
    for _ in range(chance.choice((1, 1, 2, 3))):
        place = chance.randrange(len(lines))
        name, sign, _ = lines[place].partition(" = ")
        kind = chance.randrange(6)
        if kind <= 2 and sign:
            lines[place] = f"{name} = {chance.choice(_TOML)}"
        elif kind == 3:
            lines.insert(place, lines[chance.randrange(len(lines))])
        elif kind == 4:
            lines.insert(place, chance.choice((chance.choice(_TOML), f'"{chance.choice(CELLS)}" = "a"', "x.y = 1")))
        else:
            del lines[place]
            lines = lines or [""]
    content = "\n".join(lines).encode(errors="replace")
    return damaged(chance, content) if chance.random() < 0.4 else content
