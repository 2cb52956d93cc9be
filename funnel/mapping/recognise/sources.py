"""One hypothesis of what a line of a table is, carried out: which column plays which part then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from funnel.core.types import LOST_CONCEPTS, WON_CONCEPT, Shape
from funnel.mapping import dated_headers, grammar
from funnel.mapping.headers import is_last_touch, squashed, uses_by_header
from funnel.mapping.labels import label_concepts
from funnel.mapping.outcomes import header_means, is_flag, is_loss_reason, is_lost_flag
from funnel.mapping.profile import Column
from funnel.mapping.recognise import fits
from funnel.mapping.recognise.checklists import step_state
from funnel.mapping.recognise.datings import VARIES, clock_of, creations, happened, is_series, since, time_of
from funnel.mapping.recognise.joined_lines import of_the_lead_first
from funnel.mapping.recognise.picks import Picks
from funnel.mapping.stage_flags import stage_flags
from funnel.mapping.stages import closes, named_stage, names_stage, noun, stage_dates
from funnel.mapping.types import Source, StageDate

HALF, MOST_LOST = 0.5, 0.95
HANDED_OVER = 0.2
"""By so much more of the lines the one column must repeat the other's last value to be the one that says from where."""


def changes(picks: Picks, lead: Column) -> Source | None:
    """The table as changes of fields, one a line; None where no column names the field that changed."""
    candidates, overrides = picks.candidates, picks.overrides
    if overrides.shape is None and not (
        (picks.by_hand.get("field") or candidates.of("field"))
        and (picks.by_hand.get("label") or candidates.of("new_value"))
    ):
        return None
    picks.parts["lead"] = lead
    field = picks.give("field", candidates.of("field"))
    value = picks.give("label", [*candidates.of("new_value"), *(candidates.labels if overrides.shape else [])])
    time = picks.give("time", [*candidates.of("time"), *candidates.of("created"), *candidates.dates()])
    if overrides.shape is Shape.CHANGES:
        _required(picks, {"label": value, "time": time})
    if value is None or time is None or (field is None and overrides.shape is None):
        return None
    picks.give("old", candidates.of("old_value"))
    return _source(picks, Shape.CHANGES)


def history(picks: Picks, lead: Column, label: Column | None) -> Source | None:
    """The table as entries of leads at a label (None: each file's name is the label); None where no column says when."""
    candidates, table = picks.candidates, picks.table
    dates = [column for column in candidates.happened() if column.filled and column.name != lead.name]
    varying = picks.facts.varying(lead, dates)
    time = picks.by_hand.get("time") or time_of(picks, dates, varying)
    if picks.overrides.shape is Shape.HISTORY:
        several = len(table.raws) > 1
        _required(picks, {"label": label or (lead if several else None), "time": time})
    if time is None or (label is None and len(table.raws) < 2):
        return None
    picks.parts["lead"] = lead
    if label is not None:
        picks.parts["label"] = label
    picks.parts["time"] = time
    if label is not None:
        _sides(picks, lead, label, time)
    others = [column for column in dates if column is not time and not is_last_touch(column.name)]
    twin = next((each for each in others if varying.get(each.name, 0.0) >= VARIES), None)
    start = candidates.start([time, *others]) if twin is not None and "time" not in picks.by_hand else None
    if start is not None and twin is not None:
        later = (
            time if start is not time else next((each for each in candidates.of("exited") if each is not time), twin)
        )
        _two_times(picks, start, later)
    still = [each for each in candidates.of("created") if varying.get(each.name, 0.0) < VARIES and happened(each)]
    picks.give("created", still)
    # In a history the entry into a closing stage is the closing; the close date beside it was a plan when the line was written.
    names_ends = (
        label is not None and label.complete and any(label_concepts.end(text) is not None for text in label.values)
    )
    picks.give("closed", [] if names_ends else [each for each in candidates.of("closed") if happened(each)])
    state = step_state(picks, lead, time)
    if state is not None:
        picks.parts["step_state"] = state
    _common(picks, [column for column in candidates.outcomes if column not in (picks.parts.get("label"), state)])
    clock = clock_of(picks, time)
    if clock is not None:
        picks.parts["clock"] = clock
    names = tuple(raw.name for raw in table.raws) if label is None else ()
    series = label is not None and is_series(picks, lead, time)
    return replace(_source(picks, Shape.HISTORY, constant=names), series=series)


def label_choices(picks: Picks, lead: Column) -> list[Column]:
    """The columns that can be the label of a log, likeliest first: as said, the one of where a lead went, then any label."""
    if "label" in picks.by_hand:
        by_hand = picks.by_hand["label"]
        return [] if by_hand is None else [by_hand]
    old, new = picks.candidates.sides
    went = new if old else []
    columns = [each for each in [*went, *picks.candidates.labels] if each is not lead and (each not in old or not went)]
    return list(dict.fromkeys(columns)) or [each for each in old if each is not lead]


def changing(picks: Picks, lead: Column) -> Column | None:
    """The column of few words that differs within most leads, if it does within half of those with several lines."""
    candidates = picks.candidates.labels_by_content()
    varying = picks.facts.varying(lead, candidates)
    best = max(candidates, key=lambda column: varying[column.name], default=None)
    return best if best is not None and varying[best.name] >= 0.5 else None


