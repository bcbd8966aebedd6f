"""Whether today's features are ready, as another program shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nba_monitoring.core.coverage import StageRows, cover
from nba_monitoring.core.pipeline_status import FeaturesReady, Ready, features_ready
from nba_monitoring.core.rules.base import Halt
from nba_monitoring.core.slate.slate import Slate
from nba_monitoring.core.stage_verdict import StageInput
from nba_monitoring.core.status import Status
from nba_monitoring.core.verdict import judge
from nba_monitoring_tests.core.slate.slates import tip
from nba_monitoring_tests.core.test_verdict import DAY, OPENER, rows_of, slate
from nba_monitoring_tests.stages import PHASE4, STAGES

BEFORE_DUE, DUE = tip(DAY, "06:59"), tip(DAY, "07:00")
TWO_GAMES = slate("ORL@MEM", "BKN@CHI", tips=[tip(DAY, "12:00"), None])
WHOLE = (rows_of("ORL@MEM", 33), rows_of("BKN@CHI", 33))


def today(
    on_day: Slate, *rows: StageRows, now: datetime = DUE, halt: Halt | None = None
) -> tuple[FeaturesReady, Status]:
    verdict = judge(on_day, [StageInput(PHASE4, on_day, cover(PHASE4, DAY, rows, {}), halt=halt)], STAGES, now)
    return features_ready(verdict), verdict.stages["phase4"].status


def ready(on_day: Slate, *rows: StageRows, now: datetime = DUE) -> tuple[Ready | None, str | None]:
    found, _ = today(on_day, *rows, now=now)
    return found.features_ready, found.features_reason


def test_they_are_ready_once_every_expected_game_is_covered() -> None:
    found, _ = today(TWO_GAMES, *WHOLE, now=BEFORE_DUE)
    assert found == FeaturesReady(DAY, Ready.YES, None, tip(DAY, "12:00"))
    assert ready(TWO_GAMES, *WHOLE[:1]) == (Ready.NO, "MISSING_DATA, missing for 1 of 2 games")


def test_what_is_not_complete_is_not_yet_ready_until_it_is_due() -> None:
    assert ready(TWO_GAMES, *WHOLE[:1], now=BEFORE_DUE) == (
        Ready.NOT_YET,
        "missing for 1 of 2 games, due by 7:00 AM ET",
    )
    assert ready(TWO_GAMES, *WHOLE[:1], now=DUE)[0] is Ready.NO


def test_a_day_without_games_is_neither_and_says_why() -> None:
    found, _ = today(slate(proof="the league's schedule: no game"))
    assert found == FeaturesReady(DAY, None, "no games: the league's schedule: no game", None)


@pytest.mark.parametrize("now", [BEFORE_DUE, DUE])
def test_without_a_known_schedule_they_are_not_ready_at_any_time(now: datetime) -> None:
    unknown = replace(slate(), problems=("nba_raw.nbac_schedule: no games around the date",))
    assert ready(unknown, now=now) == (
        Ready.NO,
        "the schedule is unknown; nba_raw.nbac_schedule: no games around the date",
    )


@pytest.mark.parametrize("rows", [(), WHOLE[:1], WHOLE])
def test_a_listing_that_may_hide_a_game_leaves_nothing_ready(rows: Sequence[StageRows]) -> None:
    hiding = replace(TWO_GAMES, unreadable=("TBD@MEM",), problems=("TBD@MEM",))
    for now in (BEFORE_DUE, DUE):
        assert ready(hiding, *rows, now=now) == (Ready.NO, "the schedule is unknown; TBD@MEM")


def test_what_was_stopped_or_is_empty_by_design_is_not_ready() -> None:
    found, _ = today(TWO_GAMES, halt=Halt("edge_collapse", date(2026, 1, 10)))
    assert (found.features_ready, found.features_reason) == (Ready.NO, "halted: edge_collapse")
    first_day = slate("ORL@MEM", opener=DAY)
    assert ready(first_day) == (Ready.NO, "early in the season, no features are written")


@given(
    now=st.sampled_from([BEFORE_DUE, DUE, tip(DAY, "23:00")]),
    games=st.lists(st.sampled_from(["ORL@MEM", "BKN@CHI", "CHA@DEN"]), unique=True),
    players=st.lists(st.sampled_from([0, 5, 33]), min_size=3, max_size=3),
    proof=st.sampled_from([None, "a day off"]),
    opener=st.sampled_from([None, OPENER, DAY]),
    hides=st.booleans(),
    is_halted=st.booleans(),
)
def test_yes_means_complete_and_not_yet_means_not_due(
    now: datetime,
    games: list[str],
    players: list[int],
    proof: str | None,
    opener: date | None,
    hides: bool,
    is_halted: bool,
) -> None:
    on_day = slate(*games, proof=None if games or hides else proof, opener=opener)
    on_day = replace(on_day, unreadable=("TBD",) if hides else ())
    rows = [rows_of(game, count) for game, count in zip(games, players, strict=False) if count]
    found, status = today(on_day, *rows, now=now, halt=Halt("manual", None) if is_halted else None)
    complete = bool(games) and not hides and all(count == 33 for count in players[: len(games)])
    assert (found.features_ready is Ready.YES) is complete
    if found.features_ready is Ready.NOT_YET:
        assert status is Status.NOT_DUE
        assert now < DUE
    assert (found.features_ready is None) is (on_day.off_day_proof is not None)
    assert (found.features_reason is None) is complete
