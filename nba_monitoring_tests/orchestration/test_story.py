"""A morning from the alert to its end: Phase 4's job timed out, one person takes it, and one starts the job again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import time
from pathlib import Path

import duckdb
import pytest
import time_machine

from nba_monitoring.cli.fix import REFUSED
from nba_monitoring.cli.main import main
from nba_monitoring.settings import Settings
from nba_monitoring_tests.cli.outcome import Outcome
from nba_monitoring_tests.cloud_scheduler import DEADLINE_EXCEEDED, JOB, Scheduler
from nba_monitoring_tests.days import DAY, eastern
from nba_monitoring_tests.loopback import Answer, LoopbackServer
from nba_monitoring_tests.morning import FACTORS, NBAC, Platform, run_check
from nba_monitoring_tests.orchestration.sensor import Sensor
from nba_monitoring_tests.orchestration.slack import POST, Slack
from nba_monitoring_tests.platform_tables import factor_rows, nbac_row
from nba_monitoring_tests.stage_rows import add, create_stage_tables, feature_rows, prediction_rows

pytestmark = pytest.mark.slow

ID = f"nba-{DAY}"
TIPS = {
    "ORL@MEM": time(12),
    "BKN@CHI": time(15, 30),
    "CHA@DEN": time(16),
    "NOP@HOU": time(19),
    "POR@SAC": time(21),
    "TOR@LAL": time(21, 30),
}
# Phase 4 and what rests on it, all of it due before the morning's check.
STAGES = """
extend: default
drop: [player_context, team_context, team_defense, shot_zones, daily_cache, player_summary, grading]
stages:
  phase4: {takes: 25m}
  feature_store: {due: {at: "10:45"}}
  predictions: {due: {at: "10:50"}}
"""


@pytest.fixture
def scheduler(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scheduler]:
    """Cloud Scheduler, in which Phase 4's job timed out at 7:00 AM ET."""
    with LoopbackServer() as server:
        found = Scheduler(server)
        for name, value in found.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("NBA_MONITORING_ALLOW_FIX", "true")
        found.has(ran_at=eastern(7), code=DEADLINE_EXCEEDED)
        yield found


@pytest.fixture
def platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held_open: duckdb.DuckDBPyConnection) -> Platform:
    """The six games of the day, and no row of any stage."""
    stages = tmp_path / "stages.yaml"
    stages.write_text(STAGES)
    monkeypatch.setenv("NBA_MONITORING_STAGES", str(stages))
    made = Platform(tmp_path / "warehouse.duckdb", stages)
    create_stage_tables(held_open, "feature_store", "predictions")
    made.play_around(DAY)
    made.add(NBAC, [nbac_row(DAY, *matchup.split("@"), tip=tip) for matchup, tip in TIPS.items()])
    return made


@dataclass
class Morning:
    """What happens in it, by the clock."""

    settings: Settings
    sensor: Sensor
    capsys: pytest.CaptureFixture[str]

    def check(self, hour: int, minute: int) -> None:
        """A check at a time of the Eastern day, and the sensor's tick after it."""
        with time_machine.travel(eastern(hour, minute)):
            run_check(self.settings, self.sensor.instance, DAY)
            self.sensor.tick()

    def tick(self, hour: int, minute: int) -> None:
        with time_machine.travel(eastern(hour, minute)):
            self.sensor.tick()

    def command(self, *arguments: object) -> Outcome:
        self.capsys.readouterr()
        return Outcome(exit_status_of(*arguments), *self.capsys.readouterr())

    def at_once(self, *people: str) -> tuple[str, Outcome]:
        """Several start the job in the same second; the one whose start was sent, and what they all were told."""
        self.capsys.readouterr()
        with ThreadPoolExecutor(len(people)) as pool:
            exits = list(pool.map(lambda by: exit_status_of("fix", ID, "--by", by, "--yes"), people))
        (first,) = [by for by, exit_status in zip(people, exits, strict=True) if exit_status != REFUSED]
        return first, Outcome(max(exits), *self.capsys.readouterr())


