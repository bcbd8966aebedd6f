"""Every scenario of the table through the slate."""

from __future__ import annotations

from datetime import date

import pytest

from nba_monitoring.core.eastern import EASTERN
from nba_monitoring.core.slate.health import Freshness
from nba_monitoring_tests.core.slate.scenarios import SCENARIOS
from nba_monitoring_tests.core.slate.scenarios.scenario import Scenario
from nba_monitoring_tests.core.slate.slates import day_of, slate_of


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[scenario.name for scenario in SCENARIOS])
def test_the_slate_is_right(scenario: Scenario) -> None:
    slate = slate_of(day_of(scenario.day), scenario.sources, scenario.now)

    assert {entry.game.matchup for entry in slate.expected} == set(scenario.expected.split())
    assert len(slate.expected) == len(scenario.expected.split())
    assert {entry.game.matchup: str(entry.reason) for entry in slate.excluded} == scenario.excluded
    assert (slate.off_day_proof is not None) == scenario.off_day_proved
    assert bool(slate.unreadable) == scenario.unread or not scenario.expected

    unwell = {source.source: source for source in slate.sources if source.freshness is not Freshness.FRESH}
    assert unwell.keys() == scenario.unwell.keys()
    for name, reason in scenario.unwell.items():
        assert reason in (unwell[name].reason or "")
        assert (reason == "") == (unwell[name].freshness is Freshness.NOT_ASKED)

    notes = [*slate.disagreements, *slate.problems]
    for expected in scenario.noted:
        assert any(expected in note for note in notes), notes
    assert bool(notes) == bool(scenario.noted), notes

    moved = {entry.game.matchup: entry.moved_to for entry in slate.excluded if entry.moved_to}
    assert moved == {matchup: date.fromisoformat(day) for matchup, day in scenario.moved.items()}
    tips = {entry.game.matchup: entry.tip_at for entry in slate.expected}
    for matchup, clock in scenario.tips.items():
        tip_at = tips[matchup]
        assert (f"{tip_at.astimezone(EASTERN):%H:%M}" if tip_at else "") == clock
    if scenario.opener is not None:
        assert (slate.opener.isoformat() if slate.opener else "") == scenario.opener


def test_every_scenario_has_its_own_name() -> None:
    assert len({scenario.name for scenario in SCENARIOS}) == len(SCENARIOS)
