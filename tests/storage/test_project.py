"""A project: all that a person made of their files in one file, which opens as it was saved, or not at all and with a sentence."""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import funnel
from funnel import Hints, Stage, StageModel, catalogue
from funnel.cli.command import main
from funnel.core.errors import FunnelError, ProjectError, ReadingError
from funnel.core.sql import Query
from funnel.core.types import SavedWork, Unit
from funnel.scale import batch_build
from funnel.storage import project
from tests.thorough import every

AS_OF = datetime(2025, 6, 1, 12, 30, 15, 123456)
LINES = (
    'Deal ID,Stage,Entered at,Region,"A ""header"", \\ and مرحلة"\n'
    "d1,New,2025-01-02,East,=1+1\n"
    "d1,Demo \\ 'done',2025-01-12,East,\n"
    "d1,Closed won,2025-02-01,East,x\n"
    "d2,New,2025-01-05,West,x,too,many\n"
    "d2,New,2025-01-05,مرحلة\u200cدوم,y\n"
    ",New,2025-01-05,West,no lead\n"
    "d3,New,no date,West,\n"
    "d3,Closed lost,2025-03-01,,z\n"
)
OWN = StageModel(
    "own",
    'My "own" \\ model',
    (Stage("a", "First", ("lead",)), Stage("w", "Won", ("won",), ("Closed won",))),
    year=2024,
)
WORK = SavedWork(
    models=(OWN,),
    draft=StageModel("draft", "Half made", (Stage("x", "", ()),), unit=Unit.ACCOUNT, reading="backward"),
    notes="Ask Åsa about row 5.\n<b>مرحلة</b> \\ ' \" ` \x00 end",
    views={"models": {"model": ("aida", "own")}, "": {"where_Region": ("East",)}},
    page="models",
)


@pytest.fixture
def leads(tmp_path):
    (tmp_path / "deals.csv").write_text(LINES, encoding="utf-8")
    with funnel.open(tmp_path / "deals.csv", hints=Hints(concepts=(("Demo \\ 'done'", "demo"),)), as_of=AS_OF) as leads:
        yield leads


@pytest.fixture
def saved(leads, tmp_path) -> Path:
    leads.save(tmp_path / "all.funnel", WORK)
    return tmp_path / "all.funnel"


