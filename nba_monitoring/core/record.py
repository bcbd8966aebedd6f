"""A verdict as a row of the history table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from nba_monitoring.core.eastern import earliest_tip
from nba_monitoring.core.mutes import Mute
from nba_monitoring.core.slate.slate import Slate
from nba_monitoring.core.verdict import GameVerdict, Severity, Status, Verdict


class Trigger(StrEnum):
    """What made the check run."""

    SCHEDULED = "scheduled"
    RECHECK = "recheck"
    BACKFILL = "backfill"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class CheckRecord:
    """One row of `nba_monitoring.data_availability_checks`.

    Field names and order are the table's columns. Game lists hold `YYYYMMDD_AWAY_HOME`; instants are UTC. `detail` is
    stored as JSON text. `check_id` is the same for the same date in the same run, so a retried step adds nothing.
    """

    check_date: date
    check_time: datetime
    scheduled_games: int
    phase4_ready: int
    status: Status
    severity: Severity | None
    check_id: str
    run_id: str
    trigger: Trigger
    missing_games: tuple[str, ...]
    partial_games: tuple[str, ...]
    excluded_games: tuple[str, ...]
    first_tip_at: datetime | None
    detail: dict[str, Any]

    @classmethod
    def from_verdict(cls, verdict: Verdict, run_id: str, trigger: Trigger, mute: Mute | None = None) -> CheckRecord:
        """The row for a verdict reached in a run, and the mute in force at that time."""
        return cls(
            check_date=verdict.day,
            check_time=verdict.checked_at,
            scheduled_games=len(verdict.games),
            phase4_ready=len(verdict.ready),
            status=verdict.status,
            severity=verdict.severity,
            check_id=f"{verdict.day}_{run_id}",
            run_id=run_id,
            trigger=trigger,
            missing_games=tuple(entry.game.id for entry in verdict.missing),
            partial_games=tuple(entry.game.id for entry in verdict.partial),
            excluded_games=tuple(entry.game.id for entry in verdict.slate.excluded),
            first_tip_at=verdict.slate.first_tip_at,
            detail=_detail(verdict) | {"mute": None if mute is None else _mute(mute)},
        )

    @property
    def summary(self) -> str:
        """The verdict in a line: '2026-01-18 MISSING_DATA: 0 of 6 games ready; missing BKN@CHI, ...'."""
        line = f"{self.check_date} {self.status}: {self.phase4_ready} of {self.scheduled_games} games ready"
        for word, game_ids in (("missing", self.missing_games), ("partial", self.partial_games)):
            if game_ids:
                line += f"; {word} {', '.join(matchup(game_id) for game_id in game_ids)}"
        return line

    def to_json(self) -> dict[str, Any]:
        """The row as JSON values: dates and instants in ISO 8601, the columns as keys."""
        return {name: _json_value(getattr(self, name)) for name in self.__slots__}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> CheckRecord:
        """The row again. Raises KeyError or ValueError for what `to_json` did not write."""
        return cls(
            check_date=date.fromisoformat(values["check_date"]),
            check_time=datetime.fromisoformat(values["check_time"]),
            scheduled_games=values["scheduled_games"],
            phase4_ready=values["phase4_ready"],
            status=Status(values["status"]),
            severity=None if values["severity"] is None else Severity(values["severity"]),
            check_id=values["check_id"],
            run_id=values["run_id"],
            trigger=Trigger(values["trigger"]),
            missing_games=tuple(values["missing_games"]),
            partial_games=tuple(values["partial_games"]),
            excluded_games=tuple(values["excluded_games"]),
            first_tip_at=instant(values["first_tip_at"]),
            detail=values["detail"],
        )


def tips_of(record: CheckRecord, game_ids: Iterable[str]) -> dict[str, datetime]:
    """Tip-off (UTC) of expected games by id, earliest first; noon Eastern where it is not known."""
    games = record.detail["games"]
    tips = {game_id: instant(games[game_id]["tip_at"]) or earliest_tip(record.check_date) for game_id in game_ids}
    return dict(sorted(tips.items(), key=lambda item: (item[1], item[0])))


def uncovered_tips(record: CheckRecord) -> dict[str, datetime]:
    """`tips_of` the missing and partial games."""
    return tips_of(record, (*record.missing_games, *record.partial_games))


def why_settled(record: CheckRecord | None, now: datetime) -> str | None:
    """Why another look at a date can't help any more, at an instant (UTC); None while it can."""
    if record is None:
        return None
    if record.status.passes:
        return f"{record.check_date} is {record.status}"
    tips = uncovered_tips(record)
    if tips and max(tips.values()) <= now:
        return f"the last uncovered game of {record.check_date} has tipped off"
    return None


def matchup(game_id: str) -> str:
    """`AWAY@HOME` of a `YYYYMMDD_AWAY_HOME`."""
    return game_id.partition("_")[2].replace("_", "@")


def _json_value(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, StrEnum):  # a plain string: Dagster refuses to store any other kind
        return value.value
    return list(value) if isinstance(value, tuple) else value


def _detail(verdict: Verdict) -> dict[str, Any]:
    """What the other columns leave out, as JSON values."""
    coverage = verdict.coverage
    return {
        "games": {entry.game.id: _game(entry) for entry in verdict.games},
        "phase": {"rows": coverage.total_rows, "written_at": _iso(coverage.written_at)},
        "unmatched_rows": [
            {"game_id": rows.game_id, "rows": rows.rows, "reason": rows.reason} for rows in coverage.unmatched
        ],
        "warnings": list(verdict.warnings),
        **_slate(verdict.slate),
    }


def _mute(mute: Mute) -> dict[str, Any]:
    return {"reason": mute.reason, "set_at": _iso(mute.set_at), "until": _iso(mute.until)}


def _game(entry: GameVerdict) -> dict[str, Any]:
    return {
        "rows": entry.rows,
        "usable_rows": entry.usable_rows,
        "reason": entry.reason,
        "tip_at": _iso(entry.tip_at),
        "witnesses": list(entry.witnesses),
    }


def _slate(slate: Slate) -> dict[str, Any]:
    return {
        "excluded": {
            entry.game.id: {
                "reason": entry.reason.value,
                "moved_to": None if entry.moved_to is None else entry.moved_to.isoformat(),
                "witnesses": list(entry.witnesses),
            }
            for entry in slate.excluded
        },
        "off_day_proof": slate.off_day_proof,
        "season_opener": None if slate.opener is None else slate.opener.isoformat(),
        "sources": {
            source.source: {
                "kind": source.kind.value,
                "games": source.games,
                "freshness": source.freshness.value,
                "newest_game": None if source.newest_game is None else source.newest_game.isoformat(),
                "scraped_at": _iso(source.scraped_at),
                "reason": source.reason,
            }
            for source in slate.sources
        },
        "disagreements": list(slate.disagreements),
        "problems": list(slate.problems),
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def instant(text: str | None) -> datetime | None:
    """An instant as a record's JSON writes it, None where it has none."""
    return None if text is None else datetime.fromisoformat(text)
