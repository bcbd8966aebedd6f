"""Listings that name no game: which of them may hide one, and which are explained like any other listing."""

from __future__ import annotations

from nba_monitoring.core.games import GameState
from nba_monitoring.core.slate.sources import ListedGame
from nba_monitoring_tests.core.slate.scenarios.postponements import series
from nba_monitoring_tests.core.slate.scenarios.scenario import ALL_STAR_BREAK, Scenario
from nba_monitoring_tests.core.slate.slates import (
    POSTPONED,
    SCHEDULED,
    day_of,
    full_day,
    league_around,
    listed,
    report,
)

DAY, DAY_AFTER = "2025-12-09", "2025-12-10"
AROUND = league_around(day_of(DAY), before=2, after=2)
NO_TEAMS_YET = ["one listed game has no teams yet"]


def nameless(when: str, league_id: str, state: GameState = SCHEDULED) -> ListedGame:
    return listed("league", when, "TBD@TBD", state, league_id=league_id)


SCENARIOS = [
    Scenario(
        "a row without teams whose id has teams on the next date is that game",
        DAY,
        [
            report(
                "league",
                *AROUND,
                listed("league", DAY, "BOS@NYK", league_id="0022500300"),
                nameless(DAY, "0022501201"),
                listed("league", DAY_AFTER, "MIA@ORL", league_id="0022501201"),
            )
        ],
        expected="BOS@NYK",
    ),
    Scenario(
        "a date with no other game is off then",
        DAY,
        [
            report(
                "league",
                *AROUND,
                nameless(DAY, "0022501201"),
                listed("league", DAY_AFTER, "MIA@ORL", league_id="0022501201"),
            )
        ],
        off_day_proved=True,
    ),
    Scenario(
        "so it is if the teams are known on the date before",
        DAY_AFTER,
        [
            report(
                "league",
                *league_around(day_of(DAY_AFTER), before=2, after=2),
                listed("league", DAY, "MIA@ORL", league_id="0022501201"),
                nameless(DAY_AFTER, "0022501201"),
            )
        ],
        off_day_proved=True,
    ),
    Scenario(
        "whose game of tonight is expected, whatever row without teams a later date has",
        DAY,
        [
            report(
                "league",
                *AROUND,
                listed("league", DAY, "MIA@ORL", league_id="0022501201"),
                nameless(DAY_AFTER, "0022501201"),
            )
        ],
        expected="MIA@ORL",
    ),
    Scenario(
        "a row without teams under an id of its own may be a game",
        DAY,
        [
            report(
                "league",
                *AROUND,
                listed("league", DAY, "BOS@NYK", league_id="0022500300"),
                nameless(DAY, "0022501202"),
                listed("league", DAY_AFTER, "MIA@ORL", league_id="0022501201"),
            )
        ],
        expected="BOS@NYK",
        unread=True,
        noted=NO_TEAMS_YET,
    ),
    Scenario(
        "alone on its date it leaves the date unknown",
        DAY,
        [report("league", *AROUND, nameless(DAY, "0022501202"))],
        noted=NO_TEAMS_YET,
    ),
    Scenario(
        "a Cup final before its teams are known never counts",
        "2025-12-16",
        [
            report(
                "league", *league_around(day_of("2025-12-16"), before=2, after=2), nameless("2025-12-16", "0062500001")
            )
        ],
        off_day_proved=True,
    ),
    Scenario(
        "nor does it beside other games",
        "2025-12-16",
        [
            report(
                "league",
                nameless("2025-12-16", "0062500001"),
                *full_day("league", "2025-12-16", 2, SCHEDULED, season_type=None),
            )
        ],
        expected="ATL@BKN BOS@CHA",
    ),
    Scenario(
        "a play-in game before its teams are known does",
        "2026-04-16",
        [
            report(
                "league", *league_around(day_of("2026-04-16"), before=2, after=2), nameless("2026-04-16", "0052500111")
            )
        ],
        noted=NO_TEAMS_YET,
    ),
    Scenario(
        "a game without teams that is called off is not played",
        DAY,
        [report("league", *AROUND, nameless(DAY, "0022501202", state=POSTPONED))],
        off_day_proved=True,
    ),
    Scenario(
        "nor is game 7 without teams of a series that is over",
        "2025-05-03",
        [
            report(
                "league",
                *series("CLE CLE CLE CLE"),
                nameless("2025-05-03", "0042400107"),
                listed("league", "2025-05-04", "IND@CLE", league_id="0042400201"),
            )
        ],
        off_day_proved=True,
    ),
    Scenario(
        "of a series at 3-3 it may be",
        "2025-05-03",
        [
            report(
                "league",
                *series("CLE CLE CLE MIA MIA MIA"),
                nameless("2025-05-03", "0042400107"),
                listed("league", "2025-05-04", "IND@CLE", league_id="0042400201"),
            )
        ],
        noted=NO_TEAMS_YET,
    ),
    Scenario(
        "a lone game without teams on All-Star Friday may be a game",
        "2026-02-13",
        [
            report("league", *ALL_STAR_BREAK),
            report(
                "scoreboard", *full_day("scoreboard", "2026-02-12", 3), listed("scoreboard", "2026-02-13", "TBD@TBD")
            ),
        ],
        noted=NO_TEAMS_YET,
    ),
    Scenario(
        "in the break of a known All-Star game it is one of that weekend",
        "2026-02-13",
        [
            report("league", *ALL_STAR_BREAK),
            report(
                "scoreboard",
                *full_day("scoreboard", "2026-02-12", 3),
                listed("scoreboard", "2026-02-13", "TBD@TBD"),
                listed("scoreboard", "2026-02-15", "EAST@WEST"),
            ),
        ],
        off_day_proved=True,
    ),
    Scenario(
        "two games without teams on ESPN are the two that the league names",
        "2026-04-14",
        [
            report("ESPN API", *[listed("ESPN API", "2026-04-14", "TBD@TBD")] * 2),
            report(
                "league",
                listed("league", "2026-04-14", "ORL@MIA", league_id="0052500101"),
                listed("league", "2026-04-14", "GSW@SAC", league_id="0052500111"),
            ),
        ],
        expected="ORL@MIA GSW@SAC",
        noted=[*NO_TEAMS_YET, "GSW@SAC, ORL@MIA: listed by league; not by ESPN API"],
    ),
]
