"""The metadata and texts that Dagster's pages show for a date."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import dagster as dg

from nba_monitoring.core import words
from nba_monitoring.core.counting import WHOLE_DATE, unit_label
from nba_monitoring.core.coverage import Coverage
from nba_monitoring.core.eastern import tip_clock
from nba_monitoring.core.record import BytesRead, CheckRecord, GameSeen
from nba_monitoring.core.slate.slate import Slate
from nba_monitoring.core.stage_record import StageCheck
from nba_monitoring.core.stages import PHASE4, Stage
from nba_monitoring.core.status import Severity, Status

Metadata = Mapping[str, dg.MetadataValue[Any]]


Entries = Mapping[str, dg.MetadataValue[Any] | None]


@dataclass(frozen=True, slots=True)
class Remedy:
    """What to do about a verdict that fails: the command that fixes it, and its page of the runbook."""

    fix: str | None
    runbook: str | None


def filled(entries: Entries) -> Metadata:
    """The entries that have a value. A page has no rows that only say "none"."""
    return {name: entry for name, entry in entries.items() if entry is not None}


def slate_metadata(slate: Slate) -> Metadata:
    """A date's expected games with their witnesses, exclusions with reasons, and sources with freshness."""
    entries: Entries = {
        "games": dg.MetadataValue.int(len(slate.expected)),
        "expected": table(
            {"game": entry.game.matchup, "tip_off": tip_clock(entry.tip_at), "witnesses": ", ".join(entry.witnesses)}
            for entry in slate.expected
        ),
        "excluded": table(
            {"game": entry.game.matchup, "reason": entry.reason.value, "moved_to": _cell(entry.moved_to)}
            for entry in slate.excluded
        ),
        "sources": table(
            {
                "source": source.source,
                "games": source.games,
                "freshness": source.freshness.value,
                "newest_game": _cell(source.newest_game),
                "why": source.reason or "",
            }
            for source in slate.sources
        ),
        "off_day_proof": text(slate.off_day_proof),
        "not_counted": text(slate.not_counted),
        "disagreements": lines([*slate.disagreements, *slate.problems]),
    }
    return filled(entries)


def coverage_metadata(coverage: Coverage) -> Metadata:
    """A stage's rows for a date: totals, rows per unit (game, team or whole date), and rows that match no unit."""
    if coverage.unreadable is not None:
        return {"unreadable": dg.MetadataValue.text(coverage.unreadable)}
    entries: Entries = {
        "rows": dg.MetadataValue.int(coverage.total_rows),
        "last_written": _moment(coverage.written_at),
        "units": table(
            {
                "unit": _unit(coverage.matchups[key].matchup if key in coverage.matchups else str(key)),
                "usable": held.usable_keys,
                "rows": held.rows,
                "ids": ", ".join(held.ids),
            }
            for key, held in coverage.units.items()
        ),
        "unmatched": table(
            {"id": rows.game_id, "rows": rows.rows, "reason": rows.reason} for rows in coverage.unmatched
        ),
    }
    return filled(entries)


def not_watched(stage: Stage) -> str:
    """Why a stage without a table in a DuckDB file is not watched, and what to do."""
    return (
        f"{stage.title} is not watched, because this DuckDB file has no table {stage.table}. "
        "Load the table, or drop the stage (NBA_MONITORING_STAGES)."
    )


def not_watched_metadata(stage: Stage) -> Metadata:
    """The same, as metadata of the stage's coverage or check."""
    return {"not_watched": dg.MetadataValue.text(not_watched(stage))}


def record_metadata(record: CheckRecord, remedy: Remedy) -> Metadata:
    """A date's verdict: its status, why and what to do, stages and uncovered games, and its row's query."""
    failing = record.stages.get((record.first_broken or "") if record.status.passes else PHASE4)
    is_well = record.status.passes and failing is None
    entries: Entries = {
        "status": dg.MetadataValue.text(record.status.value),
        **_failure(why(failing) if failing else record.summary, remedy, is_well),
        "severity": text(record.severity),
        "scheduled_games": dg.MetadataValue.int(record.scheduled_games),
        "phase4_ready": dg.MetadataValue.int(record.phase4_ready),
        "first_broken": text(record.first_broken),
        "stages": table(
            {"stage": name, "status": part.status.value, "ready": part.ready, "expected": part.expected}
            for name, part in record.stages.items()
        ),
        "not_watched": text(", ".join(record.detail.not_watched)),
        "uncovered_games": table(_uncovered(record)),
        "excluded_games": text(", ".join(game.id for game in record.excluded_games)),
        "off_day_proof": text(record.detail.off_day_proof),
        "not_counted": text(record.detail.not_counted),
        "warnings": lines(record.detail.notes),
        **_job([line for part in record.stages.values() for line in part.job_seen]),
        "checked_at": dg.MetadataValue.timestamp(record.check_time),
        **_bytes_read(record.detail.bytes_read),
        "history_row": dg.MetadataValue.text(
            "SELECT * FROM nba_monitoring.data_availability_checks "  # noqa: S608 shown, not run
            f"WHERE check_date = DATE '{record.check_date}' AND check_id = '{record.check_id}'"
        ),
    }
    return filled(entries)


