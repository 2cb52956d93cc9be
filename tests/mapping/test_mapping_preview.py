"""What another reading would come to, told without building it, is what it comes to when it is taken."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import funnel
from funnel import MappingOverrides, measures
from funnel.core.errors import MappingError
from funnel.core.types import AS_RECORDED, Shape
from funnel.mapping.preview import counted
from tests import doubtful
from tests.mapped import EXPORTS, written
from tests.thorough import every, thorough

REPEATED = "deal_id,stage,created,closed\n"
HISTORY = "lead_id,stage,changed_at,pipeline\n"
FILES = {
    "lost after a win": HISTORY
    + "1,New,2024-01-01,A\n1,Won,2024-01-05,A\n1,Lost,2024-01-09,A\n2,New,2024-01-02,A\n2,Won,2024-01-03,A\n",
    "won after a loss": HISTORY + "1,New,2024-01-01,A\n1,Lost,2024-01-05,A\n1,Won,2024-01-09,A\n2,New,2024-01-02,A\n",
    "open after a win": HISTORY + "1,New,2024-01-01,A\n1,Won,2024-01-05,A\n1,Demo,2024-01-09,A\n2,New,2024-01-02,A\n",
    "won and lost at once": HISTORY
    + "1,New,2024-01-01,A\n1,Lost,2024-01-05,A\n1,Won,2024-01-05,A\n2,New,2024-01-02,A\n",
    "lines that make no entry": HISTORY
    + "1,New,2024-01-01,A\n2,Won,soon,A\n,Won,2024-01-05,A\n3,,2024-01-05,A\n4,New,2024-01-06,A\n4,Won,2024-02-06,A\n",
    "two pipelines": HISTORY
    + "1,New,2024-01-01,A\n1,Won,2024-01-05,A\n2,New,2024-01-02,B\n2,Won,2024-01-05,B\n3,New,2024-01-03,A\n",
    "a list": REPEATED + "1,Won,2024-01-01,2024-02-01\n2,Lost,2024-01-02,2024-02-02\n3,Demo,2024-01-03,\n",
    "sums and headers within": REPEATED
    + "1,Won,2024-01-01,2024-02-01\ndeal_id,stage,created,closed\n2,Demo,2024-01-02,\nTotal,,,\n",
    "the outcome has the last word": "deal_id,stage,status,created,closed\n1,Won,lost,2024-01-01,2024-02-01\n"
    "2,Demo,won,2024-01-02,2024-02-02\n3,Won,won,2024-01-03,2024-02-03\n",
    "dates of stages": "lead_id,new_date,demo_date,won_date,lost_date\n1,2024-01-01,2024-01-05,2024-01-09,\n"
    "2,2024-01-02,,2024-01-08,2024-01-20\n3,2024-01-03,,,\n4,2024-01-04,,,2024-01-12\n",
    "ids that come again in a list": REPEATED
    + "".join(f"{n},Demo,2024-01-{1 + n % 28:02d},\n" for n in range(60))
    + "7,Won,2024-01-08,2024-03-01\n",
    "won on a line before the last": REPEATED + "1,Won,2024-01-01,2024-02-01\n2,Demo,2024-01-02,\n1,Demo,2024-01-01,\n",
    "nothing on the last line": REPEATED
    + "1,Won,2024-01-01,2024-02-01\n2,Demo,2024-01-02,\n1,Demo,2024-01-01,\n1,,2024-01-01,\n",
    "won once, at a stage now": "lead_id,stage,demo_date,won_date\n1,Demo,,2024-01-09\n2,Won,2024-01-02,2024-01-08\n",
}
WON = {
    "ids that come again in a list": 1,
    "nothing on the last line": 1,
    "won on a line before the last": 0,
    "won once, at a stage now": 1,
}


def is_what_it_comes_to(data_set: funnel.DataSet) -> None:
    assert counted(data_set.engine, data_set.mapping) == (data_set.leads, data_set.ask(measures.steps, AS_RECORDED).won)


@thorough
@pytest.mark.parametrize("name", FILES)
def test_leads_and_wins_are_those_of_the_build(tmp_path, name) -> None:
    with funnel.open(*written(tmp_path, leads=FILES[name])) as data_set:
        is_what_it_comes_to(data_set)


@pytest.mark.parametrize("name", WON)
def test_the_last_line_of_a_lead_says_where_it_stands(tmp_path, name) -> None:
    with funnel.open(*written(tmp_path, leads=FILES[name])) as data_set:
        assert data_set.ask(measures.steps, AS_RECORDED).won == WON[name]


@thorough
@pytest.mark.parametrize("path", every(3, sorted(EXPORTS.glob("*.csv"))), ids=lambda path: path.stem)
def test_leads_and_wins_of_every_known_export_are_those_of_the_build(path: Path) -> None:
    with funnel.open(path) as data_set:
        is_what_it_comes_to(data_set)


def test_only_the_pipeline_asked_for_is_counted(tmp_path) -> None:
    with funnel.open(
        *written(tmp_path, leads=FILES["two pipelines"]), overrides=MappingOverrides(pipeline="A")
    ) as data_set:
        assert counted(data_set.engine, data_set.mapping) == (2, 1)


def test_ids_of_labels_mean_what_their_names_do(tmp_path) -> None:
    moves = "deal_id,stage_id,changed_at\n1,11,2024-01-01\n1,13,2024-01-05\n2,11,2024-01-02\n2,12,2024-01-03\n3,11,2024-01-04\n"
    names = "stage_id,name\n11,New\n12,Demo\n13,Won\n"
    with funnel.open(*written(tmp_path, moves=moves, stages=names)) as data_set:
        assert [join.kind for join in data_set.mapping.joins] == ["lookup"]
        assert counted(data_set.engine, data_set.mapping) == (3, 1)
        is_what_it_comes_to(data_set)


@pytest.fixture
def doubted(tmp_path):
    path = tmp_path / "deals.csv"
    path.write_bytes(doubtful.content())
    with funnel.open(path) as data_set:
        yield data_set


def taken(data_set: funnel.DataSet, place: int) -> None:
    """Read the files in the way of one of the alternatives."""
    chosen = data_set.mapping.alternatives[place].overrides
    data_set.remap(
        replace(data_set.overrides, **{name: getattr(chosen, name) for name in ("shape", "lead", "label", "time")})
    )


@thorough
def test_each_alternative_comes_to_what_it_says_and_leads_back(doubted) -> None:
    first = doubted.mapping
    assert (doubted.leads, doubted.ask(measures.steps, AS_RECORDED).won) == doubtful.as_lines()
    assert (first.alternatives[0].leads, first.alternatives[0].won) == doubtful.as_history()
    for place, other in enumerate(first.alternatives):
        taken(doubted, place)
        assert (doubted.leads, doubted.ask(measures.steps, AS_RECORDED).won) == (other.leads, other.won)
        assert doubted.mapping.shape is other.shape
        back = doubted.mapping.alternatives[0]
        assert (back.leads, back.won) == doubtful.as_lines()
        taken(doubted, 0)
        assert (doubted.mapping.sources, doubted.mapping.why) == (first.sources, first.why)
        assert doubted.overrides == MappingOverrides()


@thorough
def test_the_doubt_tells_leads_and_wins_of_the_reading_in_force(doubted) -> None:
    for told in (doubtful.as_lines(), doubtful.as_history()):
        [note] = [note for note in doubted.loaded.doubts if note.key.startswith("doubt.two_ways_")]
        assert (note.values["leads"], note.values["won"]) == told
        taken(doubted, 0)


def test_an_alternative_is_counted_by_what_labels_are_taken_for_now(tmp_path) -> None:
    rows = [",".join(map(str, line[:3] + line[4:])) for line in doubtful.lines()]
    path = tmp_path / "deals.csv"
    path.write_text("\n".join(["Deal name,Rep,Client Code,Phase,Opened", *rows, ""]), encoding="utf-8")
    with funnel.open(path) as data_set:
        before = data_set.mapping.alternatives[0].won
        data_set.with_concepts({"5 Closed won": "demo"})
        assert before > 0
        assert data_set.mapping.alternatives[0].won == 0
        data_set.with_concepts({"5 Closed won": "won"})
        assert data_set.mapping.alternatives[0].won == before


def test_a_reading_that_cannot_be_carried_out_is_not_offered(tmp_path) -> None:
    text = "deal_id,field,new_value,time\n" + "".join(
        f"{n % 7},colour,red,2024-01-{1 + n % 28:02d}\n" for n in range(40)
    )
    paths = written(tmp_path, leads=text)
    with pytest.raises(MappingError, match="None of the fields"):
        funnel.open(*paths)
    with funnel.open(*paths, overrides=MappingOverrides(lead="-", label="new_value")) as data_set:
        assert data_set.leads == 40
        assert [other.shape for other in data_set.mapping.alternatives if other.shape is Shape.CHANGES] == []
