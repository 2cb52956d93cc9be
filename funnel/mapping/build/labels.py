"""The labels of the files: one spelling each, ids turned into names, and the concept each is taken for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from funnel import catalogue
from funnel.core.engine import Engine
from funnel.core.errors import MappingError
from funnel.core.history import CODES, SORTED, Form
from funnel.core.sql import Query, identifier
from funnel.core.types import IGNORED, LOST_CONCEPTS, UNPLACED, WON_CONCEPT, LabelCount, Note, Shape
from funnel.mapping import grammar
from funnel.mapping.cells.placeholders import cleaned
from funnel.mapping.headers import squashed, words
from funnel.mapping.labels import label_concepts
from funnel.mapping.outcomes import outcome_values
from funnel.mapping.stages import pretty
from funnel.mapping.template import among, fill, raw_cell
from funnel.mapping.types import ColumnMapping, Join, Source
from funnel.mapping.votes import NEARLY_ALL
from funnel.words import wording

SPELLINGS = "label_spellings"
MOST_LABELS = 20_000
LISTED_MERGES = 6
VOTED = 0.7
"""How sure a meaning is that the lines decide and not the text."""
END_LABELS = {"won": "Won", "lost": "Lost"}
"""What the end of a lead is called, by its concept, where no label of the file says it."""


@dataclass
class Labels:
    """What labels are called and taken for.

    `spelled` is the text of each label by (view, text in the file) where that differs; `made` gives the concept of labels that
    are this program's words; `headers` the header that a label came from; `outcomes` what the outcome column's values say.
    `texts` are all labels that the columns of labels hold. `clean` are the (view, part) of the columns whose every text is a
    label as it stands. `voted` are the labels whose meaning the lines decide, without case and signs, each with its concept.
    """

    mapping: ColumnMapping
    spelled: dict[tuple[str, str], str] = field(default_factory=dict)
    clean: set[tuple[str, str]] = field(default_factory=set)
    merged: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    texts: set[str] = field(default_factory=set)
    unnamed: int = 0
    made: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    outcomes: dict[str, dict[str, str | None]] = field(default_factory=dict)
    voted: dict[str, str] = field(default_factory=dict)

    def decide(self, meanings: Mapping[str, str]) -> None:
        """Takes the labels for what the lines say (`votes.meanings`), but where a name beside their id told more."""
        self.voted = {**{loosely(label): concept for label, concept in meanings.items()}, **self.voted}

    def guess(self, label: str) -> tuple[str, float]:
        """The concept of a label and how sure that is: as a person said, as made, as the lines say, else guessed."""
        overrides = self.mapping.overrides
        ends = [(text, end) for end, texts in (("won", overrides.won), ("lost", overrides.lost)) for text in texts]
        touches = [(text, IGNORED) for text in overrides.touch_labels]
        by_hand = {squashed(text): concept for text, concept in (*overrides.concepts, *ends, *touches)}
        if squashed(label) in by_hand:
            return by_hand[squashed(label)], 1.0
        if label in self.made:
            return self.made[label], 1.0
        if loosely(label) in self.voted:
            return self.voted[loosely(label)], VOTED
        concept, confidence = label_concepts.guess(label)
        # Who lists the labels that mean won, or lost, has listed them all.
        if (overrides.won and concept == WON_CONCEPT) or (overrides.lost and concept in LOST_CONCEPTS):
            return UNPLACED, 0.0
        return concept, confidence

    def meaning(self, label: str) -> str | None:
        """ "won" or "lost" where the label means that."""
        concept, _ = self.guess(label)
        return "won" if concept == WON_CONCEPT else "lost" if concept in LOST_CONCEPTS else None

    def ends_in(self, engine: Engine, table: str) -> dict[str, str]:
        """The labels in a table that mean "won" or "lost", each with that."""
        meant = {label: self.meaning(label) for label in labels_in(engine, table)}
        return {label: meaning for label, meaning in meant.items() if meaning is not None}

    def spelling(self, source: Source, part: str = "label") -> tuple[Query, Query]:
        """(expression, join) that give the label of a raw line in its one spelling."""
        column = raw_cell(source.parts[part])
        text = Query(column) if (source.view, part) in self.clean else cleaned(column)
        if not any(view == source.view for view, _ in self.spelled):
            return text, Query("")
        joined = fill(
            " LEFT JOIN {table} AS spelled ON spelled.view = {view} AND spelled.written = {text}",
            table=identifier(SPELLINGS),
            view=Query("?", (source.view,)),
            text=text,
        )
        return fill("COALESCE(spelled.label, {text})", text=text), joined

    def outcome_label(self, view: str, outcome: str) -> str:
        """What a lead's end is called where only the outcome column tells of it: the column's own word, if it is one."""
        values = (value for value, meaning in self.outcomes.get(view, {}).items() if meaning == outcome)
        own = next((pretty(value) for value in values if label_concepts.end(value) == outcome), None)
        label = own or END_LABELS[outcome]
        self.made[label] = outcome
        return label


def labels_of(engine: Engine, mapping: ColumnMapping) -> Labels:
    """The labels of all sources; leaves the table of spellings in the engine."""
    labels = Labels(mapping)
    for source in mapping.sources:
        if "outcome" in source.parts:
            labels.outcomes[source.view] = said_outcomes(engine, source.asked, source.parts["outcome"])
    counts: dict[str, int] = defaultdict(int)
    texts: dict[tuple[str, str], str] = {}
    for source in mapping.sources:
        for part in ("label", "target"):
            written = _written(engine, mapping, source, part)
            if all(text == label for text, label, _ in written):
                labels.clean.add((source.view, part))
            for _, label, lines in written:
                if label is not None:
                    texts[(source.view, label)] = label
                    counts[label] += lines
    lookup = next((join for join in mapping.joins if join.kind == "lookup"), None)
    if lookup is not None:
        names = lookup_names(engine, lookup)
        views = named_views(lookup, texts, names)
        named = {key: names[key[1]] for key in texts if key[1] in names and key[0] in views}
        labels.unnamed = sum(1 for key in texts if key[0] == lookup.source and key not in named)
        for key, name in named.items():
            texts[key] = name
            counts[name] += counts[key[1]]
        # What an id is called may be a doubtful win, as its id may not: beside a sure one it is none.
        if any(label_concepts.end(name) == "won" for name in named.values()):
            for name in set(named.values()):
                if label_concepts.guess(name)[0] == WON_CONCEPT and not label_concepts.end(name):
                    labels.voted[loosely(name)] = label_concepts.before_won(name)
    # The label of a date column counts as a spelling too: "won" of a label column is the "Won" of `won_date`.
    for stage in mapping.stage_dates:
        labels.headers[stage.label] = stage.column
        if stage.made:
            labels.made[stage.label] = stage.concept
    for stage in (each for source in mapping.sources for each in source.stage_flags):
        labels.headers.setdefault(stage.label, stage.column)
    groups: dict[str, dict[str, int]] = defaultdict(dict)
    for label in set(texts.values()):
        groups[loosely(label)][label] = counts[label]
    for spellings in groups.values():
        best = max(spellings, key=lambda text: (spellings[text], text))
        if len(spellings) > 1:
            labels.merged.append((best, tuple(sorted(text for text in spellings if text != best))))
            texts = {key: best if text in spellings else text for key, text in texts.items()}
    labels.texts = set(texts.values())
    labels.spelled = {key: label for key, label in texts.items() if key[1] != label}
    _keep(engine, labels.spelled)
    return labels


def labels_in(engine: Engine, table: str) -> list[str]:
    """The labels that stand in the column `label` of a table."""
    query = f"SELECT DISTINCT kept.label AS label FROM {identifier(table)} AS kept WHERE kept.label IS NOT NULL"
    return [label for (label,) in engine.rows(Query(query))]


def said_outcomes(engine: Engine, view: str, column: str) -> dict[str, str | None]:
    """What each value of an outcome column says, from all its values."""
    query = fill(
        "SELECT DISTINCT {cell} AS value FROM {view} AS raw LIMIT 200",
        cell=cleaned(raw_cell(column)),
        view=identifier(view),
    )
    values = [value for (value,) in engine.rows(query) if value is not None]
    return outcome_values(column, values) or {}


def _written(
    engine: Engine, mapping: ColumnMapping, source: Source, part: str
) -> list[tuple[str | None, str | None, int]]:
    """The texts of a column of labels: as written, cleaned, and their lines. Of a change log, those of its stage fields."""
    if part not in source.parts:
        return []
    condition = Query("TRUE")
    if source.shape is Shape.CHANGES and mapping.fields:
        stages = [use.name for use in mapping.fields if use.use == "stage"]
        condition = among(cleaned(raw_cell(source.parts["field"])), stages)
    # Each text is cleaned once, not once a line.
    query = fill(
        "SELECT written.text AS text, {label} AS label, written.lines AS lines FROM (SELECT {column} AS text,"
        " COUNT(*) AS lines FROM {view} AS raw WHERE {condition} GROUP BY 1 LIMIT {most}) AS written",
        label=cleaned("written.text"),
        column=raw_cell(source.parts[part]),
        view=identifier(source.asked),
        condition=condition,
        most=str(MOST_LABELS + 1),
    )
    texts = [(text, label, int(lines)) for text, label, lines in engine.rows(query)]
    if len(texts) > MOST_LABELS:
        raise MappingError("mapping.too_many_labels", column=source.parts[part], most=MOST_LABELS)
    return texts


def named_views(lookup: Join, texts: Iterable[tuple[str, str]], names: dict[str, str]) -> set[str]:
    """The views whose labels, as (view, text), mean the names beside these ids: the lookup's own, and those most of whose labels are
    ids of it."""
    by_view: dict[str, list[bool]] = defaultdict(list)
    for view, text in texts:
        by_view[view].append(text in names)
    return {lookup.source, *(view for view, are_ids in by_view.items() if sum(are_ids) > len(are_ids) / 2)}


def lookup_names(engine: Engine, lookup: Join) -> dict[str, str]:
    """The name of each label that a table of labels names by its id."""
    key, value = (cleaned(raw_cell(name)) for name in (lookup.key, lookup.value or lookup.key))
    query = fill(
        "SELECT {key} AS k, {value} AS v FROM {view} AS raw", key=key, value=value, view=identifier(lookup.view)
    )
    return {k: v for k, v in engine.rows(query) if k is not None and v is not None}


def _keep(engine: Engine, spelled: dict[tuple[str, str], str]) -> None:
    columns = [view for view, _ in spelled], [written for _, written in spelled], list(spelled.values())
    texts = ", ".join(f"unnest(?::VARCHAR[]) AS {name}" for name in ("view", "written", "label"))
    engine.keep(SPELLINGS, Query(f"SELECT {texts}", columns))


def loosely(label: str) -> str:
    """A label without case, blanks and the signs that people put between words; a + or # is kept, since it tells."""
    stripped = "".join(sign for sign in label.casefold() if not sign.isspace() and sign not in "-_./:,;'\"()–—")
    return stripped or label


