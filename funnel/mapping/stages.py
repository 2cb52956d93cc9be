"""Columns of dates that are entries: `Date entered "Demo"`, `qualified_at`, `won_date`."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from funnel import catalogue
from funnel.core.types import LOST_CONCEPTS, WON_CONCEPT
from funnel.mapping import grammar
from funnel.mapping.headers import is_exit, is_last_touch, stage_text, words
from funnel.mapping.labels import label_concepts
from funnel.mapping.outcomes import NO_CONCEPT
from funnel.mapping.profile import Column
from funnel.mapping.types import StageDate

SURE = 0.5
_DATE_WORDS = {
    "date", "at", "on", "time", "timestamp", "datetime", "dt", "ts", "day", "when", "entered", "of", "the", "was",
    "became", "a", "an", "is", "дата", "время", "fecha", "data", "de", "del", "hora", "datum", "utc",
}  # fmt: skip
_PLAIN_DATE = {"date", "data", "fecha", "datum"}
_NO_STAGE = {
    "last", "next", "latest", "recent", "expected", "planned", "forecast", "estimated", "target", "due", "birth",
    "birthday", "dob", "snapshot", "report", "export", "exported", "import", "imported", "sync", "synced",
    "modified", "updated", "update", "deleted", "archived", "renewal", "reminder", "exit", "exited",
    "left", "end", "ended", "expiry", "expires", "expiration", "valid", "followup", "task", "activity", "последнего",
    "последняя", "следующая", "изменения",
}  # fmt: skip
_CLOSING = {"close", "closed", "closing", "closure"}
_CREATING = {"create", "created", "creation", "add", "added", "insert", "inserted", "record"}
_FIRST = {*_CREATING, "first", "start", "started", "open", "opened"}
_ACRONYMS = {
    "mql",
    "sql",
    "sal",
    "mqa",
    "sqa",
    "poc",
    "pov",
    "sqo",
    "hql",
    "pql",
    "bant",
    "nda",
    "rfp",
    "rfq",
    "crm",
    "sdr",
}
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_OF_ENTITY = re.compile(r"^\s*(?:Deal|Lead|Person|Organi[sz]ation)\s+-\s+")
_NOUNS = {"deal": "Deal created", "opportunity": "Opportunity created"}


def stage_dates(dates: Sequence[Column], label: Column | None, taken: Collection[str]) -> tuple[StageDate, ...]:
    """Of columns of dates those that are entries at a label, in the order of the file.

    Where a label column is there, a date that means one of its labels takes that label, and of the others only those count
    that a dialect names or whose meaning is known, and beside two of these the dates whose headers are written alike
    (`contact_datetime`, `interview_datetime`); else every date that is not of something else counts. A plan is none.
    """
    written = [dialect for dialect in catalogue.dialects() if dialect.key != "generic"]
    known_labels = label.values if label is not None and label.complete else ()
    dated: list[tuple[StageDate, bool]] = []
    for column in dates:
        explicit = stage_text(column.name, written)
        if column.name in taken or is_exit(column.name) or (explicit is None and grammar.is_planned(column.name)):
            continue
        text = explicit or _named_after(column.name)
        if text is None or (explicit is None and is_last_touch(column.name)):
            continue
        same = same_label(text, known_labels)
        concept, confidence = label_concepts.guess(text)
        sure = confidence >= SURE and concept not in NO_CONCEPT
        said = same or (text if explicit else pretty(text))
        counts = same is not None or explicit is not None or label is None or sure
        dated.append((StageDate(column.name, said, label_concepts.guess(said)[0]), counts))
    forms = [_form(each.column) for each, counts in dated if counts]
    alike = {form for form in forms if form is not None and forms.count(form) >= 2}
    return _plain([each for each, counts in dated if counts or _form(each.column) in alike])


def _form(header: str) -> tuple[str, str] | None:
    """How a header says that it is of a date: the word at its start or end; None where it has none, or "date" that anything has."""
    parts = words(header)
    first, last = parts[0], parts[-1]
    start, end = (word if word in _DATE_WORDS - _PLAIN_DATE else "" for word in (first, last))
    return (start, end) if start or end else None


def means_label(header: str, label: Column | None) -> bool:
    """Whether a header of dates is named after one of the labels of the label column (`engage_date` after Engaging)."""
    text = _named_after(header)
    return text is not None and label is not None and label.complete and same_label(text, label.values) is not None


def names_stage(header: str) -> bool:
    """Whether a header of dates names a stage in words that are known (`Lead Date`), and not the moment of making or first meeting."""
    text = _named_after(header)
    if text is None or set(words(text)) & _FIRST:
        return False
    concept, confidence = label_concepts.guess(text)
    return (
        confidence in (label_concepts.EXACT, label_concepts.SAME_WORDS, label_concepts.DOUBTFUL)
        and concept not in NO_CONCEPT
    )


def says_of_something_else(header: str) -> bool:
    """Whether a header of dates is of a birthday, an export, an expiry or the like."""
    return bool(set(words(header)) & _NO_STAGE)


def named_stage(header: str) -> tuple[str, str]:
    """(label, concept) of the stage that a header of dates names."""
    said = pretty(_named_after(header) or header)
    return said, label_concepts.guess(said)[0]


def closes(header: str) -> bool:
    """Whether a header of dates is of closing as such, not of winning or losing."""
    text = _named_after(header) or ""
    return meaning(text) is None or (bool(_CLOSING & set(words(text))) and len(words(text)) == 1)


def meaning(label: str) -> str | None:
    """ "won" or "lost" where a label surely means that; None otherwise."""
    concept, confidence = label_concepts.guess(label)
    if confidence < SURE:
        return None
    return "won" if concept == WON_CONCEPT else "lost" if concept in LOST_CONCEPTS else None


def noun(header: str) -> tuple[str, str]:
    """(label, concept) of the moment a lead was created, after the header of its id: mql_id → MQL; deal_id → Deal created."""
    parts = [word for word in words(header) if word not in ("id", "key", "number", "no", "uuid", "record", "external")]
    text = parts[-1] if parts else "lead"
    if text in _NOUNS:
        return _NOUNS[text], "lead"
    said = pretty(text)
    concept, confidence = label_concepts.guess(said)
    return said, concept if confidence >= SURE and concept not in NO_CONCEPT else "lead"


def pretty(text: str) -> str:
    """A header's words as a label: blanks for signs, a capital first, the rest as it was written."""
    spaced = " ".join(_CAMEL.sub(" ", text).replace("_", " ").replace(".", " ").split())
    if spaced.casefold() in _ACRONYMS:
        return spaced.upper()
    return spaced[:1].upper() + spaced[1:]


