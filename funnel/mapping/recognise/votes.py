"""What a label means where its text leaves it open: what the other columns of its lines say, as votes for won, lost and neither.

Work that is written down right after a lead has ended, and leads no further, means no stage either, whatever words it is called by:
else it would open again what was lost or won.

A text such as "Converted", "Payment" or "Done" means a win only where the data say so too: closed, not followed, flagged as won,
and no other label surely says it. A text that means nothing known is an end where the file's own flag closes it.
"""

from __future__ import annotations

from collections.abc import Mapping as Pairs
from collections.abc import Sequence

from funnel.mapping import grammar, labels
from funnel.mapping.headers import words
from funnel.mapping.nouns import Source
from funnel.mapping.outcomes import KNOWN, NO_CONCEPT, header_means, is_flag, outcome_values, says_yes
from funnel.mapping.placeholders import cleaned
from funnel.mapping.profile import Column, Table
from funnel.mapping.recognise.facts import Facts
from funnel.mapping.template import among, chosen, fill, listed
from funnel.mapping.typed import Typed
from funnel.nouns import AFTER_WIN, IGNORED, LOST_CONCEPTS, UNPLACED, WON_CONCEPT, Shape
from funnel.sql import Query, identifier

MOST_LABELS = 200
NEARLY_ALL, HARDLY_ANY = 0.9, 0.1
FOLLOWED = 0.5
"""A label after which at least half of its leads go on is no end."""
FEWEST_SETTLED = 20
SETTLED_DAYS = 1
FEWEST_LINES = 500
"""Of a label with fewer lines among some leads of a long log, the lines of all its leads are asked."""
SURE_TEXT = 0.85
"""From here on a text is a known name of a stage, not words that hold one."""
CONVERTED = {"converted", "conversion"}
"""Of a lead this says that it became an opportunity, or a customer: which, it does not say."""


def meanings(facts: Pairs[str, Facts], sources: Sequence[tuple[Source, Table]], typed: Typed) -> dict[str, str]:
    """Label → concept, for the labels whose meaning the lines decide: doubtful wins, unknown labels that a flag closes, and work after
    the end.

    A doubtful win that nothing speaks for is unplaced, or what it means before the win ("Converted" of a lead is qualified).
    """
    asked: dict[str, dict[str, float]] = {}
    idle: set[str] = set()
    sure_win = False
    for source, table in sources:
        if "label" not in source.parts or source.shape is Shape.CHANGES:
            continue
        texts = facts[source.view].texts(table.by_name[source.parts["label"]])
        if texts:
            sure_win = sure_win or any(_surely_won(text) for text in texts)
            open_texts = [text for text in texts if _is_open(text)]
            if open_texts:
                asked |= _shares(facts[source.view], source, table, typed, open_texts)
            if source.shape is Shape.HISTORY:
                idle |= _after_the_end(facts[source.view], source, typed, texts)
    sure_win = sure_win or any(_surely_won(each.label) for source, _ in sources for each in source.stage_dates)
    for text in (each.label for source, _ in sources for each in source.stage_dates if not each.made):
        if _is_open(text) and labels.guess(text)[0] != UNPLACED:
            asked.setdefault(text, {})
    return {**dict.fromkeys(idle, UNPLACED), **_decided(asked, sure_win)}


def _decided(asked: dict[str, dict[str, float]], sure_win: bool) -> dict[str, str]:
    found: dict[str, str] = {}
    unknown: list[str] = []
    wins = [text for text in asked if labels.guess(text)[0] == WON_CONCEPT]
    # The only label that could be a win is one, unless its lines say otherwise.
    base = -2.0 if sure_win else 3.0 if len(wins) == 1 else 1.0
    for text, shares in asked.items():
        concept, _ = labels.guess(text)
        if concept == WON_CONCEPT:
            if _votes(shares) + base < 1.0:
                found[text] = labels.before_won(text)
        elif labels.could_be_won(text):
            # "Approved" is a step of most, and the win of those whose lines say so.
            if _votes(shares) >= (3.0 if sure_win else 2.0):
                found[text] = WON_CONCEPT
        elif concept in LOST_CONCEPTS:
            if shares.get("last", 1.0) < NEARLY_ALL:
                found[text] = UNPLACED
        elif shares.get("closed", 0.0) >= NEARLY_ALL:
            unknown.append(text)
    wins = [text for text in wins if text not in found]
    for text in unknown:
        # A flag closes; of one closed label without a known meaning in a file without a win, that is the win.
        won = asked[text].get("won", 0.0) >= NEARLY_ALL or (
            len(unknown) == 1 and not sure_win and not wins and not asked[text].get("reason")
        )
        found[text] = WON_CONCEPT if won else "lost"
    return found


