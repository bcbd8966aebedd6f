"""What a scenario of a slate is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from nba_monitoring.core.slate.sources import Calendar, SourceReport
from nba_monitoring_tests.core.slate.slates import REGULAR, SCHEDULED, day_of, full_day, listed, tip


@dataclass(frozen=True)
class Scenario:
    """What sources list for a `day`, and what the slate must make of it.

    `excluded` gives the reason by matchup, `tips` Eastern clock times, `moved` new dates. `unwell` are the sources
    that are not fresh; `unread`: something listed may hide a game. Each of `noted` stands in some disagreement or
    problem; none of them is noted where it is empty.
    """

    name: str
    day: str
    sources: Sequence[SourceReport]
    expected: str = ""
    excluded: Mapping[str, str] = field(default_factory=dict)
    off_day_proved: bool = False
    now: datetime | None = None
    opener: str | None = None
    moved: Mapping[str, str] = field(default_factory=dict)
    tips: Mapping[str, str] = field(default_factory=dict)
    unwell: Mapping[str, str] = field(default_factory=dict)
    noted: Sequence[str] = ()
    unread: bool = False


def calendar(*game_days: str) -> Calendar:
    days = frozenset(map(day_of, game_days))
    return Calendar(min(days), max(days), days)


JAN_18 = day_of("2026-01-18")
JAN_18_TIPS = {
    "ORL@MEM": "12:00",
    "BKN@CHI": "19:00",
    "CHA@DEN": "20:00",
    "NOP@HOU": "19:00",
    "POR@SAC": "21:00",
    "TOR@LAL": "21:30",
}
JAN_18_LEAGUE = [
    listed("league", JAN_18, matchup, season_type=REGULAR, tip_at=tip(JAN_18, clock))
    for matchup, clock in JAN_18_TIPS.items()
]
ALL_STAR_BREAK = [
    *full_day("league", "2026-02-12", 3, season_type=REGULAR),
    *full_day("league", "2026-02-19", 10, SCHEDULED),
]
