from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from nba_monitoring.core.eastern import dates_between
from nba_monitoring.core.games import GameState, SeasonType
from nba_monitoring.core.slate.health import Freshness
from nba_monitoring.core.slate.slate import build_slates
from nba_monitoring.core.slate.sources import Calendar, ListedGame, SourceKind, SourceReport
from nba_monitoring.schedule_apis.espn import PATH, espn_report
from nba_monitoring_tests.days import DAY
from nba_monitoring_tests.loopback import Answer, LoopbackServer, Request
from nba_monitoring_tests.schedule_apis.payloads import QUICK, espn_board, espn_calendar, espn_event

NOW = datetime(2026, 1, 18, 16, tzinfo=UTC)


def ask(server: LoopbackServer, *days: date) -> SourceReport:
    return espn_report(server.url, days or [DAY], QUICK)


def ask_for(server: LoopbackServer, *events: dict[str, Any], league: dict[str, Any] | None = None) -> SourceReport:
    server.answer(PATH, Answer.json(espn_board(*events, league=league)))
    report = ask(server)
    assert report.errors == {}
    return report


def the_game(report: SourceReport) -> ListedGame:
    (entry,) = report.listed
    return entry


def without(event: dict[str, Any], *path: str | int) -> dict[str, Any]:
    place: Any = event
    for step in path[:-1]:
        place = place[step]
    del place[path[-1]]
    return event


def calendar_of(server: LoopbackServer, league: dict[str, Any]) -> Calendar:
    calendar = ask_for(server, league=league).calendar
    assert calendar is not None
    return calendar


def test_the_eleven_games_of_2024_01_15_are_read_whole(server: LoopbackServer, evidence: Path) -> None:
    server.answer(PATH, Answer((evidence / "espn_scoreboard_2024-01-15.json").read_bytes()))
    report = ask(server, date(2024, 1, 15))
    assert {entry.game.matchup: f"{entry.tip_at:%d %H:%M}" for entry in report.listed} == {
        "HOU@PHI": "15 18:00",
        "NOP@DAL": "15 19:30",
        "ORL@NYK": "15 20:00",
        "DET@WAS": "15 20:00",
        "SAS@ATL": "15 20:30",
        "GSW@MEM": "15 23:00",
        "CHI@CLE": "16 00:00",
        "MIA@BKN": "16 00:30",
        "BOS@TOR": "16 00:30",
        "IND@UTA": "16 02:00",
        "OKC@LAL": "16 03:30",
    }
    for entry in report.listed:
        assert entry.game.day == date(2024, 1, 15)
        assert (entry.state, entry.season_type, entry.has_score) == (GameState.FINAL, SeasonType.REGULAR_SEASON, True)
        assert entry.tip_at is not None
        assert entry.tip_at.tzinfo is UTC
    assert (report.source, report.kind, report.scraped_at) == ("ESPN API", SourceKind.LIVE_SERVICE, None)
    assert (report.asked, report.errors, report.problems) == (frozenset([date(2024, 1, 15)]), {}, {})


def test_all_star_friday_is_an_off_day_on_evidence(server: LoopbackServer, evidence: Path) -> None:
    server.answer(PATH, Answer((evidence / "espn_scoreboard_2025-02-14_no_games.json").read_bytes()))
    report = ask(server, date(2025, 2, 14))
    assert report.listed == ()
    assert report.calendar is not None
    around = dates_between(date(2025, 2, 12), date(2025, 2, 20))
    # The 16th is All-Star Sunday, which stands on the calendar.
    assert [day.day for day in around if report.calendar.proves_off_day(day)] == [14, 15, 17, 18]
    slate = build_slates([date(2025, 2, 14)], [report], datetime(2025, 2, 14, 16, tzinfo=UTC))[date(2025, 2, 14)]
    assert slate.off_day_proof == "ESPN API: 2025-02-14 is not among the season's game days"


