"""How the proof of a day off reads. Which days are proved off is among the scenarios."""

from __future__ import annotations

from nba_monitoring.core.slate.sources import SourceReport
from nba_monitoring_tests.core.slate.scenarios.scenario import calendar
from nba_monitoring_tests.core.slate.slates import day_of, league_around, report, slate_of, tip

DAY = day_of("2026-01-20")
STALE_LEAGUE = report("league", *league_around(DAY), scraped_at=tip(day_of("2026-01-10"), "06:00"))


def proof(*reports: SourceReport) -> str | None:
    return slate_of(DAY, reports).off_day_proof


def test_the_leagues_proof_names_the_days_around() -> None:
    assert proof(report("league", *league_around(DAY))) == (
        "league: games on 2026-01-19 and 2026-01-21, none on 2026-01-20 counts"
    )


def test_a_calendars_proof_names_the_day() -> None:
    espn = report("ESPN API", calendar=calendar("2026-01-19", "2026-01-21"))
    assert proof(espn) == "ESPN API: 2026-01-20 is not among the season's game days"


def test_proof_from_a_stale_schedule_is_marked_as_stale() -> None:
    assert proof(STALE_LEAGUE) == (
        "league: games on 2026-01-19 and 2026-01-21, none on 2026-01-20 counts "
        "(last written 10 days 5 h ago (2026-01-10 6:00 AM ET))"
    )


def test_a_fresh_sources_proof_goes_before_a_stale_ones() -> None:
    fresh = report("schedule service", calendar=calendar("2026-01-19", "2026-01-21"))
    found = proof(STALE_LEAGUE, fresh)
    assert found is not None
    assert found.startswith("schedule service: ")
