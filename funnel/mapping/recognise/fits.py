"""What a column must hold to play a part, whatever its header says."""

from __future__ import annotations

import re
from collections.abc import Callable

from funnel.mapping import dated_headers, grammar
from funnel.mapping.labels import label_concepts
from funnel.mapping.outcomes import is_flag
from funnel.mapping.profile import Column, Table

_MOST_LABELS = 1000
_FEWEST_IDS = 20
_ID = re.compile(r"^\s*(?=\S*\d)[\w\-/:.#№]{1,64}\s*$")
_DECIMAL = re.compile(r"^\s*\d+[.,]\d+\s*$")
_YEAR = re.compile(r"^\s*(?:19|20)\d\d(?:\.0)?\s*$")
_PHONE = re.compile(r"^\s*(?:\+|00)[\d\s()\-.]{8,}$")
_SENTENCE = re.compile(r"^\s*\S+(?:\s+\S+){4,}[.!?…]\s*$")
OTHER_KIND = 0.6
"""From this share on, values of another kind (countries, jobs, reasons) make a column no label."""


def stage_share(column: Column) -> float:
    """The share of a column's values that surely mean a stage or an exit."""
    return label_concepts.stage_share(column.values)


def of_another_kind(column: Column) -> bool:
    """Whether a column is of what a label is none of: countries, jobs, reasons, addresses, or what is to be done next."""
    if of_addresses(column):
        return True
    if dated_headers.is_planned(column.name) and grammar.spells(column.name, "to_do"):
        return True
    kind = label_concepts.kind_of_values(column.values)
    return kind is not None and kind[1] >= OTHER_KIND and stage_share(column) < 0.5


def of_addresses(column: Column) -> bool:
    """Whether a column tells how it is with addresses, not where leads stand: "Email Status" over "Verified" and "Bounced"."""
    return grammar.spells(column.name, "addresses") and label_concepts.tell_of_addresses(column.values)


def of_another_thing(column: Column) -> bool:
    """Whether a header is of a payment, a paper, a call or the like, which may fail while the lead goes on: "KYC status"."""
    return grammar.holds(column.name, grammar.words_of("other_things"))


def of_events(column: Column) -> bool:
    """Whether a header is of something that takes place, and the values are no stages: "Event type" over "Wedding"."""
    happens = grammar.spells(column.name, "doings") and not grammar.strength(column.name, "label")
    return happens and stage_share(column) < 0.5


def how_many(column: Column) -> bool:
    """Whether a column of numbers under "Leads" or "Deals" says how many of them there were."""
    things = grammar.words_of("entities") & grammar.words_of("counts")
    return column.numbers > 0.5 and bool(column.values) and set(grammar.tokens(column.name)) <= things


def names_stages(column: Column) -> bool:
    """Whether a column whose header says nothing of stages has them: half of its values are some. What is to be done next says of no lead
    where it stands, nor does an id of each ("lead_001"), nor what people wrote down in sentences."""
    if not column.complete or column.distinct < 2 or stage_share(column) < 0.5:
        return False
    own = grammar.says_id(column.name) and column.distinct >= 0.9 * column.filled
    return not (own or grammar.says(column.name, "planned") or of_sentences(column))


def of_sentences(column: Column) -> bool:
    """Whether most values of a column are sentences: what people wrote down, however often they wrote the same."""
    return sum(1 for value in column.values if _SENTENCE.match(value)) > 0.5 * len(column.values)


def repeats_ids(column: Column) -> bool:
    ids = sum(1 for value in column.values if _ID.match(value) and not _DECIMAL.match(value))
    many = column.distinct >= _FEWEST_IDS and 0.02 * column.filled <= column.distinct <= 0.9 * column.filled
    return many and not column.is_date and ids >= 0.95 * len(column.values)


def is_amount(column: Column) -> bool:
    return bool(grammar.strength(column.name, "amount")) or any(_DECIMAL.match(value) for value in column.values)


def filled(column: Column, table: Table) -> bool:
    return column.filled > 0


def id_like(column: Column, table: Table) -> bool:
    return column.filled >= 0.5 * table.rows and not column.is_date


def label_like(column: Column, table: Table) -> bool:
    few = column.distinct <= max(_MOST_LABELS / 10, 0.2 * table.rows) and column.distinct <= _MOST_LABELS
    return column.filled > 0 and few and not column.is_date and not _money_like(column)


def _money_like(column: Column) -> bool:
    return column.numbers > 0.9 and column.distinct > 60


def date_like(column: Column, table: Table) -> bool:
    # A column that is nowhere filled says nothing against its header.
    return column.filled == 0 or column.dates >= 0.5


def number_like(column: Column, table: Table) -> bool:
    """Numbers that can be an amount: no percents, years, phones, nor yes and no."""
    if not column.filled or column.numbers < 0.5 or column.is_date or is_flag(column):
        return False
    odd = sum(1 for value in column.values if "%" in value or _PHONE.match(value) or _YEAR.match(value))
    return odd < 0.5 * len(column.values)


def group_like(column: Column, table: Table) -> bool:
    return column.filled > 0 and column.distinct <= max(50, 0.2 * table.rows) and not column.is_date


def owner_like(column: Column, table: Table) -> bool:
    """Few people have many leads: ids or names, neither yes and no nor fractions."""
    few = column.distinct <= max(25, 0.5 * column.filled)
    return column.filled > 0 and few and not column.is_date and not is_flag(column) and not _fractions(column)


def account_like(column: Column, table: Table) -> bool:
    return column.filled > 0 and not column.is_date and not is_flag(column) and not _fractions(column)


def _fractions(column: Column) -> bool:
    fractions = [value for value in column.values if _DECIMAL.match(value) and not value.strip().endswith(".0")]
    return len(fractions) >= 0.5 * len(column.values) > 0


FITS: dict[str, Callable[[Column, Table], bool]] = {
    "lead": id_like,
    "label": label_like,
    "from_label": label_like,
    "time": date_like,
    "created": date_like,
    "closed": date_like,
    "exited": date_like,
    "amount": number_like,
    "account": account_like,
    "pipeline": group_like,
    "outcome": group_like,
    "field": group_like,
}
