"""The lines of a large source → entries and leads, as SQL that every engine runs: what `funnel.mapping` does with one log.

It reads times that are times, or texts in ISO form; ids and labels without the blanks around them, none where only a placeholder
stands. Of a lead's attributes the last that is said counts, of equal times the greatest; at the start, what the lines of its first
moment say, of several the least.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from funnel.core.sql import Paragraph, Query, compose, identifier, marks
from funnel.journeys.entries import value_table
from funnel.mapping.build.columns import start_name
from funnel.mapping.build.lines import Fault
from funnel.mapping.cells.placeholders import BLANKS, placeholder_words
from funnel.mapping.outcomes import or_lost
from funnel.mapping.template import NULL, among, chosen, fill, listed

SOURCE = "source"
USED = "used"
HOUSE = {
    "account_id": "VARCHAR",
    "amount": "DOUBLE",
    "currency": "VARCHAR",
    "created_at": "TIMESTAMP",
    "closed_at": "TIMESTAMP",
    "outcome_said": "VARCHAR",
}
"""The house's own columns of `leads` beside lead_id, in order, with their types."""
_ISO = r"^\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}([.]\d{1,6})?)?Z?)?$"
_EDGES = f"^[{BLANKS}]+|[{BLANKS}]+$"


@dataclass(frozen=True)
class Cell:
    """A column of the source: `kind` is "text", "whole", "number", "moment" or "truth"."""

    header: str
    kind: str

    @property
    def name(self) -> str:
        """The column in SQL."""
        return f"{SOURCE}.{identifier(self.header)}"

    @property
    def as_text(self) -> str:
        """Its text; a whole number that is kept as a fraction is whole."""
        inner = f"CAST({self.name} AS BIGINT)" if self.kind == "number" else self.name
        return self.name if self.kind == "text" else f"CAST({inner} AS VARCHAR)"


@dataclass(frozen=True)
class Plan:
    """Which columns of the source say what. `attributes` pairs a name in `leads` with its cell and the type it has there;
    `outcomes` are what the values of the outcome column say; `spelled` the label of each text that is not its own; `numbering`
    pairs the kind of a column that may number labels with its cell."""

    lead: Cell
    label: Cell
    time: Cell
    parts: Mapping[str, Cell]
    attributes: tuple[tuple[str, Cell, str], ...] = ()
    outcomes: Mapping[str, str | None] | None = None
    spelled: Mapping[str, str] | None = None
    ends: tuple[str, ...] = ()
    numbering: tuple[tuple[str, Cell], ...] = ()


def said(cell: Cell, *, typed: bool = False) -> Query:
    """The text of a cell without blanks around it; NULL where it is blank or a placeholder."""
    if cell.kind != "text":
        return Query(cell.as_text)
    name = cell.name
    words = ["", *placeholder_words(typed=typed)]
    trimmed = f"REGEXP_REPLACE({name}, ?, '', 'g')"
    # Most cells begin with a letter or digit and end in a digit, or are longer than every placeholder; they need no slow look.
    plain = (
        f"{name} >= '0' AND {name} < '{{' AND (RIGHT({name}, 1) BETWEEN '0' AND '9'"
        f" OR LENGTH({name}) > {max(len(word.encode()) for word in words)} AND RIGHT({name}, 1) BETWEEN '!' AND '~')"
    )
    return Query(
        f"CASE WHEN {plain} THEN {name} WHEN LOWER({trimmed}) IN ({marks(words)}) THEN NULL ELSE {trimmed} END",
        (_EDGES, *words, _EDGES),
    )


def moment(cell: Cell) -> Query:
    """The time in a cell; NULL where it holds none that can be read."""
    if cell.kind == "moment":
        return Query(f"CAST({cell.name} AS TIMESTAMP)")
    if cell.kind != "text":
        return Query("CAST(NULL AS TIMESTAMP)")
    text = said(cell, typed=True)
    return fill(
        "CASE WHEN REGEXP_MATCHES({text}, {iso}) THEN TRY_CAST(REPLACE(REPLACE({text}, 'T', ' '), 'Z', '') AS TIMESTAMP) END",
        text=text,
        iso=Query("?", (_ISO,)),
    )


def number(cell: Cell, kind: str = "DOUBLE") -> Query:
    """The number in a cell; NULL where it holds none."""
    if cell.kind in ("whole", "number"):
        return Query(f"CAST({cell.name} AS {kind})")
    return fill(f"TRY_CAST({{text}} AS {kind})", text=said(cell, typed=True))


def _share(cell: Cell) -> Query:
    """The number in a cell, that of a share with or without its sign."""
    if cell.kind in ("whole", "number"):
        return number(cell)
    return fill("TRY_CAST(REPLACE({text}, '%', '') AS DOUBLE)", text=said(cell, typed=True))


