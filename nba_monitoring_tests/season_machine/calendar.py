"""A season's games: those of 2024-25 where the evidence is there, else made-up ones on the same shape of dates."""

from __future__ import annotations

import csv
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from random import Random

from nba_monitoring_tests.season_machine.clock import DAY, EASTERN, eastern

TRICODES = tuple(
    "ATL BKN BOS CHA CHI CLE DAL DEN DET GSW HOU IND LAC LAL MEM MIA MIL MIN NOP NYK OKC ORL PHI PHX POR SAC SAS TOR "
    "UTA WAS".split()
)
CUP_FINAL, PLAYOFFS = "006", "004"
EVIDENCE_OPENER = date(2024, 10, 22)
# Whole weeks from the season on record to the next one, whose opener the league put on the same weekday.
A_SEASON = timedelta(weeks=52)


@dataclass(frozen=True, order=True)
class Game:
    """A game of the schedule. `winner` is None while it is not played."""

    day: date
    tip: datetime  # UTC
    away: str
    home: str
    league_id: str
    winner: str | None

    @property
    def id(self) -> str:
        """As most tables name it."""
        return f"{self.day:%Y%m%d}_{self.away}_{self.home}"

    @property
    def teams(self) -> tuple[str, str]:
        return self.away, self.home

    @property
    def counts(self) -> bool:
        """Whether the pipeline should cover it, which it need not for the Cup final."""
        return not self.league_id.startswith(CUP_FINAL)


@dataclass(frozen=True)
class Calendar:
    """A season's games, in order."""

    games: tuple[Game, ...]

    @cached_property
    def by_day(self) -> Mapping[date, Sequence[Game]]:
        """The games that count, by date."""
        found: defaultdict[date, list[Game]] = defaultdict(list)
        for game in self.games:
            if game.counts:
                found[game.day].append(game)
        return found

    @property
    def opener(self) -> date:
        return min(self.by_day)

    @property
    def last(self) -> date:
        return max(self.by_day)

    def season_day(self, day: date) -> int:
        """Days after the opener."""
        return (day - self.opener).days

    def moved(self, game: Game, day: date) -> Calendar:
        """With a game on another date."""
        later = replace(game, day=day, tip=game.tip + (day - game.day))
        return Calendar(tuple(sorted(later if other == game else other for other in self.games)))


def calendar(rng: Random) -> Calendar:
    """The season of a seed: on the dates of 2024-25, or a year later."""
    folder = os.environ.get("NBA_MONITORING_EVIDENCE")
    games = _on_record(Path(folder)) if folder else _made_up(rng)
    if rng.random() < 0.5:
        games = [a_year_later(game) for game in games]
    return Calendar(tuple(sorted(_with_winners(games, rng))))


def a_year_later(game: Game) -> Game:
    """The same game in the next season."""
    clock = game.tip.astimezone(EASTERN)
    day = game.day + A_SEASON
    season = f"{int(game.league_id[3:5]) + 1:02}"
    tip = eastern(day, clock.hour + clock.minute / 60)
    return replace(game, day=day, tip=tip, league_id=game.league_id[:3] + season + game.league_id[5:])


def _on_record(folder: Path) -> list[Game]:
    with (folder / "nbac_schedule_as_written_2024_25.csv").open(newline="", encoding="utf-8") as file:
        return [
            Game(
                date.fromisoformat(row["game_date"]),
                datetime.fromisoformat(row["game_date_est"]),
                row["away_team_tricode"],
                row["home_team_tricode"],
                row["game_id"],
                None,
            )
            for row in csv.DictReader(file)
        ]


def _with_winners(games: Iterable[Game], rng: Random) -> list[Game]:
    """A series is won by the winner of its last game, who won the last four; the other side won those before."""
    series: defaultdict[str, list[Game]] = defaultdict(list)
    rest = []
    for game in games:
        if game.league_id.startswith(PLAYOFFS):
            series[game.league_id[:9]].append(game)
        else:
            rest.append(replace(game, winner=rng.choice(game.teams)))
    for played in series.values():
        in_order = sorted(played, key=lambda game: game.league_id)
        winner, loser = rng.sample(in_order[0].teams, 2)
        rest += [
            replace(game, winner=loser if nth < len(in_order) - 4 else winner) for nth, game in enumerate(in_order)
        ]
    return rest


# The shape of 2024-25, in days after the opener. How many games a weekday has, Monday first; on which days there are
# none; the Cup's gaps; the All-Star break.
GAMES_OF_WEEKDAY = (9, 5, 11, 4, 11, 8, 7)
OFF_DAYS = frozenset({14, 37, 56, 59, 63, *range(115, 121), 167})
LAST_REGULAR_DAY, PLAY_IN, FIRST_ROUND = 173, (175, 176, 178), 179
TIPS = (19, 19, 19, 19.5, 19.5, 20, 20, 21, 22, 22)
WEEKEND_TIPS = (12, 13, 15.5, 18, 18, 19, 19.5, 20.5)


def _made_up(rng: Random) -> list[Game]:
    games: list[Game] = []
    number = 1
    for nth in range(LAST_REGULAR_DAY + 1):
        day = EVIDENCE_OPENER + nth * DAY
        if nth in OFF_DAYS:
            continue
        count = 2 if nth == 0 else 15 if nth == LAST_REGULAR_DAY else GAMES_OF_WEEKDAY[day.weekday()]
        teams = rng.sample(TRICODES, 2 * count)
        for away, home in zip(teams[::2], teams[1::2], strict=True):
            games.append(_game(day, away, home, f"00224{number:05}", rng))
            number += 1
    final = EVIDENCE_OPENER + 56 * DAY
    away, home = rng.sample(TRICODES, 2)
    games.append(_game(final, away, home, "0062400001", rng))
    playing = rng.sample(TRICODES, 20)
    for nth, after in enumerate((*PLAY_IN, PLAY_IN[-1])):
        games.append(
            _game(EVIDENCE_OPENER + after * DAY, playing[16 + nth % 2], playing[18 + nth // 2], f"005240000{nth}", rng)
        )
    return [*games, *_playoffs(playing[:16], rng)]


def _playoffs(sides: Sequence[str], rng: Random) -> list[Game]:
    games = []
    begin = FIRST_ROUND
    for number in range(1, 5):
        pairs = list(zip(sides[::2], sides[1::2], strict=True))
        last = begin
        for series, (one, other) in enumerate(pairs):
            for nth in range(rng.randint(4, 7)):
                after = begin + series % 2 + 2 * nth
                last = max(last, after)
                game_id = f"00424{number:03}{series}{nth + 1}"
                games.append(_game(EVIDENCE_OPENER + after * DAY, one, other, game_id, rng))
        sides, begin = [pair[0] for pair in pairs], last + 2
    return games


def _game(day: date, away: str, home: str, league_id: str, rng: Random) -> Game:
    hour = rng.choice(WEEKEND_TIPS if day.weekday() >= 5 else TIPS)
    return Game(day, eastern(day, hour), away, home, league_id, None)
