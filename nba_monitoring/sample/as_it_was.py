"""Applies the real incidents to a stage's usual rows. The only module that depends on both stage and date."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, time, timedelta
from itertools import groupby
from typing import TypeVar

from nba_monitoring.core.games import Game
from nba_monitoring.sample import incidents
from nba_monitoring.sample.batches import Batch
from nba_monitoring.sample.games import utc_from_eastern
from nba_monitoring.sample.systems import systems_on
from nba_monitoring.sample.usual import by_system

Shared = TypeVar("Shared", Batch, str)
Change = Callable[[Sequence[Batch]], Sequence[Batch]]

# 1 PM Pacific and later, each stage after the one before it.
_LATE_PHASE4, _LATE_FEATURES, _LATE_PREDICTIONS = time(16, 10), time(16, 50), time(17, 5)


def as_it_was(stage: str, day: date, usual: Sequence[Batch]) -> Sequence[Batch]:
    """A stage's rows on a date of 2025-26, given its usual ones."""
    if stage == "predictions" and day >= incidents.HALTED_SINCE:
        return ()
    change = _CHANGES.get((stage, day))
    return usual if change is None else change(usual)


def _nothing(_usual: Sequence[Batch]) -> Sequence[Batch]:
    return ()


def _late_factors(usual: Sequence[Batch]) -> list[Batch]:
    """8 rows the evening before, all for the first tip-off; 144 in the end, the rest from 1 PM Pacific.

    Which games the 8 were for is not on record. Here they are for one game, so that five of six have no rows.
    """
    early, rows = incidents.EARLY_ROWS, incidents.LATE_ROWS_PER_GAME
    first_game = min(incidents.RECOVERED_SLATE, key=lambda game: incidents.RECOVERED_SLATE[game])
    batches: list[Batch] = []
    for number, batch in enumerate(usual):
        late = replace(
            batch, rows=rows, written_at=utc_from_eastern(batch.day, _LATE_PHASE4) + timedelta(minutes=5 * number)
        )
        if batch.game == first_game:
            batches.append(replace(batch, rows=early))
            late = replace(late, rows=rows - early, first=early)
        batches.append(late)
    return batches


def _late_features(usual: Sequence[Batch]) -> list[Batch]:
    """For the players that Phase 4 had in the end, a few fewer as usual."""
    rows = incidents.LATE_ROWS_PER_GAME - 3
    return [replace(batch, rows=rows, written_at=utc_from_eastern(batch.day, _LATE_FEATURES)) for batch in usual]


def _late_predictions(usual: Sequence[Batch]) -> list[Batch]:
    late = [replace(batch, written_at=utc_from_eastern(batch.day, _LATE_PREDICTIONS)) for batch in usual]
    return _in_all(incidents.RECOVERED_PREDICTIONS, late)


def _few_lines(usual: Sequence[Batch]) -> list[Batch]:
    batches = _unversioned(_in_all(incidents.FEW_LINES_ROWS, usual))
    return [
        replace(batch, lined=lined)
        for _, of_system in groupby(batches, key=lambda batch: batch.system)
        for batch, lined in _shared(incidents.LINED_PLAYERS, list(of_system))
    ]


def _unversioned(batches: Sequence[Batch]) -> list[Batch]:
    return [
        replace(batch, model_version=None) if batch.system in incidents.UNVERSIONED_SYSTEMS else batch
        for batch in batches
    ]


def _orphaned(usual: Sequence[Batch]) -> list[Batch]:
    return _in_all(incidents.ORPHANED_PREDICTIONS, usual)


def _unusable(usual: Sequence[Batch]) -> list[Batch]:
    """What the feature store writes if it runs without its own checks and without the factors."""
    return [replace(batch, unready=batch.rows) for batch in usual]


def _with_the_postponed_game(usual: Sequence[Batch]) -> list[Batch]:
    """Without betting lines, which are withdrawn when a game is postponed."""
    game = incidents.PREDICTED_POSTPONED
    added = replace(usual[0], game=game, game_id=game.id, lined=0)
    return [*usual, *by_system(added)]


def _without_a_game(usual: Sequence[Batch]) -> list[Batch]:
    return [batch for batch in usual if batch.game != incidents.UNPREDICTED]


def _players_on_record(usual: Sequence[Batch]) -> list[Batch]:
    """One row per player, without the morning's rerun, which is the last batch."""
    games = usual[:-1]
    return [replace(batch, rows=rows) for batch, rows in _shared(incidents.CONTEXT_ROWS[games[0].day], games)]


def _with_reversed(usual: Sequence[Batch]) -> list[Batch]:
    """The same rows again, with ids in the other home/away order."""
    return [*usual, *(_reversed(batch) for batch in usual[: incidents.BOTH_ORDERS_GAMES])]


def _reversed_alone(usual: Sequence[Batch]) -> list[Batch]:
    """The box scores of those games had only the other order."""
    count = incidents.BOTH_ORDERS_GAMES
    return [*(_reversed(batch) for batch in usual[:count]), *usual[count:]]


def _reversed(batch: Batch) -> Batch:
    game = _game(batch)
    return replace(batch, game_id=Game(game.day, game.home, game.away).id)


