"""What a person sees of a date in Dagster's web interface."""

from __future__ import annotations

from datetime import time

import dagster as dg
import pytest
import time_machine

from nba_monitoring_tests.days import DAY, at
from nba_monitoring_tests.morning import FACTORS, NBAC, Platform, run_check
from nba_monitoring_tests.platform_tables import factor_rows, nbac_row

pytestmark = pytest.mark.slow

Metadata = dict[str, dg.MetadataValue]


@pytest.fixture
def checked(platform: Platform, quick_instance: dg.DagsterInstance) -> dg.ExecuteInProcessResult:
    """A run: two games missing, one partial, one covered, one postponed."""
    platform.add(
        NBAC,
        [
            nbac_row(DAY, "CHA", "DEN", tip=time(16)),
            nbac_row(DAY, "POR", "SAC", tip=None),
            nbac_row(DAY, "GSW", "MIN", status=4, game_status_text="Postponed"),
        ],
    )
    platform.add(FACTORS, factor_rows(DAY, "20260118_CHA_DEN", 8) + factor_rows(DAY, "20260118_POR_SAC", 30))
    with time_machine.travel(at(8)):
        return run_check(platform.settings, quick_instance, DAY)


@pytest.fixture
def materialized(checked: dg.ExecuteInProcessResult) -> dict[str, Metadata]:
    """The metadata of each asset."""
    return {
        event.asset_key.to_user_string(): dict(event.step_materialization_data.materialization.metadata)
        for event in checked.get_asset_materialization_events()
        if event.asset_key is not None
    }


def rows(value: dg.MetadataValue) -> list[dict[str, object]]:
    assert isinstance(value, dg.TableMetadataValue)
    return [dict(record.data) for record in value.records]


def test_the_verdicts_page_shows_status_counts_and_each_uncovered_game_with_its_eastern_tip_off(
    materialized: dict[str, Metadata],
) -> None:
    page = materialized["data_availability_checks"]
    assert page["status"].value == "MISSING_DATA"
    assert page["severity"].value == "WARN"
    assert (page["scheduled_games"].value, page["phase4_ready"].value) == (4, 1)
    assert rows(page["uncovered_games"]) == [
        {"game": "BKN@CHI", "tip_off": "7:30 PM ET", "usable_rows": 0, "reason": "no rows"},
        {"game": "ORL@MEM", "tip_off": "7:30 PM ET", "usable_rows": 0, "reason": "no rows"},
        {"game": "CHA@DEN", "tip_off": "4:00 PM ET", "usable_rows": 8, "reason": "8 players (at least 12 expected)"},
    ]
    assert page["excluded_games"].value == "20260118_GSW_MIN"
    assert page["first_broken"].value == "phase4"
    assert rows(page["stages"]) == [{"stage": "phase4", "status": "MISSING_DATA", "ready": 1, "expected": 4}]


def test_the_verdicts_page_leads_to_its_row_of_the_history(
    platform: Platform, materialized: dict[str, Metadata]
) -> None:
    query = str(materialized["data_availability_checks"]["history_row"].value)
    found = platform.rows(query.replace("*", "check_date, status"))
    assert found == [(DAY, "MISSING_DATA")]


def test_no_page_has_a_row_that_says_nothing(
    checked: dg.ExecuteInProcessResult, materialized: dict[str, Metadata]
) -> None:
    pages = [*materialized.values(), *(found.metadata for found in checked.get_asset_check_evaluations())]
    assert len(pages) == 5
    assert not [name for page in pages for name, shown in page.items() if shown.value in ("", "none", "nothing", None)]
    # Which the page of a check hides behind a link.
    assert not [name for page in pages for name, shown in page.items() if isinstance(shown, dg.MarkdownMetadataValue)]


def test_the_slates_page_shows_each_game_with_its_sources_and_the_exclusions(
    materialized: dict[str, Metadata],
) -> None:
    page = materialized["scheduled_games"]
    assert page["games"].value == 4
    games = {row["game"]: (row["tip_off"], row["witnesses"]) for row in rows(page["expected"])}
    assert games["CHA@DEN"] == ("4:00 PM ET", "nba_raw.nbac_schedule")
    assert games["POR@SAC"] == ("time unknown", "nba_raw.nbac_schedule")
    assert [row["game"] for row in rows(page["excluded"])] == ["GSW@MIN"]
    assert {row["source"] for row in rows(page["sources"])} == {"nba_raw.espn_scoreboard", "nba_raw.nbac_schedule"}


def test_the_coverages_page_shows_rows_by_game(materialized: dict[str, Metadata]) -> None:
    page = materialized["phase4_coverage"]
    assert page["rows"].value == 38
    assert {row["unit"]: row["usable"] for row in rows(page["units"])} == {"CHA@DEN": 8, "POR@SAC": 30}
    assert "unmatched" not in page
    assert page["last_written"].value == "2026-01-18 5:00 AM ET"
