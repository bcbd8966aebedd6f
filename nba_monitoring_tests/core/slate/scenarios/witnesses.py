"""Sources that fail, differ, or have values that nobody understands."""

from __future__ import annotations

from datetime import timedelta

from nba_monitoring_tests.core.slate.scenarios.scenario import (
    ALL_STAR_BREAK,
    JAN_18,
    JAN_18_LEAGUE,
    Scenario,
    calendar,
)
from nba_monitoring_tests.core.slate.slates import (
    FINAL,
    UNKNOWN,
    day_of,
    full_day,
    listed,
    morning,
    report,
    tip,
)

SCENARIOS = [
    Scenario(
        "a live service's tip-off counts more than a table's, an impossible one not at all",
        "2026-01-18",
        [
            report("league", listed("league", "2026-01-18", "ORL@MEM", tip_at=tip(JAN_18, "12:30"))),
            report("BDL API", listed("BDL API", "2026-01-18", "ORL@MEM", tip_at=tip(JAN_18, "12:00"))),
            report("ESPN API", listed("ESPN API", "2026-01-18", "ORL@MEM", tip_at=tip(day_of("2026-01-17"), "23:30"))),
        ],
        expected="ORL@MEM",
        tips={"ORL@MEM": "12:00"},
        noted=[
            "ESPN API: ORL@MEM on 2026-01-18 has an impossible tip-off time, 2026-01-17 11:30 PM ET",
            "ORL@MEM: BDL API says 12:00 PM ET, league says 12:30 PM ET",
        ],
    ),
    Scenario(
        "a game on the UTC date of its start, which another source has on the evening before, is no game of that date",
        "2026-01-19",
        [
            report("league", listed("league", "2026-01-18", "ORL@MEM"), listed("league", "2026-01-19", "BOS@NYK")),
            report("scoreboard", listed("scoreboard", "2026-01-19", "ORL@MEM", tip_at=tip(JAN_18, "20:00"))),
        ],
        expected="BOS@NYK",
        noted=["ORL@MEM on 2026-01-19 contradicts its own start, 2026-01-18 8:00 PM ET; counted on 2026-01-18"],
    ),
    Scenario(
        "it is a game of that evening even if nobody else lists it",
        "2026-01-18",
        [
            report("league", listed("league", "2026-01-18", "BOS@NYK")),
            report("scoreboard", listed("scoreboard", "2026-01-19", "ORL@MEM", tip_at=tip(JAN_18, "20:00"))),
        ],
        expected="BOS@NYK ORL@MEM",
        noted=["ORL@MEM: listed by scoreboard; not by league"],
    ),
    Scenario(
        "if another source has the game on the date, the start is wrong",
        "2026-01-19",
        [
            report("league", listed("league", "2026-01-19", "ORL@MEM")),
            report("scoreboard", listed("scoreboard", "2026-01-19", "ORL@MEM", tip_at=tip(JAN_18, "20:00"))),
        ],
        expected="ORL@MEM",
        tips={"ORL@MEM": ""},
        noted=["scoreboard: ORL@MEM on 2026-01-19 has an impossible tip-off time, 2026-01-18 8:00 PM ET"],
    ),
    Scenario(
        "a start on no date that explains it leaves the game where it is listed",
        "2026-01-19",
        [report("scoreboard", listed("scoreboard", "2026-01-19", "ORL@MEM", tip_at=tip(JAN_18, "18:30")))],
        expected="ORL@MEM",
        noted=["scoreboard: ORL@MEM on 2026-01-19 has an impossible tip-off time, 2026-01-18 6:30 PM ET"],
    ),
    Scenario(
        "an evening game on its own date is right, although UTC has the next",
        "2026-01-18",
        [report("scoreboard", listed("scoreboard", "2026-01-18", "ORL@MEM", tip_at=tip(JAN_18, "20:00")))],
        expected="ORL@MEM",
        tips={"ORL@MEM": "20:00"},
    ),
    Scenario(
        "so it does if it is the later one",
        "2026-01-18",
        [
            report("league", listed("league", "2026-01-18", "ORL@MEM", tip_at=tip(JAN_18, "12:00"))),
            report("ESPN API", listed("ESPN API", "2026-01-18", "ORL@MEM", tip_at=tip(JAN_18, "19:30"))),
        ],
        expected="ORL@MEM",
        tips={"ORL@MEM": "19:30"},
        noted=["ORL@MEM: league says 12:00 PM ET, ESPN API says 7:30 PM ET"],
    ),
    Scenario(
        "ten minutes apart, two times agree",
        "2026-01-18",
        [
            report("league", listed("league", "2026-01-18", "ORL@MEM", tip_at=tip(JAN_18, "19:30"))),
            report("ESPN API", listed("ESPN API", "2026-01-18", "ORL@MEM", tip_at=tip(JAN_18, "19:40"))),
        ],
        expected="ORL@MEM",
        tips={"ORL@MEM": "19:40"},
    ),
    Scenario(
        "any time counts more than none: a table's where the live service has midnight",
        "2026-01-18",
        [
            report("league", listed("league", "2026-01-18", "ORL@MEM", tip_at=tip(JAN_18, "19:30"))),
            report("ESPN API", listed("ESPN API", "2026-01-18", "ORL@MEM", tip_at=tip(JAN_18, "00:00"))),
        ],
        expected="ORL@MEM",
        tips={"ORL@MEM": "19:30"},
    ),
    Scenario(
        "one live source against three silent ones is a disagreement that names the game, not three stale sources",
        "2026-01-19",
        [
            report("BDL API", listed("BDL API", "2026-01-19", "BOS@NYK")),
            report("ESPN API", calendar=calendar("2026-01-18", "2026-01-20")),
            report("league", *JAN_18_LEAGUE, listed("league", "2026-01-20", "BOS@NYK")),
            report("scoreboard", *full_day("scoreboard", "2026-01-17", 5)),
        ],
        expected="BOS@NYK",
        noted=["BOS@NYK: listed by BDL API; not by ESPN API, league"],
    ),
    Scenario(
        "a live service that answers with yesterday's board is stale, and its silence on a game says nothing",
        "2026-01-18",
        [
            report("league", *JAN_18_LEAGUE),
            report(
                "ESPN API",
                listed("ESPN API", "2026-01-17", "UTA@SAC", FINAL),
                unaware={JAN_18: "does not know 2026-01-18: answered with games of 2026-01-17"},
            ),
        ],
        expected="ORL@MEM BKN@CHI CHA@DEN NOP@HOU POR@SAC TOR@LAL",
        unwell={"ESPN API": "does not know 2026-01-18: answered with games of 2026-01-17"},
    ),
    Scenario(
        "two sources against one silent table show that it is stale",
        "2026-01-19",
        [
            report("BDL API", listed("BDL API", "2026-01-19", "BOS@NYK")),
            report("ESPN API", listed("ESPN API", "2026-01-19", "BOS@NYK")),
            report("league", *JAN_18_LEAGUE, listed("league", "2026-01-20", "BOS@NYK")),
        ],
        expected="BOS@NYK",
        unwell={"league": "no games for 2026-01-19 (BDL API lists 1, ESPN API lists 1)"},
    ),
    Scenario(
        "a live service that lists none of six games is not stale, and one sentence covers all six",
        "2026-01-18",
        [report("league", *JAN_18_LEAGUE), report("ESPN API")],
        expected="ORL@MEM BKN@CHI CHA@DEN NOP@HOU POR@SAC TOR@LAL",
        noted=["BKN@CHI, CHA@DEN, NOP@HOU, ORL@MEM, POR@SAC, TOR@LAL: listed by league; not by ESPN API"],
    ),
    Scenario(
        "after a break the results table is not stale for the games of the day, which it will get tonight",
        "2026-02-19",
        [report("league", *ALL_STAR_BREAK), report("scoreboard", *full_day("scoreboard", "2026-02-12", 3))],
        expected="ATL@BKN BOS@CHA CHI@CLE DAL@DEN DET@GSW HOU@IND LAC@LAL MEM@MIA MIL@MIN NOP@NYK",
    ),
    Scenario(
        "one without a single game up to then is stale on the morning too",
        "2026-02-19",
        [report("league", *full_day("league", "2026-02-19", 3)), report("scoreboard")],
        expected="ATL@BKN BOS@CHA CHI@CLE",
        unwell={"scoreboard": "no games for 2026-02-19 (league lists 3) and none before"},
    ),
    Scenario(
        "it is stale for those that it still lacks a day later",
        "2026-02-19",
        [report("league", *ALL_STAR_BREAK), report("scoreboard", *full_day("scoreboard", "2026-02-12", 3))],
        now=morning(day_of("2026-02-20")),
        expected="ATL@BKN BOS@CHA CHI@CLE DAL@DEN DET@GSW HOU@IND LAC@LAL MEM@MIA MIL@MIN NOP@NYK",
        unwell={"scoreboard": "no games for 2026-02-19 (league lists 10); its newest game is 2026-02-12"},
    ),
    Scenario(
        "a listing that can't be read is not off and not all there",
        "2026-01-18",
        [report("league", *JAN_18_LEAGUE, unreadable={JAN_18: ("one listed game has no teams yet",)})],
        expected="ORL@MEM BKN@CHI CHA@DEN NOP@HOU POR@SAC TOR@LAL",
        unread=True,
        noted=["one listed game has no teams yet"],
    ),
    Scenario(
        "where another source lists a game that it does not, it is that one",
        "2026-01-18",
        [
            report("league", *JAN_18_LEAGUE[1:], unreadable={JAN_18: ("one listed game has no teams yet",)}),
            report("ESPN API", *[listed("ESPN API", JAN_18, entry.game.matchup) for entry in JAN_18_LEAGUE]),
        ],
        expected="ORL@MEM BKN@CHI CHA@DEN NOP@HOU POR@SAC TOR@LAL",
        noted=["one listed game has no teams yet", "ORL@MEM: listed by ESPN API; not by league"],
    ),
    Scenario(
        "midnight means a tip-off to be decided",
        "2026-05-01",
        [report("league", listed("league", "2026-05-01", "ORL@MEM", tip_at=tip(day_of("2026-05-01"), "00:00")))],
        expected="ORL@MEM",
        tips={"ORL@MEM": ""},
    ),
    Scenario(
        "an unknown team stays expected, and is reported",
        "2026-01-18",
        [report("ESPN API", listed("ESPN API", "2026-01-18", "SEAT@MEM"))],
        expected="SEAT@MEM",
        noted=["ESPN API: unknown team SEAT in SEAT@MEM"],
    ),
    Scenario(
        "an unknown team whose opponent plays another is that other, misspelled",
        "2026-01-18",
        [
            report("ESPN API", listed("ESPN API", "2026-01-18", "ORLA@MEM")),
            report("league", listed("league", "2026-01-18", "ORL@MEM")),
        ],
        expected="ORL@MEM",
        excluded={"ORLA@MEM": "unknown team; its opponent has another game"},
        noted=["ESPN API: unknown team ORLA in ORLA@MEM"],
    ),
    Scenario(
        "an unknown status is a game still to be played, and is reported",
        "2026-01-18",
        [report("ESPN API", listed("ESPN API", "2026-01-18", "ORL@MEM", UNKNOWN))],
        expected="ORL@MEM",
        noted=["ESPN API: unknown status of ORL@MEM; treated as scheduled"],
    ),
    Scenario(
        "a league id of no known part of the season is expected, and is reported",
        "2026-01-18",
        [report("league", listed("league", "2026-01-18", "ORL@MEM", league_id="0092500001"))],
        expected="ORL@MEM",
        noted=["league: league id 0092500001 of ORL@MEM belongs to no known part of the season"],
    ),
    Scenario(
        "ESPN fails: the slate comes from the league",
        "2026-01-18",
        [report("league", *JAN_18_LEAGUE), report("ESPN API", error="503 Service Unavailable after 3 tries")],
        expected="ORL@MEM BKN@CHI CHA@DEN NOP@HOU POR@SAC TOR@LAL",
        unwell={"ESPN API": "503 Service Unavailable after 3 tries"},
    ),
    Scenario(
        "ESPN fails for the date: its calendar from the day before proves nothing",
        "2026-01-19",
        [
            report(
                "ESPN API",
                errors={day_of("2026-01-19"): "timed out after 10 s"},
                calendar=calendar("2026-01-18", "2026-01-20"),
            )
        ],
        unwell={"ESPN API": "timed out after 10 s"},
    ),
    Scenario(
        "both tables are empty: nothing is known, and nothing proves a day off",
        "2026-01-18",
        [report("league"), report("scoreboard")],
    ),
    Scenario("there is no source at all", "2026-01-18", []),
    Scenario(
        "an API that was not asked for an old date is not stale",
        "2026-01-18",
        [
            report("league", *JAN_18_LEAGUE),
            report("ESPN API", asked=frozenset([day_of("2026-03-01")])),
        ],
        now=morning(day_of("2026-03-01")),
        expected="ORL@MEM BKN@CHI CHA@DEN NOP@HOU POR@SAC TOR@LAL",
        unwell={"ESPN API": ""},
    ),
    Scenario(
        "the last write of its tables does not matter for a past date",
        "2026-01-18",
        [report("league", *JAN_18_LEAGUE, scraped_at=tip(day_of("2026-01-25"), "06:00"))],
        now=morning(day_of("2026-03-01")),
        expected="ORL@MEM BKN@CHI CHA@DEN NOP@HOU POR@SAC TOR@LAL",
    ),
    Scenario(
        "two live sources differ on which games are played",
        "2026-01-18",
        [
            report(
                "ESPN API", listed("ESPN API", "2026-01-18", "ORL@MEM"), listed("ESPN API", "2026-01-18", "BKN@CHI")
            ),
            report("BDL API", listed("BDL API", "2026-01-18", "ORL@MEM"), listed("BDL API", "2026-01-18", "CHA@DEN")),
        ],
        expected="ORL@MEM BKN@CHI CHA@DEN",
        noted=["BKN@CHI: listed by ESPN API; not by BDL API", "CHA@DEN: listed by BDL API; not by ESPN API"],
    ),
    Scenario(
        "in the afternoon the results table has the first game that ended, which is not a disagreement",
        "2026-01-18",
        [report("league", *JAN_18_LEAGUE), report("scoreboard", listed("scoreboard", "2026-01-18", "ORL@MEM", FINAL))],
        now=tip(JAN_18, "15:30"),
        expected="ORL@MEM BKN@CHI CHA@DEN NOP@HOU POR@SAC TOR@LAL",
    ),
    Scenario(
        "a game that the results table lacks once the date is over is one",
        "2026-01-18",
        [
            report("league", *JAN_18_LEAGUE[:2]),
            report("scoreboard", listed("scoreboard", "2026-01-18", "ORL@MEM", FINAL)),
        ],
        now=morning(JAN_18 + timedelta(days=2)),
        expected="ORL@MEM BKN@CHI",
        noted=["BKN@CHI: listed by league; not by scoreboard"],
    ),
]
