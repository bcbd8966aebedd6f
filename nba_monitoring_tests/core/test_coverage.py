"""Which games, or which other units, the rows of a stage belong to."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from nba_monitoring.core.coverage import Coverage, Keys, StageRows, UnitRows, UnmatchedRows, cover, under_several_ids
from nba_monitoring.core.games import Game
from nba_monitoring_tests.stages import PHASE4, STAGES
from nba_monitoring_tests.stages import held as held_rows

DAY = date(2026, 1, 27)
GAME = Game(DAY, "BOS", "NYK")


def held(game_id: str | None, rows: int = 30, usable_rows: int | None = None, at: datetime | None = None) -> StageRows:
    return held_rows(DAY, game_id, rows, rows if usable_rows is None else usable_rows, at)


def covered(*rows: StageRows, **league_games: set[Game]) -> Coverage:
    ids = {name.removeprefix("id_"): frozenset(games) for name, games in league_games.items()}
    return cover(PHASE4, DAY, rows, ids)


@pytest.mark.parametrize("game_id", ["20260127_BOS_NYK", "20260127_NYK_BOS", "20260127BOS_NYK", "20260127_BOS_NY"])
def test_rows_belong_to_the_game_of_their_date_and_pair_of_teams(game_id: str) -> None:
    assert covered(held(game_id)).units == {GAME.key: UnitRows(30, 30, (game_id,))}


def test_a_league_id_belongs_to_the_game_that_a_schedule_lists_under_it() -> None:
    assert covered(held("0022500661"), id_0022500661={GAME}).units == {GAME.key: UnitRows(30, 30, ("0022500661",))}


def test_a_league_id_with_two_dates_belongs_to_the_game_of_the_rows_date() -> None:
    other = Game(date(2026, 1, 20), "BOS", "NYK")
    assert covered(held("0022500661"), id_0022500661={other, GAME}).units.keys() == {GAME.key}


@pytest.mark.parametrize("game_id", ["20260127_SEA_OKC", "20260127_OKC_SEA", "20260127/SEAOKC"])
def test_rows_of_a_team_nobody_knows_belong_to_the_game_that_the_schedule_spells_alike(game_id: str) -> None:
    game = Game(DAY, "SEA", "OKC")
    both = {game.id: {game}, Game(DAY, "OKC", "SEA").id: {game}}
    assert cover(PHASE4, DAY, [held(game_id)], both).units.keys() == {game.key}
    assert cover(PHASE4, DAY, [held(game_id)], {}).unmatched[0].reason == "unknown team SEA"
    assert cover(PHASE4, DAY, [held("20260127_SEA_LAL")], both).unmatched[0].reason == "unknown team SEA"


def test_a_team_nobody_knows_is_counted_if_the_schedule_spells_it_alike() -> None:
    teams, game = STAGES["team_defense"], Game(DAY, "SEA", "OKC")
    assert cover(teams, DAY, [held("sea"), held("OKC")], {game.id: {game}}).units.keys() == {
        "SEA",
        "OKC",
    }
    for other in ({}, {game.id: {Game(date(2026, 1, 28), "SEA", "OKC")}}):
        assert cover(teams, DAY, [held("SEA"), held("OKC")], other).units.keys() == {"OKC"}


def test_the_players_of_a_game_are_the_union_over_its_ids() -> None:
    rows = [held("20260127_BOS_NYK", 9), held("20260127_NYK_BOS", 9), held("20260127_LAL_ORL", 9), held("junk", 9)]
    ids = ("20260127_BOS_NYK", "20260127_NYK_BOS")
    assert under_several_ids(DAY, rows, {}) == {GAME.key: ids}
    for players in (9, 18):
        found = cover(PHASE4, DAY, rows, {}, {GAME.key: Keys(players, players)})
        assert found.units[GAME.key] == UnitRows(players, players, ids)
        assert found.total_rows == players + 9 + 9


def test_rows_that_repeat_a_player_under_one_id_stay_rows_under_several() -> None:
    twice = held_rows(DAY, "20260127_BOS_NYK", 24, 12, None, repeats=12)
    found = cover(PHASE4, DAY, [twice, held("20260127_NYK_BOS", 12)], {}, {GAME.key: Keys(12, 12)}).units[GAME.key]
    assert (found.rows, found.keys, found.repeats, found.usable_keys) == (24, 12, 12, 12)


def test_the_fullest_id_counts_where_the_players_of_several_ids_were_not_asked_for() -> None:
    found = covered(held("20260127_BOS_NYK", 18, 11), held("20260127_NYK_BOS", 17, 12))
    assert found.units == {GAME.key: UnitRows(18, 12, ("20260127_BOS_NYK", "20260127_NYK_BOS"))}
    assert found.total_rows == 18


def test_a_game_under_two_formats_of_id_is_one_game() -> None:
    found = covered(held("20260127_BOS_NYK", 20), held("0022500661", 33), id_0022500661={GAME})
    assert found.units == {GAME.key: UnitRows(33, 33, ("0022500661", "20260127_BOS_NYK"))}


@pytest.mark.parametrize(
    ("game_id", "reason"),
    [
        (None, "no game id"),
        ("401810000", "not in a known format"),
        ("20260127_BOS_XYZ", "unknown team XYZ"),
        ("20260126_BOS_NYK", "the id says 2026-01-26, the row's game_date says 2026-01-27"),
        ("0022500999", "a league id that no schedule source lists"),
        ("0022500529", "a league id listed for 2026-01-08, 2026-01-29, not for 2026-01-27"),
    ],
)
def test_rows_of_no_game_are_kept_with_the_reason(game_id: str | None, reason: str) -> None:
    moved = {Game(date(2026, 1, 29), "MIA", "CHI"), Game(date(2026, 1, 8), "MIA", "CHI")}
    found = covered(held(game_id, 9), id_0022500529=moved)
    assert found.unmatched == (UnmatchedRows(game_id or "", 9, reason),)
    assert not found.units
    assert found.total_rows == 9


def test_the_last_write_is_the_newest_of_all_rows_matched_or_not() -> None:
    early, late = datetime(2026, 1, 27, 14, tzinfo=UTC), datetime(2026, 1, 27, 16, tzinfo=UTC)
    assert covered(held("20260127_BOS_NYK", at=early), held("junk", at=late), held(None)).written_at == late
    assert covered().written_at is None


def test_the_order_of_rows_does_not_matter() -> None:
    rows = [held("20260127_NYK_BOS", 20), held("20260127_BOS_NYK", 20), held("b"), held("a"), held(None)]
    assert covered(*rows) == covered(*reversed(rows))