def everything(data_set: funnel.DataSet) -> dict[str, object]:
    """What a person sees of a data set."""
    return {
        "tables": data_set.tables,
        "lines": [data_set.engine.rows(Query(f"SELECT * FROM {each.table}")) for each in data_set.tables],
        "files": data_set.files,
        "rejects": data_set.rejects(limit=None).to_dict("records"),
        "history": sorted(data_set.engine.rows(Query("SELECT * FROM history")), key=repr),
        "leads": sorted(data_set.engine.rows(Query("SELECT * FROM leads")), key=repr),
        "hints": data_set.hints,
        "concepts": data_set.concepts,
        "as_of": data_set.as_of,
        "observed_until": data_set.observed_until,
        "revision": data_set.revision,
        "warnings": data_set.warnings,
        "steps": data_set.steps("standard").to_pandas().to_json(),
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
    leads.remap(replace(leads.hints, lost=("New",)))
    leads.save(tmp_path / "remapped.funnel")
    with funnel.open(tmp_path / "remapped.funnel") as again:
        assert everything(again) == everything(leads)
        assert again.concepts["New"] == "lost"
    with funnel.open(tmp_path / "remapped.funnel", hints=Hints(lost=("Closed lost",))) as other:
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
        assert [stage.leads for stage in again.steps("own").stages] == [2, 1]
        assert again.model("aida") == catalogue.model("aida")


def test_a_built_folder_is_saved_with_its_files(tmp_path):
    (tmp_path / "deals.csv").write_text(LINES, encoding="utf-8")
    batch_build.build(str(tmp_path / "deals.csv"), tmp_path / "built", models=["aida"], as_of=AS_OF)
    with funnel.open(tmp_path / "built", as_of=AS_OF) as built:
        built.with_concepts({"New": "mql"})
        built.save(tmp_path / "built.funnel", WORK)
        told = built.steps("standard").to_pandas(), built.files, built.concepts, built.observed_until
    for path in sorted((tmp_path / "built").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    with funnel.open(tmp_path / "built.funnel") as again:
        assert again.steps("standard").to_pandas().equals(told[0])
        assert (again.files, again.concepts, again.observed_until) == told[1:]
        assert again.concepts["New"] == "mql"
        assert again.work == WORK
    with pytest.raises(ReadingError, match="alone"):
        funnel.open(tmp_path / "built.funnel", tmp_path / "deals.csv")


def test_no_byte_can_be_changed_and_no_end_cut_off_unseen(saved, tmp_path):
    whole = saved.read_bytes()
    other = tmp_path / "other.funnel"
    for place in range(0, len(whole), 307):
        other.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        with pytest.raises(FunnelError, match=r"“?other.funnel"):
            funnel.open(other)
    for length in [*range(0, 60, 7), *range(60, len(whole), 1_009), len(whole) - 1]:
        other.write_bytes(whole[:length])
        with pytest.raises(FunnelError, match=r"“?other.funnel"):
            funnel.open(other)
    other.write_bytes(whole + b"x")
    with pytest.raises(ProjectError, match="is damaged"):
        funnel.open(other)


def forged(
    saved: Path, target: Path, change=lambda told: None, members=lambda members: None, packed=zipfile.ZIP_STORED
):  # type: ignore[no-untyped-def]
    """A project whose digest is right and whose content is somebody's own."""
    with zipfile.ZipFile(saved) as archive:
        content = {info.filename: archive.read(info) for info in archive.infolist()}
    told = json.loads(content["project.json"])
    change(told)
    content["project.json"] = json.dumps(told).encode()
    members(content)
    with zipfile.ZipFile(target, "w", packed) as archive:
        archive.comment = b"sha256:" + b"0" * 64
        for name, data in content.items():
            archive.writestr(zipfile.ZipInfo(name), data, compress_type=packed)
    data = target.read_bytes()[:-64]
    target.write_bytes(data + hashlib.sha256(data).hexdigest().encode())
    return target


def put(*path, value):  # type: ignore[no-untyped-def]
    """Sets a value deep in the JSON."""

    def change(told):  # type: ignore[no-untyped-def]
        for key in path[:-1]:
            told = told[key]
        told[path[-1]] = value

    return change


def test_a_newer_project_is_told_from_a_damaged_one(saved, tmp_path):
    newer = forged(saved, tmp_path / "newer.funnel", put("format", value=7))
    with pytest.raises(ProjectError, match=r"saved by a newer Funnel Lens \(form 7; this one reads form 1\)"):
        funnel.open(newer)


@pytest.mark.parametrize("content", [b"", b"PK", LINES.encode(), b"PK\x03\x04" + b"\0" * 26 + b"funnel-lens-other"])
def test_a_foreign_file_is_told_so(tmp_path, content):
    (tmp_path / "x.funnel").write_bytes(content)
    with pytest.raises(ProjectError, match="is no project of Funnel Lens"):
        funnel.open(tmp_path / "x.funnel")


DEEP = json.loads("[" * 900 + "]" * 900)
WRONG = [
    put("format", value="1"),
    put("format", value=0),
    put("format", value=None),
    put("as_of", value=5),
    put("as_of", value="yesterday"),
    put("tables", value=[]),
    put("tables", value="x"),
    put("tables", 0, "columns", value=["a", "a"]),
    put("tables", 0, "columns", value=["a", "source_line"]),
    put("tables", 0, "columns", value=DEEP),
    put("tables", 0, "rows_read", value=9),
    put("tables", 0, "rows_read", value=-1),
    put("tables", 0, "rows_read", value=10**400),
    put("tables", 0, "rows_rejected", value=0),
    put("tables", 0, "notes", value=[{"key": "no.such.key", "values": {}}]),
    put("tables", 0, "notes", value=[{"key": "errors.catalogue_file", "values": {}}]),
    put("tables", 0, "format", value="exe"),
    put("hints", value={"engine": "x"}),
    put("hints", value={"shape": "x"}),
    put("hints", value={"lead": ["x"]}),
    put("hints", value={"concepts": [["a"]]}),
    put("work", "models", value=["x = "]),
    put("work", "models", value=[5]),
    put("work", "models", value=[""] * 501),
    put("work", "notes", value="x" * 100_001),
    put("work", "notes", value=None),
    put("work", "views", value={"": {"a": "b"}}),
    put("work", "draft", value={}),
    put("built", value=True),
]


@pytest.mark.parametrize("change", every(3, WRONG), ids=range(len(WRONG)))
def test_a_forged_project_is_refused_with_a_sentence(saved, tmp_path, change):
    with pytest.raises(ProjectError, match=r"“forged.funnel” is damaged"):
        funnel.open(forged(saved, tmp_path / "forged.funnel", change))


def rows(table: pa.Table, member: str = "tables/0.parquet"):  # type: ignore[no-untyped-def]
    """Puts other rows in a member's place."""

    def members(content):  # type: ignore[no-untyped-def]
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink)
        content[member] = sink.getvalue().to_pybytes()

    return members


FORGED_MEMBERS = {
    "a table is missing": lambda content: content.pop("tables/0.parquet"),
    "rejects are missing": lambda content: content.pop("rejects.parquet"),
    "the JSON is missing": lambda content: content.pop("project.json"),
    "no JSON": lambda content: content.update({"project.json": b"\xff\xfe{"}),
    "JSON too deep": lambda content: content.update({"project.json": b"[" * 100_000}),
    "no Parquet": lambda content: content.update({"tables/0.parquet": b"PAR1" + b"\0" * 64 + b"PAR1"}),
    "other columns": rows(pa.table({"x": ["a"]})),
    "other rows": rows(pa.table({**{f"c{place}": ["a"] for place in range(5)}, "source_line": [1]})),
    "no numbers": rows(pa.table({**{f"c{place}": ["a"] * 7 for place in range(5)}, "source_line": ["x"] * 7})),
    "other rejects": rows(pa.table({"source_file": ["x"]}), "rejects.parquet"),
}


@pytest.mark.parametrize("members", FORGED_MEMBERS.values(), ids=FORGED_MEMBERS)
def test_forged_members_are_refused_with_a_sentence(saved, tmp_path, members):
    with pytest.raises(ProjectError, match=r"“forged.funnel” is damaged"):
        funnel.open(forged(saved, tmp_path / "forged.funnel", members=members))


def test_members_are_stored_so_that_none_can_swell(saved, tmp_path):
    with pytest.raises(ProjectError, match="is damaged"):
        funnel.open(forged(saved, tmp_path / "forged.funnel", packed=zipfile.ZIP_DEFLATED))


def test_no_member_leads_out_of_its_folder(tmp_path):
    (tmp_path / "deals.csv").write_text(LINES, encoding="utf-8")
    batch_build.build(str(tmp_path / "deals.csv"), tmp_path / "built", models=["aida"], as_of=AS_OF)
    with funnel.open(tmp_path / "built") as built:
        built.save(tmp_path / "built.funnel")

    def outside(content):  # type: ignore[no-untyped-def]
        told = json.loads(content["built/funnel-lens.json"])
        part = told["data"][0]
        (name,) = part["files"]
        content[f"built/../../../{name}"] = content.pop(f"built/{part['folder']}/{name}")
        part["folder"] = "../../.."
        content["built/funnel-lens.json"] = json.dumps(told).encode()

    with pytest.raises(ProjectError, match="is damaged"):
        funnel.open(forged(tmp_path / "built.funnel", tmp_path / "out.funnel", members=outside))


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
