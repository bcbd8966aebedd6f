"""The values for Dagster's chart: against the chart's schema, Kubernetes' own, dagster-k8s, and dagster.yaml."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import jsonschema
import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml
from dagster._core.code_pointer import ModuleCodePointer
from dagster._core.launcher import LaunchRunContext
from dagster._core.origin import JobPythonOrigin, RepositoryPythonOrigin
from dagster._core.test_utils import create_run_for_test
from dagster._serdes import ConfigurableClassData
from dagster_k8s import K8sRunLauncher
from referencing import Registry
from referencing.jsonschema import DRAFT7

from nba_monitoring.settings import Settings
from nba_monitoring_tests.deploy.files import read_yaml
from nba_monitoring_tests.loopback import Answer, LoopbackServer

VALUES = read_yaml("helm-values.yaml")
PRODUCTION = read_yaml("production/dagster.yaml")
DAEMON = VALUES["dagsterDaemon"]
(CODE,) = VALUES["dagster-user-deployments"]["deployments"]
LAUNCHER = VALUES["runLauncher"]["config"]["k8sRunLauncher"]
KUBERNETES = "1.31"
CODE_ENV = "dagster-dagster-user-deployments-nba-monitoring-user-env"  # the chart puts the code's `env` there


def snake_name(name: str) -> str:
    return re.sub("(?<!^)(?=[A-Z])", "_", name).lower()


def snake(value: Any) -> Any:
    """The chart's words as dagster.yaml's."""
    if isinstance(value, list):
        return [snake(item) for item in value]
    if isinstance(value, Mapping):
        return {snake_name(name): snake(item) for name, item in value.items()}
    return value


def merged(base: Any, over: Any) -> Any:
    """As Helm merges values: maps key by key, and whatever else by the later one."""
    if not (isinstance(base, Mapping) and isinstance(over, Mapping)):
        return over
    return {name: merged(base.get(name), over.get(name, base.get(name))) for name in {**base, **over}}


@pytest.fixture
def chart() -> Path:
    """Dagster's chart, unpacked: `helm pull dagster/dagster --version 1.13.27 --untar`, which CI does."""
    folder = os.environ.get("NBA_MONITORING_DAGSTER_CHART")
    if folder is None:
        pytest.skip("no chart: set NBA_MONITORING_DAGSTER_CHART to the folder of an unpacked one")
    return Path(folder)


def schema_errors(chart: Path, values: Any) -> list[str]:
    # What the schema leaves to Kubernetes' schemas is on the network, and is checked below.
    anything = DRAFT7.create_resource({})
    registry: Registry[Any] = Registry(retrieve=lambda uri: anything)  # type: ignore[call-arg]
    schema = json.loads(
        (chart / "values.schema.json").read_text().replace("_definitions.json#/", "_definitions.json#x")
    )
    whole = merged(yaml.safe_load((chart / "values.yaml").read_text()), values)
    return [error.message for error in jsonschema.Draft7Validator(schema, registry=registry).iter_errors(whole)]


def test_the_chart_s_schema_accepts_the_values_and_no_misspelled_ones(chart: Path) -> None:
    assert schema_errors(chart, VALUES) == []
    assert schema_errors(chart, {**VALUES, "dagsterDaemon": {**DAEMON, "runMonitorin": {}}})


def pod(deployment: Mapping[str, Any]) -> dict[str, Any]:
    image = deployment["image"]
    container = {
        "name": "dagster",
        "image": f"{image['repository'].lower()}:{image['tag']}",
        "imagePullPolicy": image["pullPolicy"],
        "env": [{"name": name, "value": value} for name, value in deployment.get("env", {}).items()],
        "securityContext": deployment["securityContext"],
        "resources": deployment["resources"],
        "volumeMounts": deployment["volumeMounts"],
    }
    spec = {
        "containers": [container],
        "volumes": deployment["volumes"],
        "securityContext": deployment["podSecurityContext"],
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "dagster"}, "spec": spec}


