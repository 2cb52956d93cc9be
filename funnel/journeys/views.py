"""The journeys of one data set: a view for each way of looking that was asked for; the definitions stand in `funnel.journeys`."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from functools import cached_property, partial
from typing import TypeVar

from funnel.core.engine import Engine
from funnel.core.history import known_as
from funnel.core.sql import Paragraph, Query, identifier
from funnel.core.types import LOST_CONCEPTS, WON_CONCEPT, EndRule, Ends, Entry, Rule, StageModel
from funnel.journeys.at_start import StartValues
from funnel.journeys.build import CORE_COLUMNS, journeys_query
from funnel.journeys.chains import keep_from_any
from funnel.journeys.file_facts import FileFacts
from funnel.journeys.first_last import KEYS, STAGE, Gathered, meaning
from funnel.journeys.kept import Kept
from funnel.journeys.observed import WHOLE, Tables, cut, latest_entry
from funnel.journeys.order import resolved_from_first, strict_runs
from funnel.journeys.panel import labels_placed, landmark_query, panel_query
from funnel.journeys.rules import RULES
from funnel.journeys.stage_visits import ELSEWHERE, stage_visits_query, visit_placement
from funnel.journeys.staged import moments_of, staged
from funnel.journeys.transitions import transitions_query
from funnel.journeys.versions import joined, numbers_of, others_query
from funnel.journeys.windowed import Window, across_query, within

KEPT_MOMENTS = 2
WIDE, IN_ORDER, RUNS = "_wide", "_in_order", "_runs"
"""Behind the name of a journeys view: the view with the file's attributes beside it, and the tables that it reads beside `gathered`."""
Answer = TypeVar("Answer")


