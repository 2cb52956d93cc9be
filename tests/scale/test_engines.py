"""The paragraphs that build journeys, on DuckDB, Spark and ClickHouse: equal rows, whatever the histories."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from funnel.core.sql import Query, compose, identifier
from funnel.core.types import Entry, Question, Rule
from funnel.journeys import Tables
from funnel.measures.population.population import in_question
from tests.engines import NAMES, filled, given_session, in_order, need
from tests.leads import engine_with, journeys_of, model_of
from tests.oracles.oracle import Entered
from tests.strategies import CONCEPTS, DAY_ZERO, LABELS, STAGE_LABELS

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore:PySpark does not yet:FutureWarning")

NASTY = (*LABELS, "emoji 😀 ${spark.app.name}", "nul\0001 \n\t%s")
MEANT = {**CONCEPTS, NASTY[-2]: "demo", NASTY[-1]: "disqualified"}
TEXTS = (
    *NASTY,
    "",
    " ",
    "back\\\\",
    "\\'",
    "`a`",
    '"',
    "\\u0041",
    "\\%\\_",
    "\r\n",
    "?",
    "$1",
    "{x:String}",
    "--",
    "\\0",
)
LEADS = {"spark": 500, "clickhouse": 1000}
EXAMPLES = {"spark": 1, "clickhouse": 2}
STAGES = {"spark": 4, "clickhouse": 7}
"""Spark takes seconds for each query, the more the longer its text."""
WINDOWS = (None, 0, 3)


def histories(
    seed: int, leads: int, most_stages: int = 7
) -> tuple[dict[str, list[Entered]], dict[str, dict[str, object]], list[set[str]]]:
    """Many leads at once: ties, re-entries, entries without a time, hostile ids; what else is said of them; and a model."""
    chance = random.Random(seed)

    def moment() -> datetime | None:
        if chance.random() < 0.08:
            return None
        return DAY_ZERO + timedelta(hours=12 * chance.randrange(24), microseconds=chance.choice((0, 0, 0, 1)))

    named = {
        f"{place} {chance.choice(NASTY)}": [
            Entered(chance.choice(NASTY), moment()) for _ in range(chance.randrange(1, 10))
        ]
        for place in range(leads)
    }
    said = {
        lead: {
            "account_id": f"{chance.choice(NASTY)}{chance.randrange(leads // 4)}",
            "created_at": None if chance.random() < 0.2 else DAY_ZERO.isoformat(),
            "closed_at": None if chance.random() < 0.5 else (DAY_ZERO + timedelta(days=20)).isoformat(),
            "outcome_said": chance.choice((None, None, None, "won", "lost", "open")),
            "amount": chance.choice((None, 0.1, 1e300)),
        }
        for lead in named
    }
    order = [*STAGE_LABELS, NASTY[-2]]
    chance.shuffle(order)
    stages: list[set[str]] = []
    for label in order[: chance.randrange(2, most_stages + 1)]:
        if stages and chance.random() < 0.25:
            stages[-1].add(label)
        else:
            stages.append({label})
    return named, said, stages


@pytest.mark.parametrize("name", NAMES)
def test_journeys_have_equal_rows(name, tmp_path_factory):
    need(name)

    @settings(
        max_examples=EXAMPLES[name],
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.integers(1, 2**32))
    def compare(seed):
        named, said, stages = histories(seed, LEADS[name], STAGES[name])
        ours = engine_with(named, said)
        try:
            with filled(name, ours, tmp_path_factory.mktemp("rows")) as theirs:
                for from_created, entry, window in (
                    (False, Entry.FIRST, None),
                    (False, Entry.ANY, 3),
                    (True, Entry.FIRST, None),
                ):
                    each = [
                        journeys_of(engine, MEANT, start_from_created=from_created, tables=Tables()).table(
                            model_of(stages), entry, window
                        )
                        for engine in (ours, theirs)
                    ]
                    columns = [column for column, _ in ours.columns(each[0])]
                    assert [column for column, _ in theirs.columns(each[1])] == columns
                    found = [
                        in_order(engine.rows(Query(f"SELECT every.* FROM {identifier(table)} AS every")))
                        for engine, table in zip((ours, theirs), each, strict=True)
                    ]
                    assert len(found[0]) > LEADS[name] / 2
                    assert found[0] == found[1]
        finally:
            ours.close()

    compare()


@pytest.mark.parametrize("name", NAMES)
def test_counted_leads_are_equal_by_every_rule_and_window(name, tmp_path):
    named, said, stages = histories(20240226, 400, STAGES[name])
    ours, model = engine_with(named, said), model_of(stages)
    try:
        with filled(name, ours, tmp_path) as theirs:
            found = []
            for engine in (ours, theirs):
                journeys = journeys_of(engine, MEANT)
                asked = [Question(model, rule, window) for rule in Rule for window in WINDOWS]
                asked.append(Question(model, Rule.IN_ORDER, 3, Entry.ANY))
                found.append(in_order(engine.rows(_all_of(journeys, asked))))
            assert len(found[0]) > 400
            assert found[0] == found[1]
    finally:
        ours.close()


def _all_of(journeys, questions: list[Question]) -> Query:
    """The counted leads of many questions in one query, each with its number."""
    last = Query("SELECT counted.* FROM counted")
    each = [compose(in_question(journeys, question), last) for question in questions]
    texts = [f"SELECT {place} AS asked, every.* FROM (\n{query.text}\n) AS every" for place, query in enumerate(each)]
    return Query("\nUNION ALL\n".join(texts), tuple(value for query in each for value in query.values))


@pytest.mark.parametrize("name", NAMES)
def test_a_file_of_many_labels(name, tmp_path):
    """More labels than `gathered` holds apart."""
    labels = [f"{NASTY[place % len(NASTY)]} {place}" for place in range(70)]
    concepts = {label: MEANT[NASTY[place % len(NASTY)]] for place, label in enumerate(labels)}
    chance = random.Random(7)
    named = {
        str(lead): [Entered(chance.choice(labels), DAY_ZERO + timedelta(days=chance.randrange(9))) for _ in range(6)]
        for lead in range(200)
    }
    model = model_of([set(labels[place : place + 9]) for place in range(0, 45, 9)])
    ours = engine_with(named)
    try:
        with filled(name, ours, tmp_path) as theirs:
            rows = [
                in_order(
                    engine.rows(
                        Query(
                            f"SELECT every.* FROM {journeys_of(engine, concepts, tables=Tables()).table(model)} AS every"
                        )
                    )
                )
                for engine in (ours, theirs)
            ]
            assert len(rows[0]) > 150
            assert rows[0] == rows[1]
    finally:
        ours.close()


@pytest.mark.parametrize("name", ["spark", "clickhouse"])
def test_values_and_names_are_only_ever_values_and_names(name, tmp_path):
    values = (*TEXTS, 7, -1.5, True, None, datetime(2024, 2, 29, 23, 59, 59, 999999))
    columns = ", ".join(f"? AS {identifier(f'{place} {TEXTS[place % len(NASTY)]}')}" for place in range(len(values)))
    with given_session(name, tmp_path) as session:
        engine = _engine(name, session, tmp_path)
        try:
            (row,) = engine.rows(Query(f"SELECT {columns}", values))
            assert in_order([row]) == in_order([values])
            engine.keep("named", Query("SELECT 1 AS {}, '?' AS {}".format(*map(identifier, NASTY[1:3]))))
            assert [column for column, _ in engine.columns("named")] == list(NASTY[1:3])
            assert engine.rows(
                Query(f"SELECT named.{identifier(NASTY[1])}, named.{identifier(NASTY[2])} FROM named")
            ) == [(1, "?")]
        finally:
            engine.close()


def _engine(name: str, session: object, folder):
    if name == "spark":
        from funnel.scale.spark import SparkEngine

        engine = SparkEngine(session)
        engine.work_in(folder / "spark")
        return engine
    from funnel.scale.clickhouse import ClickHouseEngine

    return ClickHouseEngine(session)


@pytest.mark.parametrize(("said", "found"), [("200", "4"), ("7", "7")])
def test_a_small_table_makes_few_tasks_unless_somebody_said_how_many(said, found, tmp_path):
    need("spark")
    from funnel.scale.spark import SparkEngine

    ours = engine_with({"a": [Entered("New", DAY_ZERO)]})
    with given_session("spark", tmp_path) as session:
        before = session.conf.get("spark.sql.shuffle.partitions")
        session.conf.set("spark.sql.shuffle.partitions", said)
        try:
            ours.into_parquet(Query("SELECT history.* FROM history"), ours.folder / "history.parquet")
            theirs = SparkEngine(session)
            theirs.read("history", ours.folder / "history.parquet")
            assert session.conf.get("spark.sql.shuffle.partitions") == found
            theirs.close()
            assert session.conf.get("spark.sql.shuffle.partitions") == said
        finally:
            session.conf.set("spark.sql.shuffle.partitions", before)
            ours.close()


def test_the_columns_of_what_spark_wrote_are_read_without_a_job(tmp_path):
    need("spark")
    from funnel.scale.spark import _columns_of

    ours = engine_with({"a": [Entered(NASTY[-1], DAY_ZERO), Entered("New", None)]})
    with filled("spark", ours, tmp_path) as engine:
        try:
            query = Query(
                'SELECT history.*, 1.5 AS "a b", CAST(history.entered_at AS DATE) AS day, TRUE AS yes FROM history'
            )
            engine.keep("kept", query)
            engine.write(query, tmp_path / "parts", by="sequence")
            parts = sorted((tmp_path / "parts").rglob("*.parquet"))
            for paths in ([engine.folder / "kept"], parts):
                looked_for = engine.session.read.parquet(*map(str, paths))
                noted = _columns_of(paths)
                assert [(each.name, each.dataType.simpleString()) for each in noted.fields] == looked_for.dtypes
                engine.read("again", *paths)
                assert engine.session.table("again").schema == looked_for.schema
                assert in_order(engine.rows(Query("SELECT again.* FROM again"))) == in_order(
                    [tuple(row) for row in looked_for.collect()]
                )
            assert "sequence" not in dict(engine.columns("again"))
            assert _columns_of([tmp_path / "history.parquet"]) is None
        finally:
            ours.close()


def test_paragraphs_of_one_name_in_two_queries_stay_apart(tmp_path):
    need("spark")
    ours = engine_with({"a": [Entered("New", DAY_ZERO)]})
    twice = "WITH twice AS (SELECT ? AS said) SELECT twice.said, other.said AS also FROM twice INNER JOIN twice AS other ON TRUE"
    with filled("spark", ours, tmp_path) as engine:
        try:
            with (
                engine._running(Query(twice, ("one",)), in_steps=True) as first,
                engine._running(Query(twice, ("two",)), in_steps=True) as second,
            ):
                found = [tuple(row) for text in (first, second) for row in engine.session.sql(text).collect()]
            assert found == [("one", "one"), ("two", "two")]
        finally:
            ours.close()
