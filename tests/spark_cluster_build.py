"""A build on a little cluster of Spark (two executors, each its own JVM), as a program of its own; `test_build_cluster` runs it."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from funnel.core.types import Note
from funnel.scale import batch_build
from funnel.scale.spark import session


def main(source: str, to: str) -> None:
    """Builds the folder, and says before each part what comes."""

    def tell(note: Note, share: float | None) -> None:
        print(note.key, flush=True)

    found = session("local-cluster[2,1,1024]")
    found.sparkContext.setLogLevel("OFF")
    found.conf.set("spark.sql.shuffle.partitions", "4")
    batch_build.build(
        source,
        Path(to),
        engine="spark",
        given_session=found,
        models=["as-recorded", "standard"],
        as_of=datetime(2025, 1, 1),
        progress=tell,
    )
    found.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
