from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from nba_monitoring.core.games import GameState, SeasonType
from nba_monitoring.core.slate.sources import ListedGame, SourceKind, SourceReport, UnnamedGame
from nba_monitoring.schedule_apis.balldontlie import MOST_PAGES, PATH, balldontlie_report
from nba_monitoring_tests.days import DAY
from nba_monitoring_tests.loopback import Answer, LoopbackServer, Request
from nba_monitoring_tests.schedule_apis.payloads import QUICK, bdl_game, bdl_page

KEY = SecretStr("a-key-that-nobody-may-see")


def ask(server: LoopbackServer, *days: date) -> SourceReport:
    return balldontlie_report(server.url, KEY, days or [DAY], QUICK)


def the_game(report: SourceReport) -> ListedGame:
    (entry,) = report.listed
    return entry


def test_the_nine_games_of_2025_02_20_are_read_whole(server: LoopbackServer, evidence: Path) -> None:
    server.answer(PATH, Answer((evidence / "bdl_games_2025-02-20.json").read_bytes()))
    day = date(2025, 2, 20)
    report = ask(server, day)
    assert {entry.game.matchup: f"{entry.tip_at:%d %H:%M}" for entry in report.listed} == {
        "MEM@IND": "21 00:00",
        "BOS@PHI": "21 00:00",
        "ORL@ATL": "21 00:30",
        "CLE@BKN": "21 00:30",
        "CHI@NYK": "21 00:30",
        "LAC@MIL": "21 01:00",
        "CHA@DEN": "21 02:00",
        "PHX@SAS": "21 02:30",
        "LAL@POR": "21 03:00",
    }
    for entry in report.listed:
        assert entry.game.day == day
        assert (entry.state, entry.season_type, entry.has_score) == (GameState.FINAL, None, True)
        assert entry.tip_at is not None
        assert entry.tip_at.tzinfo is UTC
    assert (report.source, report.kind, report.asked) == ("balldontlie API", SourceKind.LIVE_SERVICE, frozenset([day]))
    assert (report.errors, report.problems, report.calendar) == ({}, {}, None)


def test_the_key_travels_in_its_header_and_all_dates_in_one_request(server: LoopbackServer) -> None:
    server.answer(PATH, Answer.json(bdl_page()))
    ask(server, date(2026, 1, 19), DAY)
    (request,) = server.requests
    assert request.query == {"dates[]": ["2026-01-18", "2026-01-19"], "per_page": ["100"]}
    assert request.headers["authorization"] == KEY.get_secret_value()


def test_pages_are_followed_to_the_last(server: LoopbackServer) -> None:
    server.answer(
        PATH,
        Answer.json(bdl_page(bdl_game(away="ORL", home="MEM"), next_cursor=101)),
        Answer.json(bdl_page(bdl_game(away="BKN", home="CHI"), next_cursor=202)),
        Answer.json(bdl_page(bdl_game(away="CHA", home="DEN"))),
    )
    assert [entry.game.matchup for entry in ask(server).listed] == ["ORL@MEM", "BKN@CHI", "CHA@DEN"]
    assert [request.query.get("cursor") for request in server.requests] == [None, ["101"], ["202"]]
    assert all(request.query["dates[]"] == ["2026-01-18"] for request in server.requests)


def test_endless_pages_are_an_error(server: LoopbackServer) -> None:
    server.answer(PATH, Answer.json(bdl_page(bdl_game(), next_cursor=7)))
    report = ask(server)
    assert report.listed == ()
    assert report.errors == {DAY: "more than 20 pages of games, more than a season has"}
    assert len(server.requests) == MOST_PAGES


def test_half_the_pages_are_not_a_slate(server: LoopbackServer) -> None:
    server.answer(PATH, Answer.json(bdl_page(bdl_game(), next_cursor=7)), Answer(status=500))
    tomorrow = date(2026, 1, 19)
    report = ask(server, DAY, tomorrow)
    assert report.listed == ()
    assert report.errors == dict.fromkeys((DAY, tomorrow), "127.0.0.1 answered 500 Internal Server Error")


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("2026-01-18T17:00:00Z", GameState.SCHEDULED),
        ("7:00 pm ET", GameState.SCHEDULED),
        ("12:30 PM ET", GameState.SCHEDULED),
        ("1st Qtr", GameState.LIVE),
        ("End of 3rd Qtr", GameState.LIVE),
        ("Halftime", GameState.LIVE),
        ("2nd OT", GameState.LIVE),
        ("OT", GameState.LIVE),
        ("Final", GameState.FINAL),
        ("Postponed", GameState.POSTPONED),
        ("PPD", GameState.POSTPONED),
        ("Canceled", GameState.CANCELLED),
        ("Cancelled", GameState.CANCELLED),
    ],
)
def test_every_known_status_is_translated(server: LoopbackServer, status: str, state: GameState) -> None:
    server.answer(PATH, Answer.json(bdl_page(bdl_game(status))))
    report = ask(server)
    assert the_game(report).state is state
    assert (report.errors, report.problems) == ({}, {})


def test_a_new_status_is_named(server: LoopbackServer) -> None:
    server.answer(PATH, Answer.json(bdl_page(bdl_game("Final countdown"))))
    report = ask(server)
    assert the_game(report).state is GameState.UNKNOWN
    assert report.problems == {DAY: ("balldontlie API: unknown status 'Final countdown' of ORL@MEM",)}