def stage_metadata(part: StageCheck, remedy: Remedy) -> Metadata:
    """A stage's part of a verdict: its status, why and what to do, counts, missing units, findings, its row's query."""
    reason_of = {unit: reason for reason, units in part.units_by_reason.items() for unit in units}
    entries: Entries = {
        "status": dg.MetadataValue.text(part.status.value),
        **_failure(why(part), remedy, part.status.passes),
        "severity": text(part.severity),
        "expected": dg.MetadataValue.int(part.expected),
        "ready": dg.MetadataValue.int(part.ready),
        "rows": dg.MetadataValue.int(part.detail.rows),
        "units": table(
            {"unit": _unit(name), "state": state, "reason": reason_of.get(name, "")}
            for state, names in (("missing", part.missing), ("partial", part.partial))
            for name in names
        ),
        "findings": table(
            {"rule": finding.rule, "level": finding.level.value, "finding": finding.text}
            for finding in part.detail.findings
        ),
        "warnings": lines(part.detail.warnings),
        "service": text(part.detail.cause),
        **_job(part.job_seen),
        "due_at": _moment(part.due_at),
        "last_written": _moment(part.written_at),
        "checked_at": dg.MetadataValue.timestamp(part.check_time),
        "history_row": dg.MetadataValue.text(
            "SELECT * FROM nba_monitoring.stage_checks "  # noqa: S608 shown, not run
            f"WHERE check_date = DATE '{part.check_date}' AND check_id = '{part.check_id}' AND stage = '{part.stage}'"
        ),
    }
    return filled(entries)


def of_check(found: Metadata, passed: bool) -> Metadata:
    """A check's metadata, for which Dagster sorts the names: what a failing one begins with is numbered."""
    if passed:
        return found
    first = [name for name in ("status", "reason", "fix", "runbook") if name in found]
    numbered = {f"{number} {name}": found[name] for number, name in enumerate(first, start=1)}
    return numbered | {name: value for name, value in found.items() if name not in first}


def check_severity(severity: Severity | None) -> dg.AssetCheckSeverity:
    """A failing check's severity as Dagster has it."""
    return dg.AssetCheckSeverity.WARN if severity is Severity.WARN else dg.AssetCheckSeverity.ERROR


def why(part: StageCheck) -> str:
    """What a stage has and why that is not enough: '4 of 6 ready; CHA@DEN, POR@SAC: no rows'."""
    ready = words.ready_of(part.ready, part.expected, part.is_least, "ready")
    lacking = {
        why: ", ".join(unit_label(unit) or "whole date" for unit in units)
        for why, units in part.units_by_reason.items()
    }
    return "; ".join([ready, *(f"{lacking[why]}: {why}" if why in lacking else why for why in part.why)])


def reasons(part: StageCheck) -> Iterator[str]:
    """Why a stage is as it is, beyond its counts: one sentence per reason."""
    detail = part.detail
    if part.status is Status.NOT_DUE and part.due_at is not None:
        yield _sentence(words.not_due(part.due_at, part.check_date))
    if detail.halt is not None:
        yield _sentence(words.halted(detail.halt.reason, detail.halt.since))
    if part.status is Status.SUSPECT_JOIN:
        yield from map(_sentence, part.why)
    for reason, units in part.units_by_reason.items():
        yield f"{', '.join(map(_unit, units))}: {reason}."
    for finding in detail.findings:
        yield f"{finding.rule} ({finding.level}): {finding.text}"
    yield from (f"{line}." for line in part.causes)
    if part.is_first_broken:
        yield "First broken stage."
    if detail.is_consequence:
        yield "Downstream of a failing stage."
    if detail.orphan_of is not None:
        yield _sentence(words.orphan(part.stage, detail.rows, detail.orphan_of))


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _unit(name: str) -> str:
    return "whole date" if name == WHOLE_DATE else name


def _job(seen: Sequence[str]) -> Metadata:
    """What Cloud Scheduler showed of the first broken stage's job; empty if it was not asked."""
    return {"job": dg.MetadataValue.text("; ".join(seen))} if seen else {}


def _failure(reason: str, remedy: Remedy, passes: bool) -> Entries:
    """Why a verdict fails and what to do; empty if it passes. Markdown would be hidden behind a link."""
    if passes:
        return {}
    runbook = dg.MetadataValue.url(remedy.runbook) if remedy.runbook else None
    return {"reason": text(reason), "fix": text(remedy.fix), "runbook": runbook}


def _bytes_read(read: BytesRead | None) -> Metadata:
    """The run's BigQuery usage, for all of its dates; empty on DuckDB."""
    if read is None:
        return {}
    return {
        "queries": dg.MetadataValue.int(read.queries),
        "bytes_processed": dg.MetadataValue.int(read.processed),
        "bytes_billed": dg.MetadataValue.int(read.billed),
    }


def _uncovered(record: CheckRecord) -> Iterable[dict[str, str | int]]:
    for game in record.uncovered_games:
        seen = record.detail.games.get(game, GameSeen())
        yield {
            "game": game.matchup,
            "tip_off": tip_clock(seen.tip_at),
            "usable_rows": seen.usable_rows,
            "reason": seen.reason or "",
        }


def table(rows: Iterable[Mapping[str, str | int | float]]) -> dg.MetadataValue[Any] | None:
    """Rows as a table; None if there are none."""
    records = [dg.TableRecord(dict(row)) for row in rows]
    return dg.MetadataValue.table(records) if records else None


def text(value: str | None) -> dg.MetadataValue[Any] | None:
    """A text; None if it is empty."""
    return dg.MetadataValue.text(str(value)) if value else None


def lines(found: Iterable[str]) -> dg.MetadataValue[Any] | None:
    """One per line; None if there are none. As text: the page of a check hides Markdown behind a link."""
    return text("\n".join(found))


def _moment(instant: datetime | None) -> dg.MetadataValue[Any] | None:
    return None if instant is None else dg.MetadataValue.text(words.moment(instant))


def _cell(value: object) -> str:
    return "" if value is None else str(value)
