"""The columns of `leads` by the headers that people know them by, what stands in them, and what can be asked of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cached_property

from funnel import catalogue, mapping
from funnel.conditions import Conditions
from funnel.core.contracts import ContractColumns, Contracts
from funnel.core.engine import Engine
from funnel.core.errors import QuestionError
from funnel.core.sql import Query, identifier
from funnel.core.types import AsOf, Attribute, Between, Closed, OneOf, parted
from funnel.journeys import CORE_COLUMNS, Tables
from funnel.journeys.at_start import StartValues
from funnel.journeys.customers import CUSTOMER_AT_START, bought_again, customers
from funnel.mapping import Loaded
from funnel.mapping.build.accounts import JOINED_ACCOUNTS

FEW, MOST_IN_ONE = 12, 0.9
"""Groups that people can hold against each other are so few, and none of them has a larger share of the leads."""
_TELLING = ("channel", "region")
"""Words in the headers of columns that tell groups apart which people know."""
_DATE_OF = {"created": "created_at", "closed": "closed_at"}
_COLUMN_OF = {"lead": "lead_id", "account": "account_id", "amount": "amount", "currency": "currency"}


class Columns:
    """The columns of the leads of one data set. `date_order` is what was said by hand of dates that read two ways."""

    def __init__(self, engine: Engine, loaded: Loaded, as_of: datetime, date_order: str | None) -> None:
        self.kinds = dict(engine.columns("leads"))
        self.unknown_at_start = loaded.unknown_at_start
        self.starts = StartValues(engine, loaded.at_start, loaded.unknown_at_start)
        self._engine = engine
        self._loaded = loaded
        self._as_of, self._date_order = as_of, date_order
        self._made: tuple[str, ...] = ()
        joined = any(note.key == JOINED_ACCOUNTS for note in loaded.warnings)
        self._conditions = Conditions(engine, self.kinds, loaded.at_start, as_of, date_order, joined)

    def tell_customers(self, tables: Tables, concepts: Mapping[str, str], *, make: bool) -> bool:
        """Whether an account bought on two days, by what labels mean; then CUSTOMER_AT_START is made of the leads, if it is to be,
        and where no column of the file is called so."""
        again = "account" in self._loaded.columns and bool(self._engine.row(bought_again(tables, concepts))[0])
        if make and (again or self._made) and (CUSTOMER_AT_START not in self.kinds or self._made):
            self._make(CUSTOMER_AT_START, customers(tables, concepts) if again else None)
        return again

    def _make(self, name: str, values: Query | None) -> None:
        """Makes a column of text of `leads`, from lead_id and value, in the place of what stood under its name; None: empties it."""
        column = identifier(name)
        if name in self._made:
            self._engine.run(Query(f"UPDATE leads SET {column} = NULL"))
        else:
            # What was seen of the leads before has no such column.
            self.starts.forget("leads")
            self._engine.run(Query(f"ALTER TABLE leads ADD COLUMN {column} VARCHAR"))
            self.kinds[name] = "VARCHAR"
            self._made = (*self._made, name)
        if values is not None:
            # Within the update the engine would look for each lead anew.
            self._engine.keep("made_values", values)
            told = "made_values.value FROM made_values WHERE made_values.lead_id = leads.lead_id"
            self._engine.run(Query(f"UPDATE leads SET {column} = {told}"))
            self._engine.drop_table("made_values")
        for kept in ("attributes", "by_promise"):
            self.__dict__.pop(kept, None)

    @cached_property
    def attributes(self) -> tuple[Attribute, ...]:
        """The columns that can filter or break down, with how many values each has: counted when first asked for."""
        if self._loaded.attributes is not None:
            return self._loaded.attributes
        return mapping.attributes(self._engine, self._loaded.at_start)

    @property
    def made(self) -> tuple[str, ...]:
        """The columns that are made of others: nothing looks at them unless somebody names them."""
        return self._made

    @property
    def of_file(self) -> tuple[Attribute, ...]:
        """Those of the `attributes` that the file itself says: what is scanned, scored and kept."""
        return tuple(each for each in self.attributes if each.column not in self.made)

    @cached_property
    def by_promise(self) -> tuple[str, ...]:
        """The columns of `attributes`, those first of which groups of leads are likeliest to tell something: the channel and the region,
        then those with few values, then the others, as in the file; of each kind those first where no value has nearly all the leads."""
        few = [each.column for each in self.attributes if 2 <= each.values <= FEW]
        lopsided = self._lopsided(few)

        def rank(attribute: Attribute) -> tuple[bool, bool, bool, int]:
            column = attribute.column
            told = next((place for place, word in enumerate(_TELLING) if word in column.casefold()), len(_TELLING))
            return column in self.made, column not in few, column in lopsided, told

        return tuple(each.column for each in sorted(self.attributes, key=rank))

    def _lopsided(self, columns: list[str]) -> set[str]:
        """Those of which one value (empty is one too) has nearly all leads."""
        if not columns:
            return set()
        each = [
            f"""SELECT {number} AS number, MAX(counted.leads) AS most, SUM(counted.leads) AS leads