def test_the_calendar_has_the_days_of_the_league_schedule(server: LoopbackServer, evidence: Path) -> None:
    server.answer(PATH, Answer((evidence / "espn_scoreboard_2025-02-14_no_games.json").read_bytes()))
    with (evidence / "nba_schedule_2024_25.csv").open() as file:
        league_days = {date.fromisoformat(row["game_date"]) for row in csv.DictReader(file)}
    calendar = ask(server, date(2025, 2, 14)).calendar
    assert calendar is not None
    assert (calendar.first, calendar.last) == (date(2024, 9, 24), date(2025, 6, 27))
    # Only the Rising Stars' Friday is missing, which is not a league game.
    assert league_days ^ calendar.game_days == {date(2025, 2, 14)}


@pytest.mark.parametrize(
    ("day", "proof"),
    [
        # Its last day, on which there may be a game: not in the calendar, which reaches to it.
        ("2025-06-27", "ESPN API: 2025-06-27 is not among the season's game days"),
        ("2025-07-15", "ESPN API: the season ended on 2025-06-27"),
        ("2025-10-06", "ESPN API: the season ended on 2025-06-27"),
        ("2025-10-07", None),
    ],
)
def test_the_end_of_its_season_proves_the_summer_until_the_next_is_due(
    server: LoopbackServer, evidence: Path, day: str, proof: str | None
) -> None:
    server.answer(PATH, Answer((evidence / "espn_scoreboard_2025-02-14_no_games.json").read_bytes()))
    asked = date.fromisoformat(day)
    slate = build_slates([asked], [ask(server, asked)], datetime(2025, 7, 15, 15, tzinfo=UTC))[asked]
    assert slate.off_day_proof == proof


@pytest.mark.parametrize(
    "season",
    [
        {},
        {"endDate": "2025-06-28T06:59Z"},
        {"endDate": "soon", "type": {"type": 4}},
        {"endDate": "2025-06-28T06:59Z", "type": {"type": 2}},
    ],
    ids=["none", "without a type", "without a date", "in the regular season"],
)
def test_a_season_not_known_to_be_ending_proves_nothing(server: LoopbackServer, season: dict[str, Any]) -> None:
    report = ask_for(server, league={"season": season})
    assert (report.season_ended, report.problems) == (None, {})


@pytest.mark.parametrize(
    ("entries", "off_days"),
    [
        # Clocks go forward on Sunday 2026-03-08, back on Sunday 2025-11-02: midnight is before the change.
        (["2026-03-07T08:00Z", "2026-03-08T08:00Z", "2026-03-10T07:00Z"], [date(2026, 3, 9)]),
        (["2026-03-07T08:00Z", "2026-03-09T07:00Z", "2026-03-10T07:00Z"], [date(2026, 3, 8)]),
        (["2025-11-01T07:00Z", "2025-11-02T07:00Z", "2025-11-04T08:00Z"], [date(2025, 11, 3)]),
        (["2025-11-01T07:00Z", "2025-11-03T08:00Z", "2025-11-04T08:00Z"], [date(2025, 11, 2)]),
    ],
)
def test_calendar_days_are_pacific_on_both_daylight_saving_weekends(
    server: LoopbackServer, entries: list[str], off_days: list[date]
) -> None:
    calendar = calendar_of(server, espn_calendar(*entries))
    first, last = min(calendar.game_days), max(calendar.game_days)
    assert last - first == timedelta(days=3)
    assert [day for day in dates_between(first, last) if calendar.proves_off_day(day)] == off_days


@pytest.mark.parametrize(
    "league",
    [
        {},
        espn_calendar(),
        {**espn_calendar("2026-01-17T08:00Z"), "calendarIsWhitelist": False},
        {**espn_calendar("2026-01-17T08:00Z"), "calendarType": "list"},
        {**espn_calendar(), "calendar": [{"label": "Regular Season", "value": "2"}]},
    ],
    ids=["none", "empty", "days without games", "not of days", "ranges"],
)
def test_another_kind_of_calendar_proves_nothing(server: LoopbackServer, league: dict[str, Any]) -> None:
    assert ask_for(server, league=league).calendar is None


