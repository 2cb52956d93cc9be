"""Texts that attack, through the house without a browser: they come back as themselves, and the engine stays as it was."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import duckdb
import pytest

import funnel
from funnel import FunnelError, MappingOverrides, OneOf, catalogue, mapping, measures
from funnel.core.engine import Engine, QueryFailed
from funnel.core.sql import Query
from funnel.core.types import AS_RECORDED, Segment
from tests.answers import requiring
from tests.attacks import ATTACKS, ITSELF, LONGEST_HEADER, headed, ring
from tests.thorough import every, thorough

pytestmark = thorough

LEADS, ENTRIES = len(ITSELF), 2 * len(ITSELF)
HEADERS = tuple(attack for attack in ATTACKS if attack.read_as != "without NULs")
PARTS = MappingOverrides(lead="Deal", label="Stage", time="Changed at")
MARK = "zq7zq7"
"""Added to what is typed, to be found again wherever it goes."""
FORBIDDEN = (
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_csv('https://attack.invalid/x.csv')",
    "SELECT getenv('HOME')",
    "COPY leads TO 'evil.csv'",
    "ATTACH 'evil.duckdb'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET enable_external_access = true",
    "SET lock_configuration = false",
)
TYPES = duckdb.StatementType
OURS = {TYPES.SELECT, TYPES.CREATE, TYPES.DROP, TYPES.INSERT, TYPES.DELETE, TYPES.TRANSACTION, TYPES.SET}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the files lie, and where the program runs meanwhile; nothing else may come to lie there."""
    folder = tmp_path_factory.mktemp("attacked")
    (folder / "ring.csv").write_bytes(ring(ITSELF))
    (folder / "heads.csv").write_bytes(headed(HEADERS))
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)
        yield folder
    assert sorted(path.name for path in folder.iterdir()) == ["heads.csv", "ring.csv"]


@pytest.fixture(scope="module")
def asked():
    """Every query that was asked meanwhile."""
    queries: list[Query] = []
    running = Engine._running

    @contextmanager
    def watched(engine: Engine, query: Query) -> Iterator[object]:
        queries.append(query)
        with running(engine, query) as cursor:
            yield cursor

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Engine, "_running", watched)
        yield queries


@pytest.fixture(scope="module")
def leads(folder, asked):
    """The leads, labels, accounts and values that attack."""
    with funnel.open(folder / "ring.csv") as data_set:
        yield data_set
        unharmed(data_set, LEADS, ENTRIES)


@pytest.fixture(scope="module")
def heads(folder, asked):
    """The columns that attack."""
    with funnel.open(folder / "heads.csv", overrides=PARTS) as data_set:
        yield data_set
        unharmed(data_set, 12, 24)


def unharmed(data_set, leads: int, entries: int) -> None:
    assert data_set.engine.row(Query("SELECT COUNT(*) FROM leads")) == (leads,)
    assert data_set.engine.row(Query("SELECT COUNT(*) FROM history")) == (entries,)
    for statement in FORBIDDEN:
        with pytest.raises(QueryFailed):
            data_set.engine.run(Query(statement))


