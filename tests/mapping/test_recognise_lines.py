"""Files without an id: each line is a lead, and says so; chosen by hand, kept, and asked for on the command line."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

import funnel
from funnel import measures
from funnel.cli.command import main
from funnel.core.errors import MappingError
from funnel.core.types import Shape
from funnel.mapping import MappingOverrides, from_toml, to_toml
from funnel.reading import limits
from tests.mapped import AS_OF, mapped, written

PLAIN = "stage,created_at,region\n" + "".join(
    f"{stage},2024-05-{day:02},{region}\n"
    for day, (stage, region) in enumerate(
        [("New", "North"), ("Qualified", "South"), ("Closed Won", "North"), ("Closed Lost", "South"), ("New", "North")],
        1,
    )
)
"""Five leads: two new, one qualified, one won, one lost."""
CLIENTS = "client,stage,created_at\n" + "".join(
    f"Client {line % 4},{('Qualified', 'Closed Won', 'Closed Lost')[line % 3]},2024-04-{line + 1:02}\n"
    for line in range(12)
)
"""Twelve deals of four clients."""


def test_each_line_of_a_file_without_ids_is_a_lead(tmp_path: Path) -> None:
    with mapped(*written(tmp_path, plain=PLAIN)) as found:
        assert found.mapping.shape is Shape.SNAPSHOT
        assert found.mapping.primary.lead_is_line
        assert "lead" not in found.loaded.columns
        # The first line is that of the headers.
        assert list(found.leads()) == ["2", "3", "4", "5", "6"]
        assert found.sums() == [(5, 5, 0, 0)]
        assert found.warnings()["lead_is_line"].values == {"n": 5}
        assert dict(found.mapping.why)["lead"].key == "why.each_line"
        assert found.leads()["4"]["region" if "region" in found.leads()["4"] else "a0"] == "North"


def test_lines_that_are_equal_are_leads_of_their_own(tmp_path: Path) -> None:
    text = "stage,created_at\n" + "Qualified,2024-01-02\n" * 7 + "Closed Won,2024-01-02\n" * 3
    with mapped(*written(tmp_path, same=text)) as found:
        assert found.loaded.leads == 10
        assert {each.label: each.leads for each in found.loaded.labels} == {"Qualified": 7, "Closed Won": 3}


def test_lines_of_several_files_have_the_name_of_theirs(tmp_path: Path) -> None:
    with mapped(*written(tmp_path, north=PLAIN, south=PLAIN)) as found:
        assert set(found.leads()) == {f"{name}.csv:{line}" for name in ("north", "south") for line in range(2, 7)}
        assert found.sums() == [(5, 5, 0, 0), (5, 5, 0, 0)]


def test_a_file_of_numbers_by_channel_holds_no_leads(tmp_path: Path) -> None:
    text = (
        "stage,month,leads\nNew,2024-01-01,120\nQualified,2024-01-01,60\nClosed Won,2024-01-01,9\nNew,2024-02-01,130\n"
    )
    with pytest.raises(MappingError), mapped(*written(tmp_path, sums=text)):
        pass


def test_lines_without_ids_and_without_a_funnel_are_refused_in_one_sentence(tmp_path: Path) -> None:
    with (
        pytest.raises(MappingError, match="colour, weight"),
        mapped(*written(tmp_path, things="colour,weight\nred,5\nblue,6\n")),
    ):
        pass


def test_a_column_of_leads_that_is_empty_is_said_and_not_passed_over(tmp_path: Path) -> None:
    text = "deal_id,stage,created_at\n,New,2024-01-01\n,Closed Won,2024-01-02\n"
    with pytest.raises(MappingError, match="deal_id"), mapped(*written(tmp_path, empty=text)):
        pass


def test_each_line_is_a_lead_by_hand(tmp_path: Path) -> None:
    by_hand = MappingOverrides(lead="-")
    with mapped(*written(tmp_path, clients=CLIENTS), overrides=by_hand) as found:
        assert found.loaded.leads == 12
        assert {each.label: each.leads for each in found.loaded.labels} == {
            "Qualified": 4,
            "Closed Won": 4,
            "Closed Lost": 4,
        }
        assert dict(found.mapping.why)["lead"].key == "why.by_hand"


def test_a_mapping_kept_as_toml_says_again_that_each_line_is_a_lead(tmp_path: Path) -> None:
    paths = written(tmp_path, clients=CLIENTS)
    with mapped(*paths, overrides=MappingOverrides(lead="-")) as found:
        kept = to_toml(found.mapping)
    overrides = from_toml(kept, "kept.toml")
    assert overrides.lead == "-"
    with mapped(*paths, overrides=overrides) as again:
        assert again.loaded.leads == 12
        assert again.mapping.primary.lead_is_line
        assert from_toml(to_toml(again.mapping), "again.toml") == overrides


def test_a_recognised_mapping_kept_as_toml_reads_the_next_file_alike(tmp_path: Path) -> None:
    with mapped(*written(tmp_path, plain=PLAIN)) as found:
        kept = to_toml(found.mapping)
    # The next file has a column of numbers that could be taken for ids.
    lines = PLAIN.splitlines()
    longer = "\n".join([lines[0] + ",number", *(f"{line},{place}" for place, line in enumerate(lines[1:]))]) + "\n"
    with mapped(*written(tmp_path, longer=longer), overrides=from_toml(kept, "kept.toml")) as again:
        assert list(again.leads()) == ["2", "3", "4", "5", "6"]


def test_a_project_keeps_that_each_line_is_a_lead(tmp_path: Path) -> None:
    [path] = written(tmp_path, clients=CLIENTS)
    project = tmp_path / "clients.funnel"
    with funnel.open(path, overrides=MappingOverrides(lead="-"), as_of=AS_OF) as data_set:
        steps = data_set.ask(measures.steps, "as-recorded")
        data_set.save(project)
    with funnel.open(project) as again:
        assert again.loaded.leads == 12
        assert again.mapping.primary.lead_is_line
        assert again.ask(measures.steps, "as-recorded") == steps
        assert (steps.won, steps.lost, steps.leads) == (4, 4, 12)


def answered(capsys: pytest.CaptureFixture[str], *words: str) -> dict:
    assert main([*words, "--json"]) == 0
    told = capsys.readouterr()
    assert told.err == ""
    return json.loads(told.out)


def test_lead_is_line_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = "".join(
        f"C{client},{stage},2024-{month:02}-{client % 28 + 1:02}\n"
        for client in range(12)
        for month, stage in enumerate(("Qualified", "Proposal", "Closed Won"), 1)
    )
    [path] = written(tmp_path, deals=f"deal_id,stage,changed_at\n{rows}")
    history = answered(capsys, "inspect", str(path))
    assert (history["shape"], history["leads"], history["columns"]["lead"]) == ("history", 12, "deal_id")
    lines = answered(capsys, "inspect", str(path), "--lead-is-line")
    assert (lines["shape"], lines["leads"]) == ("snapshot", 36)
    assert "lead" not in lines["columns"]
    assert lines["why"]["lead"] == "Chosen by hand."
    steps = answered(capsys, "steps", str(path), "--lead-is-line")
    assert (steps["leads"], steps["won"]) == (36, 12)


def test_why_and_alternatives_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    [path] = written(tmp_path, plain=PLAIN)
    told = answered(capsys, "inspect", str(path))
    assert told["why"]["lead"] == "No column tells one lead from another, so each of 5 lines is a lead."
    assert set(told["why"]) >= {"shape", "lead", "label", "created"}
    assert told["alternatives"] == []


def test_the_line_of_an_id_and_of_a_list_agree_on_dates(tmp_path: Path) -> None:
    """Said by hand of a list with ids, the leads are the same with other names."""
    text = "deal_id,stage,created_at,close_date\n" + "".join(
        f"K{row},{('New', 'Closed Won')[row % 2]},2024-01-{row + 1:02},{'2024-03-01' if row % 2 else ''}\n"
        for row in range(10)
    )
    paths = written(tmp_path, deals=text)
    with mapped(*paths) as ids, mapped(*paths, overrides=MappingOverrides(lead="-")) as lines:
        columns = ("created_at", "closed_at")
        by_id = [tuple(lead[column] for column in columns) for lead in ids.leads().values()]
        by_line = sorted(lines.leads().items(), key=lambda pair: int(pair[0]))
        assert [tuple(lead[column] for column in columns) for _, lead in by_line] == by_id
        assert by_id[1] == (datetime(2024, 1, 2), datetime(2024, 3, 1))


BOARD = """Deals,,,,,

