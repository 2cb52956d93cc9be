"""Raw tables → `leads` and `history`: what one row is, which column plays which part, and where every line went.

recognise   tables → Mapping: shapes, parts, joins, by header and content, or as a person says (`Hints`)
build       Mapping → the tables, the label counts, the warnings (`Loaded`)
attributes  the columns of `leads` that can filter or break down
to_toml, from_toml   a mapping kept for the next file of the same kind
"""

from funnel.mapping.attributes import attributes
from funnel.mapping.build import build
from funnel.mapping.label_marks import written_orders
from funnel.mapping.labels import choices, guess
from funnel.mapping.nouns import PARTS, UNUSED, Alternative, Ambiguity, Hints, Loaded, Mapping
from funnel.mapping.numbered import numbered
from funnel.mapping.preview import recounted
from funnel.mapping.recognise import recognise
from funnel.mapping.stored import DATE_ORDERS, from_toml, to_toml

__all__ = [
    "DATE_ORDERS",
    "PARTS",
    "UNUSED",
    "Alternative",
    "Ambiguity",
    "Hints",
    "Loaded",
    "Mapping",
    "attributes",
    "build",
    "choices",
    "from_toml",
    "guess",
    "numbered",
    "recognise",
    "recounted",
    "to_toml",
    "written_orders",
]
