"""The small print of an alert: what a check saw."""

from __future__ import annotations

from nba_monitoring.core.record import CheckRecord, SourceSeen
from nba_monitoring.core.rules.base import Level
from nba_monitoring.core.slate.sources import SourceKind
from nba_monitoring.core.stage_record import StageCheck
from nba_monitoring.core.status import Status
from nba_monitoring.core.words import count, day_off, first_few, moment, not_expected, usually_complete

# Enough to see what is going on; the partition has the rest.
MOST_NOTES = 8


def evidence(record: CheckRecord, title: str, check: StageCheck | None) -> tuple[str, ...]:
    """The stage's rows and when they usually arrive, each source, disagreements, exclusions, other warnings, the check.

    Without a stage's check, for an unknown schedule, the rows are the wide row's.
    """
    detail = record.detail
    lines = _rows(record, title, check)
    lines += [_source(name, source, record) for name, source in detail.sources.items()]
    lines += [day_off(detail.off_day_proof)] if detail.off_day_proof else []
    lines += first_few([f"Sources disagree on {line}" for line in detail.disagreements], MOST_NOTES)
    lines += first_few(not_expected({game: entry.why for game, entry in detail.excluded.items()}), MOST_NOTES)
    lines += [detail.not_counted] if detail.not_counted else []
    lines += first_few([*_warnings(record, check), *detail.problems], MOST_NOTES)
    return (*lines, f"Checked at {moment(record.check_time, record.check_date)} ({record.trigger})")


def _rows(record: CheckRecord, title: str, check: StageCheck | None) -> list[str]:
    if check is not None and check.detail.is_unreadable:
        return []
    seen = record.detail.stage
    rows, written_at = (seen.rows, seen.written_at) if check is None else (check.detail.rows, check.written_at)
    line = f"{title}: {count(rows, 'row')} for this date"
    if written_at is not None:
        line += f", last written at {moment(written_at, record.check_date)}"
    return [line, *([] if check is None else _usual_arrival(title, check, record))]


def _usual_arrival(title: str, check: StageCheck, record: CheckRecord) -> list[str]:
    """When missing rows usually arrive, if that is known."""
    usually_by, nearly_always_by = check.detail.usually_by, check.detail.nearly_always_by
    if check.status not in (Status.MISSING_DATA, Status.PARTIAL_DATA) or not usually_by or not nearly_always_by:
        return []
    usually, nearly_always = (moment(instant, record.check_date) for instant in (usually_by, nearly_always_by))
    return [f"{title}: {usually_complete(usually, nearly_always)}"]


def _warnings(record: CheckRecord, check: StageCheck | None) -> list[str]:
    if check is None:
        return list(record.detail.warnings)
    found = [finding.text for finding in check.detail.findings if finding.level is Level.WARN]
    # The alert itself lists the ids that match no game.
    return found if check.status is Status.SUSPECT_JOIN else [*found, *check.detail.warnings]


def _source(name: str, source: SourceSeen, record: CheckRecord) -> str:
    # Zero games would read like an empty schedule.
    games = count(source.games, "postponement" if source.kind is SourceKind.POSTPONEMENTS else "game")
    said = [games] if source.games or not source.reason else []
    line = f"{name}: {source.freshness}, {', '.join([*said, *([source.reason] if source.reason else [])])}"
    if source.scraped_at is not None:
        line += f", last written at {moment(source.scraped_at, record.check_date)}"
    return line
