"""Dates without games, proved off or not."""

from __future__ import annotations

from nba_monitoring_tests.core.slate.scenarios.scenario import (
    ALL_STAR_BREAK,
    Scenario,
    calendar,
)
from nba_monitoring_tests.core.slate.slates import (
    FINAL,
    SCHEDULED,
    day_of,
    finals,
    full_day,
    league_around,
    listed,
    morning,
    report,
    tip,
    whole_season,
)

SCENARIOS = [
    Scenario(
        "a row that could not be read may be a game: no day off is proved",
        "2026-02-13",
        [report("league", *ALL_STAR_BREAK, unreadable={day_of("2026-02-13"): ("a row names no game",)})],
        noted=["a row names no game"],
    ),
    Scenario(
        "a hole in the league's schedule in which another table saw games is a hole in the loading",
        "2026-01-17",
        [
            report("league", *full_day("league", "2026-01-12", 3), *full_day("league", "2026-01-20", 3, SCHEDULED)),
            report("scoreboard", *full_day("scoreboard", "2026-01-14", 5), *full_day("scoreboard", "2026-01-16", 5)),
        ],
        unwell={"league": "its newest game is 2026-01-12, but another source has games on 2026-01-16"},
    ),
    Scenario(
        "a gap of 15 days within one season proves nothing",
        "2026-01-20",
        [report("league", *league_around(day_of("2026-01-20"), before=7, after=8))],
    ),
    Scenario(
        "a hole of 14 days is",
        "2026-01-20",
        [report("league", *league_around(day_of("2026-01-20"), before=7, after=7))],
        off_day_proved=True,
    ),
    Scenario(
        "a summer runs from a playoff game to an opener",
        "2025-08-15",
        [
            report(
                "league",
                listed("league", "2025-06-22", "IND@OKC", FINAL, league_id="0042400407"),
                listed("league", "2025-10-21", "HOU@OKC", league_id="0022500061"),
            )
        ],
        off_day_proved=True,
    ),
    Scenario(
        "a hole over the opener that the table knows is a hole in the loading",
        "2025-10-23",
        [
            report(
                "league",
                listed("league", "2025-10-17", "BOS@NYK", FINAL, league_id="0012500070"),
                listed("league", "2025-10-29", "HOU@OKC", league_id="0022500121"),
            )
        ],
    ),
    Scenario(
        "a season loaded until February and the next one don't prove a summer",
        "2025-03-15",
        [
            report(
                "league",
                listed("league", "2025-02-10", "BOS@NYK", FINAL, league_id="0022400761"),
                listed("league", "2025-10-21", "HOU@OKC", league_id="0022500061"),
            )
        ],
    ),
    Scenario(
        "nor is the time from the finals to a January from which on the schedule is loaded",
        "2027-11-15",
        [
            report(
                "league",
                listed("league", "2027-06-20", "BOS@LAL", FINAL, league_id="0042600407"),
                listed("league", "2028-01-03", "BOS@NYK", league_id="0022700480"),
            )
        ],
    ),
    Scenario(
        "a row without teams shows that the schedule reaches to its date",
        "2026-04-13",
        [
            report(
                "league",
                *full_day("league", "2026-04-12", 3),
                unreadable={day_of("2026-04-14"): ("no teams yet", "no teams yet")},
            )
        ],
        off_day_proved=True,
    ),
    Scenario(
        "after the last game that is loaded nothing is proved",
        "2025-07-04",
        [report("league", listed("league", "2025-06-22", "IND@OKC", FINAL, league_id="0042400407"))],
    ),
    Scenario(
        "the decided Finals prove the summer, whether or not the table is still written",
        "2025-07-04",
        [
            report(
                "league",
                *finals("IND OKC IND OKC OKC IND OKC", day_of("2025-06-22")),
                scraped_at=tip(day_of("2025-06-23"), "06:00"),
            )
        ],
        off_day_proved=True,
    ),
    Scenario(
        "Finals at 3-2 are still open",
        "2025-06-18",
        [report("league", *finals("IND OKC IND OKC OKC", day_of("2025-06-16")))],
    ),
    Scenario(
        "the last day before two weeks to the opener is still proved off",
        "2025-10-06",
        [report("league", *finals("OKC OKC OKC OKC", day_of("2025-06-22")))],
        off_day_proved=True,
    ),
    Scenario(
        "from two weeks before the opener on, a schedule that is not loaded is loud",
        "2025-10-07",
        [report("league", *finals("OKC OKC OKC OKC", day_of("2025-06-22")))],
    ),
    Scenario(
        "if no opener is known, the proof lasts until the end of September",
        "2027-09-30",
        [report("league", *finals("OKC OKC OKC OKC", day_of("2027-06-20")))],
        off_day_proved=True,
    ),
    Scenario(
        "and is spent in October",
        "2027-10-01",
        [report("league", *finals("OKC OKC OKC OKC", day_of("2027-06-20")))],
    ),
    Scenario(
        "a whole season alone proves the days before its opener off",
        "2027-10-10",
        [report("league", *whole_season(day_of("2027-10-19")))],
        off_day_proved=True,
    ),
    Scenario(
        "so it does in July, with nothing loaded before it and no write since",
        "2026-07-05",
        [report("league", *whole_season(day_of("2026-10-20")), scraped_at=tip(day_of("2026-07-01"), "06:00"))],
        off_day_proved=True,
    ),
    Scenario(
        "but not in May, when the season before is still played",
        "2026-05-15",
        [report("league", *whole_season(day_of("2026-10-20")))],
    ),
    Scenario(
        "nor in a July in which another source sees games played",
        "2026-07-05",
        [
            report("league", *whole_season(day_of("2026-10-20"))),
            report("scoreboard", listed("scoreboard", "2026-07-06", "BOS@OKC", FINAL)),
        ],
        now=morning(day_of("2026-07-08")),
    ),
    Scenario(
        "nor if a part of the next season is loaded alone",
        "2026-07-05",
        [report("league", *whole_season(day_of("2026-10-20"), games=1100))],
    ),
    Scenario(
        "a service's word that the season has ended proves the summer",
        "2025-07-04",
        [report("ESPN API", season_ended=day_of("2025-06-27"))],
        off_day_proved=True,
    ),
    Scenario(
        "but not its last day, nor October",
        "2025-06-27",
        [report("ESPN API", season_ended=day_of("2025-06-27"))],
    ),
    Scenario(
        "outside its calendar ESPN proves nothing",
        "2025-07-04",
        [report("ESPN API", calendar=calendar("2024-10-22", "2025-06-22"))],
    ),
    Scenario(
        "proof from a stale schedule is marked as stale",
        "2026-01-20",
        [report("league", *league_around(day_of("2026-01-20")), scraped_at=tip(day_of("2025-11-01"), "06:00"))],
        off_day_proved=True,
        unwell={"league": "last written"},
    ),
]
