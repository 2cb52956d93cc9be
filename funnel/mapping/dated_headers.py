"""What the header of a column of dates says of them: a plan, the last of many, the making or the end of a lead, a change of its stage."""

from __future__ import annotations

from functools import lru_cache

from funnel.mapping.grammar import LIKELY, SURE, events, heads, holds, says, tokens, words_of
from funnel.mapping.headers import squashed, words


def is_bare_date(header: str) -> bool:
    """Whether a header says no more than that it is a date: "Date", "Fecha", "date time"."""
    phrases = tokens(header)
    return bool(phrases) and set(phrases) <= heads("date")


def is_planned(header: str) -> bool:
    """Whether a header says that its date is a plan: expected, tentative, previsto, voraussichtlich, планируемая, follow-up."""
    # `ends_at` is said of what lies ahead, `ended_at` of what was.
    return says(header, "planned") or is_reminder(header) or tokens(header)[:1] == ("ends",)


def is_reminder(header: str) -> bool:
    """Whether a header is of when somebody means to come back to a lead, by no other word of a plan: "Follow-up date", "Wiedervorlage"."""
    return holds(header, words_of("reminders")) and not says(header, "planned")


def is_of_end(header: str) -> bool:
    """Whether a header speaks of the end of a lead, be it past or planned: `CloseDate`, "Expected closing"."""
    return bool(set(tokens(header)) & events("closed"))


def is_snapshot(header: str) -> bool:
    """Whether a header says when a table was exported: `snapshot_date`, "as of", "report date"."""
    return says(header, "snapshots") and not is_planned(header)


def is_touch(header: str) -> bool:
    """Whether a header is of the last change of anything at all, or of the last of many things."""
    return is_latest(header) or not events("touched").isdisjoint(tokens(header))


def is_latest(header: str) -> bool:
    """Whether a header says when something was done for the last time, not when it happened: "Last contact", "最近跟进时间"."""
    return holds(header, events("latest"))


def is_final(header: str) -> bool:
    """Whether the word for the last is of the final one too, as in 最終面接, the final interview."""
    return holds(header, events("finals"))


def is_latest_doing(header: str) -> bool:
    """Whether a header is of what was last done with a lead: `last_activity`, "Letzte Aktivität"."""
    return says(header, "doings") and not events("latest").isdisjoint(tokens(header))


@lru_cache(maxsize=20_000)
def is_stage_change(header: str) -> bool:
    """Whether a header is of when a lead came to the stage at which it is: `stage_entry_date`, "Last stage change"; a plan is none."""
    if squashed(header) in {name.replace(" ", "") for name in words_of("stage_changes")}:
        return True
    phrases, stages, entries = set(tokens(header)), heads("label"), words_of("stage_entries")
    # A number, or the name of a stage, says which of several it is: "Stage 2 entered", "Proposal stage entry date".
    beside = (
        words_of("of_dates", "joints") | heads("date") | events("latest") | {"current", "deal", "opportunity", "opp"}
    )
    if is_planned(header) or not phrases & stages or not phrases & entries or any(map(str.isdigit, words(header))):
        return False
    return phrases <= stages | entries | beside


@lru_cache(maxsize=20_000)
def date_strength(header: str, kind: str) -> float:
    """How much a header of dates speaks for the making ("created") or the end ("closed"): SURE, LIKELY or 0.

    A plan is neither, nor is a change of stage.
    """
    phrases = tokens(header)
    if is_planned(header) or is_touch(header) or is_stage_change(header) or says(header, "periods"):
        return 0.0
    own = [word for word in phrases if word in events(kind)]
    other = [word for word in phrases if word in events("closed" if kind == "created" else "created")]
    if not own or (other and kind == "created"):
        return 0.0
    plain = words_of("units", "joints", "entities", "qualifiers") | heads("date") | heads("account")
    unknown = [word for word in phrases if word not in plain and word not in own and word not in other]
    return LIKELY if unknown else SURE