def created_label(header: str) -> str:
    """The label of the moment a change log says a lead was created: deal_id → Deal created."""
    parts = [word for word in words(header) if word not in ("id", "key", "number", "no", "uuid", "record", "object")]
    noun = "opportunity" if any(word.startswith("opportunity") for word in parts) else parts[-1] if parts else "lead"
    return f"{pretty(noun)} created"


COUNTS = Query(
    "SELECT history.label AS label, COUNT(DISTINCT history.lead_id) AS leads, COUNT(*) AS entries,"
    " MIN(history.entered_at) AS first_seen, MAX(history.entered_at) AS last_seen"
    " FROM history GROUP BY history.label ORDER BY leads DESC, first_seen, label"
)
"""Every label of a history as text."""
_BITS = 63


def counts(form: Form) -> Query:
    """The same rows, of sorted entries."""
    first, last = (form.time.format(f"{end}(entries.moment)") for end in ("MIN", "MAX"))
    if len(form.codes) > _BITS:
        leads = "SELECT entries.label_code AS label_code, COUNT(DISTINCT entries.lead_key) AS leads FROM {0} AS entries GROUP BY 1"
    else:
        # The labels of a lead are the bits of one number, so that each lead is counted at each of them once.
        leads = (
            "SELECT {1}.label_code AS label_code, SUM(sets.leads) AS leads FROM (SELECT seen.labels AS labels, COUNT(*) AS leads FROM"
            " (SELECT BIT_OR(1::BIGINT << entries.label_code::INTEGER) AS labels FROM {0} AS entries GROUP BY entries.lead_key) AS seen"
            " GROUP BY seen.labels) AS sets INNER JOIN {1} ON sets.labels >> {1}.label_code::INTEGER & 1 = 1 GROUP BY 1"
        )
    return Query(
        f"SELECT {CODES}.label AS label, CAST(of_leads.leads AS BIGINT) AS leads, of_entries.entries AS entries,"
        " of_entries.first_seen AS first_seen, of_entries.last_seen AS last_seen"
        f" FROM (SELECT entries.label_code AS label_code, COUNT(*) AS entries, {first} AS first_seen, {last} AS last_seen"
        f" FROM {SORTED} AS entries GROUP BY entries.label_code) AS of_entries"
        f" INNER JOIN ({leads.format(SORTED, CODES)}) AS of_leads ON of_leads.label_code = of_entries.label_code"
        f" INNER JOIN {CODES} ON {CODES}.label_code = of_entries.label_code ORDER BY leads DESC, first_seen, label"
    )


