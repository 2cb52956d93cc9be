"""What questions need to know of a file beside its journeys: its columns, and its labels in their order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from funnel.core.contracts import ContractColumns, Contracts
from funnel.core.history import ValueHistory
from funnel.core.sql import Query
from funnel.core.types import AsOf, Attribute, Between, LabelFacts, OneOf, StageModel, Touches


class Columns(Protocol):
    """The columns of `leads`, by the headers that people know them by."""

    @property
    def unknown_at_start(self) -> tuple[str, ...]:
        """The columns whose value at the start of a lead is not known."""
        ...

    @property
    def attributes(self) -> tuple[Attribute, ...]:
        """The columns that can filter or break down."""
        ...

    @property
    def made(self) -> tuple[str, ...]:
        """The columns that are made of others."""
        ...

    @property
    def of_file(self) -> tuple[Attribute, ...]:
        """Those of the `attributes` that the file itself says, and are not made of others."""
        ...

    @property
    def known_late(self) -> tuple[str, ...]:
        """The columns of `attributes` that are filled in, or changed, as a deal comes to its end."""
        ...

    def known(self, name: str, attributes: AsOf) -> str:
        """The column that a header, or its own name, means; QuestionError where there is none, or its value is not known then."""
        ...

    def in_file(self, name: str) -> str | None:
        """The column that a header, or its own name, means; None where the file has none such."""
        ...

    def settled(self, condition: OneOf | Between, attributes: AsOf) -> OneOf | Between:
        """A condition in the terms of its column."""
        ...

    @property
    def contract_columns(self) -> ContractColumns:
        """The columns that by their headers are of contracts."""
        ...

    def contracts(self, asked: ContractColumns) -> Contracts:
        """What the columns of contracts say of each lead: those asked for, else those that are so by their headers."""
        ...

    def types(self, header: str) -> Query:
        """lead_id and kind: what kind of sale each lead is by a column."""
        ...

    def conditions(self, wanted: Mapping[str, object], attributes: AsOf) -> tuple[OneOf | Between, ...]:
        """What a person asks of columns, by their headers, as conditions."""
        ...


@dataclass(frozen=True)
class FileFacts:
    """`together` is what all labels of the models compared are called, as one stage.

    `recorded` gives the file's own labels as a model, `label_facts` what orders them beside how leads moved, `values` what its lines say of
    leads over time; all when first asked. `touches` is what is known of the table `touches`; None where no file tells of any."""

    columns: Columns
    recorded: Callable[[], StageModel]
    label_facts: Callable[[], LabelFacts]
    together: str
    values: Callable[[], ValueHistory] = ValueHistory
    touches: Touches | None = None
