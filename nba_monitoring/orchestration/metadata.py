"""What a person sees on a partition in Dagster's web interface."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import dagster as dg

from nba_monitoring.core.coverage import Coverage
from nba_monitoring.core.eastern import tip_clock
from nba_monitoring.core.record import CheckRecord, GameSeen
from nba_monitoring.core.slate.slate import Slate

Metadata = Mapping[str, dg.MetadataValue[Any]]


def slate_metadata(slate: Slate) -> Metadata:
    """Counts, the games with their witnesses, the exclusions with their reasons, the sources with their freshness."""
    return {
        "games": dg.MetadataValue.int(len(slate.expected)),
        "expected": _table(
            {"game": entry.game.matchup, "tip_off": tip_clock(entry.tip_at), "witnesses": ", ".join(entry.witnesses)}
            for entry in slate.expected
        ),
        "excluded": _table(
            {"game": entry.game.matchup, "reason": entry.reason.value, "moved_to": _text(entry.moved_to)}
            for entry in slate.excluded
        ),
        "sources": _table(
            {
                "source": source.source,
                "games": source.games,
                "freshness": source.freshness.value,
                "newest_game": _text(source.newest_game),
                "why": source.reason or "",
            }
            for source in slate.sources
        ),
        "off_day_proof": dg.MetadataValue.text(slate.off_day_proof or ""),
        "disagreements": _lines([*slate.disagreements, *slate.problems]),
    }


def coverage_metadata(coverage: Coverage) -> Metadata:
    """Counts, rows by game, and the rows that belong to none."""
    return {
        "rows": dg.MetadataValue.int(coverage.total_rows),
        "games": dg.MetadataValue.int(len(coverage.units)),
        "last_written": dg.MetadataValue.text(_text(coverage.written_at)),
        "rows_by_game": _table(
            {
                "game": coverage.matchups[key].matchup if key in coverage.matchups else str(key),
                "usable_rows": held.usable_keys,
                "rows": held.rows,
                "ids": ", ".join(held.ids),
            }
            for key, held in coverage.units.items()
        ),
        "unmatched": _table(
            {"game_id": rows.game_id, "rows": rows.rows, "reason": rows.reason} for rows in coverage.unmatched
        ),
    }


def record_metadata(record: CheckRecord) -> Metadata:
    """The verdict, the missing games as a table, and where its history row is."""
    return {
        "status": dg.MetadataValue.text(record.status.value),
        "severity": dg.MetadataValue.text(record.severity.value if record.severity else "none"),
        "scheduled_games": dg.MetadataValue.int(record.scheduled_games),
        "phase4_ready": dg.MetadataValue.int(record.phase4_ready),
        "uncovered_games": _table(_uncovered(record)),
        "excluded_games": dg.MetadataValue.text(", ".join(game.id for game in record.excluded_games)),
        "off_day_proof": dg.MetadataValue.text(record.detail.off_day_proof or ""),
        "warnings": _lines(record.detail.notes),
        "checked_at": dg.MetadataValue.timestamp(record.check_time),
        "history_row": dg.MetadataValue.md(
            "```sql\nSELECT * FROM nba_monitoring.data_availability_checks\n"
            f"WHERE check_date = DATE '{record.check_date}' AND check_id = '{record.check_id}'\n```"
        ),
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


def _table(rows: Iterable[Mapping[str, str | int]]) -> dg.MetadataValue[Any]:
    records = [dg.TableRecord(dict(row)) for row in rows]
    # Dagster can't infer the columns of an empty table.
    return dg.MetadataValue.table(records) if records else dg.MetadataValue.text("none")


def _lines(lines: Iterable[str]) -> dg.MetadataValue[Any]:
    return dg.MetadataValue.md("\n".join(f"- {line}" for line in lines) or "none")


def _text(value: object) -> str:
    return "" if value is None else str(value)
