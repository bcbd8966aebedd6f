"""The Cloud Run services: an external asset with a check for each, and the job that checks them."""

# Without postponed annotations: Dagster reads the types of parameters when it decorates.
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote

import dagster as dg

from nba_monitoring.core.codec import UnreadableError, from_json_values, to_json_values
from nba_monitoring.core.service_entries import CloudRun, Service, Services
from nba_monitoring.core.services import ServiceCheck
from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.orchestration.internals import AssetJob
from nba_monitoring.orchestration.metadata import check_severity, filled, text
from nba_monitoring.orchestration.partitions import TRIGGER_TAG, trigger_of
from nba_monitoring.orchestration.resources import MonitorResource

SERVICES_JOB = "services_check"
SERVICES_SCHEDULE = "services_check_half_hourly"
SERVICE_CHECK = "service_is_ready"

# The evaluation carries the row, from which the sensor writes its alerts.
_RECORD = "record"


def service_key(name: str) -> dg.AssetKey:
    """The key of a service's asset, by its name in services.yaml."""
    return dg.AssetKey(f"service_{name}")


def service_assets(services: Services | None) -> Sequence[dg.AssetSpec]:
    """`service_<name>` for each service; Dagster does not deploy them."""
    if services is None:
        return []
    return [
        dg.AssetSpec(
            service_key(name),
            group_name="services",
            kinds={"gcp", "cloudrun"},
            description=_description(service),
            metadata={"cloud_run": dg.MetadataValue.url(_console(services.cloud_run, service))},
        )
        for name, service in services.by_name.items()
    ]


def fed_by(services: Services | None) -> Mapping[str, Sequence[dg.AssetKey]]:
    """The assets of the services that fill a stage, by the stage's name."""
    found = defaultdict[str, list[dg.AssetKey]](list)
    for name, service in services.by_name.items() if services else ():
        for stage in service.feeds:
            found[stage].append(service_key(name))
    return found


def service_checks(services: Services | None) -> Sequence[dg.AssetChecksDefinition]:
    """`service_is_ready` for each service, in one step: Cloud Run is asked once for all."""
    if services is None:
        return []
    specs = {
        name: dg.AssetCheckSpec(
            SERVICE_CHECK,
            asset=service_key(name),
            description="Passes while the service is READY or DEPLOYING. docs/services.md explains each status.",
        )
        for name in services.by_name
    }

    @dg.multi_asset_check(name="services_are_ready", specs=list(specs.values()), can_subset=True)
    def checks(context: dg.AssetCheckExecutionContext, monitor: MonitorResource) -> Iterator[dg.AssetCheckResult]:
        # Imported here: Google's libraries are needed in this run alone.
        from nba_monitoring.services_check import SeenServices

        now = monitor.now
        # Before the warehouse is opened: a slow answer must keep nobody from a DuckDB file.
        seen = SeenServices.ask(services, monitor.settings.run_url, now)
        run = context.run
        with monitor.open_warehouse() as warehouse:
            found = seen.record(warehouse, now, run.run_id, trigger_of(run))
        for check in found:
            if specs[check.service].key in context.selected_asset_check_keys:
                yield _result(check)

    return [checks]


def services_job_and_schedule(services: Services) -> tuple[AssetJob, dg.ScheduleDefinition]:
    """The job `services_check`, and its schedule: half-hourly, and ten minutes before the morning check."""
    job = dg.define_asset_job(
        SERVICES_JOB,
        selection=dg.AssetSelection.checks(
            *(dg.AssetCheckKey(service_key(name), SERVICE_CHECK) for name in services.by_name)
        ),
        executor_def=dg.in_process_executor,
        description="Checks the Cloud Run services of NBA_MONITORING_SERVICES.",
    )
    schedule = dg.ScheduleDefinition(
        name=SERVICES_SCHEDULE,
        job=job,
        cron_schedule=["*/30 * * * *", "50 7 * * *"],
        execution_timezone="America/Los_Angeles",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        tags={TRIGGER_TAG: Trigger.SCHEDULED.value},
        description="Checks the Cloud Run services every half hour, and at 7:50 AM PT, before the morning check.",
    )
    return job, schedule


def service_check_of(evaluation: dg.AssetCheckEvaluation) -> ServiceCheck:
    """The row in an evaluation of `service_is_ready`. Raises UnreadableError."""
    written = evaluation.metadata.get(_RECORD)
    if not isinstance(written, dg.JsonMetadataValue):
        raise UnreadableError("the record is not a JSON object")
    return from_json_values(ServiceCheck, written.value)


def _result(check: ServiceCheck) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        passed=check.status.passes,
        asset_key=service_key(check.service),
        check_name=SERVICE_CHECK,
        severity=check_severity(check.severity),
        description=f"{check.status}: {check.summary}",
        metadata=filled(
            {
                "status": text(check.status.value),
                "found": text(check.found),
                "fix": text(check.detail.fix),
                "fills": text(", ".join(check.detail.feeds)),
                "serving": text(", ".join(check.serving)),
                "newest_revision": text(check.latest),
                "commit": text(check.commit),
                _RECORD: dg.MetadataValue.json(to_json_values(check)),
            }
        ),
    )


def _description(service: Service) -> str:
    fills = f" It fills {', '.join(service.feeds)}." if service.feeds else ""
    return f"The Cloud Run service {service.service}.{fills}"


def _console(cloud_run: CloudRun, service: Service) -> str:
    return (
        f"https://console.cloud.google.com/run/detail/{quote(cloud_run.region)}/{quote(service.service)}"
        f"?project={quote(cloud_run.project)}"
    )
