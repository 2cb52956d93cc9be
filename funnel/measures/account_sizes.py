"""How many leads an account has: the people or deals behind one decision."""

from __future__ import annotations

from dataclasses import dataclass, replace

from funnel.core.rows import Row
from funnel.core.sql import Paragraph, Query, compose
from funnel.core.types import Question, Unit
from funnel.journeys import Journeys
from funnel.measures.population.population import in_question, selected, table_of


@dataclass(frozen=True)
class AccountSizes:
    """How many leads an account has: (leads, accounts) pairs in order, and the medians of all, won and lost accounts."""

    question: Question
    accounts: int
    leads: int
    counts: tuple[tuple[int, int], ...]
    median: float | None
    median_won: float | None
    median_lost: float | None
    sql: str

    def rows(self) -> list[Row]:
        """A row for each number of leads: how many accounts have so many."""
        return [{"leads": leads, "accounts": accounts} for leads, accounts in self.counts]


def account_sizes(journeys: Journeys, question: Question) -> AccountSizes:
    """How many accounts have one lead, two leads …, and the medians, for the accounts that the question counts.

    An account is counted by the dates of its own start; of a counted account, all leads are counted that the model places
    and that meet the filters on columns, whenever they started. Leads without an account are in no account. A median is None
    where there is no such account.
    """
    by_account = replace(question, unit=Unit.ACCOUNT)
    sizes = """SELECT kept.account_id AS account_id, COUNT(*) AS leads
FROM kept
WHERE kept.account_id IS NOT NULL
GROUP BY kept.account_id"""
    sized = """SELECT counted.outcome AS outcome, sizes.leads AS leads
FROM counted
INNER JOIN sizes ON sizes.account_id = counted.account_id"""
    paragraphs = [
        *in_question(journeys, by_account),
        Paragraph("kept", selected(table_of(journeys, by_account), by_account.filters)),
        Paragraph("sizes", Query(sizes)),
        Paragraph("sized", Query(sized)),
    ]
    spread = "SELECT sized.leads AS leads, COUNT(*) AS accounts\nFROM sized\nGROUP BY sized.leads\nORDER BY sized.leads"
    middle = """SELECT
    MEDIAN(sized.leads) AS median_all,
    MEDIAN(sized.leads) FILTER (WHERE sized.outcome = 'won') AS median_won,
    MEDIAN(sized.leads) FILTER (WHERE sized.outcome = 'lost') AS median_lost
FROM sized"""
    counting, halving = compose(paragraphs, Query(spread)), compose(paragraphs, Query(middle))
    counts: tuple[tuple[int, int], ...] = tuple(journeys.engine.rows(counting))
    median, median_won, median_lost = journeys.engine.row(halving)
    return AccountSizes(
        question=by_account,
        accounts=sum(accounts for _, accounts in counts),
        leads=sum(leads * accounts for leads, accounts in counts),
        counts=counts,
        median=median,
        median_won=median_won,
        median_lost=median_lost,
        sql=f"{counting.readable()};\n\n{halving.readable()}",
    )
