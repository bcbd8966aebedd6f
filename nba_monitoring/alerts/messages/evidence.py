"""What a verdict rests on, for the small print of a message."""

from __future__ import annotations

from nba_monitoring.alerts.messages.stage_words import hold, title_of
from nba_monitoring.alerts.messages.wording import count, first_few, moment
from nba_monitoring.core.games import Game
from nba_monitoring.core.record import CheckRecord, Exclusion, SourceSeen
from nba_monitoring.core.rules.base import Level
from nba_monitoring.core.stage_record import StageCheck
from nba_monitoring.core.stages import StageTable
from nba_monitoring.core.status import Status
from nba_monitoring.core.words import usually_complete

# Enough to see what is going on; the partition has the rest.
MOST_NOTES = 8


def evidence(record: CheckRecord, stage: str, check: StageCheck | None, stages: StageTable) -> tuple[str, ...]:
    """The look, each source with count and freshness, disagreements, exclusions, the stage's rows and when they usually
    come, other warnings.

    Without a check, where the incident is about none of the stages, the rows are those of the wide row's stage.
    """
    detail = record.detail
    lines = [f"Checked {moment(record.check_time, record.check_date)} ({record.trigger})"]
    lines += [_source(name, source, record) for name, source in detail.sources.items()]
    if detail.off_day_proof:
        lines.append(f"No games, by {detail.off_day_proof}")
    lines += first_few([f"Sources differ on {line}" for line in detail.disagreements], MOST_NOTES)
    lines += first_few([_excluded(game, entry) for game, entry in detail.excluded.items()], MOST_NOTES)
    if check is None:
        title, rows, written_at, warnings = (
            stages.phase4.title,
            detail.stage.rows,
            detail.stage.written_at,
            detail.warnings,
        )
    else:
        title, rows, written_at = title_of(stage, stages), check.detail.rows, check.written_at
        found = [finding.text for finding in check.detail.findings if finding.level is Level.WARN]
        warnings = (*found, *check.detail.warnings)
    held = f"{hold(title)} {count(rows, 'row')} for the date"
    if written_at is not None:
        held += f", last written {moment(written_at, record.check_date)}"
    if check is None or not check.detail.is_unreadable:
        lines.append(held)
    lines += [] if check is None else _usual_arrival(title, check, record)
    # The warnings name each row that matches nothing, and each duplicate.
    lines += first_few([*warnings, *detail.problems], MOST_NOTES)
    return tuple(lines)


def _usual_arrival(title: str, check: StageCheck, record: CheckRecord) -> list[str]:
    """Where rows are not there and it is known, by when they usually are."""
    usually_by, nearly_always_by = check.detail.usually_by, check.detail.nearly_always_by
    if check.status not in (Status.MISSING_DATA, Status.PARTIAL_DATA) or not usually_by or not nearly_always_by:
        return []
    usually, nearly_always = (moment(instant, record.check_date) for instant in (usually_by, nearly_always_by))
    return [f"{title}: {usually_complete(usually, nearly_always)}"]


def _source(name: str, source: SourceSeen, record: CheckRecord) -> str:
    line = f"{name}: {count(source.games, 'game')}, {source.freshness}"
    if source.scraped_at is not None:
        line += f", written {moment(source.scraped_at, record.check_date)}"
    return f"{line}: {source.reason}" if source.reason else line


def _excluded(game: Game, entry: Exclusion) -> str:
    moved = f" to {entry.moved_to}" if entry.moved_to else ""
    return f"Not expected: {game.matchup}, {entry.reason}{moved}"