def counted(rows: Iterable[tuple[Any, ...]], labels: Labels) -> tuple[LabelCount, ...]:
    """Every label of the history, from the rows of COUNTS: the one of most leads first."""
    return tuple(
        LabelCount(label, leads, entries, first, last, *labels.guess(label))
        for label, leads, entries, first, last in rows
    )


def check_ends(labels: Labels, present: Sequence[LabelCount]) -> None:
    """MappingError where a person calls a label won or lost that is not in the file."""
    known_labels = {squashed(label.label) for label in present}
    for text in (*labels.mapping.overrides.won, *labels.mapping.overrides.lost):
        if squashed(text) not in known_labels:
            raise MappingError(
                "mapping.unknown_label", label=text, accepted=", ".join(each.label for each in present[:30])
            )


def label_notes(labels: Labels, present: Sequence[LabelCount]) -> list[Note]:
    """What to know about the labels: spellings merged, ids without a name, labels that no concept fits."""
    notes = []
    if labels.merged:
        listed = "; ".join(f"{', '.join(others)} → {best}" for best, others in labels.merged[:LISTED_MERGES])
        notes.append(Note("mapping.merged_spellings", {"n": len(labels.merged), "listed": listed}))
    if labels.unnamed:
        notes.append(Note("mapping.labels_without_name", {"n": labels.unnamed}))
    voted = labels.voted
    decided = [each for each in present if loosely(each.label) in voted and each.concept == voted[loosely(each.label)]]
    if decided:
        names = {**catalogue.concept_names(), UNPLACED: wording.say("labels.unplaced")}
        concepts = [f"{each.label} → {names[each.concept]}" for each in decided]
        listed = "; ".join(concepts[:LISTED_MERGES]) + wording_tail(concepts, LISTED_MERGES)
        notes.append(Note("mapping.decided_by_lines", {"n": len(decided), "listed": listed}))
    lost = any(each.concept in LOST_CONCEPTS for each in present)
    wins = [each.label for each in present if each.concept == WON_CONCEPT and each.confidence < VOTED]
    booked = _unsaid(labels, wins, "win_or_appointment", ("won", "closed", "dated"))
    closed = [] if lost else _unsaid(labels, wins, "closed_either_way", ("won",))
    for key, open_wins in (("mapping.booked_is_won", booked), ("mapping.closed_is_won", closed)):
        if open_wins:
            notes.append(Note(key, {"listed": ", ".join(open_wins)}))
    theirs = _of_accounts(labels, present)
    if theirs:
        figures = {"listed": ", ".join(theirs), "column": labels.mapping.primary.parts["label"]}
        notes.append(Note("mapping.account_is_won", figures))
    unplaced = [each.label for each in present if each.concept == UNPLACED]
    if unplaced:
        listed = ", ".join(unplaced[:8]) + wording_tail(unplaced, 8)
        notes.append(Note("mapping.unplaced_labels", {"n": len(unplaced), "listed": listed}))
    return notes


