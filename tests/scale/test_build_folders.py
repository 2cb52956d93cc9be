"""A built folder can be asked, but not read anew; what is no whole build, or leads outside, is refused."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import funnel
from funnel import catalogue, measures
from funnel.core.engine import QueryFailed
from funnel.core.errors import QuestionError, ReadingError
from funnel.core.sql import Query
from funnel.core.types import AS_RECORDED, Version
from funnel.mapping import MappingOverrides
from funnel.scale import batch_build
from funnel.storage import manifest
from tests.scale.logs import AS_OF
from tests.thorough import thorough


@pytest.fixture(scope="module")
def folder(source, tmp_path_factory) -> Path:
    to = tmp_path_factory.mktemp("built") / "to"
    batch_build.build(str(source), to, models=["as-recorded", "standard"], as_of=AS_OF)
    return to


@thorough
def test_a_built_folder_can_be_asked_but_not_read_anew(folder, plain):
    with funnel.open(folder) as built:
        with pytest.raises(QuestionError, match="--mapping"):
            built.remap(MappingOverrides(lead="Account"))
        before = built.revision
        built.with_concepts({"Demo \\": "won"})
        assert built.revision != before
        plain.with_concepts({"Demo \\": "won"})
        try:
            assert built.ask(measures.steps, "standard").stages == plain.ask(measures.steps, "standard").stages
            assert built.as_recorded() == plain.as_recorded()
        finally:
            plain.remap(MappingOverrides())
        built.remap(MappingOverrides())
        assert built.revision == before
        assert built.ask(measures.moves, AS_RECORDED).question
        assert built.ask(measures.times, AS_RECORDED).question
        assert built.ask(measures.comparison, ["standard", "aida"]).leads
    with pytest.raises(ReadingError, match="alone"):
        funnel.open(folder, folder)


def test_versions_of_a_model_are_asked_of_a_built_folder_but_not_built(folder, source, plain, tmp_path):
    with funnel.open(folder) as built:
        standard = built.model("standard")
        middle = plain.first_start + (plain.last_start - plain.first_start) / 2
        days = Version(None, standard.stages), Version(middle.date(), standard.stages[1:])
        model = replace(standard, key="mine", versions=days)
        for number in (0, 1):
            asked = model.in_version(number)
            one, other = built.ask(measures.steps, asked), plain.ask(measures.steps, asked)
            assert 0 < one.leads < built.ask(measures.steps, "standard").leads
            assert (one.stages, one.all_leads) == (other.stages, other.all_leads)
    path = tmp_path / "mine.toml"
    path.write_text(catalogue.model_toml(model))
    with pytest.raises(QuestionError, match="not built beforehand"):
        batch_build.build(str(source), tmp_path / "to", models=[str(path)], as_of=AS_OF)


def test_nothing_outside_of_a_built_folder_can_be_read(folder, tmp_path):
    (tmp_path / "secret.csv").write_text("a\n1\n", encoding="utf-8")
    with funnel.open(folder) as built:
        for statement in (
            f"SELECT * FROM read_csv('{tmp_path}/secret.csv')",
            f"SELECT * FROM read_text('{folder}/funnel-lens.json')",
            f"SELECT * FROM glob('{folder}/*')",
            f"COPY (SELECT 1) TO '{folder}/new.parquet'",
            "SET enable_external_access = true",
        ):
            with pytest.raises(QueryFailed):
                built.engine.rows(Query(statement))


@pytest.mark.parametrize("name", ["../outside.parquet", "link.parquet"])
def test_a_manifest_that_leads_outside_is_refused(name, folder, tmp_path):
    to = tmp_path / "to"
    shutil.copytree(folder, to)
    outside = tmp_path / "outside.parquet"
    shutil.copy(next((folder / "leads").glob("*.parquet")), outside)
    (to / "leads" / "link.parquet").symlink_to(outside)
    told = json.loads((to / manifest.NAME).read_text(encoding="utf-8"))
    part = next(each for each in told["data"] if each["folder"] == "leads")
    part["files"] = {name if name != "../outside.parquet" else "../../outside.parquet": outside.stat().st_size}
    (to / manifest.NAME).write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(ReadingError, match="missing or not as it was built"):
        funnel.open(to)


def test_what_is_no_whole_build_is_refused_in_a_sentence(folder, source, tmp_path):
    with pytest.raises(ReadingError, match="no finished build"):
        funnel.open(tmp_path)
    to = tmp_path / "to"
    shutil.copytree(folder, to)
    path = next((to / "history").glob("*.parquet"))
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ReadingError, match=r"history/.*missing"):
        funnel.open(to)
    for broken in ("{", "[]", '{"format": 2}', '{"format": 2, "data": []}'):
        (to / manifest.NAME).write_text(broken, encoding="utf-8")
        with pytest.raises(ReadingError, match="cannot be read"):
            funnel.open(to)
    (to / manifest.NAME).write_text('{"format": 1}', encoding="utf-8")
    with pytest.raises(ReadingError, match="another version"):
        funnel.open(to)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("x", encoding="utf-8")
    with pytest.raises(QuestionError, match="other files"):
        batch_build.build(str(source), tmp_path / "full", as_of=AS_OF)
    assert (tmp_path / "full" / "mine.txt").is_file()
    with pytest.raises(ReadingError, match="no Parquet"):
        batch_build.build(str(tmp_path / "full"), tmp_path / "new", as_of=AS_OF)
    with pytest.raises(ReadingError, match="There is no file"):
        batch_build.build("no such table", tmp_path / "new", as_of=AS_OF)