def test_a_calendar_without_ends_reaches_from_its_first_game_day_to_its_last(server: LoopbackServer) -> None:
    whole = espn_calendar("2026-01-17T08:00Z", "2026-01-19T08:00Z")
    calendar = calendar_of(server, without(without(whole, "calendarStartDate"), "calendarEndDate"))
    around = dates_between(date(2026, 1, 16), date(2026, 1, 20))
    assert [day for day in around if calendar.proves_off_day(day)] == [DAY]


def test_at_the_turn_of_a_season_only_what_both_calendars_reach_is_proven(server: LoopbackServer) -> None:
    old = espn_calendar("2026-06-25T07:00Z", last="2026-06-29T06:59Z")
    new = espn_calendar("2026-10-01T07:00Z", first="2026-06-29T07:00Z", last="2027-06-28T06:59Z")
    server.answer(PATH, Answer.json(espn_board(league=old)), Answer.json(espn_board(league=new)))
    days = [date(2026, 6, 28), date(2026, 6, 29)]
    calendar = ask(server, *days).calendar
    assert calendar is not None
    assert not any(calendar.proves_off_day(day) for day in days)


def test_a_late_game_belongs_to_its_eastern_date(server: LoopbackServer) -> None:
    entry = the_game(ask_for(server, espn_event("2026-01-19T03:30Z", "TOR", "LAL")))
    assert entry.game.id == "20260118_TOR_LAL"
    assert entry.tip_at == datetime(2026, 1, 19, 3, 30, tzinfo=UTC)


def test_a_game_of_another_date_is_listed_under_its_own(server: LoopbackServer) -> None:
    assert the_game(ask_for(server, espn_event("2026-01-20T00:00Z"))).game.day == date(2026, 1, 19)


def test_a_game_without_a_set_time_has_a_date_and_no_tip(server: LoopbackServer) -> None:
    entry = the_game(ask_for(server, espn_event("2026-01-18T05:00Z", time_valid=False)))
    assert (entry.game.day, entry.tip_at) == (DAY, None)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("STATUS_SCHEDULED", GameState.SCHEDULED),
        ("STATUS_DELAYED", GameState.SCHEDULED),
        ("STATUS_SUSPENDED", GameState.SCHEDULED),
        ("STATUS_IN_PROGRESS", GameState.LIVE),
        ("STATUS_HALFTIME", GameState.LIVE),
        ("STATUS_END_PERIOD", GameState.LIVE),
        ("STATUS_FINAL", GameState.FINAL),
        ("STATUS_POSTPONED", GameState.POSTPONED),
        ("STATUS_CANCELED", GameState.CANCELLED),
        ("STATUS_FORFEIT", GameState.CANCELLED),
    ],
)
def test_every_known_status_is_translated(server: LoopbackServer, status: str, state: GameState) -> None:
    report = ask_for(server, espn_event(status=status))
    assert the_game(report).state is state
    assert report.problems == {}


def test_a_new_status_is_named_and_the_game_stays_expected(server: LoopbackServer) -> None:
    report = ask_for(server, espn_event(status="STATUS_MOON_PHASE"))
    assert the_game(report).state is GameState.UNKNOWN
    assert report.problems == {DAY: ("ESPN API: unknown status STATUS_MOON_PHASE of ORL@MEM",)}
    assert [entry.game.matchup for entry in build_slates([DAY], [report], NOW)[DAY].expected] == ["ORL@MEM"]


