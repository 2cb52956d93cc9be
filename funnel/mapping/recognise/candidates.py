"""Which column can play which part: by its header in any known dialect, by the header's grammar, and by what it holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from funnel.core.types import Dialect
from funnel.mapping import dated_headers, grammar
from funnel.mapping.contracts import is_contract_date
from funnel.mapping.headers import crm_stage, is_last_touch, squashed, uses_by_header, words
from funnel.mapping.outcomes import is_flag, is_lost_flag, outcome_values
from funnel.mapping.profile import Column, Table
from funnel.mapping.recognise import fits

MOSTLY, HALF = 0.9, 0.5


@dataclass(frozen=True)
class Candidates:
    """For a table, the columns that can play each part, likeliest first. Which one does is for the shape to say."""

    table: Table
    dialect: Dialect | None
    _found: dict[str, list[Column]] = field(default_factory=dict, compare=False)

    def of(self, part: str) -> list[Column]:
        """Columns whose header and content fit the part: those that a dialect knows, then those by their grammar."""
        if part not in self._found:
            listed, spoken = self.listed(part), self._by_grammar(part)
            columns = [*listed, *(each for each in spoken if each not in listed)]
            if part in ("amount", "owner"):
                # Of several that could be it, the headers of the table's own CRM come first, then the better word; what was asked, last.
                own = {column.name for column in listed if self._is_own(column, part)}
                sure = {column.name for column in spoken if grammar.strength(column.name, part) == grammar.SURE}
                columns.sort(
                    key=lambda column: (
                        column.name not in own,
                        column.name not in sure and column not in listed,
                        part == "amount" and grammar.spells(column.name, "asked_at_first"),
                        0 if column.name in own else grammar.head_rank(column.name, part),
                    )
                )
            self._found[part] = columns
        return self._found[part]

    def _is_own(self, column: Column, part: str) -> bool:
        """Whether the table's own CRM writes this header for the part."""
        uses = uses_by_header().get(part, {}).get(squashed(column.name), [])
        return any(dialect is self.dialect and dialect.key != "generic" for dialect, _ in uses)

    def listed(self, part: str) -> list[Column]:
        """Columns whose header a dialect gives to the part, and whose content fits it."""
        uses_of = uses_by_header().get(part, {})
        holds = fits.FITS.get(part, fits.filled)
        ranked: list[tuple[tuple[int, int, int], Column]] = []
        for index, column in enumerate(self.table.columns):
            uses = uses_of.get(squashed(column.name))
            if not uses or not holds(column, self.table):
                continue
            own = [rank for dialect, rank in uses if dialect is self.dialect]
            # Bitrix calls a deal's id OWNER_ID, which anywhere else is of the owner; "Deal $" is of money.
            otherwise = not own and part in ("lead", "owner") and self._plays_otherwise(column, part)
            if otherwise or (part == "lead" and grammar.is_priced(column.name)):
                continue
            # Of the headers of pipelines, those of one CRM alone (category_id) mean anything else elsewhere.
            if not own and part == "pipeline" and all(dialect.key != "generic" for dialect, _ in uses):
                continue
            rank = (0, own[0]) if own else (1, min(rank for _, rank in uses))
            ranked.append(((*rank, index), column))
        return [column for _, column in sorted(ranked, key=lambda pair: pair[0])]

    def _by_grammar(self, part: str) -> list[Column]:
        """Columns whose header speaks for the part by its words, the surest first."""
        holds = fits.owner_like if part == "owner" else fits.FITS.get(part, fits.filled)
        if part in ("created", "closed"):
            strength = {column.name: dated_headers.date_strength(column.name, part) for column in self.table.columns}
        elif part in ("amount", "owner", "account", "label", "outcome"):
            strength = {column.name: grammar.strength(column.name, part) for column in self.table.columns}
        else:
            return []
        columns = [each for each in self.table.columns if strength[each.name] and holds(each, self.table)]
        # A date under a header that speaks of making must be written as dates are; `Date entered "Demo"` is of that stage.
        if part in ("created", "closed"):
            columns = [each for each in columns if (each.is_date or not each.filled) and not crm_stage(each.name)]
            columns = [each for each in columns if not is_contract_date(each.name)]
        return sorted(columns, key=lambda column: -strength[column.name])

    def _plays_otherwise(self, column: Column, part: str) -> bool:
        """Whether the table's own dialect, or the generic one, gives the header to another part than this one."""
        key = squashed(column.name)
        uses = [(other, dialect) for other, headers in uses_by_header().items() for dialect, _ in headers.get(key, ())]
        own = {other for other, dialect in uses if dialect is self.dialect and dialect.key != "generic"}
        parts = own or {other for other, dialect in uses if dialect.key == "generic"}
        return bool(parts) and part not in parts

    def dates(self) -> list[Column]:
        """Every column that holds dates; digits alone count only under a header that a part of time knows."""
        timed = {column.name for part in ("time", "created", "closed", "exited") for column in self.of(part)}
        dated = [column for column in self.table.columns if column.is_date or column.name in timed]
        # The days of a contract are dates of leads only where a table has no others.
        return [column for column in dated if not is_contract_date(column.name)] or dated

    def happened(self) -> list[Column]:
        """The dates of what happened: all but those that their header calls a plan ("Demo scheduled" of a stage is none, nor is
        "Follow-up" where no column says where a lead stands)."""
        return [
            each
            for each in self.dates()
            if not dated_headers.is_planned(each.name)
            or crm_stage(each.name)
            or (dated_headers.is_reminder(each.name) and not self.labels)
        ]

    def leads(self) -> list[Column]:
        """Columns that can be the lead's id by header, likeliest first: known headers, then any header that says id."""
        columns = self.of("lead")
        for column in self.table.columns:
            parts = words(column.name)
            if column in columns or not parts or not fits.id_like(column, self.table):
                continue
            marked = (
                parts[-1] in grammar.words_of("id_words")
                or parts[0] in ("id", "uuid")
                or column.name.lstrip().startswith("№")
            )
            marked = marked or (grammar.is_entity(column.name) and not fits.is_amount(column))
            of_lead = grammar.is_entity(column.name) or not grammar.spells(column.name, "no_leads")
            of_lead = of_lead and not self._plays_otherwise(column, "lead") and not fits.how_many(column)
            if marked and of_lead:
                columns = [*columns, column]
        # Below a known header most cells may be no ids: then those of the others are still asked for.
        columns = columns or [column for column in self.headed("lead") if column.filled]
        return sorted(columns, key=lambda column: -self.lead_named(column))

    def lead_named(self, column: Column) -> float:
        """How much a header speaks for the lead's id, from 0 to 1: 1 in the table's own dialect, little for what has many leads."""
        parts = set(grammar.tokens(column.name)) | set(words(column.name))
        uses = uses_by_header()["lead"].get(squashed(column.name), [])
        if any(dialect is self.dialect and dialect.key != "generic" for dialect, _ in uses):
            return 1.0 if squashed(column.name) not in ("id", "ownerid") or self._id_is_enough(column) else 0.45
        if grammar.strength(column.name, "account") or grammar.strength(column.name, "owner"):
            return 0.2
        if parts & grammar.words_of("visitors"):
            return 0.5
        if parts & grammar.words_of("people"):
            return 0.45
        if grammar.is_entity(column.name):
            return 0.9 if grammar.says_id(column.name) else 0.55
        if squashed(column.name) in grammar.words_of("plain_ids"):
            return 0.8 if self._id_is_enough(column) else 0.45
        if any(dialect.key == "generic" for dialect, _ in uses):
            return 0.85
        if parts & grammar.words_of("lines"):
            return 0.15
        return 0.4 if grammar.says_id(column.name) else 0.2

    def _id_is_enough(self, column: Column) -> bool:
        """A plain "id" is of the lead, unless another column is the id of one and comes again: then it is of the line."""
        others = [each for each in self.of("lead") if each is not column and grammar.is_entity(each.name)]
        if squashed(column.name) == "ownerid" and any(grammar.says_id(each.name) for each in others):
            # It is the lead's in a history that has no other id of one; beside one it is who has the lead.
            return False
        return not any(each.distinct < 0.8 * each.filled for each in others)

    def is_name(self, column: Column) -> bool:
        """Whether a column names leads, rather than numbers them: "Deal name", "Título", or "Project" over words without a number."""
        if grammar.says_id(column.name):
            return False
        if grammar.says(column.name, "names"):
            return True
        numbered = sum(1 for value in column.values if any(letter.isdigit() for letter in value))
        return grammar.is_entity(column.name) and numbered < 0.5 * len(column.values)

    def leads_by_name(self) -> list[Column]:
        """Columns that name each line's lead where nothing is an id: deal names, titles, addresses of people."""
        named = [
            column
            for column in self.table.columns
            if not column.is_date
            and column.numbers < 0.5
            and (
                grammar.is_entity(column.name)
                or set(words(column.name)) & {"name", "title", "subject", "email", "mail"}
            )
            and not grammar.says(column.name, "others")
        ]
        return sorted(named, key=lambda column: not grammar.is_entity(column.name))

    def customers(self) -> list[Column]:
        """Columns of people or companies that come again: of a log that names nothing else, each of them walks through the funnel."""
        columns = [
            column
            for column in self.table.columns
            if (grammar.spells(column.name, "people", "visitors") or grammar.strength(column.name, "account"))
            and column.filled >= MOSTLY * self.table.rows
            and 1 < column.distinct <= MOSTLY * column.filled
            and fits.account_like(column, self.table)
            and not grammar.strength(column.name, "owner")
            and not grammar.says(column.name, "others")
        ]
        return sorted(columns, key=lambda column: -column.distinct)

    def leads_by_content(self) -> list[Column]:
        """Of a table with dates, columns of many values that come again and look like ids, whatever their headers say."""
        if not self.dates():
            return []
        columns = [column for column in self._unnamed() if fits.repeats_ids(column)]
        return sorted(columns, key=lambda column: (column.numbers > 0.5, -column.distinct))

    def labels_by_content(self) -> list[Column]:
        """Columns of a few words each of which comes again and again, whatever their headers say."""
        few = [column for column in self._unnamed() if column.complete and 2 <= column.distinct <= 0.2 * column.filled]
        return [column for column in few if column.numbers < 0.5 and not column.is_date and not is_flag(column)]

    def _unnamed(self) -> list[Column]:
        """Columns that are nearly everywhere filled and whose headers give them to no part, nor to anything but a lead."""
        known_headers = {header for headers in uses_by_header().values() for header in headers}
        return [
            column
            for column in self.table.columns
            if column.filled >= 0.95 * self.table.rows
            and squashed(column.name) not in known_headers
            and not grammar.spells(column.name, "no_leads")
            and not grammar.says(column.name, "others")
            and not any(grammar.strength(column.name, part) for part in ("amount", "owner", "account"))
        ]

    def headed(self, part: str) -> list[Column]:
        """Columns whose header fits the part, whatever they hold."""
        headers = uses_by_header().get(part, {})
        return [column for column in self.table.columns if squashed(column.name) in headers]

    def empty_lead(self) -> Column | None:
        """A column with a known header of ids and not one id in it."""
        return next((column for column in self.headed("lead") if not column.filled), None)

    @cached_property
    def labels(self) -> list[Column]:
        """Columns that can be the label: known headers, headers with a word like stage, then columns full of known labels.

        One whose values are of another kind (countries, jobs, reasons) is none, whatever its header says.
        """
        columns = [column for column in self.of("label") if not fits.of_another_kind(column)]
        # "Result", "Decision outcome": the only label of many a list.
        columns += [
            each
            for each in self._by_grammar("outcome")
            if each not in columns
            and grammar.says(each.name, "endings")
            and fits.label_like(each, self.table)
            and not is_flag(each)
        ]
        rest = [
            column for column in self.table.columns if column not in columns and fits.label_like(column, self.table)
        ]
        rest = [each for each in rest if not fits.of_another_kind(each) and not grammar.says(each.name, "others")]
        named = [each for each in rest if grammar.spells(each.name, "labels") and not is_last_touch(each.name)]
        # step_name before step_number.
        plain = [column for column in named if not {"id", "ids"} & set(words(column.name))]
        columns += sorted(plain, key=lambda column: column.numbers > 0.5)
        if not columns:
            # Some logs write activity_id for the activity; an id of each line would not come again.
            columns = [column for column in named if column.distinct <= 0.7 * column.filled]
        if not columns:
            columns = [column for column in rest if fits.names_stages(column)]
        return columns

    @cached_property
    def sides(self) -> tuple[list[Column], list[Column]]:
        """The columns that say where a lead came from, and those that say where it went, by their headers."""
        old = [
            *self.of("from_label"),
            *(each for each in self.of("old_value") if fits.label_like(each, self.table)),
        ]
        headed = {column.name: grammar.side(column.name) for column in self.table.columns if self._of_a_side(column)}
        old += [each for each in self.table.columns if headed.get(each.name) == "old" and each not in old]
        new = [each for each in self.table.columns if headed.get(each.name) == "new" and each not in old]
        listed = [each for each in self.of("new_value") if each not in new and each not in old]
        return old, [*new, *listed]

    def _of_a_side(self, column: Column) -> bool:
        bare = len(grammar.tokens(column.name)) == 1
        return fits.label_like(column, self.table) and (bare or bool(grammar.strength(column.name, "label")))

    def is_label_by_header(self, column: Column) -> bool:
        """Whether the header alone says that the column holds labels."""
        headed = {each.name for part in ("label", "new_value", "from_label") for each in self.headed(part)}
        ending = grammar.says(column.name, "endings") and grammar.strength(column.name, "outcome")
        spoken = bool(grammar.strength(column.name, "label") or ending)
        return column.name in headed or grammar.spells(column.name, "labels") or spoken

    def label_named(self, column: Column) -> float:
        """How much a header speaks for the label, from -0.5 to 1: a stage more than a status, either more than an activity."""
        if not self.is_label_by_header(column):
            return -0.5
        parts = set(grammar.tokens(column.name))
        if column not in self.listed("label") and grammar.strength(column.name, "label") < grammar.SURE:
            return 0.6
        if len(parts & grammar.heads("label")) > 1 or parts & grammar.words_of("endings"):
            return 0.5
        staged = parts & grammar.words_of("stages") or squashed(column.name) in grammar.words_of("stage_headers")
        return 1.0 if staged else 0.8

    @cached_property
    def events(self) -> bool:
        """Whether lines are numbered as events are (`event_id`, `transition_id`): a unique id of something that happened."""
        return any(
            grammar.is_entity(each.name, also=grammar.words_of("happenings"))
            and grammar.says_id(each.name)
            and grammar.spells(each.name, "happenings")
            and each.distinct >= 0.85 * each.filled > 0
            # Of a few lines each may be at another stage: a `stage_id` that says which is none of an event.
            and fits.stage_share(each) < 0.5
            for each in self.table.columns
        )

    @cached_property
    def outcomes(self) -> list[Column]:
        """Columns that say how leads ended, by header; content must agree. A yes or no that only tells of losing comes last."""
        columns = self.of("outcome")
        states = [each for each in self._by_grammar("label") if not grammar.says(each.name, "stages")]
        columns = [*columns, *(each for each in states if each not in columns and fits.group_like(each, self.table))]
        telling = [each for each in columns if outcome_values(each.name, each.values) is not None]
        telling = [each for each in telling if not fits.of_addresses(each)]
        if self._of_leads:
            telling = [each for each in telling if not fits.of_another_thing(each)]
        return sorted(telling, key=is_lost_flag)

    @cached_property
    def _of_leads(self) -> bool:
        """Whether a column that is filled in for most lines is the stage or status of leads, not of their payments, papers or calls."""
        return any(
            each.filled >= HALF * self.table.rows
            and (each in self.listed("label") or grammar.strength(each.name, "label"))
            and not fits.of_another_thing(each)
            for each in self.labels
        )

    def start(self, dates: Iterable[Column]) -> Column | None:
        """Of a log with two times, the one at which the label was entered."""
        return next((column for column in dates if grammar.spells(column.name, "starts")), None)

    def changed(self) -> Column | None:
        """When a lead last changed its label."""
        return next((column for column in self.dates() if dated_headers.is_stage_change(column.name)), None)
