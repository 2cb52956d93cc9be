"""What the tables of a built folder must hold, whoever built it: columns of these names, whose types are of these kinds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

_TEXT = ("VARCHAR",)
_MOMENT = ("TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "DATE")
_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
_NUMBER = (*_WHOLE, "FLOAT", "DOUBLE", "DECIMAL")
_TRUTH = ("BOOLEAN", "UTINYINT", "TINYINT")
PLAIN = (*_TEXT, *_MOMENT, *_NUMBER, *_TRUTH, "TIME", "UUID")

LEADS = {
    "lead_id": _TEXT,
    "account_id": _TEXT,
    "amount": _NUMBER,
    "currency": _TEXT,
    "created_at": _MOMENT,
    "closed_at": _MOMENT,
}
HISTORY = {"lead_id": _TEXT, "label": _TEXT, "entered_at": _MOMENT, "sequence": _WHOLE}
LOCAL_TIMES = {"lead_id": _TEXT, "moment": _MOMENT, "local_at": _MOMENT}


def gathered(labels: int) -> dict[str, tuple[str, ...]]:
    """The columns, beside those of the leads, of a table that has the first and the last entry of each lead at so many labels."""
    return {
        "lead_id": _TEXT,
        **{f"{end}_{number}": _MOMENT for number in range(labels) for end in ("earliest", "latest")},
    }


def journeys(stages: int) -> dict[str, tuple[str, ...]]:
    """The columns, beside those of the leads, of the journeys through a model of so many stages."""
    moments = ("ended_at", "last_won_at", "started_at", "started_local")
    of_stage = {"first": _MOMENT, "last": _MOMENT, "passed": _MOMENT, "ordered": _MOMENT, "seen": _TRUTH}
    fates = {f"{rule}_fate": _WHOLE for rule in ("passed", "first", "ordered")}
    return {
        "outcome": _TEXT,
        "last_stage": _WHOLE,
        "deepest": _WHOLE,
        **dict.fromkeys(moments, _MOMENT),
        **{f"{name}_{stage}": kind for stage in range(stages) for name, kind in {**of_stage, **fates}.items()},
    }


def summary(stages: int) -> dict[str, tuple[str, ...]]:
    """The columns of what was counted of such journeys."""
    return {
        "counted_by": _TEXT,
        "outcome": _TEXT,
        "start_day": _MOMENT,
        "leads": _NUMBER,
        "first_start": _MOMENT,
        "last_start": _MOMENT,
        **{f"fate_{stage}": _WHOLE for stage in range(stages)},
    }


def fits(columns: Iterable[tuple[str, str]], wanted: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether a table's columns, as (name, type), have all that is wanted, and nothing in them is nested."""
    types = {name: bare(kind) for name, kind in columns}
    plain = all(kind in PLAIN for kind in types.values())
    return plain and all(types.get(name) in kinds for name, kinds in wanted.items())


def bare(kind: str) -> str:
    """A type without how wide it is."""
    return kind.split("(")[0]
