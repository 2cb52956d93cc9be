"""What each rule gives to each channel, to all leads as they are and to 200 resamples of them."""

from __future__ import annotations

import numpy as np

from funnel.measures.credit_rules import OF_CHANNELS, CreditRule
from funnel.measures.credit_sums import PathSums, Sums
from funnel.measures.statistics.removal import removal_effects, shares_of
from funnel.measures.statistics.resampling import Numbers, resamples
from funnel.measures.statistics.shapley import rate_game, shapley_values


def given(rule: CreditRule, sums: PathSums) -> tuple[Numbers, Sums, tuple[str, ...]]:
    """[resample, channel] of what a rule gives, what it gives to all leads as they are, and the channels."""
    drawn = resamples()
    if rule not in OF_CHANNELS:
        exact = sums.decayed() if rule is CreditRule.DECAY else sums.exact(rule)
        return drawn @ sums.by_piece[rule], exact, sums.names
    events = (drawn @ sums.by_piece[CreditRule.LINEAR]).sum(axis=1)
    if rule is CreditRule.MARKOV:
        size = sums.transitions.shape
        chains = (drawn @ sums.transitions.reshape(size[0], -1)).reshape(len(drawn), *size[1:])
        _, effects = removal_effects(chains)
        shares = shares_of(effects, drawn @ sums.by_piece[CreditRule.LINEAR])
        labels = sums.names
    else:
        won, all_paths = (drawn @ table for table in sums.sets)
        values = shapley_values(rate_game(won, all_paths))
        whole = values.sum(axis=1, keepdims=True)
        shares = np.divide(values, whole, out=np.zeros_like(values), where=whole != 0)
        labels = _player_names(sums)
    return shares * events[:, None], sums.shared_out(shares[0].tolist()), labels


def _player_names(sums: PathSums) -> tuple[str, ...]:
    players: dict[int, list[str]] = {}
    for name, player in zip(sums.names, sums.players, strict=True):
        players.setdefault(player, []).append(name)
    return tuple(members[0] if len(members) == 1 else sums.other for _, members in sorted(players.items()))


def bounds(drawn: Numbers) -> dict[int, tuple[float, float]]:
    """The 95 % interval of each channel, of the resamples."""
    low, high = np.quantile(drawn[1:], [0.025, 0.975], axis=0)
    return {place: (float(low[place]), float(high[place])) for place in range(drawn.shape[1])}
