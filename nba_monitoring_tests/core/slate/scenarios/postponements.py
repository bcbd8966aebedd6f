"""Games postponed, canceled, moved or not needed."""

from __future__ import annotations

from datetime import timedelta

from nba_monitoring.core.slate.sources import ListedGame
from nba_monitoring_tests.core.slate.scenarios.scenario import Scenario, calendar
from nba_monitoring_tests.core.slate.slates import (
    CANCELLED,
    FINAL,
    LIVE,
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


def series(winners: str, source: str = "league") -> list[ListedGame]:
    """CLE against MIA from 2025-04-20 on, every other day; '-' for a final whose score is not loaded."""
    return [
        listed(
            source,
            day_of("2025-04-20") + timedelta(days=2 * nth),
            "MIA@CLE" if nth % 2 else "CLE@MIA",
            FINAL,
            league_id=f"004240010{nth + 1}" if source == "league" else None,
            has_score=winner != "-",
            winner=None if winner == "-" else winner,
        )
        for nth, winner in enumerate(winners.split())
    ]


GAME_7 = listed("league", "2025-05-03", "MIA@CLE", league_id="0042400107")
AFTER_IT = listed("league", "2025-05-04", "IND@CLE", league_id="0042400201")

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
        "the postponement comes after the morning check: ESPN has it first",
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
        noted=["GSW@MIN: ESPN API says postponed; listed by league"],
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
        unwell={"scoreboard": "last written 4 days 8 h ago (2026-01-20 3:00 AM ET)"},
        noted=["GSW@MIN: scoreboard says postponed; listed by ESPN API"],
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
        noted=["GSW@MIN: ESPN API says postponed; listed by BDL API"],
    ),
    Scenario(
        "a canceled game is not expected",
        "2013-04-16",
        [
            report("scoreboard", listed("scoreboard", "2013-04-16", "IND@BOS", CANCELLED)),
            report("league", *league_around(day_of("2013-04-16"))),
        ],
        excluded={"IND@BOS": "cancelled"},
        off_day_proved=True,
        now=morning(day_of("2026-01-18")),
    ),
    Scenario(
        "a game moved forward is played on its earlier date if a live service lists it tonight",
        "2026-03-10",
        [
            report(
                "league",
                listed("league", "2026-03-10", "MIA@CHI", league_id="0022500900"),
                listed("league", "2026-03-29", "MIA@CHI", league_id="0022500900"),
            ),
            report("ESPN API", listed("ESPN API", "2026-03-10", "MIA@CHI")),
        ],
        expected="MIA@CHI",
        noted=["MIA@CHI: league says moved to another date; listed by ESPN API"],
    ),
    Scenario(
        "if nobody does, the later of two future dates is used, and reported",
        "2026-03-10",
        [
            report(
                "league",
                listed("league", "2026-03-10", "MIA@CHI", league_id="0022500900"),
                listed("league", "2026-03-29", "MIA@CHI", league_id="0022500900"),
                listed("league", "2026-03-10", "BOS@NYK", league_id="0022500901"),
            )
        ],
        expected="BOS@NYK",
        excluded={"MIA@CHI": "moved to another date"},
        moved={"MIA@CHI": "2026-03-29"},
        noted=["MIA@CHI is listed for both 2026-03-10 and 2026-03-29, neither played yet; using the later date"],
    ),
    Scenario(
        "a later date that was called off does not stand against the earlier one",
        "2026-03-10",
        [
            report(
                "league",
                listed("league", "2026-03-10", "MIA@CHI", league_id="0022500900"),
                listed("league", "2026-03-29", "MIA@CHI", POSTPONED, league_id="0022500900"),
            )
        ],
        expected="MIA@CHI",
    ),
    Scenario(
        "a score that only another source has decides the date",
        "2026-01-08",
        [
            report(
                "league",
                listed("league", "2026-01-08", "MIA@CHI", FINAL, has_score=False, league_id="0022500529"),
                listed("league", "2026-01-29", "MIA@CHI", league_id="0022500529"),
            ),
            report("scoreboard", listed("scoreboard", "2026-01-08", "MIA@CHI", FINAL)),
        ],
        now=morning(day_of("2026-01-09")),
        expected="MIA@CHI",
    ),
    Scenario(
        "a postponement record takes a game off its date, and names the new one",
        "2026-01-24",
        [
            report(
                "league",
                listed("league", "2026-01-24", "GSW@MIN", league_id="0022500643"),
                listed("league", "2026-01-24", "BOS@CHI", league_id="0022500644"),
            ),
            report(
                "record",
                listed(
                    "record", "2026-01-24", "GSW@MIN", POSTPONED, league_id="0022500643", moved_to=day_of("2026-03-18")
                ),
            ),
        ],
        expected="BOS@CHI",
        excluded={"GSW@MIN": "postponed"},
        moved={"GSW@MIN": "2026-03-18"},
        noted=["GSW@MIN: record says postponed; listed by league"],
    ),
    Scenario(
        "a table's postponement counts if no live service lists the game",
        "2026-01-24",
        [
            report(
                "league",
                listed("league", "2026-01-24", "GSW@MIN", POSTPONED, league_id="0022500643"),
                listed("league", "2026-01-24", "BOS@CHI", league_id="0022500644"),
            ),
            report("ESPN API", listed("ESPN API", "2026-01-24", "BOS@CHI")),
        ],
        expected="BOS@CHI",
        excluded={"GSW@MIN": "postponed"},
    ),
    Scenario(
        "if one lists it as still to be played it is expected, and the doubt is named",
        "2026-01-24",
        [
            report("league", listed("league", "2026-01-24", "GSW@MIN", POSTPONED, league_id="0022500643")),
            report("ESPN API", listed("ESPN API", "2026-01-24", "GSW@MIN")),
        ],
        expected="GSW@MIN",
        noted=["GSW@MIN: league says postponed; listed by ESPN API"],
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
        "a game that was not needed stays scheduled after a 4-0",
        "2025-05-03",
        [report("league", *series("CLE CLE CLE CLE"), GAME_7, AFTER_IT, scraped_at=tip(day_of("2025-05-03"), "05:00"))],
        excluded={"MIA@CLE": "series over 4-0"},
        off_day_proved=True,
    ),
    Scenario(
        "nor does balldontlie's phantom of it count; ESPN, which rightly leaves it out, is not stale",
        "2025-05-03",
        [
            report("league", *series("CLE CLE CLE CLE"), GAME_7, AFTER_IT),
            report("BDL API", listed("BDL API", "2025-05-03", "MIA@CLE")),
            report("ESPN API", calendar=calendar("2025-05-02", "2025-05-04")),
        ],
        excluded={"MIA@CLE": "series over 4-0"},
        off_day_proved=True,
        noted=["MIA@CLE: league says series over 4-0; listed by BDL API"],
    ),
    Scenario(
        "a game 7 after a 3-3 is expected",
        "2025-05-03",
        [report("league", *series("CLE MIA CLE MIA CLE MIA"), GAME_7)],
        expected="MIA@CLE",
    ),
    Scenario(
        "a game whose scores are not loaded is won by nobody, and ends no series",
        "2025-05-03",
        [report("league", *series("CLE CLE CLE -"), GAME_7)],
        expected="MIA@CLE",
    ),
    Scenario(
        "another source's score of the same game ends it too",
        "2025-05-03",
        [
            report("league", *series("CLE CLE CLE -"), GAME_7, AFTER_IT),
            report("scoreboard", series("CLE CLE CLE CLE", "scoreboard")[-1]),
        ],
        excluded={"MIA@CLE": "series over 4-0"},
        off_day_proved=True,
    ),
    Scenario(
        "a final without a score alone is not a postponement, however few there are",
        "2026-03-04",
        [
            report(
                "league",
                *full_day("league", "2026-03-03", 6),
                *full_day("league", "2026-03-04", 3, has_score=False),
                listed("league", "2026-03-04", "UTA@SAC"),
                *full_day("league", "2026-03-05", 6),
            )
        ],
        now=tip(day_of("2026-03-04"), "18:00"),
        expected="ATL@BKN BOS@CHA CHI@CLE UTA@SAC",
    ),
    Scenario(
        "nor if it is the only one",
        "2026-03-04",
        [report("league", *full_day("league", "2026-03-04", 1, has_score=False))],
        now=tip(day_of("2026-03-04"), "18:00"),
        expected="ATL@BKN",
    ),
    Scenario(
        "with the word of a live service it is one",
        "2026-03-04",
        [
            report("league", *full_day("league", "2026-03-04", 2, has_score=False)),
            report(
                "ESPN API",
                listed("ESPN API", "2026-03-04", "ATL@BKN", POSTPONED),
                listed("ESPN API", "2026-03-04", "BOS@CHA", FINAL),
            ),
        ],
        now=tip(day_of("2026-03-04"), "18:00"),
        expected="BOS@CHA",
        excluded={"ATL@BKN": "postponed"},
        noted=["ATL@BKN: ESPN API says postponed; listed by league"],
    ),
]
