"""Schedules over HTTP: ESPN and balldontlie, each as one source report.

Not here: which of their games count (`core/slate/`), or when they are asked (`monitor.py`).
"""

from nba_monitoring.schedule_apis.live import live_reports

__all__ = ["live_reports"]
