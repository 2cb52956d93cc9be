"""What each state of a first-order Markov chain of paths is worth: how many fewer paths would convert without it.

From transitions counted over paths that begin, go through states, and convert or not, the chance to convert is that of the absorbing chain:
x = (I − Q)⁻¹ r from each state, s · x from the beginning. To remove a state is to let whoever comes to it be lost. Those who convert by way
of state j are P(ever at j) · xⱼ, and P(ever at j) = (s N)ⱼ / Nⱼⱼ with N = (I − Q)⁻¹, so that one solve tells all: the removal effect is
(s N)ⱼ xⱼ / (Nⱼⱼ · s x). Anderl, Becker, von Wangenheim, Schumann (2016), IJRM 33, 457. A chain that is made of whole paths that end has
always one solution.
"""

from __future__ import annotations

import numpy as np

from funnel.measures.statistics.resampling import Numbers


def removal_effects(transitions: Numbers) -> tuple[Numbers, Numbers]:
    """The chance to convert, and the removal effect of each state, from [chain, from, to] counts of k states: row k is the beginning,
    column k a conversion, column k + 1 an end without one. The effects of a chain in which nothing converts are 0."""
    states = transitions.shape[1] - 1
    total = transitions.sum(axis=2, keepdims=True)
    shares = np.divide(transitions, total, out=np.zeros_like(transitions, dtype=float), where=total > 0)
    inner, begun = shares[:, :states, :states], shares[:, states, :states]
    visits = np.linalg.inv(np.eye(states) - inner)
    chance = np.einsum("cij,cj->ci", visits, shares[:, :states, states])
    reached = np.einsum("ci,cij->cj", begun, visits)
    base = (begun * chance).sum(axis=1)
    often = np.einsum("cii->ci", visits)
    lost = reached * chance / often
    return base, np.divide(lost, base[:, None], out=np.zeros_like(lost), where=base[:, None] > 0)


def shares_of(effects: Numbers, otherwise: Numbers) -> Numbers:
    """The effects of each chain as shares of their sum; where all are 0, the shares of `otherwise`."""
    total = effects.sum(axis=1, keepdims=True)
    other = otherwise.sum(axis=1, keepdims=True)
    usual = np.divide(otherwise, other, out=np.zeros_like(otherwise, dtype=float), where=other > 0)
    return np.where(total > 0, effects / np.where(total > 0, total, 1.0), usual)