def _votes(shares: Pairs[str, float]) -> float:
    """How much the lines speak for a win."""
    total = 0.0
    for sign, weight, against in (
        ("won", 3.0, 3.0),
        ("lost", -3.0, 0.0),
        ("closed", 1.0, 2.0),
        ("dated", 1.0, 1.5),
        ("certain", 1.0, 0.5),
    ):
        if sign in shares:
            total += weight if shares[sign] >= NEARLY_ALL else -against if shares[sign] <= HARDLY_ANY else 0.0
    if shares.get("reason", 0.0) >= FOLLOWED:
        total -= 2.0
    if "last" in shares:
        total += 0.5 if shares["last"] >= NEARLY_ALL else -2.5 if shares["last"] < FOLLOWED else 0.0
    return total


def converted_only(sources: Sequence[tuple[Source, Table]]) -> set[str]:
    """The views whose outcome column only says that a lead was converted, where another label surely says what was won."""
    sure = any(
        _surely_won(text)
        for source, table in sources
        if "label" in source.parts
        for text in table.by_name[source.parts["label"]].values
    )
    return {
        source.view
        for source, _ in sources
        if sure and "outcome" in source.parts and set(words(source.parts["outcome"])) & CONVERTED
    }


def _surely_won(text: str) -> bool:
    concept, confidence = labels.guess(text)
    return concept == WON_CONCEPT and confidence >= KNOWN


def _is_open(text: str) -> bool:
    """Whether the text alone leaves open how a lead ends there: a doubtful win or exit, or nothing known."""
    concept, confidence = labels.guess(text)
    if concept == IGNORED:
        return False
    return concept == UNPLACED or (confidence < KNOWN and (concept in LOST_CONCEPTS or labels.could_be_won(text)))


def _shares(
    facts: Facts, source: Source, table: Table, typed: Typed, texts: Sequence[str]
) -> dict[str, dict[str, float]]:
    """For each label, the share of its lines that each sign holds for; a sign that holds for no line of the table says nothing."""
    signs = _signs(source, table, typed)
    label = cleaned(f"raw.{identifier(source.parts['label'])}")
    shares = [
        fill("AVG(CAST(COALESCE({condition}, FALSE) AS INTEGER)) AS {name}", condition=condition, name=name)
        for name, condition in signs.items()
    ]
    counted = fill(
        "SELECT {label} AS label, {shares} FROM {view} AS raw GROUP BY 1 LIMIT {most}",
        label=label,
        shares=listed([*shares, Query("COUNT(*) AS lines")]),
        view=identifier(source.view),
        most=str(MOST_LABELS + 1),
    )
    rows = [row for row in facts.engine.rows(counted) if row[0] is not None]
    met = {name for place, name in enumerate(signs, 1) if any(row[place] for row in rows)}
    found = {
        row[0]: {name: float(row[place]) for place, name in enumerate(signs, 1) if name in met}
        for row in rows
        if row[0] in texts
    }
    last = _last(facts, source, texts, typed) if source.shape is Shape.HISTORY else {}
    return {text: {**each, **({"last": last[text]} if text in last else {})} for text, each in found.items()}


def _last(facts: Facts, source: Source, texts: Sequence[str], typed: Typed) -> dict[str, float]:
    """Of each of these labels of a log, the share of its leads that come to no new label later.

    A label that the lead was at before is none that follows: work goes on after many a win. Nor is one of the same minute.
    """
    time = typed.date(source.view, source.parts["time"]) if "time" in source.parts else None
    if time is None:
        return {}
    query = fill(
        "WITH firsts AS (SELECT raw.{lead} AS id, {label} AS label, MIN({moment}) AS moment FROM {lines} AS raw"
        " WHERE {moment} IS NOT NULL GROUP BY 1, 2),"
        " ends AS (SELECT firsts.label AS label, firsts.moment AS moment, MAX(firsts.moment) OVER (PARTITION BY firsts.id) AS latest"
        " FROM firsts WHERE firsts.label IS NOT NULL)"
        " SELECT ends.label AS label, AVG(CAST(ends.latest <= ends.moment + INTERVAL '1' MINUTE AS INTEGER)) AS share"
        " FROM ends WHERE {asked} GROUP BY ends.label",
        lead=identifier(source.parts["lead"]),
        label=cleaned(f"raw.{identifier(source.parts['label'])}"),
        moment=time.expression,
        lines=_lines_to_ask(facts, source, texts),
        asked=among(Query("ends.label"), texts),
    )
    return {label: float(share) for label, share in facts.engine.rows(query)}


def _lines_to_ask(facts: Facts, source: Source, texts: Sequence[str]) -> Query:
    """The lines of a log to ask of these labels: all of a short one, of a long one those of some leads, and of all leads that were ever
    at a label of which those hold too few lines to tell."""
    lead = source.parts["lead"]
    some = facts.some(facts.table.by_name[lead])
    if some.part == 1:
        return Query(identifier(source.view))
    label = cleaned(f"raw.{identifier(source.parts['label'])}")
    counted = fill(
        "SELECT {label} AS label, COUNT(*) AS lines FROM {lines} AS raw GROUP BY 1",
        label=label,
        lines=identifier(some.lines),
    )
    told = {text for text, lines in facts.engine.rows(counted) if lines >= FEWEST_LINES}
    seldom = [text for text in texts if text not in told]
    if not seldom:
        return Query(identifier(some.lines))
    return fill(
        "(SELECT raw.* FROM {view} AS raw WHERE {chosen}"
        " OR raw.{lead} IN (SELECT raw.{lead} FROM {view} AS raw WHERE {is_seldom}))",
        view=identifier(source.view),
        lead=identifier(lead),
        chosen=some.chosen(f"raw.{identifier(lead)}"),
        is_seldom=among(label, seldom),
    )


