"""All schedule services, asked now."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from nba_monitoring.core.slate.sources import SourceReport
from nba_monitoring.schedule_apis.balldontlie import balldontlie_report
from nba_monitoring.schedule_apis.espn import espn_report
from nba_monitoring.schedule_apis.http import DEFAULT_POLICY, HttpPolicy
from nba_monitoring.settings import Settings


def live_reports(settings: Settings, days: Collection[date], policy: HttpPolicy = DEFAULT_POLICY) -> list[SourceReport]:
    """What ESPN says of some Eastern dates, and balldontlie where there is a key for it.

    For today and the days around it: the services answer for a past date too, but only as they see it now. Raises
    nothing for what the network or the other side does; each report says what failed.
    """
    reports = [espn_report(settings.espn_url, days, policy)]
    if settings.bdl_key is not None:
        reports.append(balldontlie_report(settings.bdl_url, settings.bdl_key, days, policy))
    return reports