def test_a_late_game_keeps_its_eastern_date(server: LoopbackServer) -> None:
    server.answer(PATH, Answer.json(bdl_page(bdl_game(tip_at="2026-01-19T03:30:00.000Z"))))
    entry = the_game(ask(server))
    assert (entry.game.day, entry.tip_at) == (DAY, datetime(2026, 1, 19, 3, 30, tzinfo=UTC))


def test_a_game_without_a_time_has_no_tip(server: LoopbackServer) -> None:
    server.answer(PATH, Answer.json(bdl_page(bdl_game("7:00 pm ET", tip_at=None))))
    assert the_game(ask(server)).tip_at is None


def test_a_postseason_game_is_of_the_playoffs(server: LoopbackServer) -> None:
    server.answer(PATH, Answer.json(bdl_page(bdl_game(postseason=True))))
    assert the_game(ask(server)).season_type is SeasonType.PLAYOFFS


@pytest.mark.parametrize(("status", "named"), [(401, "401 Unauthorized"), (403, "403 Forbidden")])
def test_a_rejected_key_is_reported_without_showing_it(server: LoopbackServer, status: int, named: str) -> None:
    server.answer(PATH, lambda request: Answer(request.headers["authorization"].encode(), status))
    report = ask(server)
    assert report.errors == {DAY: f"127.0.0.1 answered {named}: check BALLDONTLIE_API_KEY, which it rejects"}
    assert len(server.requests) == 1


@pytest.mark.parametrize("key", ["a-key-that-nobody-may-see\n", "cl\u00e9\u2019"])
def test_a_key_that_does_not_fit_a_header_is_an_error_that_does_not_show_it(server: LoopbackServer, key: str) -> None:
    report = balldontlie_report(server.url, SecretStr(key), [DAY], QUICK)
    assert report.errors[DAY].startswith("127.0.0.1: an address or a header with an invalid character")
    assert key.strip() not in report.errors[DAY]
    assert server.requests == []


def test_the_key_does_not_follow_a_redirect_to_another_host(server: LoopbackServer) -> None:
    with LoopbackServer() as other:
        other.answer(PATH, Answer.json(bdl_page(bdl_game())))
        server.answer(PATH, Answer(status=302, headers={"Location": other.url + PATH}))
        assert len(ask(server).listed) == 1
        assert "authorization" not in other.requests[0].headers


@pytest.mark.parametrize(
    ("page", "complaint"),
    [({"data": []}, "meta: Field required"), ({"meta": {}}, "data: Field required")],
)
def test_an_answer_of_another_shape_fails_the_dates_and_is_named(
    server: LoopbackServer, page: object, complaint: str
) -> None:
    server.answer(PATH, Answer.json(page))
    report = ask(server)
    assert report.listed == ()
    assert report.errors == {DAY: f"127.0.0.1 sent an unexpected answer: {complaint}"}


@pytest.mark.parametrize(
    ("game", "complaint"),
    [
        ({**bdl_game(), "postseason": "no"}, "postseason: Input should be a valid boolean"),
        ({**bdl_game(), "home_team": {}}, "home_team.abbreviation: Field required"),
        (bdl_game(""), "status: String should have at least 1 character"),
    ],
)
def test_a_game_that_can_t_be_read_is_named_on_its_date_and_the_others_count(
    server: LoopbackServer, game: object, complaint: str
) -> None:
    server.answer(PATH, Answer.json(bdl_page(bdl_game(), game)))  # type: ignore[arg-type]
    report = ask(server, DAY, date(2026, 1, 19))
    assert the_game(report).game.matchup == "ORL@MEM"
    assert report.unnamed == (UnnamedGame(DAY, f"balldontlie API: a game can't be read: {complaint}"),)


def test_one_without_a_date_may_be_of_any_that_was_asked_for(server: LoopbackServer) -> None:
    server.answer(PATH, Answer.json(bdl_page({**bdl_game(), "date": "18 Jan"})))
    report = ask(server, DAY, date(2026, 1, 19))
    assert [game.day for game in report.unnamed] == [DAY, date(2026, 1, 19)]
    assert "date: Input should be a valid date" in report.unnamed[0].sentence


@pytest.mark.parametrize(
    ("games", "unaware"),
    [
        ([bdl_game(day="2026-01-17")], {DAY, date(2026, 1, 19)}),
        ([bdl_game(day="2026-01-17"), bdl_game()], set()),
        ([], set()),
    ],
)
def test_an_answer_about_other_dates_is_not_about_those_asked_for(
    server: LoopbackServer, games: list[dict[str, Any]], unaware: set[date]
) -> None:
    server.answer(PATH, Answer.json(bdl_page(*games)))
    report = ask(server, DAY, date(2026, 1, 19))
    assert report.unaware.keys() == unaware
    assert report.errors == {}


def test_a_game_of_teams_to_be_decided_names_no_game(server: LoopbackServer) -> None:
    server.answer(PATH, Answer.json(bdl_page(bdl_game(), bdl_game(away="TBD", home="OKC"))))
    report = ask(server)
    assert the_game(report).game.matchup == "ORL@MEM"
    assert [game.sentence for game in report.unnamed] == ["balldontlie API: one listed game has no teams yet"]


def test_every_request_carries_the_key(server: LoopbackServer) -> None:
    def answer(request: Request) -> Answer:
        return Answer.json(bdl_page(next_cursor=None if "cursor" in request.query else 5))

    server.answer(PATH, answer)
    ask(server)
    assert [request.headers["authorization"] for request in server.requests] == [KEY.get_secret_value()] * 2