def lines(plan: Plan, extra: Mapping[str, Query] | None = None) -> list[Paragraph]:
    """Paragraphs that end in `lines`: lead_id, written, entered_at, sequence, fault (USED, or why it is not used) of each line of the
    source, and the extra columns."""
    old = plan.parts.get("old")
    timed = said(plan.time, typed=True) if plan.time.kind == "text" else Query(plan.time.name)
    columns = {
        "lead_id": said(plan.lead),
        "written": said(plan.label),
        "entered_at": moment(plan.time),
        "timed": timed,
        "sequence": Query("0"),
        **({} if old is None else {"old_label": said(old)}),
        **(extra or {}),
    }
    cells = listed((fill("{cell} AS {name}", cell=cell, name=name) for name, cell in columns.items()), ",\n    ")
    faults = [
        ("cells.lead_id IS NULL", Fault.NO_LEAD.value),
        *([] if old is None else [("cells.old_label = cells.written", Fault.SAME.value)]),
        ("cells.written IS NULL", Fault.NO_LABEL.value),
    ]
    whens = " ".join(f"WHEN {condition} THEN '{fault}'" for condition, fault in faults)
    # Nobody knows when an end without a time was, and yet it was.
    is_end = among(Query("cells.written"), plan.ends)
    untimed = f"WHEN cells.timed IS NULL AND NOT ({is_end.text}) THEN '{Fault.NO_TIME.value}'"
    untimed += f" WHEN cells.timed IS NOT NULL AND cells.entered_at IS NULL THEN '{Fault.BAD_TIME.value}'"
    kept = [name for name in columns if name not in ("timed", "old_label")]
    selected = ",\n    ".join(f"cells.{name} AS {name}" for name in kept)
    return [
        Paragraph("cells", Query(f"SELECT\n    {cells.text}\nFROM {SOURCE}", cells.values)),
        Paragraph(
            "lines",
            Query(
                f"SELECT\n    {selected},\n    CASE {whens} {untimed} ELSE '{USED}' END AS fault\nFROM cells",
                is_end.values,
            ),
        ),
    ]


def counted(plan: Plan, most: int) -> Query:
    """written, fault, lines: how many lines bear each text of a label, and how many of them are not used, and why."""
    last = f"""SELECT lines.written AS written, lines.fault AS fault, COUNT(*) AS lines
FROM lines
GROUP BY lines.written, lines.fault
LIMIT {most}"""
    return compose(lines(plan), Query(last))


def numbered(plan: Plan) -> Query:
    """label, and of each column that may number it texts_i, numbers_i, low_i, high_i: how many of its cells are filled, how many of
    those are numbers, the lowest and the highest."""
    cells = [cell for _, cell in plan.numbering]
    extra = {f"text_{index}": said(cell, typed=True) for index, cell in enumerate(cells)}
    extra |= {f"number_{index}": _share(cell) for index, cell in enumerate(cells)}
    columns = [
        f"COUNT(lines.text_{index}) AS texts_{index}, COUNT(lines.number_{index}) AS numbers_{index},"
        f" MIN(lines.number_{index}) AS low_{index}, MAX(lines.number_{index}) AS high_{index}"
        for index, _ in enumerate(cells)
    ]
    label = _label(plan)
    last = f"SELECT {label} AS label,\n    " + ",\n    ".join(columns)
    last += f"\nFROM lines{_joined(plan)}\nWHERE lines.fault = '{USED}'\nGROUP BY {label}"
    return compose([*lines(plan, extra), *_spelling(plan)], Query(last))


def history(plan: Plan) -> Query:
    """lead_id, label, entered_at, sequence: an entry for each line that is used."""
    return compose(
        [*lines(plan), *_spelling(plan)],
        Query(
            f"""SELECT lines.lead_id AS lead_id, {_label(plan)} AS label, lines.entered_at AS entered_at,
    CAST(lines.sequence AS BIGINT) AS sequence
FROM lines{_joined(plan)}
WHERE lines.fault = '{USED}'"""
        ),
    )


def start_columns(plan: Plan) -> dict[str, str]:
    """For each column of `leads` that can change, what the column of its values at the start is called."""
    used = {"lead_id", *HOUSE, *(name.casefold() for name, _, _ in plan.attributes)}
    changing = [*(name for name, _, _ in plan.attributes), *(["amount"] if "amount" in plan.parts else [])]
    return {name: start_name(name, used) for name in changing}


def kept_leads(plan: Plan, at_start: Mapping[str, str]) -> Query:
    """The columns of `leads` that are kept: of those of values at the start only the ones named."""
    names = ["lead_id", *HOUSE, *(name for name, _, _ in plan.attributes), *at_start.values()]
    return Query(
        "SELECT\n    " + ",\n    ".join(f"leads.{identifier(n)} AS {identifier(n)}" for n in names) + "\nFROM leads"
    )


