"""What went wrong on the platform, by date."""

from __future__ import annotations

from nba_monitoring_tests.core.slate.scenarios.scenario import (
    ALL_STAR_BREAK,
    JAN_18_LEAGUE,
    JAN_18_TIPS,
    Scenario,
    calendar,
)
from nba_monitoring_tests.core.slate.slates import (
    ALL_STAR,
    FINAL,
    REGULAR,
    SCHEDULED,
    UNKNOWN,
    day_of,
    full_day,
    listed,
    morning,
    report,
    tip,
)

ALL_STAR_SUNDAY = [
    listed("league", "2026-02-15", "STP@WLD", season_type=ALL_STAR),
    listed("league", "2026-02-15", "STARS@STRIPES", season_type=ALL_STAR),
]
SEVEN_GAMES = full_day("league", "2026-01-27", 7, SCHEDULED, season_type=REGULAR)

SCENARIOS = [
    Scenario(
        "six games of 2026-01-18, of which the results table has none before they end",
        "2026-01-18",
        [
            report("league", *JAN_18_LEAGUE),
            report("scoreboard", *full_day("scoreboard", "2026-01-17", 9)),
        ],
        expected="ORL@MEM BKN@CHI CHA@DEN NOP@HOU POR@SAC TOR@LAL",
        tips=JAN_18_TIPS,
        opener="2025-10-21",
    ),
    Scenario(
        "the scoreboard table has been stale since June 2025: the slate comes from the league",
        "2026-01-18",
        [
            report("league", *JAN_18_LEAGUE),
            report(
                "scoreboard", *full_day("scoreboard", "2025-06-22", 1), scraped_at=tip(day_of("2025-06-23"), "03:00")
            ),
        ],
        expected="ORL@MEM BKN@CHI CHA@DEN NOP@HOU POR@SAC TOR@LAL",
        unwell={"scoreboard": "last written 209 days 9 h ago"},
    ),
    Scenario(
        "on an off-day too the scoreboard table that stopped in June is stale",
        "2026-01-19",
        [
            report("league", *JAN_18_LEAGUE, listed("league", "2026-01-20", "BOS@NYK")),
            report("scoreboard", *full_day("scoreboard", "2025-06-22", 1)),
        ],
        off_day_proved=True,
        unwell={"scoreboard": "but another source has games on 2026-01-18"},
    ),
    Scenario(
        "eight games of 2026-01-23",
        "2026-01-23",
        [report("league", *full_day("league", "2026-01-23", 7, SCHEDULED), listed("league", "2026-01-23", "TOR@POR"))],
        expected="ATL@BKN BOS@CHA CHI@CLE DAL@DEN DET@GSW HOU@IND LAC@LAL TOR@POR",
    ),
    Scenario(
        "GSW@MIN of 2026-01-24 is postponed: final without a score in the league's schedule",
        "2026-01-24",
        [
            report(
                "league",
                listed("league", "2026-01-24", "GSW@MIN", FINAL, has_score=False, league_id="0022500643"),
                listed("league", "2026-01-25", "GSW@MIN", SCHEDULED, league_id="0022500643"),
                listed("league", "2026-01-24", "BOS@CHI", FINAL, league_id="0022500644"),
            )
        ],
        expected="BOS@CHI",
        excluded={"GSW@MIN": "postponed (final without a score)"},
        moved={"GSW@MIN": "2026-01-25"},
    ),
    Scenario(
        "GSW@MIN is expected on its new date",
        "2026-01-25",
        [
            report(
                "league",
                listed("league", "2026-01-24", "GSW@MIN", FINAL, has_score=False, league_id="0022500643"),
                listed("league", "2026-01-25", "GSW@MIN", SCHEDULED, league_id="0022500643"),
            )
        ],
        expected="GSW@MIN",
    ),
    Scenario(
        "one league id on 2026-01-08 and 2026-01-29: not on the first",
        "2026-01-08",
        [
            report(
                "league",
                listed("league", "2026-01-08", "MIA@CHI", league_id="0022500529"),
                listed("league", "2026-01-29", "MIA@CHI", league_id="0022500529"),
                listed("league", "2026-01-08", "BOS@NYK", league_id="0022500530"),
            )
        ],
        expected="BOS@NYK",
        excluded={"MIA@CHI": "moved to another date"},
        moved={"MIA@CHI": "2026-01-29"},
        noted=[
            "league: MIA@CHI is listed for both 2026-01-08 and 2026-01-29, neither played yet; using the later date"
        ],
    ),
    Scenario(
        "once the first date is over, the second is the one that can still be played",
        "2026-01-08",
        [
            report(
                "league",
                listed("league", "2026-01-08", "MIA@CHI", league_id="0022500529"),
                listed("league", "2026-01-29", "MIA@CHI", league_id="0022500529"),
                listed("league", "2026-01-08", "BOS@NYK", FINAL, league_id="0022500530"),
            )
        ],
        now=morning(day_of("2026-01-09")),
        expected="BOS@NYK",
        excluded={"MIA@CHI": "moved to another date"},
        moved={"MIA@CHI": "2026-01-29"},
    ),
    Scenario(
        "one league id on 2026-01-08 and 2026-01-29: on the second alone",
        "2026-01-29",
        [
            report(
                "league",
                listed("league", "2026-01-29", "MIA@CHI", league_id="0022500529"),
                listed("league", "2026-01-08", "MIA@CHI", league_id="0022500529"),
            )
        ],
        expected="MIA@CHI",
    ),
    Scenario(
        "both home/away orders of three games on 2026-01-27: 7 games, not 10",
        "2026-01-27",
        [
            report(
                "league",
                *SEVEN_GAMES,
                *[listed("league", "2026-01-27", m, season_type=REGULAR) for m in ("BKN@ATL", "CHA@BOS", "CLE@CHI")],
            )
        ],
        expected="ATL@BKN BOS@CHA CHI@CLE DAL@DEN DET@GSW HOU@IND LAC@LAL",
        noted=["league: duplicate, listed both as ATL@BKN and as BKN@ATL", "BOS@CHA", "CHI@CLE and as CLE@CHI"],
    ),
    Scenario(
        "home and away are reversed between two tables: one game, as the league has it",
        "2026-01-27",
        [
            report("ESPN API", listed("ESPN API", "2026-01-27", "NYK@BOS")),
            report("league", listed("league", "2026-01-27", "BOS@NYK", league_id="0022500661")),
        ],
        expected="BOS@NYK",
    ),
    Scenario(
        "All-Star Friday 2026-02-13: nothing is listed, and the league plays before and after",
        "2026-02-13",
        [report("league", *ALL_STAR_BREAK)],
        off_day_proved=True,
    ),
    Scenario(
        "All-Star Sunday 2026-02-15: All-Star games are listed and no other; no table is stale for lacking them",
        "2026-02-15",
        [
            report("league", *ALL_STAR_BREAK, *ALL_STAR_SUNDAY),
            report("scoreboard", *full_day("scoreboard", "2026-02-12", 3)),
        ],
        excluded={"STP@WLD": "All-Star", "STARS@STRIPES": "All-Star"},
        off_day_proved=True,
    ),
    Scenario(
        "All-Star Sunday stands in ESPN's calendar: that ESPN lists All-Star games alone proves it off",
        "2026-02-15",
        [
            report(
                "ESPN API",
                listed("ESPN API", "2026-02-15", "STARS@WORLD", UNKNOWN, season_type=REGULAR),
                calendar=calendar("2026-02-12", "2026-02-15", "2026-02-19"),
            )
        ],
        excluded={"STARS@WORLD": "All-Star"},
        off_day_proved=True,
        noted=["unknown status of STARS@WORLD"],
    ),
    Scenario(
        "Rising Stars sides that nobody has met yet are All-Star sides, in the break of a known All-Star game",
        "2026-02-13",
        [
            report("league", *ALL_STAR_BREAK),
            report(
                "scoreboard",
                *full_day("scoreboard", "2026-02-12", 3),
                listed("scoreboard", "2026-02-13", "VIN@MEL", FINAL),
                listed("scoreboard", "2026-02-15", "EAST@WEST"),
            ),
        ],
        excluded={"VIN@MEL": "All-Star"},
        off_day_proved=True,
    ),
    Scenario(
        "sides that nobody has met yet are All-Star sides on the day of an All-Star game, whatever else is listed",
        "2026-02-11",
        [
            report(
                "league",
                *ALL_STAR_BREAK,
                listed("league", "2026-02-11", "BOS@NYK", FINAL),
                listed("league", "2026-02-11", "STP@WLD", season_type=ALL_STAR),
            ),
            report(
                "scoreboard",
                *full_day("scoreboard", "2026-02-12", 3),
                listed("scoreboard", "2026-02-11", "VIN@MEL", FINAL),
            ),
        ],
        now=morning(day_of("2026-02-11")),
        expected="BOS@NYK",
        excluded={"STP@WLD": "All-Star", "VIN@MEL": "All-Star"},
        unwell={"scoreboard": "no games for 2026-02-11 (league lists 1) and none before"},
    ),
    Scenario(
        "although ESPN calls them the regular season, on a day where the league's table has the All-Star game's id",
        "2026-02-15",
        [
            report("league", *ALL_STAR_BREAK, listed("league", "2026-02-15", "STR@STP", league_id="0032500001")),
            report("ESPN API", listed("ESPN API", "2026-02-15", "VIN@MEL", season_type=REGULAR)),
        ],
        excluded={"STR@STP": "All-Star", "VIN@MEL": "All-Star"},
        off_day_proved=True,
        noted=["ESPN API: VIN@MEL of unknown teams in the All-Star break; treated as All-Star"],
    ),
    Scenario(
        "ESPN's regular season counts if a side is a team of the league",
        "2026-02-15",
        [
            report("league", *ALL_STAR_BREAK, listed("league", "2026-02-15", "STR@STP", league_id="0032500001")),
            report("ESPN API", listed("ESPN API", "2026-02-15", "VIN@BOS", season_type=REGULAR)),
        ],
        expected="VIN@BOS",
        excluded={"STR@STP": "All-Star"},
        noted=["unknown team VIN"],
        unwell={"league": "no games for 2026-02-15 (ESPN API lists 1)"},
    ),
    Scenario(
        "and two unknown sides do under a league id of the regular season",
        "2026-02-15",
        [
            report("league", *ALL_STAR_BREAK, listed("league", "2026-02-15", "VIN@MEL", league_id="0022500900")),
            report("ESPN API", listed("ESPN API", "2026-02-15", "STR@STP", season_type=ALL_STAR)),
        ],
        expected="VIN@MEL",
        excluded={"STR@STP": "All-Star"},
        noted=["unknown team MEL and VIN", "VIN@MEL: listed by league; not by ESPN API"],
    ),
    Scenario(
        "they are unknown teams where the league plays before the All-Star game",
        "2026-02-11",
        [
            report("league", *ALL_STAR_BREAK, listed("league", "2026-02-11", "BOS@NYK", FINAL)),
            report(
                "scoreboard",
                *full_day("scoreboard", "2026-02-12", 3),
                listed("scoreboard", "2026-02-11", "VIN@MEL", FINAL),
                listed("scoreboard", "2026-02-15", "EAST@WEST"),
            ),
        ],
        now=morning(day_of("2026-02-11")),
        expected="BOS@NYK VIN@MEL",
        noted=["scoreboard: unknown team MEL and VIN in VIN@MEL", "VIN@MEL: listed by scoreboard; not by league"],
    ),
    Scenario(
        "and if no All-Star game is near",
        "2026-02-13",
        [
            report("league", *ALL_STAR_BREAK),
            report(
                "scoreboard",
                *full_day("scoreboard", "2026-02-12", 3),
                listed("scoreboard", "2026-02-13", "VIN@MEL", FINAL),
            ),
        ],
        expected="VIN@MEL",
        unwell={"league": "no games for 2026-02-13 (scoreboard lists 1)"},
        noted=["scoreboard: unknown team MEL and VIN in VIN@MEL"],
    ),
    Scenario(
        "the last day of the All-Star break, 2026-02-18",
        "2026-02-18",
        [report("league", *ALL_STAR_BREAK), report("ESPN API", calendar=calendar("2026-02-12", "2026-02-19"))],
        off_day_proved=True,
    ),
]