@pytest.mark.parametrize(
    ("event", "season_type"),
    [
        (espn_event(season_type=1), SeasonType.PRESEASON),
        (espn_event(season_type=2), SeasonType.REGULAR_SEASON),
        (espn_event(season_type=3), SeasonType.PLAYOFFS),
        (espn_event(season_type=5), SeasonType.PLAY_IN),
        (espn_event(away="EAST", home="WEST"), SeasonType.ALL_STAR),
        (espn_event(kind="ALLSTAR"), SeasonType.ALL_STAR),
        (espn_event(note="NBA Cup - Championship"), SeasonType.CUP_FINAL),
        (espn_event(note="Emirates NBA Cup Championship"), SeasonType.CUP_FINAL),
        (espn_event(note="In-Season Tournament - Championship"), SeasonType.CUP_FINAL),
        (espn_event(note="Emirates NBA Cup Final"), SeasonType.CUP_FINAL),
        (espn_event(note="NBA Cup - Semifinals"), SeasonType.REGULAR_SEASON),
        (espn_event(note="NBA Cup - Semi-Final"), SeasonType.REGULAR_SEASON),
        (espn_event(note="NBA Cup Championship Quarterfinals"), SeasonType.REGULAR_SEASON),
        (espn_event(note="Emirates NBA Cup - Group Play - East Group A"), SeasonType.REGULAR_SEASON),
        (espn_event(note="East Finals - Game 7", season_type=3), SeasonType.PLAYOFFS),
    ],
)
def test_the_part_of_the_season_is_recognized(
    server: LoopbackServer, event: dict[str, Any], season_type: SeasonType
) -> None:
    assert the_game(ask_for(server, event)).season_type is season_type


def test_an_unknown_season_type_is_named(server: LoopbackServer) -> None:
    report = ask_for(server, espn_event(season_type=9))
    assert the_game(report).season_type is None
    assert report.problems == {DAY: ("ESPN API: unknown season type 9 of ORL@MEM",)}


def test_an_unknown_team_keeps_its_spelling_and_is_reported(server: LoopbackServer) -> None:
    report = ask_for(server, espn_event(away="WSH", home="SEAX"))
    assert the_game(report).game.matchup == "WAS@SEAX"
    assert build_slates([DAY], [report], NOW)[DAY].problems == ("ESPN API: unknown team SEAX in WAS@SEAX",)


@pytest.mark.parametrize(("score", "has_score"), [("0", False), ("", False), ("112", True)])
def test_a_final_without_points_has_no_score(server: LoopbackServer, score: str, *, has_score: bool) -> None:
    assert the_game(ask_for(server, espn_event(status="STATUS_FINAL", score=score))).has_score is has_score


def test_each_date_is_one_request_in_espn_s_spelling(server: LoopbackServer) -> None:
    server.answer(PATH, Answer.json(espn_board()))
    ask(server, date(2026, 1, 19), DAY, DAY)
    assert [request.query for request in server.requests] == [{"dates": ["20260118"]}, {"dates": ["20260119"]}]
    assert server.requests[0].headers["user-agent"].startswith("nba-monitoring/")


def test_a_failed_date_shows_as_failed_and_the_others_stand(server: LoopbackServer) -> None:
    def answer(request: Request) -> Answer:
        if request.query["dates"] == ["20260119"]:
            return Answer(status=500)
        return Answer.json(espn_board(espn_event(), league=espn_calendar("2026-01-18T08:00Z")))

    server.answer(PATH, answer)
    tomorrow, later = date(2026, 1, 19), date(2026, 1, 20)
    report = ask(server, DAY, tomorrow)
    assert report.errors == {tomorrow: "127.0.0.1 answered 500 Internal Server Error"}
    slates = build_slates([DAY, tomorrow, later], [report], NOW)
    assert len(slates[DAY].expected) == 1
    assert {day: slates[day].sources[0].freshness for day in slates} == {
        DAY: Freshness.FRESH,
        tomorrow: Freshness.FAILED,
        later: Freshness.NOT_ASKED,
    }
    assert slates[tomorrow].sources[0].reason == "127.0.0.1 answered 500 Internal Server Error"
    # The calendar came with another date's answer, and would prove the failed date off.
    assert slates[tomorrow].off_day_proof is None


@pytest.mark.parametrize(
    ("board", "complaint"),
    [
        ({}, "events: Field required"),
        ({"leagues": [], "events": None}, "events: Input should be a valid array"),
        ([], "answer: Input should be an object"),
    ],
)
def test_an_answer_of_another_shape_fails_the_date_and_is_named(
    server: LoopbackServer, board: object, complaint: str
) -> None:
    server.answer(PATH, Answer.json(board))
    report = ask(server)
    assert report.listed == ()
    assert report.errors == {DAY: f"127.0.0.1 sent an unexpected answer: {complaint}"}


