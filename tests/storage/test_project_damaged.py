"""A project that was damaged or forged is refused with a sentence, as is a file that is none."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import funnel
from funnel.core.errors import FunnelError, ProjectError
from funnel.scale import batch_build
from tests.storage.projects import AS_OF, LINES, put
from tests.thorough import every, thorough

pytestmark = thorough


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
