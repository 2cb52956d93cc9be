"""The named peers, each in the way that suits it: load the CSV into its own best form, then answer from the history.

Each is made with a folder of its own. What they share: `load(path)` may be called again; `reached(dates)` says how many leads reach
each stage in order, with no window, of all leads or of those whose first entry at the first stage lies within two days, both
included; `cohorts()` the same for each month of that first entry; `models()` for each grouping of the labels in `data.MODELS`;
`reached_within(days)` where any entry at the first stage may open a window. What a peer has no method for, it does not answer.
Entries of one moment count in the order of the stages. PACKAGES are those whose versions matter; NOTES say what a reader should know.

Leads stand under a number (the id's 64-bit hash, or its place among the ids), since all of them work faster on numbers than on texts;
the id stays beside it.
"""

from peers.clickhouse import ClickHouse
from peers.duckdb_joins import DuckDB
from peers.pandas_joins import Pandas
from peers.polars_joins import Polars
from peers.retentioneering_paths import Retentioneering

__all__ = ["ClickHouse", "DuckDB", "Pandas", "Polars", "Retentioneering"]
