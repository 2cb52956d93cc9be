"""The headers of columns that number stages: "sort_order" in a table of stages, "Stage No." beside a label."""

from __future__ import annotations

from functools import cache

from funnel import catalogue
from funnel.mapping.grammar import words_of
from funnel.mapping.headers import squashed, words

KINDS = ("order", "number", "id", "chance")
"""What a column can number stages by, the surest first; `chance` is how likely they are to be won."""
_PARTS = (*KINDS, "stage", "other")


def numbering_kind(header: str, label: str | None = None) -> str | None:
    """What a column numbers stages by; None where its header says anything else. Beside a `label` column, the header must say that
    it is the stage that is numbered, unless it says how likely a win is."""
    parts: set[str] = set()
    for word in words(header):
        meant = _parts(word)
        if not meant and word not in words(label or ""):
            return None
        parts |= meant or {"stage"}
    kind = next((kind for kind in KINDS if kind in parts), None)
    return kind if label is None or kind == "chance" or "stage" in parts else None


def numbers_lines(header: str, label: str) -> bool:
    """Whether a header beside a label can be of a number of each line of a lead: "Seq", "Stage order", "Step no.", "Step"."""
    is_bare = header != label and all(_parts(word) == {"stage"} for word in words(header))
    return (
        catalogue.normalised(header) in words_of("entry_numbers")
        or is_bare
        or numbering_kind(header, label) in KINDS[:2]
    )


@cache
def _parts(word: str) -> frozenset[str]:
    """What a word of a header says, also of two words written as one ("sortorder"); nothing where it is unknown."""
    part_of = {squashed(text): part for part in _PARTS for text in catalogue.header_words(f"numbering_{part}")}
    if word in part_of:
        return frozenset({part_of[word]})
    splits = ((word[:end], word[end:]) for end in range(1, len(word)))
    both = ({part_of[one], part_of[other]} for one, other in splits if one in part_of and other in part_of)
    return frozenset(next(both, set()))
