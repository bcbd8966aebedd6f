"""Schedules over HTTP: ESPN and balldontlie, each as one source report."""

from nba_monitoring.schedule_apis.live import live_reports

__all__ = ["live_reports"]
