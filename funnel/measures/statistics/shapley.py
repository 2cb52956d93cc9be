"""Shapley values of a game whose coalitions are sets of players: what each adds, in the mean over all orders in which they could come.

The *rate game* of Zhao, Mahboobi, Bagheri (2018), arXiv:1804.05327: v(S) is how many of the paths that went through no channel outside of S
converted, of how many; v of no channel, and of one through which no path went alone, is 0. A channel whose paths convert worse than others
can have a negative value, and it stays so.
"""

from __future__ import annotations

from math import comb

import numpy as np

from funnel.measures.statistics.resampling import Numbers


def rate_game(converted: Numbers, paths: Numbers) -> Numbers:
    """v of every coalition, from [game, set] counts of paths by the exact set of their channels, a bit a channel."""
    some, all_paths = _within(converted), _within(paths)
    return np.divide(some, all_paths, out=np.zeros_like(some), where=all_paths > 0)


def shapley_values(worth: Numbers) -> Numbers:
    """[game, player] from [game, coalition], a bit a player: Σ |S|! (k − |S| − 1)! / k! · (v(S ∪ j) − v(S)) over the S without j."""
    players = worth.shape[1].bit_length() - 1
    coalitions = np.arange(worth.shape[1])
    size = np.array([int(each).bit_count() for each in coalitions])
    values = np.empty((len(worth), players))
    for player in range(players):
        without = coalitions[coalitions >> player & 1 == 0]
        weight = np.array([1 / (players * comb(players - 1, count)) for count in range(players)])[size[without]]
        values[:, player] = ((worth[:, without | 1 << player] - worth[:, without]) * weight).sum(axis=1)
    return values


def _within(counts: Numbers) -> Numbers:
    """Of each set the sum over all its subsets."""
    summed = counts.astype(float).copy()
    players = summed.shape[1].bit_length() - 1
    for player in range(players):
        blocks = summed.reshape(len(summed), -1, 2, 1 << player)
        blocks[:, :, 1] += blocks[:, :, 0]
    return summed
