"""One example of every message, from real looks; snapshots and the page in docs/ are made of it."""

from __future__ import annotations

from datetime import date, timedelta

from nba_monitoring.alerts.decision import LastNotification, NotifyReason, decide, next_state
from nba_monitoring.alerts.digest import digest
from nba_monitoring.alerts.message import Message, NextSteps, verdict_message
from nba_monitoring.alerts.monitor_messages import (
    TEST_MESSAGE,
    FailedRun,
    backfill_message,
    mute_over_message,
    no_verdict_message,
    outage_message,
    run_failed_message,
    run_works_message,
    runs_failed_message,
    runs_work_message,
)
from nba_monitoring.core.record import CheckRecord
from nba_monitoring_tests.alerts.looks import DAY, FULL, eastern, look

RUN_ID = "6f1d2c9e-0a51-4c3e-9c52-7f3f0e2f5a11"
NEXT_STEPS = NextSteps(
    run_url=f"https://dagster.example.com/runs/{RUN_ID}",
    partition_url="https://dagster.example.com/assets/data_availability_checks?partition=2026-01-18&view=partitions",
    runbook_url="https://wiki.example.com/nba/phase-4-missing",
)

FIRST = look(eastern(7), {"BKN@CHI": 8})
WORSE = look(eastern(9), {"BKN@CHI": 8})
CHANGED = look(eastern(9, 30), {"ORL@MEM": 24, "BKN@CHI": 24, "CHA@DEN": 5})
REMINDER = look(eastern(12), {"ORL@MEM": 24, "BKN@CHI": 24, "CHA@DEN": 5})
RECOVERED = look(eastern(18, 30), FULL)


def gallery() -> dict[str, Message]:
    """The messages by name, in the order in which a reader may meet them."""
    said: dict[str, Message] = {}
    last: LastNotification | None = None
    for name, record in (
        ("first", FIRST),
        ("worse", WORSE),
        ("changed", CHANGED),
        ("reminder", REMINDER),
        ("recovered", RECOVERED),
    ):
        said[name], last = spoken(last, record)
    said["suspect_join"], _ = spoken(None, look(eastern(11), phase_ids={"0022500578": 31, "0022500579": 28}))
    said["unknown_schedule"], _ = spoken(None, look(eastern(11), slate={}))
    past = [
        look(eastern(11), FULL if number % 5 else {"BKN@CHI": 8}, day=date(2025, 12, 1) + timedelta(days=number))
        for number in range(14)
    ]
    in_the_past = digest(past)
    missed = digest(
        [look(eastern(11, day=day), day=day) for day in (date(2026, 1, 12), date(2026, 1, 14))] + [RECOVERED]
    )
    assert in_the_past is not None
    assert missed is not None
    run = FailedRun(
        RUN_ID, "morning_check", "WarehouseError: nba_raw.nbac_schedule: no column game_date\nAdd it, or grant access."
    )
    said["digest"] = backfill_message(in_the_past, RUN_ID, NEXT_STEPS)
    said["outage"] = outage_message(missed, (run,), eastern(11, day=date(2026, 1, 12)), eastern(9), NextSteps())
    said["run_failed"] = run_failed_message(run, NEXT_STEPS)
    said["run_cancelled"] = run_failed_message(FailedRun(RUN_ID, "morning_check", "", cancelled=True), NEXT_STEPS)
    said["no_verdict"] = no_verdict_message(DAY, eastern(11, 30), eastern(11, 31), NEXT_STEPS)
    said["works_again"] = run_works_message("2026-01-18", (RECOVERED.summary,), NEXT_STEPS)
    dates = [f"2026-01-{day:02}" for day in range(7, 19)]
    said["runs_failed"] = runs_failed_message(dict.fromkeys(dates, run), NextSteps())
    said["work_again"] = runs_work_message(
        {day: (f"{day} AVAILABLE: 6 of 6 games ready",) for day in dates}, NextSteps()
    )
    muted = LastNotification(
        DAY, None, None, FIRST.missing_games, FIRST.partial_games, 0, FIRST.check_time, muted="rebuilt until noon"
    )
    said["mute_over"] = mute_over_message(muted, NEXT_STEPS)
    said["test"] = TEST_MESSAGE
    return said


def spoken(
    last: LastNotification | None, record: CheckRecord, minutes_later: int = 1
) -> tuple[Message, LastNotification]:
    """What is said on a record, and what is remembered then."""
    now = record.check_time + timedelta(minutes=minutes_later)
    say = decide(last, record, now)
    assert say is not NotifyReason.NOTHING
    return verdict_message(say, record, last, now, NEXT_STEPS), next_state(last, record, say, now, None)