BAD_EVENTS = [
    (without(espn_event(), "date"), "date: Field required"),
    (espn_event("tomorrow"), "date: Input should be a valid datetime"),
    (espn_event("2026-01-18T17:00"), "date: Input should have timezone info"),
    (espn_event("0001-01-01T00:00Z"), "date: Input should be greater than or equal to"),
    (without(espn_event(), "competitions"), "competitions: Field required"),
    (without(espn_event(), "competitions", 0, "status"), "competitions.0.status: Field required"),
    (
        without(espn_event(), "competitions", 0, "competitors", 1),
        "competitions.0.competitors: Tuple should have at least 2 items",
    ),
    (
        without(espn_event(), "competitions", 0, "competitors", 0, "team", "abbreviation"),
        "competitions.0.competitors.0.team.abbreviation: Field required",
    ),
    (espn_event(home="X" * 100_000), "team.abbreviation: String should have at most 60 characters"),
    (["an event"], "answer: Input should be an object"),
    (None, "answer: Input should be an object"),
]


@pytest.mark.parametrize(("event", "complaint"), BAD_EVENTS)
def test_an_event_that_can_t_be_read_is_named_and_the_others_count(
    server: LoopbackServer, event: Any, complaint: str
) -> None:
    report = ask_for(server, espn_event(), event)
    assert the_game(report).game.matchup == "ORL@MEM"
    ((day, sentence),) = ((game.day, game.sentence) for game in report.unnamed)
    assert day == DAY
    assert sentence.startswith("ESPN API: event number 2 can't be read: ")
    assert complaint in sentence
    assert len(sentence) < 250


def test_it_is_named_as_espn_names_it(server: LoopbackServer) -> None:
    report = ask_for(server, {"id": "401810500", "shortName": "BKN @ CHI"}, {"id": "401810501"})
    assert [game.sentence.partition(" can't")[0] for game in report.unnamed] == [
        "ESPN API: event BKN @ CHI",
        "ESPN API: event 401810501",
    ]


def test_two_home_teams_are_no_game(server: LoopbackServer) -> None:
    event = espn_event()
    event["competitions"][0]["competitors"][1]["homeAway"] = "home"
    (game,) = ask_for(server, event).unnamed
    assert "competitions.0: should have one home and one away team" in game.sentence


def test_a_game_of_teams_to_be_decided_names_no_game_and_keeps_its_part_of_the_season(server: LoopbackServer) -> None:
    report = ask_for(server, espn_event(), espn_event(away="TBD", home="TBD", season_type=5))
    assert the_game(report).game.matchup == "ORL@MEM"
    (game,) = report.unnamed
    assert game.sentence == "ESPN API: one listed game has no teams yet"
    assert game.entry is not None
    assert game.entry.season_type is SeasonType.PLAY_IN


@pytest.mark.parametrize(
    "path",
    [
        ("season",),
        ("season", "type"),
        ("competitions", 0, "type"),
        ("competitions", 0, "timeValid"),
        ("competitions", 0, "notes"),
        ("competitions", 0, "competitors", 0, "score"),
    ],
)
def test_a_field_that_nobody_needs_may_be_missing(server: LoopbackServer, path: tuple[str | int, ...]) -> None:
    report = ask_for(server, without(espn_event(), *path))
    assert (the_game(report).game.matchup, report.unnamed, report.problems) == ("ORL@MEM", (), {})


def test_a_calendar_that_can_t_be_read_costs_itself(server: LoopbackServer) -> None:
    report = ask_for(server, espn_event(), league=espn_calendar("soon"))
    assert the_game(report).game.matchup == "ORL@MEM"
    assert report.calendar is None
    assert report.problems[DAY][0].startswith("ESPN API: its calendar can't be read: calendar.")


def test_the_winner_of_a_game_that_is_over_is_read_from_the_points(server: LoopbackServer) -> None:
    event = espn_event(status="STATUS_FINAL")
    event["competitions"][0]["competitors"][0]["score"] = "112"
    event["competitions"][0]["competitors"][1]["score"] = "99"
    assert the_game(ask_for(server, event)).winner == "MEM"
    assert the_game(ask_for(server, espn_event(score="99"))).winner is None
