"""A history of mornings on which Phase 4 came at the same time."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from nba_monitoring.core.eastern import eastern_instant, end_of_day
from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.monitor import Monitor
from nba_monitoring.warehouse import open_warehouse
from nba_monitoring_tests.morning import FACTORS, NBAC, Platform
from nba_monitoring_tests.platform_tables import factor_rows, nbac_row

USUAL = time(7, 42)


def come_usually(
    platform: Platform,
    last: date,
    mornings: int = 12,
    at: time = USUAL,
    looked_at: datetime | None = None,
    is_clock_real: bool = True,
) -> None:
    """One game per day up to a date, whose Phase 4 rows were written at an Eastern time.

    They are checked once, by default when the last date is over, and the check is recorded in the history.
    """
    days = [last - timedelta(days=back) for back in reversed(range(mornings))]
    platform.add(NBAC, [nbac_row(day, "ORL", "MEM") for day in days])
    for day in days:
        rows = factor_rows(day, f"{day:%Y%m%d}_ORL_MEM", 24, processed_at=eastern_instant(day, at))
        platform.add(FACTORS, rows)
    now = looked_at or end_of_day(last)
    with open_warehouse(platform.settings.warehouse) as warehouse:
        monitor = Monitor(warehouse, platform.settings, days[0], last, now, is_clock_real=is_clock_real)
        monitor.record(f"mornings-to-{last}", Trigger.SCHEDULED)
