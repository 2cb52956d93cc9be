"""Orders that stand beside the labels: a table of stages, a column that numbers them; read from files, and in the model made of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import funnel
from funnel import measures
from funnel.core.types import AS_RECORDED, OrderReason, Shape
from funnel.mapping.order_headers import numbering_kind
from tests.mapped import mapped, written
from tests.thorough import thorough

IDS = {"Scoping": 3, "Offer out": 5, "Redlines": 7, "Order in": 9, "Aside": 11}
"""Stages in their order, with ids that rise."""
LINES = ("Redlines", "Order in", "Offer out", "Aside", "Scoping") * 3


def snapshot(header: str = "stage", label: Callable[[str], object] = str, **columns: Callable[[str], object]) -> str:
    """A list of deals that tells where each stands; `columns` say a further cell of each stage."""
    text = ",".join(("deal_id", header, "created_at", *columns)) + "\n"
    for place, stage in enumerate(LINES):
        cells = (f"D{place}", label(stage), f"2024-01-{place + 1:02}", *(told(stage) for told in columns.values()))
        text += ",".join(map(str, cells)) + "\n"
    return text


def positions(*paths: Path) -> dict[str, float]:
    with mapped(*paths) as found:
        return {label.label: label.position for label in found.loaded.labels if label.position is not None}


def order_of(*paths: Path) -> list[str]:
    with funnel.open(*paths) as found:
        meant = {**dict.fromkeys(IDS, "unplaced"), "Order in": "won", "Aside": "lost"}
        found.with_concepts({label.label: meant.get(label.label, label.concept) for label in found.labels})
        return [stage.name for stage in found.as_recorded().stages]


RISING = "\n".join(["id,name", *(f"{number},{name}" for name, number in IDS.items())])
ORDERED = "id,name,sort_order\n9,Order in,4\n5,Offer out,2\n11,Aside,0\n3,Scoping,1\n7,Redlines,3\n2,Never,1\n"
BY_CHANCE = "id,name,Probability\n9,Order in,100%\n5,Offer out,40%\n11,Aside,0%\n3,Scoping,5%\n7,Redlines,80%\n"
SEEN_FIRST = ["Redlines", "Offer out", "Scoping", "Order in"]
IN_ORDER = ["Scoping", "Offer out", "Redlines", "Order in"]


@pytest.mark.parametrize(
    ("stages", "told"),
    [
        (RISING, {name: float(number) for name, number in IDS.items()}),
        (ORDERED, {"Order in": 4.0, "Offer out": 2.0, "Aside": 0.0, "Scoping": 1.0, "Redlines": 3.0}),
        (BY_CHANCE, {"Order in": 100.0, "Offer out": 40.0, "Aside": 0.0, "Scoping": 5.0, "Redlines": 80.0}),
    ],
)
def test_a_table_of_stages_orders_the_labels_that_its_ids_name(tmp_path, stages: str, told: dict[str, float]) -> None:
    paths = written(tmp_path, deals=snapshot("stage_id", lambda stage: IDS[stage]), stages=stages)
    assert positions(*paths) == told
    assert order_of(*paths) == IN_ORDER


def test_a_log_of_changes_takes_the_order_of_its_table_too(tmp_path) -> None:
    moved = [("D1", "2024-01-03", 7), ("D1", "2024-01-05", 3), ("D2", "2024-01-05", 5), ("D3", "2024-01-06", 9)]
    moved += [(f"D{place}", "2024-02-01", 3) for place in range(4, 12)]
    log = "deal_id,change_time,changed_field_key,new_value\n"
    log += "".join(f"{lead},{at},add_time,{at}\n{lead},{at},stage_id,{stage}\n" for lead, at, stage in moved)
    paths = written(tmp_path, deal_changes=log, stages=RISING.replace("id,name", "stage_id,stage_name"))
    with mapped(*paths) as found:
        assert found.mapping.shape is Shape.CHANGES
        assert [join.kind for join in found.mapping.joins] == ["lookup"]
    # D1 went from Redlines back to Scoping: the table says which comes first.
    assert order_of(*written(tmp_path, deal_changes=log, stages=RISING.replace("id,name", "stage_id,stage_name")))[
        :3
    ] == ["Scoping", "Offer out", "Redlines"]


@pytest.mark.parametrize("shape", ["snapshot", "history"])
def test_a_table_may_list_the_labels_themselves(tmp_path, shape: str) -> None:
    stages = "stage,sort_order\nOrder in,40\nScoping,10\nRedlines,30\nOffer out,20\nAside,50\n"
    deals = snapshot() if shape == "snapshot" else "deal_id,stage,entered_at\n"
    if shape == "history":
        deals += "".join(f"D{place % 7},{stage},2024-01-{place + 1:02}\n" for place, stage in enumerate(LINES))
    paths = written(tmp_path, deals=deals, stages=stages)
    assert positions(*paths) == {"Order in": 40, "Scoping": 10, "Redlines": 30, "Offer out": 20, "Aside": 50}
    assert order_of(*paths) == IN_ORDER


@pytest.mark.parametrize(
    "stages",
    [
        "id,name\n9,Order in\n3,Scoping\n7,Redlines\n5,Offer out\n11,Aside\n",  # ids that do not rise
        "id,name,sort_order\n9,Order in,1\n3,Scoping,1\n7,Redlines,1\n5,Offer out,1\n11,Aside,1\n",
        "id,name,position\n9,Order in,top\n3,Scoping,left\n7,Redlines,right\n5,Offer out,nan\n11,Aside,inf\n",
        "id,name,average_days\n9,Order in,4\n3,Scoping,3\n7,Redlines,2\n5,Offer out,1\n11,Aside,5\n",
    ],
)
def test_a_table_without_an_order_says_nothing(tmp_path, stages: str) -> None:
    paths = written(tmp_path, deals=snapshot("stage_id", lambda stage: IDS[stage]), stages=stages)
    assert positions(*paths) == {}
    assert order_of(*paths) == SEEN_FIRST


def test_ids_that_rise_count_beside_those_of_pipelines(tmp_path) -> None:
    stages = "pipeline_id,id,name\n4,3,Scoping\n4,5,Offer out\n2,7,Redlines\n2,9,Order in\n4,11,Aside\n"
    paths = written(tmp_path, deals=snapshot("stage_id", lambda stage: IDS[stage]), stages=stages)
    assert order_of(*paths) == IN_ORDER


def test_stages_of_one_name_in_two_pipelines_stand_at_the_earlier_place(tmp_path) -> None:
    stages = "id,name,pipeline,order_nr\n3,Scoping,A,1\n7,Redlines,A,3\n5,Offer out,B,2\n8,Redlines,B,1\n9,Order in,B,4\n11,Aside,B,5\n"
    both = {**IDS, "second": 8}
    deals = snapshot("stage_id", lambda stage: both[stage])
    assert positions(*written(tmp_path, deals=deals, stages=stages))["Redlines"] == 3.0  # no deal stands at 8
    deals += "D99,8,2024-03-01\n"
    assert positions(*written(tmp_path, deals=deals, stages=stages))["Redlines"] == 1.0


@thorough
@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("stage", "stage_order"),
        ("stage", "StageNumber"),
        ("stage", "stage_id"),
        ("Deal Stage", "Stage No."),
        ("Этап", "Номер этапа"),
        ("funnel", "funnel_position"),
        ("stage", "Probability (%)"),
    ],
)
def test_a_column_beside_the_label_numbers_it(tmp_path, header: str, column: str) -> None:
    paths = written(tmp_path, deals=snapshot(header, **{column: lambda stage: IDS[stage]}))
    assert positions(*paths) == {name: float(number) for name, number in IDS.items()}
    assert order_of(*paths) == IN_ORDER
    with funnel.open(*paths) as found:
        reasons = {pair.reason for pair in found.ask(measures.inferred_order, AS_RECORDED).pairs}
        assert reasons == {OrderReason.TABLE} or reasons == {OrderReason.TABLE, OrderReason.WIN_LAST}


def two_of_one_number(stage: str) -> object:
    return 3 if stage == "Redlines" else IDS[stage]


@pytest.mark.parametrize(
    ("column", "told"),
    [
        ("stage_order", two_of_one_number),
        ("stage_order", lambda stage: "" if stage == "Scoping" else f"{IDS[stage]}x"),
        ("stage_order", lambda stage: "early" if stage == "Scoping" else IDS[stage]),
        ("order", lambda stage: IDS[stage]),  # of what?
        ("previous_stage_id", lambda stage: IDS[stage]),
        ("days_in_stage", lambda stage: IDS[stage]),
        ("stage_score", lambda stage: IDS[stage]),
    ],
)
def test_a_column_that_numbers_no_stages_says_nothing(tmp_path, column: str, told: Callable[[str], object]) -> None:
    assert positions(*written(tmp_path, deals=snapshot(**{column: told}))) == {}


def test_two_numbers_for_one_label_are_none(tmp_path) -> None:
    text = snapshot(stage_order=lambda stage: IDS[stage])
    assert positions(*written(tmp_path, deals=text))
    assert positions(*written(tmp_path, deals=text + "D99,Scoping,2024-04-01,4\n")) == {}
    # A line that is not used says nothing, nor does an empty cell.
    assert positions(*written(tmp_path, deals=text + ",Scoping,2024-04-01,4\n"))
    assert positions(*written(tmp_path, deals=text + "D99,Scoping,2024-04-01,\n"))


def test_stages_may_share_a_chance_of_winning_and_a_loss_may_share_any_number(tmp_path) -> None:
    chances = {**IDS, "Redlines": 5, "Aside": 0}
    assert positions(*written(tmp_path, deals=snapshot(probability=lambda stage: chances[stage])))["Redlines"] == 5
    lost = {**IDS, "Aside": 3}
    text = snapshot(stage_order=lambda stage: lost[stage])
    assert positions(*written(tmp_path, deals=text)) == {}
    assert positions(*written(tmp_path, deals=text.replace("Aside", "Closed Lost")))["Scoping"] == 3


def test_an_order_column_comes_before_a_number_an_id_and_a_chance(tmp_path) -> None:
    columns = {"probability": 1, "stage_id": 10, "stage_number": 100, "stage_order": -1}
    told = {name: lambda stage, factor=factor: factor * IDS[stage] for name, factor in columns.items()}
    assert positions(*written(tmp_path, deals=snapshot(**told)))["Scoping"] == -3.0


@pytest.mark.parametrize(
    ("header", "label", "kind"),
    [
        ("sort_order", None, "order"),
        ("SortOrder", None, "order"),
        ("DISPLAY ORDER", None, "order"),
        ("order_nr", None, "order"),
        ("sequence", None, "order"),
        ("rank", None, "order"),
        ("Reihenfolge", None, "order"),
        ("Порядок сортировки", None, "order"),
        ("default_probability", None, "chance"),
        ("orders_count", None, None),
        ("name", None, None),
        ("id", None, "id"),
        ("stageid", "stage", "id"),
        ("status_no", "status", "number"),
        ("pipeline_stage_id", "stage", "id"),
        ("deal_id", "Deal Stage", None),
        ("id", "stage", None),
        ("order_id", "stage", None),
        ("win probability", "stage", "chance"),
        ("", "stage", None),
        ("№", "stage", None),
    ],
)
def test_what_a_header_says(header: str, label: str | None, kind: str | None) -> None:
    assert numbering_kind(header, label) == kind
