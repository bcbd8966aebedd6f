"""What finished runs have to tell, whatever became of them."""

from __future__ import annotations

from datetime import date, timedelta

from nba_monitoring.alerts.monitor_messages import FailedRun
from nba_monitoring.alerts.triage import FinishedRun, Triage, triage
from nba_monitoring.core.record import CheckRecord
from nba_monitoring_tests.alerts.looks import DAY, FULL, eastern, look

NOW = eastern(11, 5)


def run(number: int, *records: CheckRecord, failed: bool = False) -> FinishedRun:
    failure = FailedRun(f"run-{number:04}", "morning_check", "out of reach") if failed else None
    return FinishedRun(number, f"run-{number:04}", str(DAY), eastern(11, number), records, failure=failure)


def sort(*runs: FinishedRun) -> Triage:
    return triage(runs, NOW)


def test_the_verdict_of_a_run_that_failed_later_on_is_heard() -> None:
    missing = look(eastern(11))
    news = sort(run(1, missing, failed=True))
    assert [seen.record for seen in news.live[DAY]] == [missing]
    assert str(DAY) in news.failed


def test_a_run_that_works_again_leaves_no_failure_behind() -> None:
    news = sort(run(1, failed=True), run(2, look(eastern(11, 2), FULL)))
    assert not news.failed
    assert str(DAY) in news.worked


def test_of_many_looks_the_first_that_fails_and_the_newest_are_kept() -> None:
    looks = [
        look(eastern(10), FULL),
        look(eastern(11), {}),
        look(eastern(11, 1), {"BKN@CHI": 5}),
        look(eastern(11, 2), FULL),
    ]
    news = sort(*(run(number, record) for number, record in enumerate(looks)))
    assert [seen.record for seen in news.live[DAY]] == [looks[1], looks[3]]


YESTERDAY = DAY - timedelta(days=1)


def backfilled(number: int, day: date, *records: CheckRecord, failed: bool = True, backfill: str = "a") -> FinishedRun:
    failure = FailedRun(f"run-{number:04}", "morning_check", "", cancelled=True) if failed else None
    return FinishedRun(
        storage_id=number,
        run_id=f"run-{number:04}",
        dates=str(day),
        ended_at=eastern(11, number),
        records=records,
        failure=failure,
        last_date=day,
        backfill_id=backfill,
    )


def test_a_failed_run_of_a_backfill_of_past_dates_is_no_failure_of_today() -> None:
    runs = [backfilled(1, YESTERDAY), backfilled(2, DAY - timedelta(days=2)), backfilled(3, YESTERDAY, backfill="b")]
    found = sort(*runs)
    assert not found.failed
    # The last run for some dates counts, whichever backfill it was of.
    assert {backfill: list(failed.values()) for backfill, failed in found.past_failures.items()} == {
        "a": [runs[1]],
        "b": [runs[2]],
    }


def test_a_failed_run_of_a_backfill_that_holds_today_is_a_failure() -> None:
    found = sort(backfilled(1, DAY))
    assert str(DAY) in found.failed
    assert not found.past_failures


def test_a_failed_run_of_past_dates_outside_a_backfill_is_a_failure() -> None:
    failure = FailedRun("run-0001", "morning_check", "out of reach")
    found = sort(FinishedRun(1, "run-0001", str(YESTERDAY), eastern(11), failure=failure, last_date=YESTERDAY))
    assert str(YESTERDAY) in found.failed


def test_dates_that_a_backfill_repeated_with_success_leave_no_failure_behind() -> None:
    found = sort(backfilled(1, YESTERDAY), backfilled(2, YESTERDAY, failed=False))
    assert not any(found.past_failures.values())


def test_looks_of_past_dates_are_grouped_by_backfill() -> None:
    days = [DAY - timedelta(days=step) for step in (3, 2, 1)]
    looks = [look(eastern(11), {}, day=day) for day in days]
    assert not any(seen.is_live for seen in looks)
    found = sort(
        backfilled(1, days[0], looks[0], failed=False),
        backfilled(2, days[1], looks[1], failed=False, backfill="b"),
        backfilled(3, days[2], looks[2], failed=False),
    )
    assert {backfill: sorted(by_date) for backfill, by_date in found.backfills.items()} == {
        "a": [days[0], days[2]],
        "b": [days[1]],
    }
