"""Leads counted account by account: the sums of squares and products from which a variance by account follows.

Leads of one account are not independent: they are decided by the same people. What is squared is therefore the sum over an account,
not the lead. For a group of leads with nₐ leads in account a, xₐ of them converted, and Nₐ, Xₐ the same of all leads that the group is
set against, all that any variance here needs is Σ nₐ², Σ nₐxₐ, Σ xₐ² and Σ nₐNₐ, Σ nₐXₐ, Σ xₐNₐ, Σ xₐXₐ: a row a group.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from funnel.core.sql import Paragraph, Query
from funnel.core.types import Question, Unit
from funnel.journeys import Journeys


@dataclass(frozen=True)
class Products:
    """Sums over accounts of products of two groups: leads · leads, leads · converted, converted · leads, converted · converted."""

    nn: int
    nx: int
    xn: int
    xx: int

    def plus(self, other: Products, times: int = 1) -> Products:
        """These sums and so many times others."""
        return Products(
            self.nn + times * other.nn,
            self.nx + times * other.nx,
            self.xn + times * other.xn,
            self.xx + times * other.xx,
        )

    def turned(self) -> Products:
        """The same with the groups exchanged."""
        return Products(self.nn, self.xn, self.nx, self.xx)

    def residuals(self, share: float, other_share: float) -> float:
        """Σ (xₐ − share · nₐ)(x′ₐ − other share · n′ₐ)."""
        return self.xx - other_share * self.xn - share * self.nx + share * other_share * self.nn


NO_PRODUCTS = Products(0, 0, 0, 0)


@dataclass(frozen=True)
class AccountSums:
    """A group of leads: how many, of how many accounts, its products with itself, and with all leads that it is set `beside` (itself
    among them). Of the accounts, those `only_here` have no lead elsewhere; `first_here` count here and in no other group."""

    leads: int
    converted: int
    accounts: int
    only_here: int
    first_here: int
    own: Products
    beside: Products

    @property
    def one_each(self) -> bool:
        """Whether every account has one lead here, so that leads are as independent as accounts."""
        return self.own.nn == self.leads

    def without(self, part: AccountSums) -> AccountSums:
        """All leads without a group of them that was set beside them all; what is left is set beside nothing."""
        between = part.beside.plus(part.beside.turned())
        own = self.own.plus(between, -1).plus(part.own)
        leads, converted = self.leads - part.leads, self.converted - part.converted
        return AccountSums(leads, converted, self.accounts - part.only_here, 0, 0, own, NO_PRODUCTS)

    def across(self) -> Products:
        """The products of a group with all other leads that it is set beside."""
        return self.beside.plus(self.own, -1)


NOBODY = AccountSums(0, 0, 0, 0, 0, NO_PRODUCTS, NO_PRODUCTS)


def several(journeys: Journeys, question: Question) -> bool:
    """Whether a question counts leads, and any account of the file holds several."""
    if question.unit is Unit.ACCOUNT:
        return False
    text = "SELECT COUNT(leads.account_id) > COUNT(DISTINCT leads.account_id) AS several\nFROM leads"
    return journeys.once(("several leads an account",), lambda: bool(journeys.engine.row(Query(text))[0]))


def account_of(row: str) -> str:
    """The account of a lead on a row with account_id and lead_id, as SQL; a lead without one is an account by itself."""
    return f"COALESCE('a' || CAST({row}.account_id AS VARCHAR), 'l' || CAST({row}.lead_id AS VARCHAR))"


def summed(source: str) -> tuple[list[Paragraph], Query]:
    """Paragraphs and the last select after `source` (kind, cell, account, leads, converted: a row for each account of a cell): a row for
    each kind and cell, set beside all cells of its kind, for `sums_of`."""
    beside = f"""SELECT {source}.*,
    SUM({source}.leads) OVER account AS all_leads, SUM({source}.converted) OVER account AS all_converted,
    ROW_NUMBER() OVER account AS place
FROM {source}
WINDOW account AS (PARTITION BY {source}.kind, {source}.account)"""
    products = [
        f"CAST(SUM(beside.{one} * beside.{other}) AS BIGINT) AS {name}"
        for one, other, name in (
            ("leads", "leads", "nn"),
            ("leads", "converted", "nx"),
            ("converted", "converted", "xx"),
            ("leads", "all_leads", "all_nn"),
            ("leads", "all_converted", "all_nx"),
            ("converted", "all_leads", "all_xn"),
            ("converted", "all_converted", "all_xx"),
        )
    ]
    last = f"""SELECT beside.kind AS kind, beside.cell AS cell, CAST(SUM(beside.leads) AS BIGINT) AS leads,
    CAST(SUM(beside.converted) AS BIGINT) AS converted, COUNT(*) AS accounts,
    COUNT(*) FILTER (WHERE beside.leads = beside.all_leads) AS only_here,
    COUNT(*) FILTER (WHERE beside.place = 1) AS first_here,
    {", ".join(products)}
FROM beside
GROUP BY beside.kind, beside.cell"""
    return [Paragraph("beside", Query(beside))], Query(last)


def sums_of(row: Mapping[str, int]) -> AccountSums:
    """The sums in a row of `summed`."""
    own = Products(row["nn"], row["nx"], row["nx"], row["xx"])
    beside = Products(*(row[f"all_{name}"] for name in ("nn", "nx", "xn", "xx")))
    counts = (row["leads"], row["converted"], row["accounts"], row["only_here"], row["first_here"])
    return AccountSums(*counts, own, beside)


def together(groups: Iterable[AccountSums]) -> AccountSums:
    """All groups that were set beside each other."""
    leads = converted = accounts = 0
    own = NO_PRODUCTS
    for each in groups:
        leads, converted, accounts = leads + each.leads, converted + each.converted, accounts + each.first_here
        own = own.plus(each.beside)
    return AccountSums(leads, converted, accounts, accounts, accounts, own, own)
