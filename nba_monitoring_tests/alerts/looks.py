"""Looks at a date as the monitor takes them: through the real slate, coverage and verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from nba_monitoring.core.counting import WHOLE_DATE
from nba_monitoring.core.coverage import Coverage, StageRows, cover
from nba_monitoring.core.eastern import EASTERN
from nba_monitoring.core.games import Game, GameState, SeasonType
from nba_monitoring.core.record import CheckRecord
from nba_monitoring.core.recording import record_of
from nba_monitoring.core.rules.base import BaseRule, Finding, RuleInput
from nba_monitoring.core.slate.slate import build_slates
from nba_monitoring.core.slate.sources import ListedGame, SourceKind, SourceReport, UnnamedGame
from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.core.stage_verdict import StageInput
from nba_monitoring.core.stages import PHASE4, Stage
from nba_monitoring.core.teams import TRICODES
from nba_monitoring.core.usual_arrival import UsualArrival
from nba_monitoring.core.verdict import judge
from nba_monitoring.stages_file import load_stages
from nba_monitoring_tests.days import DAY

STAGES = load_stages()
# The slate of 2026-01-18 with its tip-offs, Eastern.
SLATE = {
    "ORL@MEM": time(12),
    "BKN@CHI": time(15, 30),
    "CHA@DEN": time(16),
    "NOP@HOU": time(19),
    "POR@SAC": time(21),
    "TOR@LAL": time(21, 30),
}
FULL = dict.fromkeys(SLATE, 24)
# What each other stage holds where nothing is wrong: distinct keys by game, by team, or of the date as a whole.
COMPLETE: Mapping[str, Mapping[str, int]] = {
    "player_context": FULL,
    "team_context": dict.fromkeys(SLATE, 2),
    "team_defense": dict.fromkeys(sorted(TRICODES), 1),
    "shot_zones": {WHOLE_DATE: 412},
    "daily_cache": {WHOLE_DATE: 120},
    "feature_store": FULL,
    "predictions": dict.fromkeys(SLATE, 11),
    "player_summary": FULL,
    "grading": {WHOLE_DATE: 62},
}
# The same before the games are played.
BEFORE_TIP: Mapping[str, Mapping[str, int]] = {**COMPLETE, "player_summary": {}, "grading": {}}
RUN_ID = "6f1d2c9e-0a51-4c3e-9c52-7f3f0e2f5a11"


class Says(BaseRule):
    """A rule that finds what it is told to find."""

    rule: str = "says"
    fail: float | None = 1.0
    findings: tuple[Any, ...] = ()

    def judge(self, seen: RuleInput) -> Sequence[Finding]:
        return self.findings


def look(
    at: datetime,
    rows: Mapping[str, int] | None = None,
    *,
    day: date = DAY,
    slate: Mapping[str, time | None] = SLATE,
    postponed: Sequence[str] = (),
    stage_ids: Mapping[str, int] | None = None,
    unreadable: Sequence[str] = (),
    others: Mapping[str, Mapping[str, int]] | None = None,
    findings: Mapping[str, Sequence[Finding]] | None = None,
    usual: Mapping[str, UsualArrival] | None = None,
    not_read: Mapping[str, str] | None = None,
    trigger: Trigger = Trigger.RECHECK,
    written_at: datetime | None = None,
) -> CheckRecord:
    """The record of a look at `at` (UTC): `rows` of Phase 4 by AWAY@HOME, or by id in `stage_ids`.

    `others` are the further stages that are watched and what they hold, as `COMPLETE` has it; `findings` what rules of
    a stage find, `usual` when stages usually come, `not_read` why the tables of some could not be read. `unreadable`
    are sentences on listings that name no game. Rows were last written 20 minutes before the look, or at `written_at`.
    """
    if stage_ids is None:
        stage_ids = {_game(name, day).id: count for name, count in (rows or {}).items()}
    reports = [
        SourceReport("espn_scoreboard", SourceKind.RESULTS_TABLE),
        SourceReport(
            "nbac_schedule",
            SourceKind.LEAGUE_SCHEDULE,
            listed=tuple(_listed(name, day, tip, name in postponed) for name, tip in slate.items()),
            scraped_at=at - timedelta(hours=6),
            unnamed=tuple(UnnamedGame(day, sentence) for sentence in unreadable),
        ),
    ]
    slates = build_slates([day], reports, at)
    held = {PHASE4: stage_ids} | {
        name: {_unit(unit, day): count for unit, count in by_unit.items()} for name, by_unit in (others or {}).items()
    }
    seen = []
    for stage in STAGES:
        if stage.name in held:
            watched = _with_findings(stage, (findings or {}).get(stage.name, ()))
            written = written_at or at - timedelta(minutes=20)
            kept = [_rows(day, unit, count, written) for unit, count in held[stage.name].items()]
            known = (usual or {}).get(stage.name)
            why = (not_read or {}).get(stage.name)
            coverage = cover(watched, day, kept, {}) if why is None else Coverage.not_read(day, why)
            seen.append(StageInput(watched, slates[day], coverage, usual=known))
    return record_of(judge(slates[day], seen, STAGES, at), RUN_ID, trigger)


def _with_findings(stage: Stage, findings: Sequence[Finding]) -> Stage:
    # The shipped rules measure what no look here has.
    return stage.model_copy(update={"rules": (Says(findings=tuple(findings)),)})


def _rows(day: date, unit: str, count: int, written: datetime) -> StageRows:
    return StageRows(day, None if unit == WHOLE_DATE else unit, count, count, count, written)


def _unit(name: str, day: date) -> str:
    return _game(name, day).id if "@" in name else name


def _game(name: str, day: date) -> Game:
    away, _, home = name.partition("@")
    return Game(day, away, home)


def _listed(name: str, day: date, tip: time | None, postponed: bool) -> ListedGame:
    return ListedGame(
        source="nbac_schedule",
        game=_game(name, day),
        state=GameState.POSTPONED if postponed else GameState.SCHEDULED,
        season_type=SeasonType.REGULAR_SEASON,
        tip_at=None if tip is None else datetime.combine(day, tip, EASTERN).astimezone(UTC),
    )
