"""What tests of single judgements judge."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from funnel.core.engine import Engine
from funnel.mapping import MappingOverrides
from funnel.mapping.joins import stacked
from funnel.mapping.recognise.evidence import Case
from funnel.mapping.recognise.facts import Facts
from funnel.mapping.recognise.hypotheses import understand
from funnel.mapping.recognise.typed import Typed
from funnel.reading import FileOnDisk, read_files
from tests.mapped import AS_OF, written
from tests.mapping.judged import Cases


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Cases]:
    """What a table could be, with what was counted of it: the likeliest of what the overrides leave open."""
    engines: list[Engine] = []

    def made(text: str, overrides: MappingOverrides) -> Case:
        paths = written(tmp_path, table=text)
        engine = Engine(paths)
        engines.append(engine)
        [table] = stacked(engine, read_files(engine, [FileOnDisk(path, path.name) for path in paths]))
        return understand(Facts(engine, table), Typed(engine, AS_OF, None), overrides)[0].case

    yield made
    for engine in engines:
        engine.close()
