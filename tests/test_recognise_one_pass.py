"""A long table is looked through once: what that proves is what all lines say, and what it cannot prove is asked of all of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from funnel.engine import Engine
from funnel.errors import MappingError
from funnel.mapping import Hints, Mapping, profile, recognise
from funnel.mapping.recognise import one_pass
from funnel.reading import FileOnDisk, read_files
from tests.mapped import AS_OF, written
from tests.thorough import examples

STAGES = ("New", "Contacted", "Qualified", "Demo done", "Closed won")
FORMS = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%d/%m/%Y", "%m/%d/%Y %H:%M", "%d.%m.%Y", "%d %b %Y", "%Y%m%d", "%m/%d/%y")
ODD_TIMES = (
    *(
        "",
        "-",
        "n/a",
        "unknown",
        "1970-01-01",
        "0000-00-00",
        "2999-12-31",
        "soon",
        " 2024-03-04 ",
        "2024-03-04T10:00:00+02:00",
    ),
    *(
        "2024-03-04 10:00:00 PM",
        "2024-03-04 10:00:00Z",
        "31/12/2024",
        "12/31/2024",
        "4.3.2024",
        "20240304",
        "45355",
        "infinity",
    ),
    *("2024-03-04 10:00:00.123456", "3/4/24", "Mar 2024", "2024", "1403/02/31", "٢٠٢٤-٠٣-٠٤"),
)
ODD_LABELS = ("", "-", "N/A", "Converted", "new", "Lost", "Total", "Payment", "x" * 300)
ODD_AMOUNTS = ("", "-", "1,234.56", "1.234", "1.234,56", "$5", "12k", "3.5", "1 234", "10%", "many", "-7", "1e3")


@contextmanager
def looked_through(monkeypatch: pytest.MonkeyPatch, *, first: int = 8, lines: int = 32, ids: int = 4) -> Iterator[None]:
    """Every table is long, and few of its lines are looked at beside those of its ids."""
    with monkeypatch.context() as patch:
        patch.setattr(one_pass, "LONG", 10)
        patch.setattr(one_pass, "FIRST_LINES", first)
        patch.setattr(one_pass, "lines_wanted", lambda width: lines)
        patch.setattr(one_pass, "MOST_IDS", ids)
        # Of a short table the distinct values are counted, not estimated.
        for module in (one_pass, profile):
            patch.setattr(module, "about_distinct", "COUNT(DISTINCT {})".format)
        yield


def understood(path: Path, hints: Hints) -> Mapping | MappingError:
    engine = Engine([path])
    try:
        return recognise(engine, read_files(engine, [FileOnDisk(path, path.name)]), as_of=AS_OF, hints=hints)
    except MappingError as refused:
        return refused
    finally:
        engine.close()


def differing(one: Mapping | MappingError, other: Mapping | MappingError) -> list[object]:
    """What two understandings do not have in common."""
    if isinstance(one, MappingError) or isinstance(other, MappingError):
        return [] if str(one) == str(other) else [one, other]
    return [(each, vars(one)[each], vars(other)[each]) for each in vars(one) if vars(one)[each] != vars(other)[each]]


@st.composite
def logs(draw: st.DrawFn) -> str:
    """A log whose cells are plain but for a few anywhere; the times of its lines run on, so that its first lines are of few days."""
    chance = Random(draw(st.integers(0, 2**32)))
    form, times = draw(st.sampled_from(FORMS)), draw(st.booleans())
    made = draw(st.sampled_from(["%s", "%s.50", "%s.0"]))
    moment = datetime(2024, chance.randrange(1, 13), 1, 9)
    lines: list[list[str]] = []
    for _ in range(draw(st.integers(60, 160))):
        moment += timedelta(hours=chance.randrange(30) if times else 24 * chance.randrange(2))
        lead = chance.randrange(25)
        closed = (moment + timedelta(days=9)).strftime(form) if chance.random() < 0.3 else ""
        stage = STAGES[min(len(lines) // 20, chance.randrange(len(STAGES)))]
        lines.append([f"D{lead:03}", stage, moment.strftime(form), made % (100 * lead + 7), closed])
    odd = {1: ODD_LABELS, 2: ODD_TIMES, 3: ODD_AMOUNTS, 4: ODD_TIMES}
    for column, cells in draw(st.lists(st.sampled_from(list(odd.items())), max_size=3)):
        cell = chance.choice(cells)
        for line in chance.sample(lines, draw(st.sampled_from([1, 1, 2, 10]))):
            line[column] = cell
    if draw(st.booleans()):
        lines.sort(key=lambda line: line[0])
    header = ["deal_id", "stage", draw(st.sampled_from(["entered_at", "date", "created_at"])), "amount", "close_date"]
    return "\n".join(",".join(f'"{cell}"' for cell in line) for line in [header, *lines]) + "\n"


@settings(max_examples=examples(60), deadline=None)
@given(text=logs(), first=st.sampled_from([3, 8, 30]), ids=st.sampled_from([0, 4]))
def test_one_pass_makes_of_a_file_what_all_of_its_lines_do(text: str, first: int, ids: int) -> None:
    monkeypatch = pytest.MonkeyPatch()
    with TemporaryDirectory() as folder:
        [path] = written(Path(folder), moves=text)
        whole = understood(path, Hints())
        with looked_through(monkeypatch, first=first, ids=ids):
            passed = understood(path, Hints())
    assert differing(passed, whole) == []
