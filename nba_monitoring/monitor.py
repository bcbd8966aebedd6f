"""The engine: read what is expected and what is there, judge, keep the verdicts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from nba_monitoring.core.coverage import Coverage, cover
from nba_monitoring.core.eastern import dates_between
from nba_monitoring.core.games import Game
from nba_monitoring.core.phases import PHASE4
from nba_monitoring.core.record import CheckRecord, Trigger
from nba_monitoring.core.slate import Slate, build_slates
from nba_monitoring.core.sources import SourceReport
from nba_monitoring.core.verdict import Verdict, judge
from nba_monitoring.settings import Settings
from nba_monitoring.warehouse import Warehouse


@dataclass(frozen=True)
class Monitor:
    """One look at the dates from `first` to `last`, taken at `now` (UTC).

    Each source is read once, when it is first needed, however many dates and callers there are. `as_of` hides phase
    rows written later. Raises WarehouseError when a table can't be read.
    """

    warehouse: Warehouse
    settings: Settings
    first: date
    last: date
    now: datetime
    as_of: datetime | None = None

    @property
    def dates(self) -> Sequence[date]:
        """The dates looked at."""
        return dates_between(self.first, self.last)

    @cached_property
    def reports(self) -> Sequence[SourceReport]:
        """What each schedule source says."""
        return self.warehouse.schedule_reports(self.first, self.last)

    @cached_property
    def slates(self) -> Mapping[date, Slate]:
        """The games expected on each date."""
        return build_slates(self.dates, self.reports, self.now, self.settings.counted_stages)

    @cached_property
    def coverages(self) -> Mapping[date, Coverage]:
        """What Phase 4 holds for each date."""
        held = self.warehouse.phase_rows(PHASE4, self.first, self.last, self.as_of)
        league_games = _league_games(self.reports)
        return {day: cover(day, held.get(day, ()), league_games) for day in self.dates}

    def verdict(self, day: date) -> Verdict:
        """The judgement of one of the dates."""
        return judge(self.slates[day], self.coverages[day], self.settings.thresholds, self.now)

    def record(
        self, run_id: str, trigger: Trigger, progress: Callable[[Sequence[date]], Iterable[date]] = iter
    ) -> Sequence[CheckRecord]:
        """Judge every date and append the verdicts to the history, all or none. `progress` watches the dates go by."""
        records = [CheckRecord.of(self.verdict(day), run_id, trigger) for day in progress(self.dates)]
        self.warehouse.append_checks(records)
        return records

    def latest_records(self) -> Mapping[date, CheckRecord]:
        """The newest verdict on each date that the history holds, whichever run reached it."""
        return {record.check_date: record for record in self.warehouse.history(self.first, self.last)}

    def keep_slates(self) -> None:
        """Replace the dates' rows of the table of scheduled games."""
        self.warehouse.replace_scheduled_games(self.first, self.last, self.slates, self.now)

    def keep_coverages(self) -> None:
        """Replace the dates' rows of the table of Phase 4's coverage."""
        self.warehouse.replace_phase4_coverage(self.first, self.last, self.coverages, self.now)


def _league_games(reports: Sequence[SourceReport]) -> Mapping[str, frozenset[Game]]:
    games: defaultdict[str, set[Game]] = defaultdict(set)
    for report in reports:
        for entry in report.listed:
            if entry.league_id:
                games[entry.league_id].add(entry.game)
    return {league_id: frozenset(found) for league_id, found in games.items()}
