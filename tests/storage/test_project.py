"""A project: all that a person made of their files in one file, which opens again as it was."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

import funnel
from funnel import MappingOverrides, catalogue, measures
from funnel.cli.command import main
from funnel.core.errors import FunnelError, ProjectError, ReadingError
from funnel.core.sql import Query
from funnel.scale import batch_build
from funnel.storage import project
from tests.storage.projects import AS_OF, LINES, OWN, WORK
from tests.thorough import thorough


def everything(data_set: funnel.DataSet) -> dict[str, object]:
    """What a person sees of a data set."""
    return {
        "tables": data_set.tables,
        "lines": [data_set.engine.rows(Query(f"SELECT * FROM {each.table}")) for each in data_set.tables],
        "files": data_set.files,
        "rejects": data_set.rejects(limit=None).to_dict("records"),
        "history": sorted(data_set.engine.rows(Query("SELECT * FROM history")), key=repr),
        "leads": sorted(data_set.engine.rows(Query("SELECT * FROM leads")), key=repr),
        "hints": data_set.overrides,
        "concepts": data_set.concepts,
        "as_of": data_set.as_of,
        "observed_until": data_set.observed_until,
        "revision": data_set.revision,
        "warnings": data_set.warnings,
        "steps": data_set.ask(measures.steps, "standard").to_pandas().to_json(),
    }


def test_what_was_saved_opens_again_as_it_was(leads, saved):
    with funnel.open(saved) as again:
        assert everything(again) == everything(leads)
        assert again.work == WORK
        assert again.concepts["Demo \\ 'done'"] == "demo"
        # One line with too many cells was rejected by the reader, two by the mapping; none is lost on the way.
        assert [(file.rows_read, file.rows_used, file.rows_rejected) for file in again.files] == [(8, 5, 3)]


def test_a_project_can_be_saved_and_opened_again_and_again(saved, tmp_path):
    with funnel.open(saved) as once:
        once.save(tmp_path / "twice.funnel")
        with funnel.open(tmp_path / "twice.funnel") as twice:
            assert everything(twice) == everything(once)
            assert twice.work == once.work == WORK


def test_remapped_lines_are_saved_as_they_are_understood_now(leads, tmp_path):
    leads.remap(replace(leads.overrides, lost=("New",)))
    leads.save(tmp_path / "remapped.funnel")
    with funnel.open(tmp_path / "remapped.funnel") as again:
        assert everything(again) == everything(leads)
        assert again.concepts["New"] == "lost"
    with funnel.open(tmp_path / "remapped.funnel", overrides=MappingOverrides(lost=("Closed lost",))) as other:
        assert other.concepts["New"] != "lost"


def test_files_can_be_added_to_a_project(saved, tmp_path):
    more = LINES.splitlines()[0] + "\nd9,New,2025-05-01,East,\nd9,bad date,soon,East,\n"
    (tmp_path / "more.csv").write_text(more, encoding="utf-8")
    with funnel.open(tmp_path / "more.csv", saved) as both:
        assert [(file.name, file.rows_read, file.rows_used) for file in both.files] == [
            ("deals.csv", 8, 5),
            ("more.csv", 2, 1),
        ]
        assert both.leads == 4
        assert both.work == WORK
        both.save(tmp_path / "both.funnel")
        with funnel.open(tmp_path / "both.funnel") as again:
            assert everything(again) == everything(both)
    with pytest.raises(ProjectError, match=r"one project at a time: all.funnel and both.funnel are projects"):
        funnel.open(saved, tmp_path / "both.funnel")


def test_the_models_of_a_project_are_asked_by_their_keys(saved):
    with funnel.open(saved) as again:
        assert [stage.leads for stage in again.ask(measures.steps, "own").stages] == [2, 1]
        assert again.model("aida") == catalogue.model("aida")


def test_a_built_folder_is_saved_with_its_files(tmp_path):
    (tmp_path / "deals.csv").write_text(LINES, encoding="utf-8")
    batch_build.build(str(tmp_path / "deals.csv"), tmp_path / "built", models=["aida"], as_of=AS_OF)
    with funnel.open(tmp_path / "built", as_of=AS_OF) as built:
        built.with_concepts({"New": "mql"})
        built.save(tmp_path / "built.funnel", WORK)
        told = built.ask(measures.steps, "standard").to_pandas(), built.files, built.concepts, built.observed_until
    for path in sorted((tmp_path / "built").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    with funnel.open(tmp_path / "built.funnel") as again:
        assert again.ask(measures.steps, "standard").to_pandas().equals(told[0])
        assert (again.files, again.concepts, again.observed_until) == told[1:]
        assert again.concepts["New"] == "mql"
        assert again.work == WORK
    with pytest.raises(ReadingError, match="alone"):
        funnel.open(tmp_path / "built.funnel", tmp_path / "deals.csv")


def test_more_rows_than_are_allowed_are_not_read(saved, monkeypatch):
    monkeypatch.setenv("FUNNEL_LENS_ROWS_MILLIONS", "0.000005")
    with pytest.raises(ReadingError, match="FUNNEL_LENS_ROWS_MILLIONS"):
        funnel.open(saved)


def test_a_save_that_fails_leaves_the_earlier_one(leads, saved, tmp_path, monkeypatch):
    before = saved.read_bytes()
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(FunnelError, match=r"disk .* is full"):
        leads.save(saved)
    monkeypatch.undo()
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(PermissionError(13, "no")))
    with pytest.raises(ProjectError, match="cannot be saved"):
        leads.save(saved)
    assert saved.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["all.funnel", "deals.csv"]
    with pytest.raises(ProjectError, match="cannot be saved"):
        leads.save(tmp_path / "nowhere" / "x.funnel")


@thorough
def test_the_command_line_saves_and_opens_projects(capsys, tmp_path):
    (tmp_path / "deals.csv").write_text(LINES, encoding="utf-8")
    (tmp_path / "own.toml").write_text(catalogue.model_toml(OWN), encoding="utf-8")
    target = str(tmp_path / "p.funnel")
    words = ["save", str(tmp_path / "deals.csv"), "--to", target, "--models", str(tmp_path / "own.toml")]
    assert main([*words, "--notes", "Mind the gap", "--lost", "Closed lost", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {
        "project": target,
        "bytes": (tmp_path / "p.funnel").stat().st_size,
        "leads": 3,
        "entries": 5,
        "models": ["own"],
        "notes": "Mind the gap",
        "dated_notes": 0,
        "warnings": [],
    }
    assert main(["steps", target, "--model", "own", "--json"]) == 0
    assert [stage["leads"] for stage in json.loads(capsys.readouterr().out)["stages"]] == [2, 1]
    assert main(["save", target, "--to", str(tmp_path / "q.csv")]) == 2
    assert "ends in .funnel" in capsys.readouterr().err
    assert main(["save", target, "--to", target]) == 0
    assert capsys.readouterr().out == f"3 leads saved as the project {target}\n"
    with funnel.open(target) as again:
        assert again.work.notes == "Mind the gap"


def test_what_is_no_project_by_its_first_bytes_is_read_as_a_table(tmp_path):
    assert not project.is_project(tmp_path / "absent.funnel")
