"""What a grouping tells of an outcome: information, skill, order, what it hides, and how even a total is spread. Plain arithmetic on
small tables of counts, which the queries of `measures.scores` give."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log, log2
from typing import TypeVar

from funnel.measures.statistics.distributions import chi_square_tail

Group = TypeVar("Group", bound=Hashable)
PRIOR_WEIGHT = 2
"""Each stage's rate is drawn to the whole's by as many leads: no stage is ever thought certain."""


@dataclass(frozen=True)
class Hidden:
    """What the labels inside a stage still tell of the next 30 days: conditional mutual information, in bits, and as a share of
    what is uncertain. `g2`, `degrees` and `p` test that they tell nothing (p None: no stage holds two labels)."""

    pairs: int
    bits: float
    share: float | None
    g2: float
    degrees: int
    p: float | None


def entropy(counts: Iterable[float]) -> float:
    """The uncertainty of a distribution given by counts, in bits; 0 for no counts."""
    positive = [count for count in counts if count > 0]
    total = sum(positive)
    return sum(-count / total * log2(count / total) for count in positive)


def mutual_information(table: Mapping[Group, tuple[int, int]]) -> float:
    """I(group; outcome) in bits, from (leads, won) of each group (Cover & Thomas, ch. 2); plain counts, no correction."""
    leads = sum(leads for leads, _ in table.values())
    won = sum(won for _, won in table.values())
    if not leads:
        return 0.0
    inside = sum(leads_here * entropy((won_here, leads_here - won_here)) for leads_here, won_here in table.values())
    return entropy((won, leads - won)) - inside / leads


def skill(table: Mapping[Group, tuple[int, int]]) -> float | None:
    """1 − log loss of the group's rate / log loss of the overall rate, each lead forecast by all others (leave-one-out), from
    (leads, won) of each group.

    A group's rate is (won + 2·overall) / (leads + 2) over the other leads. Counts are all it takes: neither the names nor the order of
    leads have a part in it, as they would in a few folds. None where fewer than two leads were won, or fewer than two were not.
    """
    leads, won = (sum(pair[index] for pair in table.values()) for index in (0, 1))
    if min(won, leads - won) < 2:
        return None
    group_loss = overall_loss = 0.0
    for leads_here, won_here in table.values():
        for count, is_won in ((won_here, 1), (leads_here - won_here, 0)):
            if not count:
                continue
            overall = (won - is_won) / (leads - 1)
            rate = (won_here - is_won + PRIOR_WEIGHT * overall) / (leads_here - 1 + PRIOR_WEIGHT)
            group_loss -= count * log(rate if is_won else 1 - rate)
            overall_loss -= count * log(overall if is_won else 1 - overall)
    return 1 - group_loss / overall_loss


def right_order(table: Mapping[int, tuple[int, int]]) -> float | None:
    """How often, of a won and another lead, the won one stands at the later stage; ties count half (the area under the ROC curve,
    Hanley & McNeil 1982). From (leads, won) of each stage; None without one of both kinds."""
    wins = sum(won for _, won in table.values())
    rest = sum(leads - won for leads, won in table.values())
    if not wins or not rest:
        return None
    passed = better = 0.0
    for _, (leads, won) in sorted(table.items()):
        better += won * (passed + (leads - won) / 2)
        passed += leads - won
    return better / (wins * rest)


def hidden(pairs: Mapping[tuple[Group, Hashable], int], block: Callable[[Group], Hashable]) -> Hidden:
    """What the fine states inside a block still tell of the next block, from counts of (state, next block).

    I(next block; state | block) = G² / (2 N ln 2) bits, and its share of H(next block | block); G² tests that it is nothing
    (homogeneity inside the blocks: strong lumpability, Kemeny & Snell 1960, 6.3; Billingsley 1961).
    """
    total = sum(pairs.values())
    blocks: defaultdict[Hashable, Counter[tuple[Group, Hashable]]] = defaultdict(Counter)
    for (state, after), count in pairs.items():
        if count:
            blocks[block(state)][state, after] += count
    g2, degrees, uncertain = 0.0, 0, 0.0
    for inside in blocks.values():
        states: Counter[Group] = Counter()
        nexts: Counter[Hashable] = Counter()
        for (state, after), count in inside.items():
            states[state] += count
            nexts[after] += count
        size = sum(states.values())
        # A block of one state, or of one way on, hides nothing: its terms are all zero, and are not left to rounding.
        if len(states) > 1 and len(nexts) > 1:
            g2 += 2 * sum(n * log(n * size / (states[state] * nexts[after])) for (state, after), n in inside.items())
            degrees += (len(states) - 1) * (len(nexts) - 1)
        uncertain += size * entropy(nexts.values())
    bits = g2 / (2 * total * log(2)) if total else 0.0
    return Hidden(
        pairs=total,
        bits=bits,
        share=bits * total / uncertain if uncertain else None,
        g2=g2,
        degrees=degrees,
        p=chi_square_tail(g2, degrees) if degrees else None,
    )


def evenness(amounts: Sequence[float]) -> float | None:
    """Pielou's evenness: the entropy of the shares over that of equal shares; None for fewer than two places or for nothing."""
    if len(amounts) < 2 or sum(amounts) <= 0:
        return None
    return entropy(amounts) / log2(len(amounts))
