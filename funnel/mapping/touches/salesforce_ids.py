"""Ids of Salesforce, which some of its exports write with 15 signs and others with 18: the same, and three that say which are capitals.

Each of the three stands for five signs: the bits of those that are capitals, the first the lowest, as one of A–Z and 0–5.
"""

from __future__ import annotations

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
SHORT, LONG = 15, 18


def long_form(text: str) -> str:
    """The id of 18 signs of one of 15, as SQL over `text`, an expression of which each sign is a letter or a digit."""
    signs = []
    for block in range(3):
        bits = (
            f"CASE WHEN substr({text}, {block * 5 + place + 1}, 1) BETWEEN 'A' AND 'Z' THEN {1 << place} ELSE 0 END"
            for place in range(5)
        )
        signs.append(f"substr('{_ALPHABET}', 1 + {' + '.join(bits)}, 1)")
    return f"({text} || {' || '.join(signs)})"


def is_short(text: str) -> str:
    """Whether it can be an id of 15 signs, as SQL."""
    return f"regexp_full_match({text}, '[A-Za-z0-9]{{{SHORT}}}')"


def is_long(text: str) -> str:
    """Whether it is an id of 18 signs whose last three say what the others are, as SQL."""
    return f"(regexp_full_match({text}, '[A-Za-z0-9]{{{LONG}}}') AND {long_form(f'left({text}, {SHORT})')} = {text})"