def _after_the_end(facts: Facts, source: Source, typed: Typed, texts: Sequence[str]) -> set[str]:
    """Labels of a log that sound like stages but are work after the end: of the leads where they follow the last win or exit, nine in
    ten (half, where the text only holds such words) have nothing at all later than a day after that end."""
    time = typed.date(source.view, source.parts["time"]) if "time" in source.parts else None
    ends = [
        text
        for text in texts
        if (guess := labels.guess(text))[0] in (WON_CONCEPT, *LOST_CONCEPTS) and guess[1] >= KNOWN
    ]
    sounding = [
        text for text in texts if labels.guess(text)[0] not in (WON_CONCEPT, *LOST_CONCEPTS, *AFTER_WIN, *NO_CONCEPT)
    ]
    if time is None or not ends or not sounding:
        return set()
    query = fill(
        "WITH entries AS (SELECT raw.{lead} AS id, {label} AS label, {moment} AS moment FROM {lines} AS raw WHERE {moment} IS NOT NULL),"
        " ends AS (SELECT entries.id AS id, MAX(entries.moment) FILTER (WHERE {is_end}) AS ended, MAX(entries.moment) AS latest"
        " FROM entries GROUP BY entries.id)"
        " SELECT entries.label AS label, COUNT(DISTINCT entries.id) AS leads,"
        " COUNT(DISTINCT entries.id) FILTER (WHERE ends.latest <= ends.ended + INTERVAL '{days}' DAY) AS settled"
        " FROM entries INNER JOIN ends ON ends.id = entries.id WHERE entries.moment > ends.ended AND {sounds} GROUP BY entries.label",
        lead=identifier(source.parts["lead"]),
        label=cleaned(f"raw.{identifier(source.parts['label'])}"),
        moment=time.expression,
        lines=_lines_to_ask(facts, source, sounding),
        is_end=among(Query("entries.label"), ends),
        sounds=among(Query("entries.label"), sounding),
        days=str(SETTLED_DAYS),
    )
    return {
        label
        for label, leads, settled in facts.engine.rows(query)
        if leads >= FEWEST_SETTLED
        and settled >= (NEARLY_ALL if labels.guess(label)[1] >= SURE_TEXT else FOLLOWED) * leads
    }


def _signs(source: Source, table: Table, typed: Typed) -> dict[str, Query]:
    """What says how leads ended, apart from the label: its name → a condition over a line."""
    found: dict[str, Query] = {}
    for column in table.columns:
        if column.name in (source.parts.get("label"), source.parts.get("lead")) or not column.filled:
            continue
        parts = set(grammar.tokens(column.name)) | set(words(column.name))
        cell = cleaned(f"raw.{identifier(column.name)}")
        if is_flag(column):
            if header_means(column.name) == "won" and not set(words(column.name)) & CONVERTED:
                found.setdefault("won", says_yes(cell))
            elif parts & (grammar.events("closed") - {"won", "lost", "converted", "conversion"}):
                found.setdefault("closed", says_yes(cell))
        elif column.name == source.parts.get("outcome"):
            _outcome_signs(column, cell, found)
        elif parts & grammar.words_of("reasons"):
            found.setdefault("reason", fill("{cell} IS NOT NULL", cell=cell))
        elif parts & grammar.words_of("chances") and column.numbers >= 0.9:
            most = max((_number(value) for value in column.values), default=0.0)
            number = fill("TRY_CAST(replace({cell}, '%', '') AS DOUBLE)", cell=cell)
            if most in (1.0, 100.0):
                found.setdefault("certain", fill("{number} >= {most}", number=number, most=str(most)))
    closed = source.parts.get("closed")
    read = typed.date(source.view, closed) if closed is not None else None
    if read is not None:
        found["dated"] = fill("{moment} IS NOT NULL", moment=read.expression)
    return found


def _outcome_signs(column: Column, cell: Query, found: dict[str, Query]) -> None:
    said = outcome_values(column.name, column.values) or {}
    for end in ("won", "lost"):
        values = [(value, True) for value, outcome in said.items() if outcome == end]
        if values:
            cases = chosen("told.value", values, Query("FALSE"))
            found.setdefault(
                end, fill("(SELECT {cases} FROM (SELECT {cell} AS value) AS told)", cases=cases, cell=cell)
            )


def _number(text: str) -> float:
    try:
        return float(text.strip().rstrip("%"))
    except ValueError:
        return 0.0
