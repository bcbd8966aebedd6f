"""Games postponed, cancelled, moved or not needed."""

from __future__ import annotations

from nba_monitoring_tests.core.slate.scenarios.scenario import Scenario
from nba_monitoring_tests.core.slate.slates import (
    CANCELLED,
    FINAL,
    LIVE,
    PLAYOFFS,
    POSTPONED,
    SCHEDULED,
    day_of,
    full_day,
    league_around,
    listed,
    morning,
    report,
    tip,
)

TEN_FINALS = full_day("league", "2025-11-03", 10, has_score=False)

SCENARIOS = [
    Scenario(
        "before the postponement, at 8 AM",
        "2026-01-24",
        [
            report("league", listed("league", "2026-01-24", "GSW@MIN", league_id="0022500643")),
            report("ESPN API", listed("ESPN API", "2026-01-24", "GSW@MIN")),
        ],
        expected="GSW@MIN",
    ),
    Scenario(
        "the postponement comes after the 8 AM look: ESPN knows it first",
        "2026-01-24",
        [
            report(
                "league",
                listed("league", "2026-01-24", "GSW@MIN", league_id="0022500643"),
                listed("league", "2026-01-24", "BOS@CHI", league_id="0022500644"),
            ),
            report(
                "ESPN API",
                listed("ESPN API", "2026-01-24", "GSW@MIN", POSTPONED),
                listed("ESPN API", "2026-01-24", "BOS@CHI", LIVE),
            ),
        ],
        now=tip(day_of("2026-01-24"), "17:30"),
        expected="BOS@CHI",
        excluded={"GSW@MIN": "postponed"},
        noted=["GSW@MIN: postponed says ESPN API; listed by league"],
    ),
    Scenario(
        "the only game of the date is postponed: no games, on evidence",
        "2026-01-24",
        [
            report("ESPN API", listed("ESPN API", "2026-01-24", "GSW@MIN", POSTPONED)),
            report("scoreboard", listed("scoreboard", "2026-01-24", "GSW@MIN", POSTPONED)),
        ],
        excluded={"GSW@MIN": "postponed"},
        off_day_proved=True,
    ),
    Scenario(
        "a postponement in a table that nobody has written for days does not stand against a live source",
        "2026-01-24",
        [
            report("ESPN API", listed("ESPN API", "2026-01-24", "GSW@MIN")),
            report(
                "scoreboard",
                listed("scoreboard", "2026-01-24", "GSW@MIN", POSTPONED),
                scraped_at=tip(day_of("2026-01-20"), "03:00"),
            ),
        ],
        expected="GSW@MIN",
        unwell={"scoreboard": "last written 4 days ago (2026-01-20 08:00 UTC)"},
        noted=["GSW@MIN: postponed says scoreboard; listed by ESPN API"],
    ),
    Scenario(
        "a stale postponement that nobody contradicts is believed",
        "2026-01-24",
        [
            report(
                "scoreboard",
                listed("scoreboard", "2026-01-24", "GSW@MIN", POSTPONED),
                scraped_at=tip(day_of("2026-01-20"), "03:00"),
            ),
            report("league", listed("league", "2026-01-24", "BOS@CHI")),
        ],
        expected="BOS@CHI",
        excluded={"GSW@MIN": "postponed"},
        unwell={"scoreboard": "last written"},
    ),
    Scenario(
        "a postponement that another source saw played was taken back",
        "2026-01-24",
        [
            report("ESPN API", listed("ESPN API", "2026-01-24", "GSW@MIN", POSTPONED)),
            report("BDL API", listed("BDL API", "2026-01-24", "GSW@MIN", LIVE)),
        ],
        expected="GSW@MIN",
        noted=["GSW@MIN: postponed says ESPN API; listed by BDL API"],
    ),
    Scenario(
        "a cancelled game is not expected",
        "2013-04-16",
        [
            report("scoreboard", listed("scoreboard", "2013-04-16", "IND@BOS", CANCELLED)),
            report("league", *league_around(day_of("2013-04-16"))),
        ],
        excluded={"IND@BOS": "cancelled"},
        off_day_proved=True,
        now=morning(day_of("2026-01-18")),
        unwell={"league": "nothing for 2013-04-16 while scoreboard lists 1"},
    ),
    Scenario(
        "a game moved forward stands on its earlier date, which appeared after the later one was last seen",
        "2026-03-10",
        [
            report(
                "league",
                listed(
                    "league",
                    "2026-03-10",
                    "MIA@CHI",
                    league_id="0022500900",
                    first_seen_at=tip(day_of("2026-02-20"), "06:00"),
                ),
                listed(
                    "league",
                    "2026-03-29",
                    "MIA@CHI",
                    league_id="0022500900",
                    seen_at=tip(day_of("2026-02-19"), "06:00"),
                ),
            )
        ],
        expected="MIA@CHI",
    ),
    Scenario(
        "a game that was played stands, whatever later date its id is listed on",
        "2026-01-08",
        [
            report(
                "league",
                listed("league", "2026-01-08", "MIA@CHI", FINAL, league_id="0022500529"),
                listed("league", "2026-01-29", "MIA@CHI", league_id="0022500529"),
            )
        ],
        now=morning(day_of("2026-01-29")),
        expected="MIA@CHI",
    ),
    Scenario(
        "nor is it played again on that later date",
        "2026-01-29",
        [
            report(
                "league",
                listed("league", "2026-01-08", "MIA@CHI", FINAL, league_id="0022500529"),
                listed("league", "2026-01-29", "MIA@CHI", league_id="0022500529"),
                listed("league", "2026-01-29", "BOS@NYK", league_id="0022500670"),
            )
        ],
        expected="BOS@NYK",
        excluded={"MIA@CHI": "moved to another date"},
        moved={"MIA@CHI": "2026-01-08"},
    ),
    Scenario(
        "one source says both scheduled and postponed: still expected, and reported",
        "2026-01-24",
        [
            report(
                "scoreboard",
                listed("scoreboard", "2026-01-24", "GSW@MIN", POSTPONED),
                listed("scoreboard", "2026-01-24", "GSW@MIN", SCHEDULED),
            )
        ],
        expected="GSW@MIN",
        noted=["scoreboard: duplicate, GSW@MIN listed both as postponed and as scheduled"],
    ),
    Scenario(
        "of two ids of one game, one moved away: the other is played",
        "2026-01-08",
        [
            report(
                "league",
                listed("league", "2026-01-08", "MIA@CHI", league_id="0022500529"),
                listed("league", "2026-01-29", "MIA@CHI", league_id="0022500529"),
                listed("league", "2026-01-08", "MIA@CHI", league_id="0022501231"),
            )
        ],
        expected="MIA@CHI",
    ),
    Scenario(
        "a playoff game is expected on its morning, if necessary or not",
        "2025-05-04",
        [
            report(
                "league",
                listed("league", "2025-05-02", "HOU@GSW", FINAL, league_id="0042400156"),
                listed("league", "2025-05-04", "GSW@HOU", league_id="0042400157"),
                scraped_at=tip(day_of("2025-05-04"), "05:00"),
            )
        ],
        expected="GSW@HOU",
    ),
    Scenario(
        "a game that was not necessary has stayed scheduled after its series ended",
        "2025-05-03",
        [
            report(
                "league",
                listed("league", "2025-04-28", "CLE@MIA", FINAL, league_id="0042400104"),
                listed("league", "2025-05-03", "MIA@CLE", league_id="0042400107"),
                listed("league", "2025-05-04", "IND@CLE", FINAL, league_id="0042400201"),
                scraped_at=tip(day_of("2025-05-10"), "05:00"),
            )
        ],
        now=morning(day_of("2025-05-10")),
        excluded={"MIA@CLE": "never played"},
        off_day_proved=True,
    ),
    Scenario(
        "a source that no longer follows results does not make playoff games unnecessary",
        "2025-05-20",
        [
            report(
                "league",
                listed("league", "2025-04-28", "CLE@MIA", FINAL, league_id="0042400104"),
                listed("league", "2025-05-20", "MIN@OKC", league_id="0042400311"),
                scraped_at=tip(day_of("2025-06-01"), "05:00"),
            )
        ],
        now=morning(day_of("2025-06-01")),
        expected="MIN@OKC",
    ),
    Scenario(
        "the bubble's three games of 2020-08-26 were all called off",
        "2020-08-26",
        [
            report(
                "league",
                *full_day("league", "2020-08-25", 2, season_type=PLAYOFFS),
                *full_day("league", "2020-08-26", 3, has_score=False, season_type=PLAYOFFS),
                *full_day("league", "2020-08-29", 3, season_type=PLAYOFFS),
            )
        ],
        excluded=dict.fromkeys(["ATL@BKN", "BOS@CHA", "CHI@CLE"], "postponed (final without a score)"),
        off_day_proved=True,
    ),
    Scenario(
        "a whole date of finals without a score may as well be scores that were not loaded",
        "2026-03-04",
        [
            report(
                "league",
                *full_day("league", "2026-03-03", 6),
                *full_day("league", "2026-03-04", 6, has_score=False),
                *full_day("league", "2026-03-05", 6),
            )
        ],
        excluded=dict.fromkeys(
            ["ATL@BKN", "BOS@CHA", "CHI@CLE", "DAL@DEN", "DET@GSW", "HOU@IND"], "postponed (final without a score)"
        ),
        noted=["all 6 games are final without a score"],
    ),
    Scenario(
        "a source without a single score among ten finals has not loaded them: its games were played",
        "2025-11-03",
        [report("league", *TEN_FINALS)],
        expected=" ".join(entry.game.matchup for entry in TEN_FINALS),
    ),
    Scenario(
        "ten finals without a score in a season, among others with one, are ten postponements",
        "2020-12-23",
        [
            report(
                "league",
                *full_day("league", "2020-12-22", 10, has_score=False),
                listed("league", "2020-12-23", "OKC@HOU", FINAL, has_score=False),
                listed("league", "2020-12-23", "BOS@NYK", FINAL),
            )
        ],
        expected="BOS@NYK",
        excluded={"OKC@HOU": "postponed (final without a score)"},
    ),
]