def one_line_each(picks: Picks, lead: Column | None) -> Source | None:
    """The table as one line a lead, wide or a snapshot; without a lead each line is one. None where nothing tells of a funnel.

    Of a table of ids alone (a list of people) there is a source too, since other tables may tell of the same leads.
    """
    candidates, overrides = picks.candidates, picks.overrides
    if lead is not None:
        picks.parts["lead"] = lead
    outcomes = candidates.outcomes
    wide_wanted = overrides.shape is Shape.WIDE
    old, _ = candidates.sides
    # What was last done with a lead is not where it stands: it is asked only where nothing else tells.
    standing = [each for each in candidates.labels if not (outcomes and dated_headers.is_latest_doing(each.name))]
    plain = sorted((each for each in standing if each not in outcomes), key=lambda column: column in old)
    # A column of yes and no says how leads ended; as a label it would only read "1" and "0". One that is mostly empty is of few.
    worded = [*plain, *(column for column in outcomes if not is_flag(column))]
    sparse = {column.name for column in worded if column.filled < HALF * picks.table.rows}
    worded = of_the_lead_first(picks.facts, lead, worded)
    # The kind of an event (a wedding, a conference) is where a lead stands only if nothing else says it, or its words do.
    events = {each.name for each in worded if fits.of_events(each)}
    worded.sort(
        key=lambda column: (
            column.name in sparse,
            column in old,
            column.name in events,
            -candidates.label_named(column),
        )
    )
    label = picks.give("label", worded)
    outcome = picks.give("outcome", [column for column in outcomes if column is not label])
    closed = [each for each in candidates.of("closed") if closes(each.name) and happened(each)]
    closed = of_the_lead_first(picks.facts, lead, closed)
    created = picks.give("created", of_the_lead_first(picks.facts, lead, creations(picks, label, closed)))
    # Where a line is a lead, the time that a person names is since when it bears its label; without a label, one more date.
    since_by_hand = picks.by_hand.pop("time", None) if label is not None else None
    picks.by_hand.pop("time", None)
    changed = since_by_hand or candidates.changed() or since(candidates, created)
    if changed is not None and changed.name not in picks.taken:
        picks.parts["changed"] = changed
    picks.give("closed", closed)
    dated = _stage_dates(picks, label)
    dated = _closing(picks, dated)
    _common(picks, [])
    _lost_by_reason(picks, label, dated)
    stages = len({each.label for each in dated if label_concepts.end(each.label) != "lost"})
    # A snapshot may date one of its labels; several dated stages make a file wide.
    wide = wide_wanted or (stages >= 1 and label is None) or stages >= 2
    if wide_wanted and not dated:
        raise picks.missing("stage_dates")
    if overrides.shape is Shape.SNAPSHOT and label is None and outcome is None:
        raise picks.missing("label")
    shape = Shape.WIDE if wide and overrides.shape is not Shape.SNAPSHOT else Shape.SNAPSHOT
    if label is None and created is not None and (outcome is not None or dated or shape is Shape.SNAPSHOT):
        dated = (_made(created, lead), *dated) if _lacks_entry(picks, dated) else dated
    elif shape is Shape.WIDE and created is not None and _lacks_entry(picks, dated):
        dated = (_began(created, label) or _made(created, lead), *dated)
    return _source(picks, shape, stage_dates=dated, stage_flags=_stage_flags(picks))


def _stage_flags(picks: Picks) -> tuple[StageDate, ...]:
    """The columns of yes and no that say which stages were reached, unless a person says what does."""
    if picks.by_hand.get("label") is not None or picks.overrides.stage_dates:
        return ()
    ended = bool({"label", "outcome"} & set(picks.parts))
    return stage_flags(picks.table.columns, picks.taken, ended=ended)


def _source(picks: Picks, shape: Shape, **more: tuple[StageDate, ...] | tuple[str, ...]) -> Source:
    return Source(
        view=picks.table.view,
        names=tuple(raw.name for raw in picks.table.raws),
        columns=tuple(column.name for column in picks.table.columns),
        shape=shape,
        parts={part: column.name for part, column in picks.parts.items()},
        **more,  # type: ignore[arg-type]
    )


def _sides(picks: Picks, lead: Column, label: Column, time: Column) -> None:
    """Of two columns of labels, the one that the other repeats on the lead's next line is the label; the other is from where."""
    old, _ = picks.candidates.sides
    by_hand = picks.by_hand.get("old")
    if "old" in picks.by_hand and by_hand is None:
        return
    other = by_hand or next((each for each in old if each is not label and each is not lead), None)
    if other is None:
        return
    moment = picks.moment(time)
    if by_hand is None and "label" not in picks.by_hand and moment is not None:
        after = picks.facts.handover(lead, other, label, time, moment)
        before = picks.facts.handover(lead, label, other, time, moment)
        if before > after + HANDED_OVER:
            label, other = other, label
        elif after < HANDED_OVER and not _of_labels(picks, other):
            # A column called "old" or "from" that the lines do not confirm is of anything.
            return
    picks.parts |= {"label": label, "old": other}


