"""Columns of dates that are entries: `Date entered "Demo"`, `qualified_at`, `won_date`."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from funnel import catalogue
from funnel.core.types import WON_CONCEPT
from funnel.mapping.dated_headers import is_final, is_latest, is_planned, is_reminder
from funnel.mapping.grammar import spells, words_of
from funnel.mapping.headers import crm_stage, is_exit, is_last_touch, squashed, stage_text, words
from funnel.mapping.labels import label_concepts
from funnel.mapping.profile import Column
from funnel.mapping.types import StageDate

BESIDE = 2
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_OF_ENTITY = re.compile(r"^\s*(?:Deal|Lead|Person|Organi[sz]ation)\s+-\s+")
_DOINGS = {"contacted", "engagement", *label_concepts.NO_CONCEPT}
"""What is done with a lead again and again."""
_NOUNS = {"deal": "Deal created", "opportunity": "Opportunity created"}


def stage_dates(dates: Sequence[Column], label: Column | None, taken: Collection[str]) -> tuple[StageDate, ...]:
    """Of columns of dates those that are entries at a label, in the order of the file.

    Where a label column is there, a date that means one of its labels takes that label, and of the others only those count
    that a dialect names or whose meaning is known, and beside two of these the dates whose headers are written alike
    (`contact_datetime`, `interview_datetime`); else every date that is not of something else counts. A plan is none; nor is
    "Follow-up", but beside two other stages where dates are all that a table has of stages.
    """
    known_labels = label.values if label is not None and label.complete else ()
    named = [_named_after(column.name) or "" for column in dates]
    wins = any(label_concepts.end(text) == "won" and not _only_closes(text) for text in named)
    loses = any(label_concepts.end(text) == "lost" for text in named)
    dated: list[tuple[StageDate, bool]] = []
    reminders: set[str] = set()
    for column in dates:
        explicit = crm_stage(column.name)
        planned, reminder = explicit is None and is_planned(column.name), is_reminder(column.name)
        if column.name in taken or is_exit(column.name) or (planned and (label is not None or not reminder)):
            continue
        text = explicit or _named_after(column.name)
        if text is None or (explicit is None and is_last_touch(column.name)):
            continue
        if wins and loses and explicit is None and _only_closes(text):
            # "Deal closed on" beside a date of winning and one of losing is where both end.
            continue
        same = same_label(text, known_labels)
        if same is not None and loses and label_concepts.end(text) == "won" and label_concepts.end(same) is None:
            # "Closed" beside a date of winning and one of losing is where both end.
            same = None
        name = same or (text if explicit else pretty(text))
        counts = same is not None or explicit is not None or label is None or label_concepts.surely(text) is not None
        dated.append((StageDate(column.name, name, label_concepts.guess(name)[0]), counts))
        if planned:
            reminders.add(column.name)
    if sum(counts for each, counts in dated if each.column not in reminders) < BESIDE:
        dated = [(each, counts) for each, counts in dated if each.column not in reminders]
    dated = _apart(dated)
    forms = [_form(each.column) for each, counts in dated if counts]
    alike = {form for form in forms if form is not None and forms.count(form) >= 2}
    return _plain([each for each, counts in dated if counts or _form(each.column) in alike])


def _apart(dated: list[tuple[StageDate, bool]]) -> list[tuple[StageDate, bool]]:
    """Of dates that take the same label, one that is named just so keeps it for itself: `sal_date` beside `sql_date` is not of "SQL"."""
    own = {
        each.column: pretty(_named_after(each.column) or each.label) for each, _ in dated if not crm_stage(each.column)
    }
    kept = {each.label: each.column for each, _ in dated if squashed(own.get(each.column, "")) == squashed(each.label)}
    return [
        (replace(each, label=own[each.column]), counts)
        if each.column in own and kept.get(each.label, each.column) != each.column
        else (each, counts)
        for each, counts in dated
    ]


def _only_closes(text: str) -> bool:
    """Whether the words of a header are of closing and of what is closed alone: "Deal closed"."""
    parts = set(words(text))
    return bool(parts & words_of("closing")) and parts <= words_of("closing", "entities")


def _form(header: str) -> tuple[str, str] | None:
    """How a header says that it is of a date: the word at its start or end; None where it has none, or "date" that anything has."""
    parts = words(header)
    first, last = parts[0], parts[-1]
    start, end = (word if word in words_of("of_dates") - words_of("plain_dates") else "" for word in (first, last))
    return (start, end) if start or end else None


def means_label(header: str, label: Column | None) -> bool:
    """Whether a header of dates is named after one of the labels of the label column (`engage_date` after Engaging)."""
    text = _named_after(header)
    return text is not None and label is not None and label.complete and same_label(text, label.values) is not None


def names_stage(header: str) -> bool:
    """Whether a header of dates names a stage in words that are known (`Lead Date`), and not the moment of making or first meeting."""
    text = _named_after(header)
    if text is None or spells(text, "creating", "beginning"):
        return False
    concept, confidence = label_concepts.guess(text)
    return (
        confidence in (label_concepts.EXACT, label_concepts.SAME_WORDS, label_concepts.DOUBTFUL)
        and concept not in label_concepts.NO_CONCEPT
    )


def says_of_something_else(header: str) -> bool:
    """Whether a header of dates is of a birthday, an export, an expiry or the like."""
    return spells(header, "no_stages")


def named_stage(header: str) -> tuple[str, str]:
    """(label, concept) of the stage that a header of dates names."""
    label = pretty(_named_after(header) or header)
    return label, label_concepts.guess(label)[0]


def closes(header: str) -> bool:
    """Whether a header of dates is of closing as such, not of winning or losing."""
    text = _named_after(header) or ""
    return label_concepts.end(text) is None or (spells(text, "closing") and len(words(text)) == 1)


def noun(header: str) -> tuple[str, str]:
    """(label, concept) of the moment a lead was created, after the header of its id: mql_id → MQL; deal_id → Deal created."""
    small = {"id", "key", "number", "no", "uuid", "record", "external", "email", "mail", *words_of("names")}
    parts = [word for word in words(header) if word not in small]
    text = parts[-1] if parts else "lead"
    if text in _NOUNS:
        return _NOUNS[text], "lead"
    label = pretty(text)
    return label, label_concepts.surely(label) or "lead"


def pretty(text: str) -> str:
    """A header's words as a label: blanks for signs, a capital first, the rest as it was written."""
    spaced = " ".join(_CAMEL.sub(" ", text).replace("_", " ").replace(".", " ").split())
    if spaced.casefold() in words_of("acronyms"):
        return spaced.upper()
    return spaced[:1].upper() + spaced[1:]