Active deals,,,,,
Name,Stage,Owner,Deal value,Created,Close date
Acme,New,Ann,1000,2025-01-03,
Blue,Proposal,Bob,2000,2025-01-09,
,Negotiation,,,,
,,,4500,,

Closed deals,,,,,
Name,Stage,Owner,Deal value,Created,Close date
Dune,Won,Ann,3000,2025-01-13,2025-03-01
Echo,Lost,Bob,2500,2025-01-19,2025-03-11
,,,5500,,
"""
"""A board of two groups, each with its title, its header and its sum; one line says its stage alone."""


@pytest.mark.parametrize("anywhere", [False, True], ids=["stored", "read where it lies"])
def test_titles_and_sums_of_groups_are_no_leads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, anywhere: bool
) -> None:
    if anywhere:
        monkeypatch.setattr(limits, "IN_PLACE_BYTES", 0)
        monkeypatch.setattr(limits, "IN_PLACE_ROWS", 0)
    with mapped(*written(tmp_path, board=BOARD)) as found:
        assert found.mapping.primary.lead_is_line
        assert {each.label: each.leads for each in found.loaded.labels} == {
            "New": 1, "Proposal": 1, "Negotiation": 1, "Won": 1, "Lost": 1,
        }  # fmt: skip
        (counted,) = found.loaded.files
        assert (found.loaded.leads, counted.rows_used, counted.rows_rejected) == (5, 5, 0)
        assert {leads["amount"] for leads in found.leads().values()} == {1000, 2000, None, 3000, 2500}
