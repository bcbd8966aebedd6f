"""What is true of every slate, whatever the sources list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nba_monitoring.core.eastern import dates_between, game_date
from nba_monitoring.core.games import COUNTED_SEASON_TYPES, Game, GameKey, GameState, SeasonType
from nba_monitoring.core.slate.health import Freshness
from nba_monitoring.core.slate.slate import ExcludedGame, ExpectedGame, Slate
from nba_monitoring.core.slate.sources import ListedGame, SourceReport
from nba_monitoring.core.slate.utc_dates import on_eastern_dates
from nba_monitoring_tests.core.slate.slates import KINDS, day_of, slate_of, tip

DAY = day_of("2026-01-18")
AROUND = dates_between(DAY - timedelta(days=4), DAY + timedelta(days=4))
# Few teams, so that sources often list the same game; one that nobody knows, and two All-Star sides.
TEAMS = ["ATL", "BKN", "BOS", "CHA", "CHI", "XYZ", "STP", "WLD"]
LEAGUE_IDS = [f"{prefix}25{number:05}" for prefix in ("001", "002", "004", "006") for number in (401, 402)]
SCRAPES = [None, tip(DAY, "06:00"), tip(DAY - timedelta(days=10), "06:00")]

games = st.builds(
    lambda day, teams: Game(day, *teams),
    st.sampled_from([DAY, DAY, *AROUND]),
    st.permutations(TEAMS).map(lambda teams: teams[:2]),
)


def entries(source: str, *states: GameState) -> st.SearchStrategy[ListedGame]:
    return st.builds(
        ListedGame,
        source=st.just(source),
        game=games,
        state=st.sampled_from(states or tuple(GameState)),
        season_type=st.none() | st.sampled_from(SeasonType),
        league_id=st.none() | st.sampled_from(LEAGUE_IDS),
        has_score=st.none() | st.booleans(),
        tip_at=st.none() | st.sampled_from([tip(DAY, clock) for clock in ("00:00", "12:00", "19:30")] + SCRAPES[-1:]),
        winner=st.none() | st.sampled_from(TEAMS[:2]),
        moved_to=st.none() | st.sampled_from(AROUND),
    )


def reports_of(source: str) -> st.SearchStrategy[SourceReport]:
    answer = st.builds(
        SourceReport,
        source=st.just(source),
        kind=st.just(KINDS[source]),
        listed=st.lists(entries(source), max_size=8).map(tuple),
        asked=st.none() | st.sets(st.sampled_from(AROUND)).map(frozenset),
        scraped_at=st.sampled_from(SCRAPES),
    )
    return answer | st.just(SourceReport(source, KINDS[source], error="timed out"))


def some_reports(*sources: str) -> st.SearchStrategy[list[SourceReport]]:
    return st.tuples(*(st.none() | reports_of(source) for source in sources)).map(
        lambda reports: [report for report in reports if report is not None]
    )


def keys(entries: Iterable[ExpectedGame | ExcludedGame]) -> set[GameKey]:
    return {entry.game.key for entry in entries}


def listed_on_day(reports: Iterable[SourceReport]) -> set[GameKey]:
    return {entry.game.key for report in reports for entry in report.listed if entry.game.day == DAY}


def slate(reports: list[SourceReport]) -> Slate:
    return slate_of(DAY, reports)


@given(some_reports("league", "scoreboard", "ESPN API"), st.randoms(use_true_random=False))
def test_the_order_of_sources_and_of_their_games_does_not_matter(reports: list[SourceReport], random: Random) -> None:
    shuffled = [replace(report, listed=tuple(random.sample(report.listed, len(report.listed)))) for report in reports]
    random.shuffle(shuffled)
    assert slate(shuffled) == slate(reports)


def test_a_source_that_names_two_parts_of_the_season_is_read_the_same_in_either_order() -> None:
    twice = [
        ListedGame("league", Game(DAY, "BOS", "NYK"), GameState.SCHEDULED, season_type=season_type)
        for season_type in (SeasonType.PRESEASON, SeasonType.CUP_FINAL)
    ]
    one, other = (SourceReport("league", KINDS["league"], tuple(order)) for order in (twice, twice[::-1]))
    assert slate([one]) == slate([other])


@given(
    some_reports("league", "scoreboard", "ESPN API", "record"),
    st.lists(st.sampled_from(SCRAPES), min_size=4, max_size=4),
)
def test_no_write_time_changes_which_games_are_expected(
    reports: list[SourceReport], scrapes: list[datetime | None]
) -> None:
    rewritten = [replace(report, scraped_at=at) for report, at in zip(reports, scrapes, strict=False)]
    before, after = slate(reports), slate(rewritten)
    assert (after.expected, after.excluded) == (before.expected, before.excluded)


@given(some_reports("league", "scoreboard", "ESPN API"))
def test_every_listed_game_is_either_expected_or_excluded_with_a_reason(reports: list[SourceReport]) -> None:
    """But for one on the UTC date of its start, which is a game of the evening before."""
    found = slate(reports)
    assert keys(found.expected) | keys(found.excluded) == listed_on_day(on_eastern_dates(reports))
    assert keys(found.expected).isdisjoint(keys(found.excluded))
    assert all(entry.reason and entry.witnesses for entry in found.excluded)


@given(some_reports("league", "scoreboard", "ESPN API"), reports_of("BDL API"))
def test_no_further_source_makes_a_game_vanish(reports: list[SourceReport], another: SourceReport) -> None:
    """But for one that was of this date by its start alone, against the date under which it is listed."""
    before, after = slate(reports), slate([*reports, another])
    listed = listed_on_day(reports)
    assert (keys(before.expected) | keys(before.excluded)) & listed <= keys(after.expected) | keys(after.excluded)


@given(
    some_reports("league", "scoreboard", "ESPN API"),
    st.lists(
        entries("BDL API", GameState.SCHEDULED, GameState.LIVE, GameState.UNKNOWN).map(
            lambda entry: replace(entry, season_type=None, league_id=None)
        ),
        max_size=8,
    ),
)
def test_a_further_source_that_lists_games_removes_no_expected_game(
    reports: list[SourceReport], more: list[ListedGame]
) -> None:
    """But for a game of a team that nobody knows, which the further source may spell rightly."""
    another = SourceReport("BDL API", KINDS["BDL API"], tuple(more))
    before, after = slate(reports), slate([*reports, another])
    known = {key for key in keys(before.expected) if "XYZ" not in key[1] and not key[1] & {"STP", "WLD"}}
    assert known & listed_on_day(reports) <= keys(after.expected)


@given(some_reports("league", "scoreboard", "ESPN API", "BDL API"))
def test_a_game_postponed_and_listed_by_fresh_sources_is_never_lost_silently(reports: list[SourceReport]) -> None:
    found = slate(reports)
    fresh = {source.source for source in found.sources if source.freshness is Freshness.FRESH}
    called_off = {
        entry.game.key: entry.source
        for report in reports
        for entry in report.listed
        if entry.game.day == DAY and entry.source in fresh and entry.state is GameState.POSTPONED
    }
    listed = {
        entry.game.key
        for report in reports
        for entry in report.listed
        if entry.game.day == DAY and entry.source in fresh and entry.state is GameState.SCHEDULED
    }
    noted = " ".join([*found.disagreements, *found.problems])
    for key in called_off.keys() & listed:
        excluded = [entry for entry in found.excluded if entry.game.key == key]
        assert excluded or any("@".join(pair) in noted for pair in (tuple(key[1]), tuple(key[1])[::-1]))


@given(some_reports("league", "scoreboard", "ESPN API", "BDL API"))
def test_no_day_with_an_expected_game_is_proved_off(reports: list[SourceReport]) -> None:
    found = slate(reports)
    assert not (found.expected and found.off_day_proof)


@given(some_reports("league", "scoreboard", "ESPN API", "BDL API"))
def test_every_source_is_accounted_for(reports: list[SourceReport]) -> None:
    found = slate(reports)
    assert [source.source for source in found.sources] == sorted(report.source for report in reports)
    assert all(source.reason for source in found.sources if source.freshness in (Freshness.STALE, Freshness.FAILED))


@given(some_reports("league", "scoreboard", "ESPN API", "BDL API"))
def test_tip_offs_are_on_the_day_and_none_is_midnight(reports: list[SourceReport]) -> None:
    tips = [entry.tip_at for entry in slate(reports).expected if entry.tip_at]
    assert all(game_date(tip_at) == DAY and tip_at != tip(DAY, "00:00") for tip_at in tips)


@pytest.mark.parametrize("season_type", SeasonType)
def test_a_part_of_the_season_set_not_to_count_is_excluded_by_its_name(season_type: SeasonType) -> None:
    entry = ListedGame("league", Game(DAY, "BOS", "NYK"), GameState.SCHEDULED, season_type=season_type)
    report = SourceReport("league", KINDS["league"], (entry,))
    assert keys(slate_of(DAY, [report], counted=[season_type]).expected) == {entry.game.key}
    found = slate_of(DAY, [report], counted=set(SeasonType) - {season_type})
    (excluded,) = found.excluded
    named = f"1 game of {season_type.value.replace('_', ' ').replace('play in', 'play-in')} not counted"
    is_left_out = season_type in COUNTED_SEASON_TYPES
    assert (found.not_counted or "").startswith(named) == is_left_out
    assert (found.off_day_proof == found.not_counted) or not is_left_out
    assert season_type.value.replace("_", "-") in excluded.reason.lower().replace(" ", "-")
