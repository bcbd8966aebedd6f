"""Made-up seasons of a few dates: games, some of them postponed, and rows of every stage that come at any time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

import duckdb
from hypothesis import strategies as st

from nba_monitoring.core.eastern import morning_of, results_deadline
from nba_monitoring_tests.morning import ESPN, NBAC
from nba_monitoring_tests.platform_tables import Row, create_table, insert, league_id, nbac_row
from nba_monitoring_tests.stage_rows import (
    HALT_COLUMNS,
    HALT_STATE,
    SYSTEMS,
    add,
    add_to,
    context_rows,
    create_stage_tables,
    defense_rows,
    factor_rows,
    feature_rows,
    graded,
    make_table,
    player_rows,
    prediction_rows,
    summary_rows,
)
from nba_monitoring_tests.stages import STAGES

DAYS = [date(2026, 1, 15), date(2026, 1, 16), date(2026, 1, 17)]
MATCHUPS = [("ORL", "MEM"), ("BKN", "CHI"), ("CHA", "DEN")]
TIPS = [time(12), time(15, 30), time(19, 30), time(22, 30), None]
# When a stage is due.
ARRIVALS = [timedelta(hours=hours) for hours in (-10, -0.5, 0.2, 3, 6.5, 30)]
# Their rules use earlier dates, which a replayed check takes as they were when their checks ended, at noon
# PT of the day after: their rows come until then.
LOOKED_BACK_ON = {"team_defense", "predictions"}


@dataclass(frozen=True)
class MadeGame:
    """A game as the schedule has it; one that is postponed stands under the same league id after the last date too."""

    day: date
    away: str
    home: str
    tip: time | None
    is_postponed: bool

    @property
    def id(self) -> str:
        """As most tables name it."""
        return f"{self.day:%Y%m%d}_{self.away}_{self.home}"

    @property
    def league_id(self) -> str:
        """As the league does."""
        return league_id(self.day, self.away, self.home)

    @property
    def rows(self) -> Sequence[Row]:
        """Its rows of `nbac_schedule`."""
        row = nbac_row(self.day, self.away, self.home, tip=self.tip)
        if not self.is_postponed:
            return [row]
        later = DAYS[-1] + timedelta(days=1)
        return [
            row | {"game_status": 3, "game_status_text": "Final"},
            nbac_row(later, self.away, self.home, game_id=self.league_id),
        ]


@dataclass(frozen=True)
class MadeSeason:
    """The schedule's rows, each stage's rows with the time they were written, and the platform's halts."""

    schedule: Sequence[Row]
    rows: Mapping[str, Sequence[Row]]
    halts: Sequence[Row]

    def write(self, path: Path, until: datetime | None = None) -> None:
        """A warehouse file with the rows that were written until an instant (None: all)."""
        path.unlink(missing_ok=True)
        with duckdb.connect(path) as connection:
            create_table(connection, NBAC)
            create_table(connection, ESPN)
            insert(connection, NBAC, self.schedule)
            create_stage_tables(connection)
            for stage, rows in self.rows.items():
                add(connection, stage, _until(until, rows, STAGES[stage].written[0]))
            make_table(connection, HALT_STATE, HALT_COLUMNS)
            add_to(connection, HALT_STATE, _until(until, self.halts, "written_at"))


def _until(until: datetime | None, rows: Sequence[Row], column: str) -> Sequence[Row]:
    return [row for row in rows if until is None or row[column] is None or row[column] <= until]


def _of_games(made: Callable[[date, str, int], list[Row]], players: int) -> Callable[[Sequence[MadeGame]], list[Row]]:
    return lambda games: [row for game in games for row in made(game.day, game.id, players)]


def _teams(games: Sequence[MadeGame]) -> list[Row]:
    return [
        {"team_abbr": team, "game_id": game.league_id, "game_date": game.day, "is_production_ready": True}
        for game in games
        for team in (game.away, game.home)
    ]


def _predictions(games: Sequence[MadeGame]) -> list[Row]:
    return [row for game in games for row in prediction_rows(game.day, game.id, 9, SYSTEMS[:2])]