def exit_status_of(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    return int(ended.value.code or 0)


@pytest.fixture
def morning(
    platform: Platform, scheduler: Scheduler, quick_sensor: Sensor, capsys: pytest.CaptureFixture[str]
) -> Morning:
    return Morning(platform.settings_with(**scheduler.environment), quick_sensor, capsys)


def test_the_morning_on_which_phase_4_timed_out(
    platform: Platform,
    held_open: duckdb.DuckDBPyConnection,
    scheduler: Scheduler,
    morning: Morning,
    web_api: Slack,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    # 11:00 AM ET: the alert says what is missing, what its job did, by when to start it, and what to run after it.
    morning.check(11, 0)
    (alert,) = web_api.accepted
    assert "ERROR Phase 4 missing for all 6 games, Sun 2026-01-18" in alert.text
    blocks = json.dumps(web_api.server.requests_to(POST)[0].json["blocks"])
    for part in (
        f"{JOB} last ran 7:00 AM ET and failed (DEADLINE_EXCEEDED)",
        "First affected game tips off in 59 min (12:00 PM ET). Start it by 11:35 AM ET",
        f"gcloud scheduler jobs run {JOB} --location=us-west2",
        "gcloud scheduler jobs run same-day-phase4 --location=us-west2",
        "gcloud scheduler jobs run same-day-predictions --location=us-west2",
        f"nba-monitoring ack {ID} --by NAME",
    ):
        assert part in blocks
    assert scheduler.asked == [JOB]

    # 11:05: Ann takes it with 👀.
    web_api.has_person("U0ANN", "Ann")
    web_api.reacts(alert.ts, "U0ANN")
    morning.tick(11, 5)
    assert "Acknowledged by Ann at 11:05 AM ET" in web_api.texts[-1]

    # 11:12: two people start the job in the same second. One of them does, and the answer to that is lost.
    scheduler.runs(Answer(drop=True, delay=0.2))
    with time_machine.travel(eastern(11, 12), tick=False):
        first, said = morning.at_once("Ann", "Ben")
    assert "it may have started, so don't repeat it" in said.err
    assert re.search(rf"Refused: .*: {JOB}, by {first}, 11:12 AM ET", said.out)
    assert scheduler.started == [JOB]

    # 11:13: the thread says so. Ten minutes after the start, its date is checked once more; nothing is new yet.
    morning.tick(11, 13)
    assert f"{first} may have started {JOB}" in web_api.texts[-1]
    morning.tick(11, 21)
    assert morning.sensor.requested == []
    morning.tick(11, 23)
    assert [request.partition_key for request in morning.sensor.requested] == [str(DAY)]
    scheduler.has(ran_at=eastern(11, 12))
    morning.check(11, 24)
    assert len(web_api.accepted) == 3

    # 11:40: the rows are there, and those of the stages after it. 11:45: the recheck ends the incident.
    for matchup in TIPS:
        game_id = f"20260118_{matchup.replace('@', '_')}"
        platform.add(FACTORS, factor_rows(DAY, game_id, 33, processed_at=eastern(11, 40)))
        add(held_open, "feature_store", feature_rows(DAY, game_id))
        add(held_open, "predictions", prediction_rows(DAY, game_id))
    morning.check(11, 45)
    recovery = web_api.accepted[-1]
    assert "Recovered: Phase 4 complete for all 6 games" in recovery.text
    assert f"28 min after {first}'s fix" in recovery.text
    assert [message.thread for message in web_api.accepted] == [None, alert.ts, alert.ts, alert.ts]
    assert web_api.edits[-1] == (alert.ts, recovery.text)

    # Nothing follows but the figures.
    morning.tick(12, 30)
    assert (len(web_api.accepted), len(morning.sensor.requested), scheduler.started) == (4, 1, [JOB])
    page = tmp_path_factory.mktemp("report") / "page.html"
    with time_machine.travel(eastern(12, 31)):
        (incident,) = morning.command("incidents", "--json").records
        assert morning.command("report", "--out", page).status == 0
    assert [incident[key] for key in ("ended_as", "acknowledged_by", "fix_started_by")] == ["recovered", "Ann", first]
    minutes = [round(incident[f"minutes_{name}"]) for name in ("to_tell", "to_acknowledge", "to_recover")]
    assert minutes == [0, 5, 45]
    row = re.search(r"<tr><[^\n]*to acknowledge[^\n]*</tr>", page.read_text())
    assert row is not None
    assert (ID in row[0], "0:05" in row[0]) == (True, True)
