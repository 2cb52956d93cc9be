"""Odd files: a right answer, a question or one sentence, and never a traceback."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

import funnel
from funnel import measures
from funnel.core.errors import FunnelError
from funnel.core.types import Shape
from funnel.mapping import MappingOverrides
from tests.mapped import AS_OF, mapped, written
from tests.thorough import every, thorough

STAGES = ("New", "Qualified", "Proposal", "Closed Won", "Closed Lost")


def table(header: str, row: Callable[[int], list[object]], rows: int) -> str:
    return "\n".join([header, *(",".join(map(str, row(place))) for place in range(rows))]) + "\n"


def day(number: int) -> str:
    return f"2024-01-{number % 28 + 1:02}"


def listed(place: int) -> list[object]:
    """A line of a list of leads: twelve of sixty at each stage."""
    return [f"D{place}", STAGES[place % 5], day(place)]


def logged(place: int) -> list[object]:
    """A line of a log: twenty leads, each new, then qualified, then with a proposal."""
    return [f"D{place // 3}", STAGES[place % 3], day(place % 3)]


@thorough
@pytest.mark.parametrize("further", [3, 397])
@pytest.mark.parametrize("name", ["x{}", "date {}", "number {}", "stage {}", "Column {}"])
def test_hundreds_of_columns(tmp_path: Path, further: int, name: str) -> None:
    more = {"x{}": "7", "date {}": "2024-03-01", "number {}": "12.5", "stage {}": "New", "Column {}": "a"}[name]
    header = ",".join(["deal_id", "stage", "created_at", *(name.format(place) for place in range(further))])
    text = table(header, lambda place: [*listed(place), *[more] * further], 60)
    with mapped(*written(tmp_path, wide=text)) as found:
        columns = found.loaded.columns
        assert (columns["lead"], columns["label"]) == ("deal_id", "stage")
        assert found.sums() == [(60, 60, 0, 0)]
        concepts = [(label.concept, label.leads) for label in found.loaded.labels]
        assert ("won", 12) in concepts
        assert ("lost", 12) in concepts


OURS = (
    *(
        "id",
        "label",
        "moment",
        "line",
        "place",
        "n",
        "text",
        "share",
        "old",
        "before",
        "since",
        "id_1",
        "lines",
        "most",
        "entries",
    ),
    *("steps", "raw", "stacks"),
)


@thorough
@pytest.mark.parametrize("header", every(6, OURS))
@pytest.mark.parametrize("part", ["lead", "label", "time", "other"])
def test_columns_named_like_those_of_our_own_queries(tmp_path: Path, part: str, header: str) -> None:
    headers = {"lead": "deal_id", "label": "stage", "time": "changed_at", "other": "remark"} | {part: header}
    text = table(",".join(headers.values()), lambda place: [*logged(place), f"r{place * place % 7}"], 60)
    # Some of these headers speak against the part: then a person says it.
    overrides = MappingOverrides(lead=headers["lead"], label=headers["label"], time=headers["time"])
    with mapped(*written(tmp_path, log=text), overrides=overrides) as found:
        assert found.mapping.shape is Shape.HISTORY
        assert found.entries()[:3] == [("D0", "New", day(0)), ("D0", "Qualified", day(1)), ("D0", "Proposal", day(2))]
        assert (found.loaded.leads, found.loaded.entries) == (20, 60)


@pytest.mark.parametrize("headers", ["id,label,moment,line,place,n,text,steps", "ids,lines,most,n,id,text,raw,moves"])
def test_a_file_of_such_columns_alone(tmp_path: Path, headers: str) -> None:
    text = table(headers, lambda place: [*logged(place), place, "X", place * 2, "t", 7], 60)
    with mapped(*written(tmp_path, log=text)) as found:
        assert (found.mapping.shape, found.loaded.leads, found.loaded.entries) == (Shape.HISTORY, 20, 60)


def test_headers_that_are_pictures(tmp_path: Path) -> None:
    with mapped(*written(tmp_path, log=table("🆔,🚦,📅", logged, 60))) as found:
        assert (found.mapping.shape, found.loaded.leads, found.loaded.entries) == (Shape.HISTORY, 20, 60)
    with mapped(*written(tmp_path, leads=table("🆔,🚦,📅", listed, 60))) as found:
        assert (found.mapping.shape, found.loaded.leads) == (Shape.SNAPSHOT, 60)
        assert {label.concept: label.leads for label in found.loaded.labels}["won"] == 12


@pytest.mark.parametrize("nothing", ["0", "000000000000000AAA", "-", "N/A"])
def test_ids_that_are_none_tell_no_leads_apart(tmp_path: Path, nothing: str) -> None:
    text = table("deal_id,stage,created_at", lambda place: [nothing, *listed(place)[1:]], 60)
    with mapped(*written(tmp_path, leads=text)) as found:
        assert found.mapping.primary.lead_is_line
        assert found.loaded.leads == 60
        assert found.warnings()["lead_is_line"].values == {"n": 60}


def test_a_status_that_disagrees_with_the_stage_is_counted_and_said(tmp_path: Path) -> None:
    text = table("deal_id,stage,status,created_at", lambda place: [f"D{place}", "Closed Won", "Lost", day(place)], 40)
    with mapped(*written(tmp_path, leads=text)) as found:
        assert found.warnings()["outcome_disagrees"].values == {"n": 40}


@pytest.mark.parametrize(
    "text",
    [
        "stage\nNew\nWon\n",
        "deal_id\n1\n2\n",
        "date\n2024-01-01\n",
        "deal_id,stage,created_at\n",
        "deal_id,stage,created_at\n,,\n,,\n",
        "deal_id,stage,created_at\n" + "x,x,x\n" * 30,
        "deal_id,stage,created_at\n" + "2024-01-01,2024-01-01,2024-01-01\n" * 30,
        "a,b,c\n" + "1,1,1\n" * 30,
        "product,price,date\n" + "".join(f"P{row % 5},{row * 3},{day(row)}\n" for row in range(40)),
        "sensor_id,state,timestamp\n"
        + "".join(f"S{row % 5},{('on', 'off')[row % 2]},{day(row)}\n" for row in range(140)),
        "PassengerId,Survived,Sex,Age\n" + "".join(f"{row},{row % 2},male,{row % 60}\n" for row in range(90)),
        "commit,author,date,message\n" + "".join(f"a{row:05x},u{row % 4},{day(row)},fix\n" for row in range(90)),
        "month,leads,won\n" + "".join(f"2024-{row + 1:02}-01,{100 + row},{row}\n" for row in range(12)),
        "stage,deals,value\n" + "".join(f"{stage},{90 - row},100\n" for row, stage in enumerate(STAGES)),
    ],
)
def test_what_holds_no_leads_is_refused_in_one_sentence(tmp_path: Path, text: str) -> None:
    with pytest.raises(FunnelError) as refused:
        funnel.open(*written(tmp_path, file=text), as_of=AS_OF)
    assert str(refused.value).strip()
    assert "\n" not in str(refused.value)


def test_one_line_is_a_lead(tmp_path: Path) -> None:
    with funnel.open(
        *written(tmp_path, one="deal_id,stage,created_at\nK7,Closed Won,2024-01-01\n"), as_of=AS_OF
    ) as found:
        steps = found.ask(measures.steps, "as-recorded")
        assert (steps.leads, steps.won) == (1, 1)


@pytest.mark.parametrize("last", ["Exported by Kim on Monday", "© 2024 Kim & Sons", "Total: 40"])
def test_leads_with_nothing_but_an_id_at_the_end_are_no_footers(tmp_path: Path, last: str) -> None:
    rows = "".join(f"L{lead},{day(lead) if lead < 5 else ''},\n" for lead in range(12))
    with mapped(*written(tmp_path, wide=f"lead_id,Demo Date,Won Date\n{rows}{last},,\n")) as found:
        assert found.loaded.leads == 12
        assert found.sums() == [(13, 12, 0, 1)]


@pytest.mark.parametrize(
    "last", ["24 deals,,,87600", "24 deals,,,", '"1,024 records selected",,,5', "24 сделки,,,87600", "24 rows total,,,"]
)
def test_a_count_under_the_list_is_no_lead(tmp_path: Path, last: str) -> None:
    rows = "".join(f"{lead} Main Street,{('New', 'Won')[lead % 2]},{day(lead)},{lead}\n" for lead in range(24))
    with mapped(*written(tmp_path, deals=f"deal_name,stage,created_at,amount\n{rows}{last}\n")) as found:
        assert found.loaded.leads == 24
        assert found.sums() == [(25, 24, 0, 1)]


def test_a_lead_called_as_a_count_is_a_lead(tmp_path: Path) -> None:
    rows = "".join(f"{lead} deals,{('New', 'Won')[lead % 2]},{day(lead)}\n" for lead in range(24))
    with mapped(*written(tmp_path, deals=f"deal_name,stage,created_at\n{rows}")) as found:
        assert found.loaded.leads == 24


CELLS = ("", "0", "x", "2024-01-01", "Won", "-", "1e400", "９", "a\u200cb", "NaN")


@thorough
@pytest.mark.parametrize(
    "header", ["deal_id,stage,created_at", "id,label,n", "stage,status,outcome", "old,new,field", "a,b,c"]
)
def test_any_small_table_opens_or_is_refused(tmp_path: Path, header: str) -> None:
    """All cells alike, or two kinds in turn: whatever it is, no other error than a sentence."""
    said = []
    for first, second in product(CELLS, CELLS[:4]):
        text = f"{header}\n" + f"{first},{second},{first}\n{second},{first},{second}\n" * 3
        try:
            with funnel.open(*written(tmp_path, file=text), as_of=AS_OF) as found:
                files = found.loaded.files
                assert all(each.rows_read == each.rows_used + each.rows_rejected + each.rows_ignored for each in files)
                assert found.loaded.leads > 0
        except FunnelError as refused:
            said.append(str(refused))
    assert all(sentence.strip() and "\n" not in sentence for sentence in said)