def _named_after(header: str) -> str | None:
    """The words of a header of dates that are not about dates; None where nothing is left, or it is no stage's."""
    header = _OF_ENTITY.sub("", header)
    generic = stage_text(header)
    spaced = " ".join(_CAMEL.sub(" ", generic or header).replace("_", " ").replace("-", " ").replace(".", " ").split())
    kept = spaced.split()
    while kept and catalogue.normalised(kept[-1]) in _DATE_WORDS:
        kept.pop()
    while kept and catalogue.normalised(kept[0]) in _DATE_WORDS:
        kept.pop(0)
    parts = [catalogue.normalised(word) for word in kept]
    if not kept or set(parts) & _NO_STAGE or set(parts) <= (_CREATING | _CLOSING):
        return None
    return " ".join(kept)


def same_label(text: str, known: Sequence[str]) -> str | None:
    """The label of the label column that a date's name means: the same text, the same stem, or the one with its meaning."""
    wanted = catalogue.normalised(text)
    best: tuple[float, str] | None = None
    for label in known:
        other = catalogue.normalised(label)
        if other == wanted:
            return label
        common = len(_common_start(wanted, other))
        shorter = min(len(wanted), len(other))
        if common >= 4 and common >= 0.75 * shorter and (best is None or common > best[0]):
            best = (common, label)
    if best is not None:
        return best[1]
    concept, confidence = label_concepts.guess(text)
    if confidence < SURE or concept in NO_CONCEPT:
        return None
    alike = [label for label in known if label_concepts.guess(label)[0] == concept]
    return alike[0] if len(alike) == 1 else None


def _common_start(one: str, other: str) -> str:
    size = 0
    while size < min(len(one), len(other)) and one[size] == other[size]:
        size += 1
    return one[:size]


def _plain(dated: list[StageDate]) -> tuple[StageDate, ...]:
    """Labels without the pipeline in brackets that all of them carry; two columns of one label keep their full texts."""
    tails = {match.group(1) if (match := re.search(r"\s*(\([^()]+\))$", stage.label)) else None for stage in dated}
    if len(dated) > 1 and len(tails) == 1 and None not in tails:
        tail = tails.pop() or ""
        dated = [StageDate(each.column, each.label.removesuffix(tail).strip(), each.concept) for each in dated]
    return tuple(dated)