def _unsaid(labels: Labels, wins: Sequence[str], kind: str, signs: Sequence[str]) -> list[str]:
    """The labels taken for wins that say no more than a word of a kind, and whose lines do not say it either."""
    return [each for each in wins if label_concepts.says_only(each, kind) and not _lines_say(labels, each, signs)]


def _of_accounts(labels: Labels, present: Sequence[LabelCount]) -> list[str]:
    """The wins that only call a company a customer, under a header of companies, where leads are none and nothing else says who won."""
    parts, accounts = labels.mapping.primary.parts, grammar.words_of("accounts")
    told = "outcome" in parts or labels.mapping.overrides.won or grammar.holds(parts.get("lead", ""), accounts)
    if told or not grammar.holds(parts.get("label", ""), accounts):
        return []
    won = [each.label for each in present if each.concept == WON_CONCEPT]
    return [each for each in won if grammar.holds(each, grammar.heads("account"))]


def _lines_say(labels: Labels, label: str, signs: Sequence[str]) -> bool:
    """Whether one of these signs of a win holds on nearly all lines of a label."""
    shares = [shares for each in labels.mapping.signs for text, shares in each.shares.items() if text == label]
    return any(each.get(sign, 0.0) >= NEARLY_ALL for each in shares for sign in signs)


def wording_tail(listed: Sequence[str], shown: int) -> str:
    """ " … (+3)" where more are listed than shown."""
    more = len(listed) - shown
    return f" … (+{wording.number(more)})" if more > 0 else ""