BY_GAME: Mapping[str, Callable[[Sequence[MadeGame]], list[Row]]] = {
    "player_context": _of_games(context_rows, 14),
    "team_context": _teams,
    "phase4": _of_games(factor_rows, 14),
    "feature_store": _of_games(feature_rows, 14),
    "predictions": _predictions,
    "player_summary": _of_games(summary_rows, 18),
    "grading": lambda games: graded(_predictions(games), morning_of(DAYS[0])),
    "daily_cache": lambda games: [
        {"player_lookup": row["player_lookup"], "cache_date": game.day, "is_production_ready": True}
        for game in games
        for row in player_rows(game.day, game.id, 20)
    ],
}
BY_DATE: Mapping[str, Callable[[date], list[Row]]] = {
    "team_defense": defense_rows,
    "shot_zones": lambda day: [
        {"player_lookup": f"player{number}", "analysis_date": day, "is_production_ready": True} for number in range(310)
    ],
}

# What rules find: a day's rows copied forward, a system that is silent, rows that are not usable.
FLAWED_BY_GAME: Mapping[str, Callable[[Sequence[MadeGame]], list[Row]]] = {
    **BY_GAME,
    "feature_store": lambda games: [row for game in games for row in feature_rows(game.day, game.id, 14, ready=7)],
    "predictions": lambda games: [row for game in games for row in prediction_rows(game.day, game.id, 9, SYSTEMS[:1])],
}
FLAWED_BY_DATE: Mapping[str, Callable[[date], list[Row]]] = {
    **BY_DATE,
    "team_defense": lambda day: defense_rows(day, content_of=day - timedelta(days=1)),
}


@st.composite
def seasons(draw: st.DrawFn) -> MadeSeason:
    """Seasons of three dates in January, of which some have no game."""
    games = [
        MadeGame(day, *matchup, draw(st.sampled_from(TIPS)), draw(st.integers(0, 5)) == 0)
        for day in DAYS
        for matchup in draw(st.sets(st.sampled_from(MATCHUPS)).map(sorted))
    ]
    around = [nbac_row(day, "UTA", "WAS") for day in (DAYS[0] - timedelta(days=1), DAYS[-1] + timedelta(days=1))]
    rows: dict[str, list[Row]] = {}
    for stage in STAGES:
        rows[stage.name] = [row for day in DAYS for row in draw(_arrived(stage.name, day, games))]
    halts = [row for day in DAYS for row in draw(st.just([]) | st.lists(_halt(day), max_size=2))]
    return MadeSeason([*around, *(row for game in games for row in game.rows)], rows, halts)


@st.composite
def _halt(draw: st.DrawFn, day: date) -> Row:
    """The platform's state on a date: halted, for a reason that excuses or for another, or running."""
    return {
        "effective_date": day,
        "sport": "nba",
        "halt_active": draw(st.booleans()),
        "halt_reason": draw(st.sampled_from(["edge_collapse", "predictions_inactive"])),
        "halt_since": day,
        "written_at": morning_of(day) + timedelta(minutes=draw(st.integers(-600, 600))),
    }


@st.composite
def _arrived(draw: st.DrawFn, stage: str, day: date, games: Sequence[MadeGame]) -> list[Row]:
    """The rows of a date: all, or only the first; the others later, or never; or without a time."""
    is_flawed = draw(st.integers(0, 4)) == 0
    if stage in BY_DATE:
        rows = (FLAWED_BY_DATE if is_flawed else BY_DATE)[stage](day)
    else:
        rows = (FLAWED_BY_GAME if is_flawed else BY_GAME)[stage]([game for game in games if game.day == day])
    first = int(len(rows) * draw(st.sampled_from([1, 1, 1, 0.9, 0.5, 0])))
    arrival, later = draw(st.sampled_from(ARRIVALS)), draw(st.sampled_from([None, timedelta(hours=1)]))
    due = STAGES[stage].due.on(day, None)
    written: datetime | None = due + arrival
    if draw(st.integers(0, 9)) == 0:
        written = draw(st.sampled_from([None, morning_of(day)]))
    if stage in LOOKED_BACK_ON:
        written = written and min(written, results_deadline(day) - timedelta(hours=1))
    column = STAGES[stage].written[0]
    come = [row | {column: written} for row in rows[:first]]
    if later is not None:
        come += [row | {column: (written or due) + later} for row in rows[first:]]
    return come