@pytest.mark.parametrize("deployment", [CODE, DAEMON, VALUES["dagsterWebserver"]], ids=["code", "daemon", "web"])
def test_each_pod_is_one_that_kubernetes_takes_without_rights_on_a_read_only_root(
    deployment: Mapping[str, Any],
) -> None:
    made = pod(deployment)
    kubernetes_validate.validate(made, KUBERNETES, strict=True)
    assert made["spec"]["securityContext"]["runAsNonRoot"] is True
    assert deployment["securityContext"]["readOnlyRootFilesystem"] is True
    assert deployment["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    mounted = {mount["name"] for mount in deployment["volumeMounts"]}
    assert mounted == {volume["name"] for volume in deployment["volumes"]}
    made["spec"]["securityContext"]["runAsNobody"] = True
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(made, KUBERNETES, strict=True)
    del made["spec"]["securityContext"]["runAsNobody"]


def launcher_config() -> dict[str, Any]:
    """The run launcher's part of the dagster.yaml that the chart writes: what Kubernetes reads is left in its words."""
    config = {snake_name(name): value for name, value in LAUNCHER.items()}
    config["run_k8s_config"] = {snake_name(name): value for name, value in LAUNCHER["runK8sConfig"].items()}
    names = VALUES["global"]
    return config | {
        "dagster_home": names["dagsterHome"],
        "instance_config_map": "dagster-instance",
        "job_namespace": "nba-monitoring",
        "postgres_password_secret": names["postgresqlSecretName"],
        "service_account_name": names["serviceAccountName"],
    }


def code_context() -> dict[str, Any]:
    """What the chart hands on from the code's pod to those of its runs: an older chart no security context."""
    assert CODE["includeConfigInLaunchedRuns"] == {"enabled": True}
    context = {
        "image_pull_policy": CODE["image"]["pullPolicy"],
        "env_config_maps": [CODE_ENV],
        "volume_mounts": CODE["volumeMounts"],
        "volumes": CODE["volumes"],
        "resources": CODE["resources"],
        "namespace": "nba-monitoring",
        "service_account_name": VALUES["global"]["serviceAccountName"],
        "run_k8s_config": {"pod_spec_config": {"automount_service_account_token": True}},
    }
    return {"k8s": context}


@pytest.fixture
def run_job(tmp_path: Path) -> dict[str, Any]:
    """The job that Dagster asks Kubernetes for when it launches a run, as it arrives there."""
    jobs = "/apis/batch/v1/namespaces/nba-monitoring/jobs"
    repository = RepositoryPythonOrigin(
        executable_path="python",
        code_pointer=ModuleCodePointer("nba_monitoring.definitions", "defs"),
        container_image="nba_monitoring:0.1.0",
        container_context=code_context(),
    )
    kubeconfig = tmp_path / "kubeconfig"
    with LoopbackServer() as kubernetes, dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        kubernetes.answer(jobs, lambda request: Answer(request.body, 201, {"Content-Type": "application/json"}))
        cluster = {"name": "it", "cluster": {"server": kubernetes.url}}
        context = {"name": "it", "context": {"cluster": "it", "user": "it"}}
        user = {"name": "it", "user": {}}
        kubeconfig.write_text(
            yaml.safe_dump({"current-context": "it", "clusters": [cluster], "contexts": [context], "users": [user]})
        )
        config = launcher_config() | {"load_incluster_config": False, "kubeconfig_file": str(kubeconfig)}
        launcher = ConfigurableClassData("dagster_k8s", "K8sRunLauncher", yaml.safe_dump(config)).rehydrate(
            as_type=K8sRunLauncher
        )
        launcher.register_instance(instance)
        run = create_run_for_test(instance, "checks", job_code_origin=JobPythonOrigin("checks", repository))
        launcher.launch_run(LaunchRunContext(run, workspace=None))
        (request,) = kubernetes.requests_to(jobs)
    job: dict[str, Any] = request.json
    return job


@pytest.mark.slow
def test_the_pod_of_a_run_has_no_rights_on_a_read_only_root_either(run_job: dict[str, Any]) -> None:
    kubernetes_validate.validate(run_job, KUBERNETES, strict=True)
    spec = run_job["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    assert spec["securityContext"] == CODE["podSecurityContext"]
    assert container["securityContext"] == CODE["securityContext"]


@pytest.mark.slow
def test_the_pod_of_a_run_has_the_settings_secrets_and_memory_of_the_code(run_job: dict[str, Any]) -> None:
    assert VALUES["runLauncher"]["type"] == "K8sRunLauncher"
    spec = run_job["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    assert spec["serviceAccountName"] == VALUES["global"]["serviceAccountName"]
    assert {"configMapRef": {"name": CODE_ENV}} in container["envFrom"]
    assert [volume for volume in spec["volumes"] if volume in CODE["volumes"]] == CODE["volumes"]
    assert [mount for mount in container["volumeMounts"] if mount in CODE["volumeMounts"]] == CODE["volumeMounts"]
    assert container["resources"]["limits"] == {"memory": "2Gi"}


def test_a_launcher_s_resources_would_have_no_effect_so_it_has_none() -> None:
    assert "resources" not in LAUNCHER


@pytest.mark.slow
def test_kubernetes_does_not_start_the_pod_of_a_run_over(run_job: dict[str, Any]) -> None:
    assert run_job["spec"]["backoffLimit"] == 0
    assert run_job["spec"]["ttlSecondsAfterFinished"] == 86400
    spec = run_job["spec"]["template"]["spec"]
    assert spec["restartPolicy"] == "Never"
    assert spec["terminationGracePeriodSeconds"] >= PRODUCTION["run_monitoring"]["cancel_timeout_seconds"]


def test_the_web_server_is_probed_on_its_own_port() -> None:
    web = VALUES["dagsterWebserver"]
    for probe in ("readinessProbe", "livenessProbe", "startupProbe"):
        assert web[probe]["httpGet"] == {"path": "/server_info", "port": web["service"]["port"]}


@pytest.mark.parametrize(
    ("deployment", "until_it_shows"),
    [(CODE, 0), (VALUES["dagsterWebserver"], 0), (DAEMON, 30 + 60)],  # heartbeats, and how late one may be
    ids=["code", "web", "daemon"],
)
def test_a_process_that_hangs_is_restarted_within_three_minutes(
    deployment: Mapping[str, Any], until_it_shows: int
) -> None:
    probe = deployment["livenessProbe"]
    failed = probe["failureThreshold"] * probe["periodSeconds"] + probe["timeoutSeconds"]
    grace = 30  # Kubernetes' own: what hangs does not heed SIGTERM
    assert until_it_shows + failed + grace <= 180
    startup = deployment["startupProbe"]
    assert startup["enabled"] is True
    assert startup["failureThreshold"] * startup["periodSeconds"] >= 300
    made = pod(deployment)
    # Of the code server, the chart adds the command.
    exec_ = {"exec": {"command": ["dagster"]}} if "httpGet" not in probe else {}
    made["spec"]["containers"][0] |= {
        "livenessProbe": exec_ | probe,
        "startupProbe": exec_ | {name: value for name, value in startup.items() if name != "enabled"},
    }
    kubernetes_validate.validate(made, KUBERNETES, strict=True)


def test_a_late_heartbeat_is_measured_by_the_same_limit_everywhere() -> None:
    (late,) = {word for word in DAEMON["livenessProbe"]["exec"]["command"] if "TOLERANCE" in word}
    assert late in read_yaml("docker-compose.yml")["services"]["daemon"]["healthcheck"]["test"]


def test_the_chart_s_instance_is_the_one_of_dagster_yaml() -> None:
    # A new pod on a new node takes two minutes to start.
    assert snake(DAEMON["runMonitoring"]) == {**PRODUCTION["run_monitoring"], "start_timeout_seconds": 180}
    assert snake(DAEMON["runRetries"]) == PRODUCTION["run_retries"]
    assert snake(DAEMON["sensors"]) == PRODUCTION["sensors"]
    assert snake(DAEMON["schedules"]) == PRODUCTION["schedules"]
    queue = DAEMON["runCoordinator"]["config"]["queuedRunCoordinator"]
    runs = PRODUCTION["concurrency"]["runs"]
    assert queue["maxConcurrentRuns"] == runs["max_concurrent_runs"]
    assert queue["tagConcurrencyLimits"] == runs["tag_concurrency_limits"]
    for instigator in ("sensor", "schedule"):
        kept = VALUES["retention"][instigator]["purgeAfterDays"]
        assert kept == {**PRODUCTION["retention"][instigator]["purge_after_days"], "started": -1}
    assert VALUES["telemetry"] == PRODUCTION["telemetry"]
    assert VALUES["computeLogManager"] == {"type": PRODUCTION["compute_logs"]["class"]}
    more = VALUES["additionalInstanceConfig"]
    assert more == {name: PRODUCTION[name] for name in ("nux", "local_artifact_storage")}


@pytest.mark.parametrize("deployment", [CODE, DAEMON, VALUES["dagsterWebserver"]], ids=["code", "daemon", "web"])
def test_the_folder_that_dagster_wants_can_be_written(deployment: Mapping[str, Any]) -> None:
    folder = Path(VALUES["additionalInstanceConfig"]["local_artifact_storage"]["config"]["base_dir"])
    (volume,) = [volume for volume in deployment["volumes"] if "emptyDir" in volume]
    (mount,) = [mount for mount in deployment["volumeMounts"] if mount["name"] == volume["name"]]
    assert folder.is_relative_to(mount["mountPath"])


def test_all_pods_are_of_one_image_and_reached_from_within_the_cluster_only() -> None:
    assert CODE["image"] == DAEMON["image"] == VALUES["dagsterWebserver"]["image"]
    assert VALUES["dagsterWebserver"]["service"]["type"] == "ClusterIP"
    assert "ingress" not in VALUES


def test_the_settings_load_once_the_secret_is_mounted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    token = tmp_path / "slack_bot_token"
    token.write_text("xoxb-token\n")
    (volume,) = [volume for volume in CODE["volumeMounts"] if volume["name"] == "secrets"]
    for name, value in CODE["env"].items():
        monkeypatch.setenv(name, value.replace(volume["mountPath"], str(tmp_path)))
    settings = Settings.load()
    settings.require_alerting()
    assert settings.slack_bot_token is not None


def test_the_health_check_on_kubernetes_is_a_job_without_rights_that_reads_the_chart_s_own_storage() -> None:
    cron_job = read_yaml("health-cronjob.yaml")
    kubernetes_validate.validate(cron_job, KUBERNETES, strict=True)
    spec = cron_job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    env = {entry["name"]: entry.get("value") for entry in container["env"]}
    assert container["args"] == ["nba-monitoring", "health"]
    assert container["image"] == f"{CODE['image']['repository']}:{CODE['image']['tag']}"
    assert spec["securityContext"] == CODE["podSecurityContext"]
    assert container["securityContext"] == CODE["securityContext"]
    for name in ("NBA_MONITORING_WAREHOUSE", "NBA_MONITORING_ENVIRONMENT"):
        assert env[name] == CODE["env"][name]
    assert VALUES["postgresql"]["postgresqlHost"] in str(env["DAGSTER_POSTGRES_URL"])
