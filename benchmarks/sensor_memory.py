"""Show that the memory for reading finished runs does not grow with their number, since they are read page by page.

    .venv/bin/python -m benchmarks.sensor_memory

The exit status is 1 if the ratio of the peaks exceeds its limit.
"""

from __future__ import annotations

import sys
import tracemalloc
from dataclasses import replace
from datetime import UTC, date, datetime

import dagster as dg

from nba_monitoring.orchestration.runs import ended_runs, unread_span
from nba_monitoring_tests.orchestration.ended_runs import JOB, complete_a_run, failing_look

SIZES = (300, 1_200)
LIMIT = 1.3


def main() -> int:
    look = failing_look(date(2026, 1, 18))
    peaks = []
    for size in SIZES:
        with dg.DagsterInstance.ephemeral() as instance:
            for number in range(size):
                complete_a_run(instance, "2026-01-18", [replace(look, check_id=f"check {number}")])
            tracemalloc.start()
            now = datetime.now(UTC)
            span = unread_span(instance, JOB, None, now)
            read = sum(1 for _ in ended_runs(instance, JOB, span, now))
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
            assert read == size, read
        print(f"{size:6,} runs {peaks[-1] / 1024:8,.0f} KB")
    ratio = peaks[1] / peaks[0]
    print(f"ratio {ratio:12.2f}   (limit {LIMIT})")
    return int(ratio > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
