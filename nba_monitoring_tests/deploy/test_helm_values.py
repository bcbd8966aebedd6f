"""The values for Dagster's chart: against the chart's schema, Kubernetes' own, dagster-k8s, and dagster.yaml."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml
from dagster_k8s.job import DagsterK8sJobConfig, UserDefinedDagsterK8sConfig, construct_dagster_k8s_job
from referencing import Registry
from referencing.jsonschema import DRAFT7

from nba_monitoring.settings import Settings
from nba_monitoring_tests.deploy.files import read_yaml

VALUES = read_yaml("helm-values.yaml")
PRODUCTION = read_yaml("production/dagster.yaml")
DAEMON = VALUES["dagsterDaemon"]
(CODE,) = VALUES["dagster-user-deployments"]["deployments"]
LAUNCHER = VALUES["runLauncher"]["config"]["k8sRunLauncher"]
KUBERNETES = "1.31"


def snake(value: Any) -> Any:
    """The chart's words as dagster.yaml's."""
    if isinstance(value, list):
        return [snake(item) for item in value]
    if isinstance(value, Mapping):
        return {re.sub("(?<!^)(?=[A-Z])", "_", name).lower(): snake(item) for name, item in value.items()}
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
    # What the schema leaves to Kubernetes' schemas is on the network, and is looked at below.
    anything = DRAFT7.create_resource({})
    registry: Registry[Any] = Registry(retrieve=lambda uri: anything)  # type: ignore[call-arg]
    schema = json.loads(
        (chart / "values.schema.json").read_text().replace("_definitions.json#/", "_definitions.json#x")
    )
    whole = merged(yaml.safe_load((chart / "values.yaml").read_text()), values)
    return [error.message for error in jsonschema.Draft7Validator(schema, registry=registry).iter_errors(whole)]


def test_the_chart_s_schema_takes_the_values_and_no_misspelt_ones(chart: Path) -> None:
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


def test_dagster_makes_one_pod_a_run_of_them_which_kubernetes_does_not_start_over() -> None:
    config = snake(LAUNCHER["runK8sConfig"])
    job = construct_dagster_k8s_job(
        DagsterK8sJobConfig(
            job_image="nba_monitoring:0.1.0",
            dagster_home=VALUES["global"]["dagsterHome"],
            resources=LAUNCHER["resources"],
        ),
        args=["dagster", "api", "execute_run"],
        job_name="run",
        user_defined_k8s_config=UserDefinedDagsterK8sConfig.from_dict(config),  # type: ignore[no-untyped-call]
    ).to_dict()
    assert job["spec"]["backoff_limit"] == 0
    assert job["spec"]["ttl_seconds_after_finished"] == 86400
    template = job["spec"]["template"]["spec"]
    assert (template["restart_policy"], len(template["containers"])) == ("Never", 1)
    assert template["termination_grace_period_seconds"] >= PRODUCTION["run_monitoring"]["cancel_timeout_seconds"]


def test_the_pod_of_a_run_has_the_settings_and_secrets_of_the_code() -> None:
    assert VALUES["runLauncher"]["type"] == "K8sRunLauncher"
    assert CODE["includeConfigInLaunchedRuns"] == {"enabled": True}


def test_the_chart_s_instance_is_the_one_of_dagster_yaml() -> None:
    assert snake(DAEMON["runMonitoring"]) == PRODUCTION["run_monitoring"]
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
    assert VALUES["additionalInstanceConfig"]["nux"] == PRODUCTION["nux"]


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
