"""The run of 8:00 AM, or a backfill's, in a process of its own.

    python -m nba_monitoring_tests.orchestration.one_run DAGSTER_HOME [--without-room | FIRST LAST]

Without room, no file can grow by a byte, as on a disk that is full.
"""

from __future__ import annotations

import resource
import sys
from datetime import date

import dagster as dg
import time_machine

from nba_monitoring.settings import Settings
from nba_monitoring_tests.days import DAY, at
from nba_monitoring_tests.morning import run_check

if __name__ == "__main__":
    with dg.DagsterInstance.from_config(sys.argv[1]) as instance, time_machine.travel(at(8)):
        if "--without-room" in sys.argv:
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        if len(sys.argv) == 4:
            span = date.fromisoformat(sys.argv[2]), date.fromisoformat(sys.argv[3])
            run_check(Settings.load(), instance, *span, tags={"dagster/backfill": "amonth"})
        else:
            run_check(Settings.load(), instance, DAY, tags={"nba_monitoring/trigger": "scheduled"})