FROM (SELECT COUNT(*) AS leads FROM leads GROUP BY leads.{identifier(column)}) AS counted"""
            for number, column in enumerate(columns)
        ]
        found = self._engine.rows(Query("\nUNION ALL\n".join(each)))
        return {columns[number] for number, most, leads in found if most > MOST_IN_ONE * leads}

    @cached_property
    def known_late(self) -> tuple[str, ...]:
        """The columns of `attributes` that are filled in, or changed, as a deal comes to its end: so their headers say."""
        return tuple(each.column for each in self.attributes if mapping.is_known_late(each.column))

    @property
    def changed(self) -> tuple[str, ...]:
        """The columns whose latest value is not for every lead the one at its start; those not known then are the last."""
        return (*self._loaded.at_start, *self.unknown_at_start)

    def named(self, name: str) -> str:
        """The column that a person means by a header of the file; QuestionError names the headers there are."""
        wanted = catalogue.normalised(name)
        parts = {part: self._loaded.columns[part] for part in _COLUMN_OF if part in self._loaded.columns}
        for part, header in parts.items():
            if catalogue.normalised(header) == wanted:
                return _COLUMN_OF[part]
        # A header that is a name of the house's own too stands in `leads` with "(file)" behind it, and is meant before that.
        own = [column for column in self.kinds if column not in CORE_COLUMNS]
        for spelt, among in ((wanted, own), (wanted + " file", own), (wanted, self.kinds)):
            for column in among:
                if catalogue.normalised(column) == spelt:
                    return column
        headers = [*(attribute.column for attribute in self.attributes), *parts.values()]
        raise QuestionError("errors.unknown_column", column=name, accepted=listed(dict.fromkeys(headers)))

    def known(self, name: str, attributes: AsOf) -> str:
        """The column that a header, or its own name, means; QuestionError too where its value at the start is asked for and not known."""
        column = name if name in self.kinds else self.named(name)
        if attributes is AsOf.START and column in self.unknown_at_start:
            raise QuestionError("errors.unknown_at_start", column=column)
        return column

    def in_file(self, name: str) -> str | None:
        """The column that a header, or its own name, means; None where the file has none such, though `leads` may."""
        given = self._loaded.columns
        for part, column in _DATE_OF.items():
            if part in given and catalogue.normalised(given[part]) == catalogue.normalised(name):
                return column
        try:
            column = name if name in self._own else self.named(name)
        except QuestionError:
            return None
        parts = {column: part for part, column in {**_COLUMN_OF, **_DATE_OF}.items()}
        return column if column in self._own or parts.get(column) in given else None

    @property
    def headers(self) -> tuple[str, ...]:
        """What people call the columns that the file has of each lead, whatever stands in them."""
        parts = [self._loaded.columns[part] for part in (*_COLUMN_OF, *_DATE_OF) if part in self._loaded.columns]
        return tuple(dict.fromkeys([*parts, *self._own]))

    @cached_property
    def _own(self) -> list[str]:
        """The columns of `leads` that are the file's own, as they are now."""
        others = {*CORE_COLUMNS, *self._loaded.at_start.values(), *self.made}
        return [each for each in self.kinds if each not in others]

    @cached_property
    def contract_columns(self) -> ContractColumns:
        """The columns that by their headers are of contracts."""
        found = mapping.contract_columns(self._by_header)
        is_type = found.type is not None and mapping.holds_types(self._engine, self._by_header[found.type])
        return found if is_type else replace(found, type=None)

    def contracts(self, asked: ContractColumns) -> Contracts:
        """What the columns of contracts say of each lead: those `asked` for by their headers, else those that are so by theirs.
        QuestionError for a header that no column has, and for columns that hold no dates, or no numbers, where such are needed."""
        columns = asked.over(self.contract_columns)
        column_of = {}
        for header in filter(None, vars(columns).values()):
            column_of[header] = self._by_header.get(header) or self.in_file(header) or self.named(header)
        return mapping.contracts(self._engine, columns, column_of, self.kinds, self._as_of, self._date_order)

    def types(self, header: str) -> Query:
        """lead_id and kind, what kind of sale each lead is by a column ("new", "expansion", "renewal"; NULL: it says none that is known).
        QuestionError for a header that no column has."""
        return mapping.sale_types(self._engine, self._by_header.get(header) or self.named(header))

    @cached_property
    def _by_header(self) -> dict[str, str]:
        """The columns of `leads` by the headers of the file: the file's own, and the amount."""
        amount = {self._loaded.columns["amount"]: "amount"} if "amount" in self._loaded.columns else {}
        return {**{name: name for name in self._own}, **amount}

    def settled(self, condition: OneOf | Between, attributes: AsOf) -> OneOf | Between:
        """A condition in its column's own terms, so that whoever wrote it as text asks for the number or the day."""
        if isinstance(condition, Closed):
            return condition
        return self._conditions.settled(replace(condition, column=self.known(condition.column, attributes)))

    def conditions(self, wanted: Mapping[str, object], attributes: AsOf) -> tuple[OneOf | Between, ...]:
        """What a person asks of columns, by their headers: a value, a list of values, or a (low, high) pair of numbers or dates."""
        return tuple(
            self._conditions.read(self._known_header(column, attributes), value) for column, value in wanted.items()
        )

    def written(self, text: str, attributes: AsOf) -> tuple[OneOf | Between, ...]:
        """What a condition asks that is written as `Region=EMEA`; none of an empty text."""
        if not text.strip():
            return ()
        parts = parted(text)
        if parts is None:
            raise QuestionError("errors.condition_form", found=text)
        return self.conditions({parts[0]: [parts[1]]}, attributes)

    def _known_header(self, name: str, attributes: AsOf) -> str:
        return self.known(self.named(name), attributes)

    def values(
        self, column: str, search: str = "", limit: int = 200, attributes: AsOf = AsOf.START
    ) -> list[tuple[str | None, int]]:
        """(value, leads) of a column, commonest first; None is empty. `search` keeps values that contain it, in any case."""
        name = f"leads.{identifier(column)}"
        where = f"\nWHERE CONTAINS(LOWER(CAST({name} AS VARCHAR)), LOWER(?))" if search else ""
        text = f"""SELECT CAST({name} AS VARCHAR) AS value, COUNT(*) AS leads
FROM {identifier(self.starts.seen("leads", attributes))} AS leads{where}
GROUP BY 1
ORDER BY leads DESC, value
LIMIT {int(limit)}"""
        return [(value, leads) for value, leads in self._engine.rows(Query(text, (search,) if search else ()))]

    def range(self, column: str, attributes: AsOf = AsOf.START) -> tuple[float, float] | None:
        """The smallest and the largest number of a column; None where it holds none."""
        name = f"TRY_CAST(leads.{identifier(column)} AS DOUBLE)"
        source = identifier(self.starts.seen("leads", attributes))
        low, high = self._engine.row(Query(f"SELECT MIN({name}) AS low, MAX({name}) AS high FROM {source} AS leads"))
        return None if low is None else (low, high)


def listed(names: Iterable[str], most: int = 12) -> str:
    """The first names, and how many more there are."""
    all_names = list(names)
    more = len(all_names) - most
    return ", ".join(all_names[:most]) + (f" … (+{more})" if more > 0 else "")
