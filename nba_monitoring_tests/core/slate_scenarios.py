"""Slates as they happened, or could: what each source listed, and what was to be played. Data for one test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from nba_monitoring.core.games import Stage
from nba_monitoring.core.sources import Calendar, SourceReport
from nba_monitoring_tests.core.slates import (
    CANCELLED,
    FINAL,
    LIVE,
    POSTPONED,
    SCHEDULED,
    UNKNOWN,
    day_of,
    full_day,
    league_around,
    listed,
    morning,
    report,
    tip,
)

REGULAR, PRESEASON, PLAYOFFS = Stage.REGULAR_SEASON, Stage.PRESEASON, Stage.PLAYOFFS
ALL_STAR, CUP_FINAL, PLAY_IN = Stage.ALL_STAR, Stage.CUP_FINAL, Stage.PLAY_IN


@dataclass(frozen=True)
class Scenario:
    """What sources list for a `day`, and what the slate must make of it.

    `excluded` gives the reason by matchup, `tips` Eastern clock times, `moved` new dates. `unwell` are the sources
    that are not fresh. Each of `noted` stands in some disagreement or problem; none of them is noted where it is empty.
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
    listed("league", JAN_18, matchup, stage=REGULAR, tip_at=tip(JAN_18, clock))
    for matchup, clock in JAN_18_TIPS.items()
]
ALL_STAR_BREAK = [*full_day("league", "2026-02-12", 3, stage=REGULAR), *full_day("league", "2026-02-19", 10, SCHEDULED)]
ALL_STAR_SUNDAY = [
    listed("league", "2026-02-15", "STP@WLD", stage=ALL_STAR),
    listed("league", "2026-02-15", "STARS@STRIPES", stage=ALL_STAR),
]
SEVEN_GAMES = full_day("league", "2026-01-27", 7, SCHEDULED, stage=REGULAR)
TEN_FINALS = full_day("league", "2025-11-03", 10, has_score=False)

