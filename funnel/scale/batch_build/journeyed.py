"""`leads` and `history` → gathered, the journeys of each model, and their summaries, as parts: by the paragraphs of `funnel.journeys`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar, cast

from funnel.core.engine import Engine
from funnel.core.sql import Query, identifier
from funnel.core.types import Note, StageModel
from funnel.journeys import EVERYWHERE, RULES, Gathered, Journeys
from funnel.journeys.first_last import gathered_query, label_numbers
from funnel.scale.batch_build.given import BuildEngine
from funnel.scale.batch_build.loaded import Leads
from funnel.scale.batch_build.parts import Journeyed, Workshop
from funnel.scale.batch_build.understanding import START_MONTH
from funnel.storage.manifest import BuiltGathered, BuiltJourneys, Part

UNDATED = "undated"
Answer = TypeVar("Answer")


def journeyed(
    shop: Workshop,
    engine: BuildEngine,
    leads: Leads,
    models: Sequence[StageModel],
    report: Callable[[Note, float | None], None],
) -> Journeyed:
    """Each table of gathered that a model needs, then each model's journeys and summary; what is there already is not made again."""
    concepts = leads.concepts
    for part in leads.parts:
        engine.read(part.folder, *shop.path(part))
    undated = bool(shop.once("undated", lambda: Gathered(cast(Engine, engine)).undated))
    parts: list[Part] = []
    numbers_of: dict[str, dict[str, int]] = {}
    gathered: list[BuiltGathered] = []
    for model in models:
        ends = leads.end_rule.ends(concepts, loops=model.loop is not None)
        numbers = label_numbers(model.placement(concepts), concepts, ends)
        if numbers in numbers_of.values():
            continue
        report(Note("building.progress_gathered", {"labels": len(numbers)}), 0.5)
        folder, query = f"gathered/{len(gathered)}", gathered_query(numbers, undated=undated)
        parts.append(shop.part(folder, partial(engine.write, query)))
        name = f"built_gathered_{len(gathered)}"
        engine.read(name, *shop.path(parts[-1]))
        numbers_of[name] = numbers
        gathered.append(BuiltGathered(folder, numbers))
    # A build's engine has the few methods that journeys need, no more.
    journeys = Journeys(
        cast(Engine, engine),
        concepts,
        start_from_created=leads.start_from_created,
        numbered=bool(leads.about["numbered"]),
        end_rule=leads.end_rule,
        dated_labels=leads.dated_labels,
        gathered=Gathered(cast(Engine, engine), undated=undated, known=numbers_of),
        local_times=leads.local_times is not None,
    )

    built: list[BuiltJourneys] = []
    work: list[Callable[[], tuple[Part, Part]]] = []
    for index, model in enumerate(models):
        key = model.key if re.fullmatch(r"[a-z0-9-]+", model.key) else f"model-{index}"
        built.append(
            BuiltJourneys(model.key, f"journeys/{key}", f"summary/{key}", len(model.stages), model.placement(concepts))
        )
        work.append(partial(_made, shop, engine, journeys, model, built[-1]))
    done = made_in_order(work, engine.at_once)
    for index, model in enumerate(models):
        report(Note("building.progress_journeys", {"model": model.name}), 0.6 + 0.4 * index / len(models))
        parts += next(done)
    return Journeyed(tuple(parts), tuple(gathered), tuple(built), undated)


def made_in_order(work: Sequence[Callable[[], Answer]], at_once: int) -> Iterator[Answer]:
    """What each piece of work gives, in order, as many done at the same time as are asked for. Where one fails, none is begun any more."""
    if at_once == 1:
        yield from (piece() for piece in work)
        return
    pool = ThreadPoolExecutor(at_once)
    try:
        for doing in [pool.submit(piece) for piece in work]:
            yield doing.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _made(
    shop: Workshop, engine: BuildEngine, journeys: Journeys, model: StageModel, each: BuiltJourneys
) -> tuple[Part, Part]:
    """The journeys and the summary of a model as parts."""
    part = shop.part(each.folder, _writer(engine, journeys, model))
    return part, shop.part(each.summary, _summed(engine, each.summary, shop.path(part), each.stages))


def _writer(engine: BuildEngine, journeys: Journeys, model: StageModel) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        name = identifier(journeys.table(model))
        month = f"COALESCE(SUBSTR(CAST(journeys.started_local AS VARCHAR), 1, 7), '{UNDATED}') AS {START_MONTH}"
        engine.write(Query(f"SELECT journeys.*, {month}\nFROM {name} AS journeys"), folder, by=START_MONTH)

    return make


def _summed(engine: BuildEngine, name: str, journeys: Sequence[Path], stages: int) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        engine.read(name, *journeys)
        engine.write(summary(name, stages), folder)

    return make


def summary(journeys: str, stages: int) -> Query:
    """How many leads there are of each kind: counted_by (the rule), start_day (NULL: unknown), outcome, last_stage, fate_i of each stage
    (see `journeys.FATES`; 0: not counted there), leads, first_start, last_start. Without a window, and by lead."""
    kinds = " UNION ALL ".join(
        f"SELECT {number} AS number, '{rule.value}' AS counted_by" for number, rule in enumerate(EVERYWHERE)
    )
    expressions = {
        "counted_by": "kinds.counted_by",
        "start_day": "CAST(journeys.started_local AS DATE)",
        "outcome": "journeys.outcome",
        "last_stage": "journeys.last_stage",
    }
    for position in range(stages):
        whens = [
            f"WHEN {number} THEN journeys.{RULES[rule].column}_fate_{position}"
            for number, rule in enumerate(EVERYWHERE)
        ]
        expressions[f"fate_{position}"] = f"CASE kinds.number {' '.join(whens)} END"
    columns = ",\n    ".join(f"{expression} AS {name}" for name, expression in expressions.items())
    return Query(
        f"""SELECT {columns},
    COUNT(*) AS leads, MIN(journeys.started_local) AS first_start, MAX(journeys.started_local) AS last_start
FROM {identifier(journeys)} AS journeys
CROSS JOIN ({kinds}) AS kinds
GROUP BY {", ".join(expressions.values())}"""
    )
