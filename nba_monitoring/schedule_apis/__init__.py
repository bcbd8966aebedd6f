"""Schedules over HTTP: ESPN and balldontlie, one source report each.

Not here: which of their games count (`core/slate/`), or when they are queried (`monitor.py`).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from nba_monitoring.core.slate.sources import SourceReport
from nba_monitoring.http import HttpPolicy
from nba_monitoring.schedule_apis.balldontlie import balldontlie_report
from nba_monitoring.schedule_apis.espn import espn_report
from nba_monitoring.schedule_apis.json_api import DEFAULT_POLICY
from nba_monitoring.settings import Settings


def live_reports(settings: Settings, days: Collection[date], policy: HttpPolicy = DEFAULT_POLICY) -> list[SourceReport]:
    """ESPN's report on some Eastern dates, and balldontlie's if there is a key.

    For today and the days around it: for a past date the services only report what is known now. Never raises for
    the network or the other side; each report says what failed.
    """
    reports = [espn_report(settings.espn_url, days, policy)]
    if settings.bdl_key is not None:
        reports.append(balldontlie_report(settings.bdl_url, settings.bdl_key, days, policy))
    return reports
