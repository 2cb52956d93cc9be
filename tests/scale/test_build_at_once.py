"""Pieces of a build that are made at the same time: they come in order, and none is begun after one has failed."""

from __future__ import annotations

import time
from functools import partial

import pytest

from funnel.core.engine import QueryFailed
from funnel.scale.batch_build.journeyed import made_in_order


@pytest.mark.parametrize("at_once", [1, 3])
def test_what_is_made_at_the_same_time_comes_in_order_and_ends_with_the_first_fault(at_once):
    begun = []

    def piece(place: int) -> int:
        begun.append(place)
        time.sleep(0.02 * (3 - place % 3))
        if place == 4:
            raise QueryFailed("no room")
        return place

    done = made_in_order([partial(piece, place) for place in range(40)], at_once)
    assert [next(done) for _ in range(4)] == [0, 1, 2, 3]
    with pytest.raises(QueryFailed, match="no room"):
        next(done)
    assert len(begun) <= 4 + 2 * at_once
    found = len(begun)
    time.sleep(0.1)
    assert len(begun) == found
