"""The kinds of faults: each plants itself on a date of a season, and says what is to be told of it."""

from nba_monitoring_tests.season_machine.faults.kinds import ALL, KNOWN_WRONG, Kind

__all__ = ["ALL", "KNOWN_WRONG", "Kind"]