SCENARIOS = [
    # What went wrong on the platform, by date
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
        unwell={"scoreboard": "nothing for 2026-01-18 while league lists 6; its newest game is of 2026-01-17"},
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
        unwell={"scoreboard": "its newest game is of 2025-06-22"},
    ),
    Scenario(
        "on an off-day too the scoreboard table that stopped in June is stale",
        "2026-01-19",
        [
            report("league", *JAN_18_LEAGUE, listed("league", "2026-01-20", "BOS@NYK")),
            report("scoreboard", *full_day("scoreboard", "2025-06-22", 1)),
        ],
        off_day_proved=True,
        unwell={"scoreboard": "while another source lists games on 2026-01-18"},
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
                *[listed("league", "2026-01-27", m, stage=REGULAR) for m in ("BKN@ATL", "CHA@BOS", "CLE@CHI")],
            )
        ],
        expected="ATL@BKN BOS@CHA CHI@CLE DAL@DEN DET@GSW HOU@IND LAC@LAL",
        noted=["league: duplicate, listed both as ATL@BKN and as BKN@ATL", "BOS@CHA", "CHI@CLE and as CLE@CHI"],
    ),
    Scenario(
        "home and away are reversed between two tables: one game, as the league has it",
        "2026-01-27",
        [
            report("scoreboard", listed("scoreboard", "2026-01-27", "NYK@BOS")),
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
                listed("ESPN API", "2026-02-15", "STARS@WORLD", UNKNOWN, stage=REGULAR),
                calendar=calendar("2026-02-12", "2026-02-15", "2026-02-19"),
            )
        ],
        excluded={"STARS@WORLD": "All-Star"},
        off_day_proved=True,
        noted=["status of STARS@WORLD not understood"],
    ),
    Scenario(
        "Rising Stars sides that nobody has met yet are All-Star sides, on an All-Star day",
        "2026-02-13",
        [
            report("league", *ALL_STAR_BREAK, listed("league", "2026-02-13", "TMM@TMT", stage=ALL_STAR)),
            report(
                "scoreboard",
                *full_day("scoreboard", "2026-02-12", 3),
                listed("scoreboard", "2026-02-13", "VIN@MEL", FINAL),
            ),
        ],
        excluded={"TMM@TMT": "All-Star", "VIN@MEL": "All-Star"},
        off_day_proved=True,
    ),
    Scenario(
        "the last day of the All-Star break, 2026-02-18",
        "2026-02-18",
        [report("league", *ALL_STAR_BREAK), report("ESPN API", calendar=calendar("2026-02-12", "2026-02-19"))],
        off_day_proved=True,
    ),
    # Parts of the season
    Scenario(
        "five games on Christmas",
        "2025-12-25",
        [
            report("league", *full_day("league", "2025-12-25", 5, SCHEDULED, stage=REGULAR)),
            report("ESPN API", *full_day("ESPN API", "2025-12-25", 5, SCHEDULED, stage=REGULAR)),
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
                listed("league", "2026-01-15", "MEM@ORL", stage=REGULAR, tip_at=tip(day_of("2026-01-15"), "14:00")),
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
        opener="2019-10-22",
    ),
    Scenario(
        "the 141 days before the restart are no proven days off: as easily the schedule was not loaded",
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
        "the bubble's three games of 2020-08-26 were all called off",
        "2020-08-26",
        [
            report(
                "league",
                *full_day("league", "2020-08-25", 2, stage=PLAYOFFS),
                *full_day("league", "2020-08-26", 3, has_score=False, stage=PLAYOFFS),
                *full_day("league", "2020-08-29", 3, stage=PLAYOFFS),
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
    Scenario(
        "the 72 games of 2020-21 open on 2020-12-22",
        "2020-12-22",
        [
            report(
                "league",
                listed("league", "2020-12-19", "BOS@BKN", FINAL, league_id="0012000049"),
                listed("league", "2020-12-22", "GSW@BKN", league_id="0022000001"),
            )
        ],
        expected="GSW@BKN",
        opener="2020-12-22",
    ),
    Scenario(
        "the lockout season of 2011-12 opens on Christmas day",
        "2011-12-26",
        [
            report(
                "league",
                listed("league", "2011-12-25", "BOS@NYK", FINAL, league_id="0021100001"),
                listed("league", "2011-12-26", "TOR@CLE", league_id="0021100006"),
            )
        ],
        expected="TOR@CLE",
        opener="2011-12-25",
    ),
    Scenario(
        "the games that the lockout called off are no openers",
        "2011-12-25",
        [
            report(
                "league",
                listed("league", "2011-11-01", "CHI@DAL", CANCELLED, league_id="0021100001"),
                listed("league", "2011-12-22", "BOS@TOR", FINAL, league_id="0011100016"),
                listed("league", "2011-12-25", "BOS@NYK", league_id="0021100002"),
            )
        ],
        expected="BOS@NYK",
        opener="2011-12-25",
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
            report("ESPN API", listed("ESPN API", "2024-12-17", "MIL@OKC", stage=REGULAR)),
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
        "preseason in a table without ids is told by the weeks before the opener",
        "2024-10-10",
        [report("scoreboard", listed("scoreboard", "2024-10-10", "BOS@NYK"))],
        excluded={"BOS@NYK": "preseason"},
    ),
    Scenario(
        "the bubble's finals, 72 days before the next opener, are not taken for preseason",
        "2020-10-11",
        [
            report("scoreboard", listed("scoreboard", "2020-10-11", "LAL@MIA", FINAL)),
            report(
                "league",
                listed("league", "2020-12-19", "BOS@BKN", league_id="0012000049"),
                listed("league", "2020-12-22", "GSW@BKN", league_id="0022000001"),
            ),
        ],
        expected="LAL@MIA",
        unwell={"league": "nothing for 2020-10-11 while scoreboard lists 1; no game up to then"},
    ),
    Scenario(
        "the table's provisional opener is a day late: a game that ESPN calls regular is not preseason",
        "2026-10-20",
        [
            report("ESPN API", listed("ESPN API", "2026-10-20", "BOS@NYK", stage=REGULAR)),
            report("scoreboard", listed("scoreboard", "2026-10-20", "BOS@NYK")),
        ],
        expected="BOS@NYK",
    ),
    # Time
    Scenario(
        "of two tip-off times the earlier counts, of impossible ones none",
        "2026-01-18",
        [
            report("league", listed("league", "2026-01-18", "ORL@MEM", tip_at=tip(JAN_18, "12:30"))),
            report("BDL API", listed("BDL API", "2026-01-18", "ORL@MEM", tip_at=tip(JAN_18, "12:00"))),
            report("ESPN API", listed("ESPN API", "2026-01-18", "ORL@MEM", tip_at=tip(day_of("2026-01-17"), "23:30"))),
        ],
        expected="ORL@MEM",
        tips={"ORL@MEM": "12:00"},
        noted=["ESPN API: ORL@MEM of 2026-01-18 can't tip off at 2026-01-18 04:30 UTC"],
    ),
    Scenario(
        "midnight is no tip-off but one to be decided",
        "2026-05-01",
        [report("league", listed("league", "2026-05-01", "ORL@MEM", tip_at=tip(day_of("2026-05-01"), "00:00")))],
        expected="ORL@MEM",
        tips={"ORL@MEM": ""},
    ),
    # Postponed, cancelled, rescheduled
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
        unwell={"scoreboard": "last written 104 hours ago (2026-01-20 08:00 UTC)"},
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
    # Sources that fail, differ, or say what nobody understands
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
        excluded={"ORLA@MEM": "unknown team, its opponent plays another"},
        noted=["ESPN API: unknown team ORLA in ORLA@MEM"],
    ),
    Scenario(
        "an unknown status is a game still to be played, and is reported",
        "2026-01-18",
        [report("ESPN API", listed("ESPN API", "2026-01-18", "ORL@MEM", UNKNOWN))],
        expected="ORL@MEM",
        noted=["ESPN API: status of ORL@MEM not understood, taken as still to be played"],
    ),
    Scenario(
        "a league id of no known part of the season is expected, and is reported",
        "2026-01-18",
        [report("league", listed("league", "2026-01-18", "ORL@MEM", league_id="0092500001"))],
        expected="ORL@MEM",
        noted=["league: league id 0092500001 of ORL@MEM is of no known part of the season"],
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
        "in the afternoon the results table has the first game that ended, which is no disagreement",
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
    # Days off
    Scenario(
        "a row that could not be read may be a game: no day off is proved",
        "2026-02-13",
        [report("league", *ALL_STAR_BREAK, problems={day_of("2026-02-13"): ("a row names no game",)})],
        noted=["a row names no game"],
    ),
    Scenario(
        "a hole in the league's schedule in which another table saw games is a hole in the loading",
        "2026-01-17",
        [
            report("league", *full_day("league", "2026-01-12", 3), *full_day("league", "2026-01-20", 3, SCHEDULED)),
            report("scoreboard", *full_day("scoreboard", "2026-01-14", 5), *full_day("scoreboard", "2026-01-16", 5)),
        ],
        unwell={"league": "its newest game is of 2026-01-12, while another source lists games on 2026-01-16"},
    ),
    Scenario(
        "a hole of 15 days within one season is no proof",
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
        "a season loaded until February and the next one are no summer",
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
        "after the last game that is loaded nothing is proved",
        "2025-07-04",
        [report("league", listed("league", "2025-06-22", "IND@OKC", FINAL, league_id="0042400407"))],
    ),
    Scenario(
        "outside its calendar ESPN proves nothing",
        "2025-07-04",
        [report("ESPN API", calendar=calendar("2024-10-22", "2025-06-22"))],
    ),
    Scenario(
        "a stale schedule's proof says that it is stale",
        "2026-01-20",
        [report("league", *league_around(day_of("2026-01-20")), scraped_at=tip(day_of("2025-11-01"), "06:00"))],
        off_day_proved=True,
        unwell={"league": "last written"},
    ),
    # Openers
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
        unwell={"league": "nothing for 2027-12-28 while scoreboard lists 1"},
    ),
]