def leads(plan: Plan, starts: Mapping[str, str]) -> Query:
    """The columns of `leads`, a row for each lead that has an entry, and those of `start_columns`."""
    dates = {name: moment(plan.parts[part]) for name, part in _DATES.items() if part in plan.parts}
    texts = {name: cell for name, cell in _house(plan).items() if cell is not None}
    texts |= {f"a{index}": _attribute(cell, kind) for index, (_, cell, kind) in enumerate(plan.attributes)}
    short_names = {name: f"a{index}" for index, (name, _, _) in enumerate(plan.attributes)}
    short_names |= {"amount": "amount"} if "amount" in starts else {}
    last = [*texts, *(["closed_any"] if "closed_any" in dates else [])]
    latest = ["used_lines.lead_id AS lead_id"]
    if "created_at" in dates:
        latest.append("MIN(used_lines.created_at) AS created_at")
    if "closed_any" in dates:
        latest.append("MAX(used_lines.ends) AS ends")
    latest.append("MIN(used_lines.entered_at) AS first_at")
    latest += [f"MAX(CASE WHEN used_lines.{n} IS NOT NULL THEN used_lines.entered_at END) AS at_{n}" for n in last]
    ends = chosen("lines.written", [(text, 1) for text in plan.ends], Query("0"))
    paragraphs = [
        *lines(plan, {**dates, **texts}),
        Paragraph(
            "used_lines",
            fill(f"SELECT lines.*, {{ends}} AS ends\nFROM lines\nWHERE lines.fault = '{USED}'", ends=ends),
        ),
        Paragraph(
            "latest", Query("SELECT " + ",\n    ".join(latest) + "\nFROM used_lines\nGROUP BY used_lines.lead_id")
        ),
    ]
    row = "latest"
    if last:
        row = "told"
        columns = ["used_lines.lead_id AS lead_id"]
        columns += [
            f"MAX(CASE WHEN used_lines.entered_at = latest.at_{name} THEN used_lines.{name} END) AS {name}"
            for name in last
        ]
        columns += [
            f"MIN(CASE WHEN used_lines.entered_at = latest.first_at THEN used_lines.{name} END) AS first_{name}"
            for name in short_names.values()
        ]
        if "created_at" in dates:
            columns.append("MAX(latest.created_at) AS created_at")
        if "closed_any" in dates:
            columns.append("MAX(latest.ends) AS ends")
        values = "SELECT " + ",\n    ".join(columns)
        values += (
            "\nFROM used_lines\nINNER JOIN latest ON latest.lead_id = used_lines.lead_id\nGROUP BY used_lines.lead_id"
        )
        paragraphs.append(Paragraph("told", Query(values)))
    there = {name: f"{row}.{name}" for name in texts}
    if "created_at" in dates:
        there["created_at"] = f"{row}.created_at"
    if "closed_any" in dates:
        there["closed_at"] = f"CASE WHEN {row}.ends = 1 THEN {row}.closed_any END"
    out = [f"{row}.lead_id AS lead_id"]
    out += [f"{there.get(name, f'CAST(NULL AS {kind})')} AS {name}" for name, kind in HOUSE.items()]
    out += [f"{row}.a{index} AS {identifier(name)}" for index, (name, _, _) in enumerate(plan.attributes)]
    out += [f"{row}.first_{short_names[name]} AS {identifier(there)}" for name, there in starts.items()]
    return compose(paragraphs, Query("SELECT\n    " + ",\n    ".join(out) + f"\nFROM {row}"))


def unread_numbers(cells: Sequence[Cell]) -> Query:
    """For each cell, how many of its texts are no number."""
    counts = listed(
        fill(
            "COUNT({text}) - COUNT({number}) AS unread_{index}", text=said(cell), number=number(cell), index=str(index)
        )
        for index, cell in enumerate(cells)
    )
    return Query(f"SELECT {counts.text} FROM {SOURCE}", counts.values)


_DATES = {"created_at": "created", "closed_any": "closed"}


def _house(plan: Plan) -> dict[str, Query | None]:
    parts = plan.parts
    outcome = None
    if "outcome" in parts:
        pairs = [(value, says) for value, says in (plan.outcomes or {}).items() if says is not None]
        text = said(parts["outcome"])
        cases = listed((fill("WHEN {text} = ? THEN ?", text=text) for _ in pairs), " ")
        values = [value for pair in pairs for value in (*text.values, *pair)]
        outcome = Query(f"CASE {cases.text} END", tuple(values)) if pairs else NULL
    if "lost_flag" in parts and outcome is not None:
        outcome = or_lost(outcome, said(parts["lost_flag"]))
    return {
        "account_id": said(parts["account"]) if "account" in parts else None,
        "amount": number(parts["amount"]) if "amount" in parts else None,
        "currency": said(parts["currency"]) if "currency" in parts else None,
        "outcome_said": outcome if outcome is not NULL else None,
    }


def _attribute(cell: Cell, kind: str) -> Query:
    return said(cell) if kind == "VARCHAR" else number(cell, kind)


def _spelling(plan: Plan) -> list[Paragraph]:
    if not plan.spelled:
        return []
    return [value_table("spelled", ("written", "label"), list(plan.spelled.items()))]


def _label(plan: Plan) -> str:
    return "COALESCE(spelled.label, lines.written)" if plan.spelled else "lines.written"


def _joined(plan: Plan) -> str:
    return "\nLEFT JOIN spelled ON spelled.written = lines.written" if plan.spelled else ""
