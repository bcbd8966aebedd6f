"""Which parts of a season count, and when it opens."""

from __future__ import annotations

from datetime import UTC, datetime

from nba_monitoring_tests.core.slate.scenarios.scenario import (
    Scenario,
    calendar,
)
from nba_monitoring_tests.core.slate.slates import (
    CANCELLED,
    FINAL,
    PRESEASON,
    REGULAR,
    SCHEDULED,
    day_of,
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
        "five games on Christmas",
        "2025-12-25",
        [
            report("league", *full_day("league", "2025-12-25", 5, SCHEDULED, season_type=REGULAR)),
            report("ESPN API", *full_day("ESPN API", "2025-12-25", 5, SCHEDULED, season_type=REGULAR)),
        ],
        expected="ATL@BKN BOS@CHA CHI@CLE DAL@DEN DET@GSW",
    ),
    Scenario(
        "Christmas Eve is off: ESPN's calendar proves it although no schedule is loaded",
        "2025-12-24",
        [report("ESPN API", calendar=calendar("2025-12-23", "2025-12-25"))],
        off_day_proved=True,
    ),
    Scenario(
        "a game in London tips off at 2 PM Eastern",
        "2026-01-15",
        [
            report(
                "league",
                listed(
                    "league", "2026-01-15", "MEM@ORL", season_type=REGULAR, tip_at=tip(day_of("2026-01-15"), "14:00")
                ),
            )
        ],
        expected="MEM@ORL",
        tips={"MEM@ORL": "14:00"},
    ),
    Scenario(
        "two games in Paris, two days apart",
        "2025-01-25",
        [
            report(
                "league",
                listed("league", "2025-01-23", "SAS@IND", FINAL, league_id="0022400621"),
                listed("league", "2025-01-25", "IND@SAS", league_id="0022400635"),
            )
        ],
        expected="IND@SAS",
    ),
    Scenario(
        "a game in Mexico City tips off on the next day of UTC",
        "2024-11-02",
        [
            report(
                "BDL API", listed("BDL API", "2024-11-02", "MIA@WAS", tip_at=datetime(2024, 11, 3, 1, 30, tzinfo=UTC))
            )
        ],
        expected="MIA@WAS",
        tips={"MIA@WAS": "21:30"},
    ),
    Scenario(
        "the play-in is expected",
        "2025-04-15",
        [report("league", listed("league", "2025-04-15", "ATL@ORL", league_id="0052400101"))],
        expected="ATL@ORL",
    ),
    Scenario(
        "the bubble's restart of 2020-07-30 is played, in July",
        "2020-07-30",
        [
            report(
                "league",
                listed("league", "2019-10-22", "NOP@TOR", FINAL, league_id="0021900001"),
                listed("league", "2020-03-11", "DET@PHI", FINAL, league_id="0021900970"),
                listed("league", "2020-07-30", "UTA@NOP", FINAL, league_id="0021901232"),
                listed("league", "2020-07-30", "LAC@LAL", FINAL, league_id="0021901233"),
            )
        ],
        expected="UTA@NOP LAC@LAL",
        opener="",
    ),
    Scenario(
        "the 141 days before the restart are not proven days off: the schedule may not have been loaded",
        "2020-04-15",
        [
            report(
                "league",
                listed("league", "2020-03-11", "DET@PHI", FINAL, league_id="0021900970"),
                listed("league", "2020-07-30", "UTA@NOP", FINAL, league_id="0021901232"),
            )
        ],
    ),
    Scenario(
        "a season loaded whole opens with its first game, whatever day the table in the code has",
        "2026-10-25",
        [report("league", *whole_season(day_of("2026-10-23")))],
        expected="ATL@BKN BOS@CHA CHI@CLE DAL@DEN DET@GSW HOU@IND LAC@LAL",
        opener="2026-10-23",
    ),
    Scenario(
        "so the days before it are off, the table's opener among them",
        "2026-10-21",
        [report("league", *whole_season(day_of("2026-10-23")))],
        off_day_proved=True,
    ),
    Scenario(
        "a season loaded from later on leaves the table's opener alone",
        "2026-11-20",
        [report("league", *whole_season(day_of("2026-11-10"), games=1100))],
        expected="ATL@BKN BOS@CHA CHI@CLE DAL@DEN DET@GSW HOU@IND LAC@LAL",
        opener="2026-10-21",
    ),
    Scenario(
        "the Cup final is not covered, although ESPN lists it like any other game",
        "2024-12-17",
        [
            report(
                "league",
                listed("league", "2024-12-17", "MIL@OKC", league_id="0062400001"),
                *league_around(day_of("2024-12-17"), before=2, after=2),
            ),
            report("ESPN API", listed("ESPN API", "2024-12-17", "MIL@OKC", season_type=REGULAR)),
        ],
        excluded={"MIL@OKC": "Cup final"},
        off_day_proved=True,
    ),
    Scenario(
        "preseason by the league's ids, a guest from New Zealand among them",
        "2024-10-10",
        [
            report(
                "league",
                listed("league", "2024-10-10", "NZB@UTA", league_id="0012400030"),
                listed("league", "2024-10-10", "BOS@NYK", league_id="0012400031"),
            ),
            report("scoreboard", listed("scoreboard", "2024-10-10", "BOS@NYK")),
        ],
        excluded={"NZB@UTA": "preseason", "BOS@NYK": "preseason"},
    ),
    Scenario(
        "whether a preseason game was called off is nobody's concern",
        "2024-10-10",
        [
            report("league", listed("league", "2024-10-10", "ORL@NOP", league_id="0012400032")),
            report("ESPN API", listed("ESPN API", "2024-10-10", "ORL@NOP", CANCELLED, season_type=PRESEASON)),
        ],
        excluded={"ORL@NOP": "preseason"},
        off_day_proved=True,
    ),
    Scenario(
        "preseason in a table without ids is recognized by the weeks before the opener",
        "2024-10-10",
        [report("scoreboard", listed("scoreboard", "2024-10-10", "BOS@NYK"))],
        excluded={"BOS@NYK": "preseason"},
    ),
    Scenario(
        "the bubble's finals, 72 days before the next opener, are not mistaken for preseason",
        "2020-10-11",
        [
            report("scoreboard", listed("scoreboard", "2020-10-11", "LAL@MIA", FINAL)),
            report(
                "league",
                *whole_season(day_of("2020-12-22")),
            ),
        ],
        expected="LAL@MIA",
        unwell={"league": "no games for 2020-10-11 (scoreboard lists 1) and none before"},
    ),
    Scenario(
        "the table's provisional opener is a day late: a game that ESPN calls regular is not preseason",
        "2026-10-20",
        [
            report("ESPN API", listed("ESPN API", "2026-10-20", "BOS@NYK", season_type=REGULAR)),
            report("scoreboard", listed("scoreboard", "2026-10-20", "BOS@NYK")),
        ],
        expected="BOS@NYK",
    ),
    Scenario(
        "a season in neither table nor schedule",
        "2027-11-02",
        [report("scoreboard", listed("scoreboard", "2027-11-02", "BOS@NYK"))],
        expected="BOS@NYK",
        opener="",
    ),
    Scenario(
        "a schedule loaded only from January, and the season before: no opener in January, no preseason in December",
        "2027-12-28",
        [
            report(
                "league",
                listed("league", "2027-06-20", "BOS@LAL", FINAL, league_id="0042600407"),
                listed("league", "2028-01-03", "BOS@NYK", league_id="0022700480"),
            ),
            report("scoreboard", listed("scoreboard", "2027-12-28", "BOS@NYK", FINAL)),
        ],
        now=morning(day_of("2028-01-05")),
        expected="BOS@NYK",
        opener="",
        unwell={"league": "no games for 2027-12-28 (scoreboard lists 1)"},
    ),
]