def _named_after(header: str) -> str | None:
    """The words of a header of dates that are not about dates; None where nothing is left, or it is no stage's."""
    header = _OF_ENTITY.sub("", header)
    generic = stage_text(header)
    spaced = " ".join(_CAMEL.sub(" ", generic or header).replace("_", " ").replace("-", " ").replace(".", " ").split())
    rest = spaced.split()
    while rest and catalogue.normalised(rest[-1]) in words_of("of_dates"):
        rest.pop()
    while rest and catalogue.normalised(rest[0]) in words_of("of_dates"):
        rest.pop(0)
    parts = [catalogue.normalised(word) for word in rest]
    if not rest or set(parts) & words_of("no_stages") or set(parts) <= words_of("creating", "closing"):
        return None
    # "Last contact" is when it was done last, whatever the language; the final interview is a stage of its own.
    if is_latest(header) and not (is_final(header) and label_concepts.guess(" ".join(rest))[0] not in _DOINGS):
        return None
    # "Original close date", "Close month", "Create date (raw)": one more date of the end, or of the making, under no stage's name.
    for kind in ("closing", "creating"):
        own = set(parts) & words_of(kind)
        if own and set(parts) - own <= words_of("restated", "periods", "joints", "units", "of_dates"):
            return None
    return " ".join(rest)


def same_label(text: str, labels: Sequence[str]) -> str | None:
    """The label of the label column that a date's name means: the same text, the same stem, or the one with its meaning."""
    wanted = catalogue.normalised(text)
    best: tuple[float, str] | None = None
    for label in labels:
        other = catalogue.normalised(label)
        if other == wanted:
            return label
        shorter = min(len(wanted), len(other))
        signs = enumerate(zip(wanted, other, strict=False))
        common = next((index for index, (one, its) in signs if one != its), shorter)
        if common >= 4 and common >= 0.75 * shorter and (best is None or common > best[0]):
            best = (common, label)
    if best is not None:
        return best[1]
    meaning = label_concepts.guess(text)
    # "Approved" may be the win or a step before it; in any language it is the same, which of what is won alone nobody can say.
    doubtful = meaning[1] == label_concepts.DOUBTFUL and meaning[0] != WON_CONCEPT
    concept = meaning[0] if doubtful else label_concepts.surely(text)
    alike = [label for label in labels if label_concepts.guess(label)[0] == concept]
    same = alike[0] if len(alike) == 1 else None
    return same if same is None or not doubtful or label_concepts.guess(same) == meaning else None


def _plain(dated: list[StageDate]) -> tuple[StageDate, ...]:
    """Labels without the pipeline in brackets that all of them carry; two columns of one label keep their full texts."""
    tails = {match.group(1) if (match := re.search(r"\s*(\([^()]+\))$", stage.label)) else None for stage in dated}
    if len(dated) > 1 and len(tails) == 1 and None not in tails:
        tail = tails.pop() or ""
        dated = [StageDate(each.column, each.label.removesuffix(tail).strip(), each.concept) for each in dated]
    return tuple(dated)