def quoted(text: str) -> str:
    """A basic string of TOML, made by other hands than the program's."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def test_leads_labels_accounts_and_values_come_back_as_themselves(leads) -> None:
    assert (leads.leads, leads.entries, leads.reject_count()) == (LEADS, ENTRIES, 0)
    assert {(label.label, label.leads) for label in leads.labels} == {(text, 2) for text in ITSELF}
    ids = leads.engine.rows(Query("SELECT leads.lead_id, leads.account_id, leads.channel FROM leads"))
    assert sorted(ids) == sorted((text, text, text) for text in ITSELF)
    for column in ("account_id", "channel"):
        assert sorted(leads.columns.values(column, limit=LEADS + 1)) == sorted((text, 1) for text in ITSELF)


def test_what_is_no_text_is_told_and_cuts_nothing_off(folder, tmp_path) -> None:
    (tmp_path / "all.csv").write_bytes(ring([attack.text for attack in ATTACKS]))
    with funnel.open(tmp_path / "all.csv") as data_set:
        kept = {label.label for label in data_set.labels}
        shortened = [attack.text for attack in ATTACKS if attack.read_as == "without NULs"]
        assert kept == {*ITSELF, *(text.replace("\0", "") for text in shortened)}
        # Each is a lead, its label, its account and its channel, on two lines, and the label that the one before it goes on to.
        cells = [note.values["cells"] for note in data_set.warnings if note.key == "reading.note_nuls"]
        assert cells == [8 * len(shortened)]
        [told] = data_set.files
        assert (told.rows_read, told.rows_used + told.rows_rejected) == (2 * len(ATTACKS),) * 2
        reasons = set(data_set.rejects(limit=None)["reason"])
        assert reasons == {"no lead id", "no label"}


@pytest.mark.parametrize("text", every(7, ITSELF), ids=lambda text: text[:20])
def test_one_label_as_a_stage_and_one_value_as_a_filter_count_what_they_are(leads, text) -> None:
    here = ITSELF.index(text)
    model = leads.labels_model([[text]])
    assert model.stages[0].labels == (text,)
    assert leads.ask(measures.steps, model).leads == 2
    for column in ("channel", "account"):
        [of_value] = leads.ask(measures.steps, leads.question(model, where={column: text})).stages
        assert of_value.leads == 1
    at = leads.ask(measures.leads_at, leads.question(model, where={"channel": [text, ITSELF[here - 1]]}), 0)
    assert sorted(at["lead_id"]) == sorted([text, ITSELF[here - 1]])
    assert leads.ask(measures.steps, leads.question(model, where={"channel": text + MARK})).leads == 0


@pytest.mark.parametrize("text", ITSELF, ids=lambda text: text[:20])
def test_a_search_finds_what_contains_the_text_and_nothing_else(leads, text) -> None:
    for search in (text, text[: len(text) // 2], text.upper()):
        found = {value for value, _ in leads.columns.values("channel", search=search, limit=LEADS)}
        assert found == {each for each in ITSELF if search.lower() in each.lower()}
    assert leads.columns.values("channel", search=text + MARK) == []


def test_groups_of_any_name_and_value_are_set_against_each_other(leads) -> None:
    model = leads.labels_model([[text] for text in ITSELF[:2]])
    question = leads.question(model)
    for text in ITSELF[::7]:
        groups = [Segment((OneOf("channel", (ITSELF[0],)),), text), Segment((OneOf("channel", (ITSELF[1],)),), "B")]
        found = leads.ask(measures.segments, question, groups)
        assert [(each.segment.name, each.leads) for each in found.segments] == [(text, 1), ("B", 1)]


def test_columns_come_back_on_one_line_and_can_filter_and_split(heads) -> None:
    assert (heads.leads, heads.entries) == (12, 24)
    columns = {attribute.column for attribute in heads.columns.attributes}
    # A column of one value tells no leads apart: beside "yes" it has only what stands for nothing.
    one_valued = {HEADERS[place - 1].text for place, attack in enumerate(HEADERS) if attack.read_as == "empty"}
    named = {attack.header if attack.text != "lead_id" else "lead_id (file)" for attack in HEADERS}
    assert columns == named - one_valued
    won = heads.labels_model([["New"], ["Won"]])
    for place, attack in enumerate(HEADERS):
        other = HEADERS[(place + 1) % len(HEADERS)]
        if attack.text == "lead_id":
            continue
        said = attack.text if len(attack.text) <= LONGEST_HEADER else attack.header
        assert heads.columns.named(said) == attack.header
        value = None if other.read_as == "empty" else other.text
        assert heads.ask(measures.steps, heads.question(won, where={said: value})).leads == 6
        assert sorted(heads.columns.values(attack.header), key=str) == sorted([("yes", 6), (value, 6)], key=str)
    split = heads.ask(measures.breakdown, heads.question(won), HEADERS[0].text)
    assert sorted((value, steps.leads) for value, steps in split.groups) == sorted([("yes", 6), (HEADERS[1].text, 6)])


def test_a_column_that_is_not_there_is_told_in_a_sentence(leads, heads) -> None:
    for text in ITSELF:
        with pytest.raises(FunnelError):
            leads.columns.named(text + MARK)
        with pytest.raises(FunnelError):
            leads.labels_model([[text + MARK]])
        with pytest.raises(FunnelError):
            catalogue.named(text + MARK, leads.as_recorded)


def test_model_files_hold_data_only(leads) -> None:
    for text in ITSELF:
        one_line = " ".join(part.strip() for part in text.splitlines())
        content = f'kind = "labels"\nname = {quoted(text)}\ndescription = {quoted(text)}\nsource = {quoted(text)}\n'
        content += f"[[stages]]\nname = {quoted(text)}\nlabels = [{quoted(text)}]\n"
        content += f"entry = {quoted(text)}\nask = {quoted(text)}\nrequires = [{quoted(text)}]\n"
        model = catalogue.read_model_text(content, f"{text}.toml")
        assert (model.name, model.description, model.source) == (one_line, text, text)
        assert (model.stages[0].name, model.stages[0].labels) == (one_line, (text,))
        assert (model.stages[0].entry, model.stages[0].ask, model.stages[0].requires) == (one_line, one_line, (text,))
        saved = catalogue.model_toml(model)
        assert catalogue.read_model_text(saved, "saved.toml") == model
        said = {"entry": one_line, "ask": one_line, "requires": [text]}
        assert tomllib.loads(saved)["stages"] == [
            {"key": model.stages[0].key, "name": one_line, "labels": [text], **said}
        ]
        for wrong in (f"name = {text}", f"{text} = 1", f"[{text}]", content + f"concepts = [{quoted(text)}]\n", text):
            with pytest.raises(FunnelError):
                catalogue.read_model_text(wrong, "wrong.toml")
    assert leads.ask(measures.steps, model).leads == 2


def test_any_header_can_be_a_column_that_must_be_filled(heads) -> None:
    for batch in range(0, len(HEADERS), 20):
        names = tuple(attack.header for attack in HEADERS[batch : batch + 20])
        found = heads.ask(measures.entry_conditions, requiring(heads.question(), names))
        first = found.stages[0]
        assert first.absent == ()
        listed = heads.ask(measures.leads_at, found.question, 0, lacking=names, limit=None)
        assert listed.attrs["total"] == first.lacking == first.leads - first.filled


def test_mapping_files_hold_data_only(leads) -> None:
    concepts = tuple((text, "interest") for text in ITSELF)
    saved = mapping.to_toml(leads.mapping, MappingOverrides(concepts=concepts, won=ITSELF, pipeline=ITSELF[0]))
    assert tomllib.loads(saved)["concepts"] == dict(concepts)
    again = mapping.from_toml(saved, "mapping.toml")
    assert (again.concepts, again.won, again.pipeline) == (concepts, ITSELF, ITSELF[0])
    for text in ITSELF:
        for wrong in (f"{quoted(text)} = 1", f"shape = {quoted(text)}", f"[columns]\n{quoted(text)} = 'x'"):
            with pytest.raises(FunnelError):
                mapping.from_toml(wrong, f"{text}.toml")


def test_a_mapping_file_may_name_any_column(heads) -> None:
    for attack in HEADERS[::40]:
        overrides = mapping.from_toml(f"[columns]\naccount = {quoted(attack.header)}\n", "mapping.toml")
        heads.remap(replace(PARTS, account=overrides.account))
        assert heads.loaded.columns["account"] == attack.header
        with pytest.raises(FunnelError):
            heads.remap(replace(PARTS, lead=attack.header + MARK))
    heads.remap(PARTS)


def test_nothing_typed_ever_becomes_sql(leads, heads, asked) -> None:
    asked.clear()
    for text in ITSELF:
        typed = text + MARK
        leads.columns.values("channel", search=typed)
    question = leads.question(
        leads.labels_model([[ITSELF[0]], [ITSELF[1]]]), where={"channel": [text + MARK for text in ITSELF]}
    )
    leads.ask(measures.steps, question)
    leads.ask(measures.leads_at, question, 0)
    typed_columns = tuple(text + MARK for text in ITSELF[:20])
    leads.ask(measures.leads_at, question, 0, lacking=typed_columns)
    leads.ask(measures.entry_conditions, requiring(question, typed_columns))
    leads.ask(measures.breakdown, question, "channel")
    leads.ask(measures.segments, question, [{"channel": text + MARK} for text in ITSELF[:2]])
    assert any(MARK in str(value) for query in asked for value in query.values)
    assert not any(MARK in query.text for query in asked)


def test_what_a_file_says_is_a_name_in_quotes_or_a_bound_value_and_each_query_is_one(folder, tmp_path, asked) -> None:
    asked.clear()
    marked = [
        type(attack)(attack.name, attack.text + MARK, "itself")
        for attack in ATTACKS
        if attack.read_as != "without NULs"
    ]
    (tmp_path / "heads.csv").write_bytes(headed(marked))
    (tmp_path / "ring.csv").write_bytes(ring([attack.text for attack in marked]))
    for name in ("heads.csv", "ring.csv"):
        with funnel.open(tmp_path / name, overrides=PARTS if name == "heads.csv" else None) as data_set:
            data_set.ask(measures.steps, AS_RECORDED)
            data_set.ask(measures.breakdown, data_set.question(), data_set.columns.attributes[0].column)
            data_set.ask(measures.moves, AS_RECORDED)
    named = [query for query in asked if MARK in query.text]
    assert named
    for query in named:
        bare = re.sub(r'"(?:[^"]|"")*"', "", query.text)
        assert MARK not in re.sub(r"'(?:[^']|'')*'", "", bare)
    parser = duckdb.connect()
    for text in {query.text for query in asked if not query.text.startswith("read_parquet as")}:
        [statement] = parser.extract_statements(text)
        assert statement.type in OURS, text