class Journeys:
    """The journeys of one data set, a view for each way of looking that was asked for, and what is built from them, built once and kept.

    `concepts` gives the concept of every label of the file. `start_from_created` is for snapshots. `numbered`: the file numbers
    its entries, so that those of one moment have an order too. `end_rule` says what opens a lead again that was lost or won.
    `gathered` is what was built of the same history before, `tables` where leads and history stand, `starts` the leads at their start.
    `local_times`: the file's offsets differ, and a table of that name (lead_id, moment, local_at) holds what other clocks than the usual
    one showed. `dated_labels`: those that have a column of dates in a snapshot, where a lead begins when it was not created. `file` is
    what questions about columns, and about labels in their order, need beside; None of journeys without a file.
    """

    def __init__(
        self,
        engine: Engine,
        concepts: Mapping[str, str],
        *,
        start_from_created: bool,
        numbered: bool = False,
        end_rule: EndRule | None = None,
        gathered: Gathered | None = None,
        tables: Tables = WHOLE,
        starts: StartValues | None = None,
        local_times: bool = False,
        dated_labels: Collection[str] = (),
        file: FileFacts | None = None,
    ) -> None:
        self.engine = engine
        self.concepts = dict(concepts)
        self.start_from_created = start_from_created
        self.numbered = numbered
        self.end_rule = end_rule or EndRule()
        self.starts = starts or StartValues(engine)
        self.local_times = local_times
        self.dated_labels = frozenset(dated_labels)
        self.tables = tables
        self.file = file
        self._gathered = gathered or Gathered(engine, tables=tables)
        self._base_of: dict[str, str] = {}
        self._kept = Kept(engine, tables.prefix, self._drop_view)
        self._cut: OrderedDict[datetime, Journeys] = OrderedDict()
        self._widened: set[str] = set()

    def table(
        self,
        model: StageModel,
        entry: Entry = Entry.FIRST,
        window_days: int | None = None,
        rule: Rule = Rule.PASSED,
    ) -> str:
        """The name of the journeys view for this model, with all columns of the leads."""
        name = self.own(model, entry, window_days, rule)
        attributes = [column for column in self._columns if column not in CORE_COLUMNS]
        if not self.tables.form.is_sorted or not attributes:
            return name
        wide = f"{name}{WIDE}"
        with self._kept.lock:
            if wide not in self._widened:
                columns = ", ".join(
                    ["journeys.*", *(f"leads.{identifier(column)} AS {identifier(column)}" for column in attributes)]
                )
                joined = f"INNER JOIN {known_as(self.tables.leads, 'leads')} ON leads.rowid = journeys.lead_place"
                self.engine.view(wide, Query(f"SELECT {columns}\nFROM {identifier(name)} AS journeys\n{joined}"))
                self._widened.add(wide)
        return wide

    def own(
        self,
        model: StageModel,
        entry: Entry = Entry.FIRST,
        window_days: int | None = None,
        rule: Rule = Rule.PASSED,
    ) -> str:
        """The name of the journeys view for this model; it has a row for each lead that the model can place, of its version.

        Columns: lead_id, account_id, amount, currency, created_at, closed_at, outcome_said (of a history as text, the file's attributes
        too; of sorted entries, lead_key, by which they know the lead, and lead_place), outcome, ended_at,
        last_won_at, started_at, started_local (the start as its own clock showed it, for the calendar), last_stage, deepest (the furthest
        stage recorded), and for each stage i: seen_i (recorded there), the times first_i, last_i, passed_i and ordered_i (NULL where
        not reached or the moment is unknown), and the fates first_fate_i, passed_fate_i and ordered_fate_i; by a `rule` that has runs,
        strict_i and strict_fate_i too.
        """
        placement = model.placement(self.concepts)
        stages = len(model.stages)
        runs = (window_days,) if RULES[rule].has_runs else None
        chained = window_days if entry is Entry.ANY and runs is None else None
        ends = self.ends(model)

        def build(name: str) -> None:
            numbers = numbers_of(model, self)
            base, undated = self._gathered.table(numbers), self._gathered.undated
            columns = (*CORE_COLUMNS, *KEYS) if self.tables.form.is_sorted else self._columns
            leads = staged(base, stages, columns, placement, self.concepts, numbers, ends, undated=undated)
            if chained is None:
                by_windows = self.engine.joins_move_rows
                resolved = resolved_from_first(placement, stages, leads, self.tables, by_windows=by_windows)
                self.engine.keep(f"{name}{IN_ORDER}", resolved)
            else:
                keep_from_any(self.engine, f"{name}{IN_ORDER}", placement, stages, chained, leads, self.tables)
            if runs is not None:
                self.engine.keep(f"{name}{RUNS}", strict_runs(placement, stages, window_days, self.tables))
            view = journeys_query(
                leads,
                f"{name}{IN_ORDER}",
                stages,
                (*columns, *moments_of(numbers)) if self.tables.form.is_sorted else columns,
                start_from_created=self.start_from_created,
                undated=undated,
                begin_at=self._begin_at(placement),
                later=self.tables.later,
                local_times=self.local_times,
                lead=self.tables.form.lead,
                window_days=chained,
                runs=None if runs is None else f"{name}{RUNS}",
                only=joined(model.seams, numbers, self),
            )
            self.engine.view(name, view)
            self._base_of[name] = base

        return self._kept.table("journeys", (stages, _frozen(placement), chained, runs, ends, model.seams), build)

    @cached_property
    def _columns(self) -> list[str]:
        return [column for column, _ in self.engine.columns(self.tables.leads)]

    def ends(self, model: StageModel) -> Ends:
        """The labels that open a lead again, under the rule of these journeys and in this model."""
        return self.end_rule.ends(self.concepts, loops=model.loop is not None)

    def within(
        self, model: StageModel, rule: Rule, entry: Entry, window_days: int, source: str, name: str
    ) -> list[Paragraph]:
        """Paragraphs that end in `name`: the rows of `own` (or `table`) for this model and window that stand in `source`, and how each
        stood when its window ended, see `windowed.within`."""
        journeys, placement = self.own(model, entry, window_days, rule), model.placement(self.concepts)
        ends, numbers = self.ends(model), numbers_of(model, self)
        holds_times = self.tables.form.is_sorted and journeys in self._base_of
        gathered = None if holds_times else self._gathered.table(numbers)
        window = Window(rule, window_days, numbers, gathered)

        def build(across: str) -> None:
            self.engine.keep(across, across_query(window, journeys, self.tables))

        across = self._kept.table("within", (journeys, RULES[rule].opened, window_days), build)
        return within(
            window, across, placement, len(model.stages), self.concepts, ends, source, name, self.tables.form.lead
        )

    def elsewhere(self, model: StageModel) -> str:
        """The name of a table of lead_id and is_dated of the leads that do not belong to the version that the model is of."""
        numbers = numbers_of(model, self)
        query = partial(others_query, self._gathered.table(numbers), model.seams, numbers, self)
        return self._kept.rows("elsewhere", (model.seams,), query)

    def transitions(self, model: StageModel) -> str:
        """The name of the transitions table for this model; it has a row for each lead that the model can place.

        It speaks of *filled* stages, those that take a label of the file, counted from 0 (`filled`). Columns: lead_id, forward, backward
        and skips (moves), and full_path (recorded at every filled stage before the win).
        """
        filled = self.filled(model)
        rank = {position: number for number, position in enumerate(filled)}
        placement = {label: rank[position] for label, position in model.placement(self.concepts).items()}
        for label, concept in self.concepts.items():
            if concept == WON_CONCEPT:
                placement.setdefault(label, len(filled))
        win = model.win_stage(self.concepts)
        before_win = sum(win is None or position < win for position in filled)
        to = model.loop.to if model.loop else None
        loop = next((rank.get(position) for position, stage in enumerate(model.stages) if stage.key == to), None)
        journeys = self.own(model)

        def build(name: str) -> None:
            query = transitions_query(
                placement,
                len(filled),
                before_win=before_win,
                loop=loop,
                journeys=journeys,
                numbered=self.numbered,
                tables=self.tables,
            )
            self.engine.keep(name, query)

        return self._kept.table("transitions", (_frozen(placement), before_win, loop, journeys), build)

    def stage_visits(self, model: StageModel) -> str:
        """The name of the stage visits table for this model; it has a row for each visit of a lead to a stage, in the order of time.

        Columns: lead_id, visit (from 1), position, entered_at, left_at (NULL: still there, or the moment is unknown), to_position
        (NULL: still there) and from_position (NULL: it began here). Beside the stages, `ends_of` gives the positions of ends.
        """
        stages = len(model.stages)
        placement = visit_placement(model.placement(self.concepts), self.concepts, stages)
        win, journeys, idle = model.win_stage(self.concepts), self.own(model), self._idle(model)
        if idle:
            placement = {**dict.fromkeys(sorted(self.ends(model).reopening), ELSEWHERE), **placement}

        def build(name: str) -> None:
            self.engine.keep(
                name, stage_visits_query(placement, stages, win, journeys, self.numbered, idle, self.tables)
            )

        return self._kept.table("stage_visits", (stages, _frozen(placement), win, journeys), build)

    def counted_before(self, model: StageModel, rule: Rule) -> Query | None:
        """The select behind the patterns of `population.summary` of all leads without a window, where counted before; else None."""
        return None

    def filled(self, model: StageModel) -> list[int]:
        """The positions of the stages that take a label of the file."""
        return sorted(set(model.placement(self.concepts).values()))

    def panel(self, reference: StageModel, observed_until: datetime) -> str:
        """The name of the panel table of a model: lead_id, from_label, to_label (positions in `labels_of`, or WON_STATE, LOST_STATE),
        pairs: how often the lead stood at the one and 30 days later at the other."""
        placement, journeys = labels_placed(reference), self.own(reference)

        def build(name: str) -> None:
            query = panel_query(placement, journeys, observed_until, self.numbered, self.tables)
            self.engine.keep(name, query)

        return self._kept.table("panel", (_frozen(placement), journeys, observed_until), build)

    def landmarks(self, reference: StageModel, days: int, model: StageModel | None = None) -> str:
        """The name of a landmark table: lead_id and position, where the lead stood so many days after its start in `reference`: the
        position of its last label in `labels_of`; or of a `model`, the stage of the last label that it takes. Who was nowhere yet
        has no row."""
        placement = labels_placed(reference) if model is None else model.placement(self.concepts)
        journeys = self.own(reference)

        def build(name: str) -> None:
            self.engine.keep(name, landmark_query(placement, journeys, days, self.numbered, self.tables))

        return self._kept.table("landmarks", (_frozen(placement), journeys, days), build)

    def keep(self, kind: str, key: tuple[object, ...], query: Callable[[], Query]) -> str:
        """The name of a table that holds the rows of a query, built once for this kind and key."""
        return self._kept.rows(kind, key, query)

    def once(self, key: tuple[object, ...], work: Callable[[], Answer]) -> Answer:
        """What `work` answers, worked out once for this key; only for what no date changes."""
        return self._kept.once(key, work)

    def statement(self, name: str) -> str:
        """What made a table that was kept by `keep`, readable, for *Show SQL*."""
        return self._kept.statement(name)

    def _begin_at(self, placement: Mapping[str, int]) -> list[int]:
        """The stages of labels with dates of their own that are no ends."""
        dated = self.dated_labels & placement.keys()
        return sorted({placement[label] for label in dated if meaning(self.concepts[label]) == STAGE})

    def _idle(self, model: StageModel) -> list[str]:
        """The labels of stages that do not open a lost lead again."""
        opening = self.ends(model).reopening
        return sorted(
            label
            for label in model.placement(self.concepts)
            if label not in opening and self.concepts[label] not in LOST_CONCEPTS
        )

    def until(self, moment: datetime | None) -> Journeys:
        """The journeys of what was observed by a moment, both leads and entries (`observed.cut`): these, where no entry is later.

        Those of the KEPT_MOMENTS moments asked for last are kept.
        """
        latest = self.once(("latest_entry",), lambda: latest_entry(self.engine, self.tables))
        if moment is None or latest is None or moment >= latest:
            return self
        with self._kept.lock:
            if moment not in self._cut:
                while len(self._cut) >= KEPT_MOMENTS:
                    self._cut.popitem(last=False)[1].forget()
                prefix = f"{self.tables.prefix}until_{moment:%Y%m%d%H%M%S%f}_"
                self._cut[moment] = Journeys(
                    self.engine,
                    self.concepts,
                    start_from_created=self.start_from_created,
                    numbered=self.numbered,
                    end_rule=self.end_rule,
                    tables=cut(self.engine, moment, prefix, self.tables),
                    starts=self.starts,
                    local_times=self.local_times,
                    dated_labels=self.dated_labels,
                    file=self.file,
                )
            self._cut.move_to_end(moment)
            return self._cut[moment]

    def forget(self) -> None:
        """Remove all that was built here, and the tables that it was made of, where these were cut."""
        for each in self._cut.values():
            each.forget()
        self._kept.forget()
        if self.tables.later is not None:
            self._gathered.forget()
        self.tables.forget(self.engine)

    def _drop_view(self, name: str) -> None:
        for view in (f"{name}{WIDE}", name):
            self.starts.forget(view)
            self.engine.drop_view(view)
        self._widened.discard(f"{name}{WIDE}")
        self.engine.drop_table(f"{name}{IN_ORDER}")
        self.engine.drop_table(f"{name}{RUNS}")
        del self._base_of[name]
        if not self.tables.prefix or self.tables.later is not None:
            # Journeys beside these look at the same tables, and would miss them.
            self._gathered.keep_only(set(self._base_of.values()))


def _frozen(placement: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(placement.items()))