def _copied_forward(usual: Sequence[Batch]) -> list[Batch]:
    return [replace(batch, values_of=incidents.COPIED_FROM) for batch in usual]


def _eight_systems(usual: Sequence[Batch]) -> list[Batch]:
    counts = {system.name: incidents.EIGHT_SYSTEMS_ROWS for system in systems_on(incidents.EIGHT_SYSTEMS_DATE)}
    return _of_systems(counts | {incidents.FEWER_ROWS_SYSTEM: incidents.FEWER_ROWS}, usual)


def _unready_factors(usual: Sequence[Batch]) -> list[Batch]:
    batches = [replace(batch, rows=rows, unready=rows) for batch, rows in _shared(incidents.UNREADY_ROWS, usual)]
    return [replace(batches[0], unready=batches[0].rows - incidents.READY_ROWS), *batches[1:]]


def _of_the_ready_alone(usual: Sequence[Batch]) -> list[Batch]:
    """Predictions only for the last players of the first game, whose factors were ready."""
    factors = _unready_factors([next(of_game) for _, of_game in groupby(usual, key=lambda batch: batch.game)])[0]
    return [
        replace(batch, first=factors.unready, rows=incidents.READY_ROWS, lined=incidents.READY_ROWS)
        for batch in usual
        if batch.game == factors.game
    ]


def _espn_ids(usual: Sequence[Batch]) -> list[Batch]:
    """ESPN's numeric ids, which show neither date nor teams."""
    return [replace(batch, game_id=f"{401810500 + number}") for number, batch in enumerate(usual)]


def _thin(usual: Sequence[Batch]) -> list[Batch]:
    return [replace(usual[0], rows=incidents.THIN_ROWS), *usual[1:]]


def _twice(usual: Sequence[Batch]) -> list[Batch]:
    return [*usual, *(replace(batch, written_at=batch.written_at + timedelta(hours=1)) for batch in usual)]


def _date_ids(usual: Sequence[Batch]) -> list[Batch]:
    return [replace(batch, game_id=_game(batch).id) for batch in usual]


_CHANGES: Mapping[tuple[str, date], Change] = {
    ("phase4", incidents.THIN_DATE): _thin,
    ("predictions", incidents.PREDICTED_POSTPONED.day): _with_the_postponed_game,
    ("team_context", incidents.FALLBACK_DATE): _date_ids,
    ("grading", incidents.GRADED_TWICE_DATE): _twice,
    ("predictions", incidents.FEW_LINES_DATE): _few_lines,
    ("phase4", incidents.RECOVERED_DATE): _late_factors,
    ("feature_store", incidents.RECOVERED_DATE): _late_features,
    ("predictions", incidents.RECOVERED_DATE): _late_predictions,
    ("phase4", incidents.PREDICTED_WITHOUT_FACTORS_DATE): _nothing,
    ("feature_store", incidents.PREDICTED_WITHOUT_FACTORS_DATE): _unusable,
    ("predictions", incidents.PREDICTED_WITHOUT_FACTORS_DATE): _orphaned,
    ("predictions", incidents.UNPREDICTED.day): _without_a_game,
    **{("player_context", day): _players_on_record for day in incidents.CONTEXT_ROWS},
    **{
        (stage, day): _nothing for stage in ("phase4", "feature_store", "predictions") for day in incidents.CONTEXT_ROWS
    },
    ("phase4", incidents.BOTH_ORDERS_DATE): _with_reversed,
    ("player_summary", incidents.BOTH_ORDERS_DATE): _reversed_alone,
    ("team_defense", incidents.COPIED_DATE): _copied_forward,
    ("predictions", incidents.EIGHT_SYSTEMS_DATE): _eight_systems,
    ("phase4", incidents.UNREADY_DATE): _unready_factors,
    ("feature_store", incidents.UNREADY_DATE): _unready_factors,
    ("predictions", incidents.UNREADY_DATE): _of_the_ready_alone,
    ("phase4", incidents.OTHER_IDS_DATE): _espn_ids,
}


def _in_all(total: int, predictions: Sequence[Batch]) -> list[Batch]:
    """The number of predictions on record for a date, spread evenly over systems and games."""
    names = [system.name for system in systems_on(predictions[0].day)]
    return _of_systems(dict(_shared(total, names)), predictions)


def _of_systems(counts: Mapping[str, int], predictions: Sequence[Batch]) -> list[Batch]:
    """The given number of predictions per system, for the same players."""
    return [
        replace(batch, first=0, rows=rows)
        for name, count in counts.items()
        for batch, rows in _shared(count, [batch for batch in predictions if batch.system == name])
    ]


def _shared(total: int, among: Sequence[Shared]) -> Iterator[tuple[Shared, int]]:
    """A number of rows spread evenly over batches or systems; the first ones get the remainder."""
    share, more = divmod(total, len(among))
    return ((each, share + (number < more)) for number, each in enumerate(among))


def _game(batch: Batch) -> Game:
    if batch.game is None:
        raise ValueError(f"rows of {batch.day} belong to no game")
    return batch.game
