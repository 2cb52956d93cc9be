"""Contracts as a file tells them: which of its columns say when they begin and end, and what they bring."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from funnel.core.sql import Query


class Per(StrEnum):
    """For what an amount stands: a month, a year, or all the months of its contract."""

    MONTH = "month"
    YEAR = "year"
    TERM = "term"


@dataclass(frozen=True)
class ContractColumns:
    """The headers of the columns that say of a contract its first day, its last, for how many months it is, what it brings, when the
    customer left, and what kind of sale it was; None: not said, or as the file's headers say."""

    start: str | None = None
    end: str | None = None
    term: str | None = None
    recurring: str | None = None
    churn: str | None = None
    type: str | None = None

    def over(self, other: ContractColumns) -> ContractColumns:
        """These columns, and where they say nothing those of another."""
        pairs = {name: own or vars(other)[name] for name, own in vars(self).items()}
        return ContractColumns(**pairs)


@dataclass(frozen=True)
class Contracts:
    """What a file says of contracts. `columns` are those that say it, `per` what the recurring amounts stand for (None: there are none).

    `leads` selects a row a lead: lead_id, starts_on, ends_on and churned_on (DATE), term_months (DOUBLE), recurring (DOUBLE, as in the
    file), each NULL where the file says nothing, and unread: whether one of these cells is filled and could not be read.
    """

    columns: ContractColumns
    per: Per | None
    leads: Query
