"""What finished runs have to tell, whatever became of them."""

from __future__ import annotations

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
