"""Real files with what is right for them, where their folder stands beside the project: every eighth case, opened as a person would."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

import funnel
from funnel.core.errors import FunnelError
from funnel.mapping.headers import squashed

CORPUS = Path(__file__).parents[3] / "shared" / "recognition" / "corpus"
CASES = sorted(path.parent for path in CORPUS.glob("*/truth.json"))[::8]
AS_OF = datetime(2026, 6, 1)

pytestmark = pytest.mark.skipif(not CASES, reason="the folder ../shared/recognition/corpus is not there")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_real_file_is_understood_without_a_click(case: Path) -> None:
    truth = json.loads((case / "truth.json").read_text(encoding="utf-8"))
    files = [case / name for name in truth["files"]]
    if not truth["opens"]:
        with pytest.raises(FunnelError) as refused:
            funnel.open(*files, as_of=AS_OF)
        assert "\n" not in str(refused.value)
        return
    with funnel.open(*files, as_of=AS_OF) as found:
        shape, columns = found.mapping.shape.value, found.loaded.columns
        assert shape in truth["shape"]
        for part in ("lead", "label"):
            wanted = {None if each is None else squashed(each) for each in truth["parts"].get(part, ())}
            read = {squashed(columns[name]) for name in (part, "target") if part == "label" and name in columns}
            read = read or {squashed(columns[part]) if part in columns else None}
            # The dates of a wide file are its labels.
            assert not wanted or read & wanted or (part == "label" and shape == "wide" and read == {None})
        dropped = sum(each.rows_rejected + each.rows_ignored for each in found.loaded.files)
        assert any(0 <= wanted - found.loaded.leads <= min(dropped, 0.1 * wanted + 2) for wanted in truth["leads"])
