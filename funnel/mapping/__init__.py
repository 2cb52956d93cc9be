"""Raw tables → `leads` and `history`: what one row is, which column plays which part, and where every line went.

recognise   tables → ColumnMapping: shapes, parts, joins, by header and content, or as a person says (`MappingOverrides`)
carry_out   Mapping → the tables, the label counts, the warnings (`Loaded`)
attributes  the columns of `leads` that can filter or break down
contracts   what columns of contracts say of each lead: their days, what they bring, what kind of sale they are
map_together   both for all tables of an upload, and what files of touches beside them tell
value_history   what the lines of a history say of leads over time: amounts, planned close dates
to_toml, from_toml   a mapping kept for the next file of the same kind
"""

from funnel.mapping.build.attributes import attributes
from funnel.mapping.build.build import carry_out
from funnel.mapping.build.value_history import value_history
from funnel.mapping.contracts import contract_columns, contracts, holds_types, sale_types
from funnel.mapping.grammar import is_known_late
from funnel.mapping.labels.label_concepts import choices, guess
from funnel.mapping.labels.marks import written_orders
from funnel.mapping.overrides_file import DATE_ORDERS, from_toml, to_toml
from funnel.mapping.preview import recounted
from funnel.mapping.recognise import recognise
from funnel.mapping.together import map_together
from funnel.mapping.types import (
    PARTS,
    TOUCH_PARTS,
    UNUSED,
    Alternative,
    Ambiguity,
    ColumnMapping,
    Loaded,
    MappingOverrides,
)

__all__ = [
    "DATE_ORDERS",
    "PARTS",
    "TOUCH_PARTS",
    "UNUSED",
    "Alternative",
    "Ambiguity",
    "ColumnMapping",
    "Loaded",
    "MappingOverrides",
    "attributes",
    "carry_out",
    "choices",
    "contract_columns",
    "contracts",
    "from_toml",
    "guess",
    "holds_types",
    "is_known_late",
    "map_together",
    "recognise",
    "recounted",
    "sale_types",
    "to_toml",
    "value_history",
    "written_orders",
]