def _of_labels(picks: Picks, column: Column) -> bool:
    """Whether a header says that its column holds labels: "Old stage", not "Old"."""
    return column in picks.candidates.of("from_label") or bool(grammar.strength(column.name, "label"))


def _two_times(picks: Picks, start: Column, later: Column) -> None:
    """A log with two times is about being entered at the first. With *from* and *to* it is a list of stays: from, from when,
    to, until when; then each line's entry is *from*, and where some lines have no *from*, *to* at the later time."""
    old = picks.parts.get("old")
    if old is None:
        picks.parts |= {"time": start, "end": later}
    elif min(old.filled, start.filled) >= 0.95 * picks.table.rows:
        target = picks.parts["label"]
        picks.parts |= {"label": old, "time": start, "target": target, "until": later}
        del picks.parts["old"]
    else:
        picks.parts["time"] = later


def _stage_dates(picks: Picks, label: Column | None) -> tuple[StageDate, ...]:
    texts = {squashed(header): text for header, text in picks.overrides.stage_dates}
    if not texts:
        by_hand = picks.overrides.shape is Shape.SNAPSHOT and label is None
        return () if by_hand else stage_dates(picks.candidates.happened(), label, picks.taken)
    return tuple(
        StageDate(column.name, texts[squashed(column.name)], label_concepts.end(texts[squashed(column.name)]) or "")
        for column in picks.table.columns
        if squashed(column.name) in texts
    )


def _closing(picks: Picks, dated: tuple[StageDate, ...]) -> tuple[StageDate, ...]:
    """Of a list that says in words who was won, the only date of a stage is that of winning: then it is the closing date."""
    says_ends = "outcome" in picks.parts or "label" in picks.parts
    if (
        "closed" in picks.parts
        or "closed" in picks.by_hand
        or not says_ends
        or picks.overrides.stage_dates
        or len(dated) != 1
    ):
        return dated
    if label_concepts.guess(dated[0].label)[0] != WON_CONCEPT:
        return dated
    picks.parts["closed"] = picks.table.by_name[dated[0].column]
    return ()


def _made(created: Column, lead: Column | None) -> StageDate:
    label, concept = named_stage(created.name) if names_stage(created.name) else noun(lead.name if lead else "lead")
    return StageDate(created.name, label, concept, made=True)


def _began(created: Column, label: Column | None) -> StageDate | None:
    """The moment of the making as the entry at the one label that means a new lead, where the file has one such label and says all."""
    texts = label.values if label is not None and label.complete else ()
    new = [text for text in texts if label_concepts.surely(text) == "lead"]
    return StageDate(created.name, new[0], "lead", made=True) if len(new) == 1 else None


def _lacks_entry(picks: Picks, dated: Sequence[StageDate]) -> bool:
    """Whether some leads would be nowhere in the file's own stages although it says when they came."""
    rows = max(picks.table.rows, 1)
    return not any(picks.table.by_name[each.column].filled >= 0.95 * rows for each in dated)


def _common(picks: Picks, outcomes: Sequence[Column]) -> None:
    candidates = picks.candidates
    if "outcome" not in picks.parts:
        picks.give("outcome", outcomes)
    outcome = picks.parts.get("outcome")
    # "Is won" and "Is lost" are two halves of one answer.
    if outcome is not None and is_flag(outcome) and header_means(outcome.name) == "won":
        picks.give("lost_flag", [column for column in candidates.outcomes if is_lost_flag(column)])
    amount = picks.give("amount", candidates.of("amount"))
    picks.give("currency", [*_currency_of(picks, amount), *candidates.of("currency")])
    for part in ("account", "owner", "pipeline"):
        picks.give(part, candidates.of(part))


def _currency_of(picks: Picks, amount: Column | None) -> list[Column]:
    """The column of currencies that is named after the column of amounts: "Amount (Net) Currency" beside "Amount (Net)"."""
    if amount is None:
        return []
    headers = {squashed(amount.name) + word for word in uses_by_header().get("currency", {})}
    return [
        each for each in picks.table.columns if squashed(each.name) in headers and each.filled and each.numbers < HALF
    ]


def _lost_by_reason(picks: Picks, label: Column | None, dated: Sequence[StageDate]) -> None:
    """Of a list in which nothing else says who was lost, the reason that some leads were lost for says it."""
    texts = [*(each.label for each in dated), *(label.values if label is not None else ())]
    says_lost = any(label_concepts.guess(text)[0] in LOST_CONCEPTS for text in texts)
    if {"outcome", "lost_flag"} & set(picks.parts) or says_lost or (label is not None and not label.complete):
        return
    for column in picks.table.columns:
        given = 0 < column.filled < MOST_LOST * picks.table.rows
        if (
            column.name not in picks.taken
            and given
            and is_loss_reason(column.name)
            and not (column.is_date or is_flag(column))
        ):
            picks.parts["lost_reason"] = column
            return


def _required(picks: Picks, parts: dict[str, Column | None]) -> None:
    for part, column in parts.items():
        if column is None:
            raise picks.missing(part)
