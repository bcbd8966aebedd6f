"""One example of every message, from real looks; snapshots and the page in docs/ are made of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from urllib.parse import quote

from nba_monitoring.alerts.chain_alerts import ALERTED
from nba_monitoring.alerts.incidents.decision import NotifyReason, after_message, notify_reason
from nba_monitoring.alerts.incidents.digest import digest
from nba_monitoring.alerts.incidents.lifecycle import after_check, at
from nba_monitoring.alerts.incidents.runs import FailedRun, StuckRun
from nba_monitoring.alerts.incidents.service_incidents import after_services_check
from nba_monitoring.alerts.links import check_name
from nba_monitoring.alerts.message import TEST_MESSAGE, Message
from nba_monitoring.alerts.messages.incident_messages import incident_message
from nba_monitoring.alerts.messages.monitor_messages import (
    backfill_message,
    break_message,
    break_over_message,
    channel_fails_message,
    channel_works_message,
    long_mutes_message,
    missed_mornings_message,
    no_verdict_message,
    outage_message,
    run_failed_message,
    run_works_message,
    runs_failed_message,
    runs_work_message,
    stuck_run_message,
    unreadable_message,
)
from nba_monitoring.core.chain import Break, chain
from nba_monitoring.core.chain_facts import DagsterSeen, Facts, FailingRun
from nba_monitoring.core.checked import Checked, CheckOwed
from nba_monitoring.core.incidents import EndedAs, Incident
from nba_monitoring.core.mutes import in_a_row
from nba_monitoring.core.record import CheckRecord, Mute, MuteInForce
from nba_monitoring.core.rules.base import Finding, Level
from nba_monitoring.core.scheduler_job import JobSeen, JobState
from nba_monitoring.core.service_causes import with_causes
from nba_monitoring.core.services import ServiceCheck, ServiceDetail, ServiceStatus
from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.core.stages import PHASE4, StageTable
from nba_monitoring.core.teams import TRICODES
from nba_monitoring.core.usual_arrival import UsualArrival
from nba_monitoring_tests.alerts.looks import BEFORE_TIP, COMPLETE, FULL, RUN_ID, STAGES, look
from nba_monitoring_tests.days import DAY, eastern

DAGSTER_RUN = f"https://dagster.example.com/runs/{RUN_ID}"
LINKS = (
    ("Dagster run", DAGSTER_RUN),
    ("Partition", "https://dagster.example.com/assets/data_availability_checks?partition=2026-01-18&view=partitions"),
    ("Runbook", "https://wiki.example.com/nba/phase-4-missing"),
)
UNREADABLE = "nbac_schedule: one listed game has no teams yet (game_id '0052500111')"
NEXT_DAY = DAY + timedelta(days=1)

FIRST = look(eastern(7), {"BKN@CHI": 8})
WORSE = look(eastern(9), {"BKN@CHI": 8})
CHANGED = look(eastern(9, 30), {"ORL@MEM": 24, "BKN@CHI": 24, "CHA@DEN": 5})
JOB = "player-composite-factors-upcoming"
JOB_FAILED = FIRST.with_job(PHASE4, JobSeen(JOB, JobState.ENABLED, eastern(6, 40), "DEADLINE_EXCEEDED", eastern(11)))
FIXED = look(eastern(13, 20), FULL)
REMINDER = look(eastern(12), {"ORL@MEM": 24, "BKN@CHI": 24, "CHA@DEN": 5})
RECOVERED = look(eastern(18, 30), FULL)
# First no features, and so no predictions; then features, and no predictions yet.
NO_FEATURES = look(eastern(11, 30), FULL, others={**BEFORE_TIP, "feature_store": {}, "predictions": {}})
NO_PREDICTIONS = look(eastern(12), FULL, others={**BEFORE_TIP, "predictions": {}})
# The seed's morning, with stages that have an owner and say how long they take.
NOTHING_YET = look(eastern(11), {"BKN@CHI": 8}, others={**BEFORE_TIP, "feature_store": {}, "predictions": {}})
OWNED = STAGES.with_stage(
    STAGES.phase4.model_copy(update={"takes": timedelta(minutes=40), "owner": "U024BE7LH"}),
)
PREDICTED = look(eastern(13), FULL, others=BEFORE_TIP)
# Of the last thirty game days the predictions came at 12:25 PM on most, and half an hour later on some.
USUAL = {
    "predictions": UsualArrival(
        "predictions",
        {DAY - timedelta(days=back): timedelta(hours=12, minutes=25 if back > 5 else 55) for back in range(30, 0, -1)},
        30,
    )
}
NOT_GRADED = look(eastern(11, day=NEXT_DAY), FULL, others={**COMPLETE, "grading": {}}, trigger=Trigger.SCHEDULED)
GRADED = look(eastern(13, 30, NEXT_DAY), FULL, others=COMPLETE, trigger=Trigger.SCHEDULED)
NO_MODEL_VERSION = (
    Finding(
        "null_share",
        Level.FAIL,
        "model_version is NULL in 100% of the rows of moving_average, similarity_balanced_v1, xgboost_v1, "
        "zone_matchup_v1",
    ),
)
# 2026-01-20: predictions without a feature.
ORPHANED = date(2026, 1, 20)
NOT_CHECKED = CheckOwed(eastern(14), eastern(19), ("predictions",))
DAY_BEFORE = eastern(11, 10, DAY - timedelta(days=1))
RUN = FailedRun(
    RUN_ID, "morning_check", "WarehouseError: nba_raw.nbac_schedule: no column game_date\nAdd it, or grant access."
)


def gallery() -> dict[str, Message]:
    """The messages by name, in the order in which a reader may meet them."""
    return {
        **_of_incidents(),
        **_of_other_stages(),
        **_of_results(),
        **_of_past_dates(),
        **_of_services(),
        **_of_the_monitor(),
        "test": TEST_MESSAGE,
    }


def spoken(
    before: Incident | None, record: CheckRecord, minutes_later: int = 1, stages: StageTable = STAGES
) -> tuple[Message, Incident]:
    """What is said on a look, and the incident then."""
    (changed,) = after_check([] if before is None else [before], record, stages, RUN_ID)
    return spoken_at(changed, record.check_time + timedelta(minutes=minutes_later))


def spoken_at(before: Incident, now: datetime) -> tuple[Message, Incident]:
    """What is said at an instant, and the incident then."""
    incident = at(before, now)
    reason = notify_reason(incident, now)
    assert reason is not NotifyReason.NOTHING
    return _of_check(incident_message(reason, incident, now), incident), after_message(incident, reason, now, None)


def _linked(message: Message) -> Message:
    return replace(message, links=LINKS)


def _of_check(message: Message, incident: Incident) -> Message:
    only = quote(f"type:ASSET_CHECK_EVALUATION|'{check_name(incident.stage)}'")
    return replace(message, links=(("Failed check", f"{DAGSTER_RUN}?logs={only}"), *LINKS[1:]))


def _of_incidents() -> dict[str, Message]:
    said: dict[str, Message] = {}
    incident: Incident | None = None
    for name, record in (("first", FIRST), ("worse", WORSE), ("changed", CHANGED), ("reminder", REMINDER)):
        said[name], incident = spoken(incident, record)
    assert incident is not None
    open_incident = incident
    said["recovered"], _ = spoken(open_incident, RECOVERED)
    said["not_looked_at"], _ = spoken_at(open_incident, eastern(12, 46))
    has_it = replace(
        open_incident,
        acknowledged_at=eastern(12, 5),
        acknowledged_by="Kim",
        detail=replace(open_incident.detail, note="The coordinator is being restarted."),
    )
    said["acknowledged"], _ = spoken_at(has_it, eastern(12, 6))
    said["job_failed"], _ = spoken(None, JOB_FAILED)
    said["fix_started"], started = spoken_at(open_incident.fix_started("Ann", JOB, eastern(12, 32)), eastern(12, 33))
    unclear = open_incident.fix_started("Ann", JOB, eastern(12, 32), is_unclear=True)
    said["fix_unclear"], _ = spoken_at(unclear, eastern(12, 33))
    said["recovered_after_fix"], _ = spoken(started, FIXED)
    closed = replace(
        open_incident,
        ended_at=eastern(13),
        ended_as=EndedAs.CLOSED,
        detail=replace(open_incident.detail, closed_by="Kim", note="Predictions are off tonight."),
    )
    said["closed"], closed = spoken_at(closed, eastern(13, 1))
    said["closed_and_complete"], _ = spoken(closed, look(eastern(14), FULL))
    said["too_late"], too_late = spoken_at(open_incident, eastern(22))
    said["came_late"], _ = spoken(too_late, look(eastern(9, 10, NEXT_DAY), FULL))
    said["excused"], _ = spoken(
        open_incident, look(eastern(13), FULL, postponed=["CHA@DEN", "NOP@HOU", "POR@SAC", "TOR@LAL"])
    )
    muted = replace(FIRST, detail=replace(FIRST.detail, mute=MuteInForce("rebuilt until noon", FIRST.check_time)))
    (kept_back,) = after_check([], muted, STAGES)
    said["mute_over"], _ = spoken_at(kept_back, eastern(0, 5, NEXT_DAY))
    (found,) = after_check([], FIRST, STAGES)
    said["over"], _ = spoken(found, RECOVERED)
    said["suspect_join"], _ = spoken(None, look(eastern(11), stage_ids={"0022500578": 31, "0022500579": 28}))
    said["unreadable_listing"], unreadable = spoken(None, look(eastern(11), FULL, unreadable=[UNREADABLE]))
    said["too_late_unreadable"], _ = spoken_at(unreadable, eastern(0, 5, NEXT_DAY))
    said["unknown_schedule"], _ = spoken(None, look(eastern(11), slate={}))
    return said


def _of_other_stages() -> dict[str, Message]:
    said: dict[str, Message] = {}
    said["act_by"], _ = spoken(None, NOTHING_YET, stages=OWNED)
    said["consequences"], broken = spoken(None, NO_FEATURES)
    said["changed_stage"], broken = spoken(broken, NO_PREDICTIONS)
    said["recovered_stage"], _ = spoken(broken, PREDICTED)
    late = look(eastern(13), FULL, others={**BEFORE_TIP, "predictions": {}}, usual=USUAL)
    said["usual_arrival"], _ = spoken(None, late)
    not_read = {
        "shot_zones": "nba_precompute.player_shot_zone_analysis: no permission to read it; grant the account "
        "roles/bigquery.dataViewer on dataset nba_precompute"
    }
    unread = look(eastern(11), FULL, others=BEFORE_TIP, not_read=not_read)
    said["unreadable_stage"], unreadable = spoken(None, unread)
    said["too_late_unreadable_stage"], _ = spoken_at(unreadable, eastern(22))
    bad = look(eastern(10, 30), FULL, others=BEFORE_TIP, findings={"predictions": NO_MODEL_VERSION})
    said["bad_data"], bad_data = spoken(None, bad)
    said["too_late_bad_data"], _ = spoken_at(bad_data, eastern(22))
    orphaned = {**BEFORE_TIP, "feature_store": {}, "predictions": dict.fromkeys(FULL, 147)}
    said["orphan"], _ = spoken(None, look(eastern(11, 30, ORPHANED), {}, day=ORPHANED, others=orphaned))
    some_teams = dict.fromkeys(sorted(TRICODES - {"BOS", "LAL", "UTA"}), 1)
    said["teams"], teams = spoken(None, look(eastern(7), FULL, others={**BEFORE_TIP, "team_defense": some_teams}))
    said["too_late_teams"], _ = spoken_at(teams, eastern(22))
    thin = {**BEFORE_TIP, "shot_zones": {"_all": 12}}
    said["whole_date"], _ = spoken(None, look(eastern(8), FULL, others=thin))
    said["also_broken"], _ = spoken(None, look(eastern(8), FULL, others={**thin, "team_defense": some_teams}))
    return said


def _of_results() -> dict[str, Message]:
    said: dict[str, Message] = {}
    said["results"], not_graded = spoken(None, NOT_GRADED)
    again = look(eastern(13, 10, NEXT_DAY), FULL, others={**COMPLETE, "grading": {}}, trigger=Trigger.RECHECK)
    said["results_reminder"], not_graded = spoken(not_graded, again)
    said["results_recovered"], _ = spoken(not_graded, GRADED)
    said["results_not_looked_at"], _ = spoken_at(not_graded, eastern(13, 56, NEXT_DAY))
    said["results_too_late"], too_late = spoken_at(not_graded, eastern(15, 15, NEXT_DAY))
    said["results_came_late"], _ = spoken(too_late, look(eastern(16, 0, NEXT_DAY), FULL, others=COMPLETE))
    return said


def _service(name: str, status: ServiceStatus, what: str) -> ServiceCheck:
    """The second check of a service that fails."""
    since = eastern(12, 47)
    detail = ServiceDetail(what, name, ("predictions",), f"./bin/deploy-service.sh {name}", failing_since=since)
    key = name.replace("-", "_")
    return ServiceCheck(eastern(13), key, status, status.severity, since=since, detail=detail)


def _in_its_run(message: Message) -> Message:
    return replace(message, links=(("Dagster run", DAGSTER_RUN),))


def _of_services() -> dict[str, Message]:
    def failing(*checks: ServiceCheck) -> Incident:
        (opened,) = after_services_check((), checks, RUN_ID)
        return opened

    first = NotifyReason.FIRST_FINDING
    down = _service("prediction-coordinator", ServiceStatus.UNHEALTHY, "answers /health with 503")
    one = failing(down)
    old = [
        _service(
            f"service-{number}",
            ServiceStatus.OLD_REVISION,
            f"sends 100% of its traffic to service-{number}-00041, not to its newest revision service-{number}-00042",
        )
        for number in range(1, 22)
    ]
    why = "could not be read: Cloud Run refuses this account (403); grant it roles/run.viewer"
    unknown = [_service(name, ServiceStatus.UNKNOWN, why) for name in ("prediction-coordinator", "prediction-worker")]
    told = after_message(one, first, eastern(13), None)
    ready = replace(down, check_time=eastern(13, 30), status=ServiceStatus.READY, severity=None)
    (recovered,) = after_services_check((told,), (ready,), RUN_ID)
    dragged = replace(
        down, check_time=eastern(6, 50), since=eastern(6, 20), detail=replace(down.detail, feeds=(PHASE4,))
    )
    caused, _ = spoken(None, with_causes(FIRST, [dragged]))
    return {
        "service": _in_its_run(incident_message(first, one, eastern(13))),
        "services": _in_its_run(incident_message(first, failing(*old), eastern(13))),
        "services_unknown": _in_its_run(incident_message(first, failing(*unknown), eastern(13))),
        "service_recovered": _in_its_run(incident_message(NotifyReason.RECOVERED, recovered, eastern(13, 30))),
        "caused_by_service": caused,
    }


def _of_past_dates() -> dict[str, Message]:
    looks = [
        look(eastern(11), FULL if number % 5 else {"BKN@CHI": 8}, day=date(2025, 12, 1) + timedelta(days=number))
        for number in range(14)
    ]
    over = []
    for day in (date(2026, 1, 12), date(2026, 1, 14)):
        (found,) = after_check([], look(eastern(11, day=day), day=day), STAGES)
        over.append(at(found, eastern(9)))
    return {
        "digest": _linked(backfill_message(digest(looks, STAGES), (), RUN_ID)),
        "backfill_cancelled": backfill_message(
            None,
            (FailedRun(RUN_ID, "morning_check", "Canceled by hand", cancelled=True),),
            "qwjtzxlk",
        ),
        "outage": outage_message(over, (RUN,), eastern(11, day=date(2026, 1, 12)), eastern(9)),
        "missed_mornings": missed_mornings_message(
            [date(2026, 1, 15), date(2026, 1, 16), date(2026, 1, 17)],
            eastern(20, day=date(2026, 1, 14)),
            eastern(10, 30),
        ),
    }


def _broken(dagster: DagsterSeen | None, check: Checked | None = None) -> Break:
    """The one break of the chain at 2:46 PM ET."""
    facts = Facts({DAY: check or Checked(eastern(11))}, dagster=dagster)
    (found,) = chain(facts, eastern(14, 46)).breaks(*ALERTED)
    return found


def _of_the_monitor() -> dict[str, Message]:
    dates = [f"2026-01-{day:02}" for day in range(7, 19)]
    return {
        "run_failed": _linked(run_failed_message(RUN, "2026-01-18")),
        "run_cancelled": _linked(
            run_failed_message(FailedRun(RUN_ID, "morning_check", "", cancelled=True), "2026-01-18")
        ),
        "no_verdict": _linked(no_verdict_message(DAY, eastern(11, 30), eastern(11, 31))),
        "long_mutes": long_mutes_message(
            in_a_row(
                Mute(NEXT_DAY + timedelta(days=step), eastern(9), None, "No predictions until the retrain", "Kim")
                for step in range(-5, 20)
            ),
            NEXT_DAY,
        ),
        "switched_off": break_message(_broken(DagsterSeen(switched_off=("recheck_until_covered",)))),
        "report_fails": _linked(
            break_message(_broken(DagsterSeen(failing=(FailingRun("season_report", DAY_BEFORE),))))
        ),
        "not_checked": break_message(_broken(None, Checked(eastern(11), (NOT_CHECKED,)))),
        "checked_again": break_over_message(f"not checked {DAY}", f"{DAY} is being checked again"),
        "stuck_run": _linked(
            stuck_run_message(StuckRun(RUN_ID, "2026-01-18", "STARTED", eastern(11)), eastern(11, 20))
        ),
        "works_again": _linked(run_works_message("2026-01-18", (RECOVERED.summary,))),
        "runs_failed": runs_failed_message(dict.fromkeys(dates, RUN)),
        "work_again": runs_work_message({day: (f"{day} AVAILABLE: 6 of 6 games ready",) for day in dates}),
        "unreadable": _linked(
            unreadable_message(
                RUN_ID, "2026-01-18", ("2026-01-18: status: Input should be 'AVAILABLE' or another known one",)
            )
        ),
        "channel_fails": channel_fails_message(
            "Slack",
            "SLACK_BOT_TOKEN is not valid; set the bot token of an installed app (token_revoked)",
            eastern(11),
        ),
        "channel_works": channel_works_message("pagerduty (address 1 of NBA_MONITORING_NOTIFY_URLS)", eastern(11)),
    }
