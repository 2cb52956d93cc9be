"""Every command's --json stays what it was."""

from __future__ import annotations

import json

import pytest

from tests.golden_answers import FOLDER, answered, commands, differing
from tests.thorough import every

pytestmark = pytest.mark.usefixtures("opened_once")


@pytest.mark.parametrize("name", every(3, [*commands()]))
def test_a_command_answers_as_before(name: str) -> None:
    kept = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    assert differing(json.loads(answered(commands()[name])), kept) == []


def test_every_answer_that_is_kept_is_asked_for() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(commands())


def test_a_difference_is_found() -> None:
    kept = {"a": [1, 0.5, None], "b": {"c": "x"}}
    assert differing(kept, {"a": [1, 0.5 + 1e-14, None], "b": {"c": "x"}}) == []
    for other in (
        {"b": {"c": "x"}, "a": [1, 0.5, None]},
        {"a": [1, 0.5], "b": {"c": "x"}},
        {"a": [1, 0.51, None], "b": {"c": "x"}},
        {"a": [1.0, 0.5, None], "b": {"c": "x"}},
        {"a": [1, 0.5, 0], "b": {"c": "x"}},
        {"a": [1, 0.5, None], "b": {"c": "y"}},
    ):
        assert len(differing(kept, other)) == 1
