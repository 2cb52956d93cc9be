"""Columns that say how leads ended, in the words of any known dialect."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from funnel import catalogue
from funnel.core.sql import Query, marks
from funnel.mapping import grammar
from funnel.mapping.headers import squashed, words
from funnel.mapping.labels import label_concepts
from funnel.mapping.profile import Column
from funnel.mapping.template import fill

_YES = {"true", "yes", "y", "1", "t", "да", "sim", "si", "1 0", "1.0", "ja", "oui"}
_NO = {"false", "no", "n", "0", "f", "нет", "nao", "0 0", "0.0", "nein", "non"}
_MARKS = {"x", "✓", "✔", "☑", "✅", "checked"}
"""What is put where the answer is yes, and nothing else elsewhere: an X beside a Y is a name."""
_SEMANTIC_HEADERS = {"stagesemanticid", "statussemanticid", "stagesemantics"}
_SEMANTIC = {"s": "won", "f": "lost", "p": "open"}
"""Bitrix24's success, failure and process: letters that mean something else under any other header."""
FEWEST_RESULTS = 2
"""Of more than so many words "Passed" is one of what comes of steps."""


def outcome_values(header: str, values: Iterable[str]) -> dict[str, str | None] | None:
    """Value → won, lost, open (None: says nothing), for a column that tells how leads ended; None if it does not tell.

    A yes under a header that means won is won, and a no is not yet anything.
    """
    known_values = _known_values()
    outcomes: dict[str, str | None] = {}
    means = header_means(header)
    # A header that comes again amid the lines is no value.
    filled = [
        value for value in values if value.strip() and catalogue.normalised(value) != catalogue.normalised(header)
    ]
    if squashed(header) in _SEMANTIC_HEADERS:
        outcomes = {value: _SEMANTIC.get(catalogue.normalised(value)) for value in filled}
        return outcomes if {"won", "lost"} & set(outcomes.values()) and len(filled) <= 30 else None
    unread = 0
    for value in filled:
        text = catalogue.normalised(value)
        if text in _YES or text in _NO or (text in _MARKS and means is not None):
            outcomes[value] = None if text in _NO else means
        elif text in known_values:
            outcomes[value] = known_values[text]
        else:
            outcomes[value] = label_concepts.end(value)
            # A step that was passed ends nothing; beside one word of losing alone it may be a test of anything.
            passes = len(filled) > FEWEST_RESULTS and label_concepts.says_only(value, "passed_on")
            unread += outcomes[value] is None and not passes
    ends = {outcome for outcome in outcomes.values() if outcome in ("won", "lost")}
    few = unread <= len(filled) / (2 if len(ends) == 2 else 3)
    return outcomes if ends and few and len(filled) <= 30 else None


@cache
def _known_values() -> dict[str, str]:
    """What each value says that a dialect writes into its outcome column; what the first says counts."""
    outcomes: dict[str, str] = {}
    for dialect in catalogue.dialects():
        values_of = {"won": dialect.won_values, "lost": dialect.lost_values, "open": dialect.open_values}
        for outcome, texts in values_of.items():
            outcomes = dict.fromkeys(texts, outcome) | outcomes
    return outcomes


def is_flag(column: Column) -> bool:
    """Whether a column holds nothing but yes and no, or a mark where it is yes."""
    texts = {catalogue.normalised(value) for value in column.values}
    return bool(texts) and (texts <= _YES | _NO or texts <= _MARKS | _NO)


def is_lost_flag(column: Column) -> bool:
    """Whether a yes in a column of yes and no says that a lead was lost."""
    return header_means(column.name) == "lost" and is_flag(column)


@cache
def lost_fields() -> frozenset[str]:
    """The fields by which any dialect says that a lead was lost, as `squashed` writes them."""
    return frozenset(squashed(each) for dialect in catalogue.dialects() for each in dialect.lost_fields)


def is_loss_reason(header: str) -> bool:
    """Whether a header is of why a lead was lost."""
    parts = set(words(header)) | set(grammar.tokens(header))
    is_lost = squashed(header) in lost_fields() or bool(parts & {"lost", "loss"})
    return is_lost and bool(parts & grammar.words_of("reasons"))


def or_lost(outcome: Query, flag: Query) -> Query:
    """The outcome that is said, else "lost" where the text of the flag says yes."""
    return fill("COALESCE({outcome}, CASE WHEN {lost} THEN 'lost' END)", outcome=outcome, lost=says_yes(flag))


def says_yes(text: Query) -> Query:
    """A condition: whether the text says yes."""
    return Query(f"lower({text.text}) IN ({marks(_YES | _MARKS)})", (*text.values, *sorted(_YES | _MARKS)))


def says_no(text: Query) -> Query:
    """A condition: whether the text says no."""
    return Query(f"lower({text.text}) IN ({marks(_NO)})", (*text.values, *sorted(_NO)))


def header_means(header: str) -> str | None:
    """What a yes under the header means: "won", "lost", or None."""
    parts = [word for word in words(header) if word not in ("is", "has", "flag", "lead", "deal")]
    if grammar.words_of("wins") & set(parts):
        return "won"
    # A yes under "closed" closes; it does not win.
    return label_concepts.end(" ".join(parts))
