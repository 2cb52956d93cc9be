"""A history of any size → a folder that opens like a file: leads, history, gathered, and the journeys of each model, as Parquet.

given           what is named: Parquet, a table of the engine, or a file that the house reads by itself
understanding   its columns, by the house's own recognition of a sample
lines           its lines → entries and leads, the SQL of it
loaded          the two ways to `leads` and `history`, and what became of every line
parts           pieces that are whole or not there, so that a build that was cut short is picked up
journeyed       gathered, journeys and summaries, by the same paragraphs as in the app
one_machine     DuckDB as the engine of a build; the others are `funnel.scale.spark` and `funnel.scale.clickhouse`
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from funnel import catalogue, mapping
from funnel.core.engine import Engine
from funnel.core.errors import QuestionError
from funnel.core.types import AS_RECORDED, IGNORED, LOST_CONCEPTS, LabelFacts, Note, StageModel
from funnel.mapping import MappingOverrides
from funnel.measures.recorded import as_recorded, labels_model
from funnel.scale.batch_build.given import CLICKHOUSE, DUCKDB, ENGINES, SPARK, BuildEngine, Catalogued, Given, given
from funnel.scale.batch_build.journeyed import journeyed
from funnel.scale.batch_build.lines import SOURCE
from funnel.scale.batch_build.loaded import Leads, by_house, by_paragraphs
from funnel.scale.batch_build.one_machine import OneMachine
from funnel.scale.batch_build.parts import Workshop
from funnel.storage.manifest import Manifest

__all__ = ["ENGINES", "build"]

LOCAL_SPARK, LOCAL_CLICKHOUSE = "local[*]", "http://localhost:8123"
Progress = Callable[[Note, float | None], None]


def build(
    source: str,
    to: Path,
    *,
    engine: str = DUCKDB,
    master: str | None = None,
    given_session: Any = None,
    overrides: MappingOverrides | None = None,
    models: Sequence[str] = (),
    as_of: datetime | None = None,
    progress: Progress | None = None,
) -> Manifest:
    """The manifest of the folder that was built; `funnel.open(to)` opens it.

    `engine` is one of ENGINES; `master` is Spark's (none: this machine), or the address of a ClickHouse server; `given_session` is a
    session or client to use instead. `models` are keys or model files (none: as-recorded, and every model of the catalogue that
    takes a label). Without `as_of`, nothing after the moment when the build began is observed. A build that was cut short is picked
    up by the same call. Raises ReadingError, MappingError or QuestionError with one sentence.
    """
    report = progress or (lambda note, share: None)
    if engine not in ENGINES:
        raise QuestionError("building.engine", found=engine, accepted=", ".join(ENGINES))
    of = given(source, engine)
    to = to.resolve()
    overrides = overrides or MappingOverrides()
    with_engine = _Opened(engine, master, given_session, of)
    fingerprint = with_engine.source_fingerprint
    key = (source, fingerprint, engine, repr(overrides), tuple(models), as_of)
    try:
        shop = Workshop(to, key)
        moment = as_of or datetime.fromisoformat(shop.once("as_of", lambda: datetime.now().isoformat()))
        working = with_engine.working(shop)
        report(Note("building.progress_lines", {"source": of.name}), 0.0)
        leads = (
            by_house(shop, of, overrides, moment) if of.whole else by_paragraphs(shop, working, of, overrides, moment)
        )
        report(Note("building.progress_order", {"entries": leads.history.rows}), 0.4)
        recorded = shop.once("recorded", lambda: [each.labels[0] for each in _recorded(shop, leads).stages])
        stage_models = _asked(models, leads, recorded)
        journeys = journeyed(shop, working, leads, stage_models, report)
        whole = leads.manifest(engine, source, fingerprint, tuple(recorded), journeys)
        report(Note("building.progress_publish", {"folder": to.name}), 1.0)
        shop.publish(whole)
        return whole
    finally:
        with_engine.close()


class _Opened:
    """The engine that builds: closed where this program opened it."""

    def __init__(self, kind: str, master: str | None, session: Any, of: Given) -> None:
        self.of = of
        self._engine: BuildEngine | None = None
        if kind == SPARK:
            self._engine = _spark(master, session)
        elif kind == CLICKHOUSE:
            self._engine = _clickhouse(master, session)
        try:
            self.source_fingerprint = of.fingerprint if of.table is None else self._alias(of.table)
        except BaseException:
            self.close()
            raise

    def working(self, shop: Workshop) -> BuildEngine:
        """The engine, at work in the build's folder, with the source in it."""
        if self._engine is None:
            self._engine = OneMachine(self.of.files, shop.inside)
        self._engine.work_in(shop.scratch)
        if self.of.files:
            self._engine.read(SOURCE, *self.of.files)
        return self._engine

    def close(self) -> None:
        """Let go of the engine."""
        if self._engine is not None:
            self._engine.close()

    def _alias(self, table: str) -> str:
        assert self._engine is not None
        return cast(Catalogued, self._engine).alias(SOURCE, table)


def _spark(master: str | None, given_session: Any) -> BuildEngine:
    try:
        from funnel.scale.spark import SparkEngine, session

        return SparkEngine(given_session or session(master or LOCAL_SPARK))
    except ImportError as missing:
        raise QuestionError("building.not_installed", engine=SPARK, module=str(missing.name)) from missing


def _clickhouse(master: str | None, given_client: Any) -> BuildEngine:
    try:
        from funnel.scale.clickhouse import ClickHouseEngine, client

        return ClickHouseEngine(given_client or client(master or LOCAL_CLICKHOUSE))
    except ImportError as missing:
        raise QuestionError("building.not_installed", engine=CLICKHOUSE, module=str(missing.name)) from missing


def _recorded(shop: Workshop, leads: Leads) -> StageModel:
    """The labels in their order, as the app infers it: of a sample of the leads, so that one machine suffices."""
    paths = {"leads": shop.path(leads.leads), "history": shop.path(leads.history)}
    engine = Engine([path for each in paths.values() for path in each])
    try:
        for name, files in paths.items():
            engine.read(name, *files)
        written = mapping.written_orders(leads.concepts, leads.label_positions)
        facts = LabelFacts(leads.concepts, catalogue.usual_order(), written, by_time=leads.is_log)
        return as_recorded(engine, facts, AS_RECORDED)
    finally:
        engine.close()


def _asked(models: Sequence[str], leads: Leads, recorded: Sequence[str]) -> list[StageModel]:
    concepts = leads.concepts
    own = labels_model(AS_RECORDED, AS_RECORDED, [(label, (label,)) for label in recorded], concepts)
    each = [catalogue.named(key, lambda: own) for key in models] if models else [own, *catalogue.models()]
    for model in each:
        if model.versions:
            raise QuestionError("building.versions", model=model.name)
    placed = [model for model in each if model.placement(concepts)]
    if not placed:
        stages = [label for label, concept in concepts.items() if concept != IGNORED and concept not in LOST_CONCEPTS]
        raise QuestionError("building.nothing_placed", labels=stages[:12])
    return placed
