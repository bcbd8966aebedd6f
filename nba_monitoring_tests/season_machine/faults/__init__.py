"""The kinds of faults: each plants itself on a date of a season, and returns what should be reported."""

from nba_monitoring_tests.season_machine.faults.kinds import ALL, Kind

__all__ = ["ALL", "Kind"]
