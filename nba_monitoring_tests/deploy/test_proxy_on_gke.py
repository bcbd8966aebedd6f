"""The proxy beside Dagster's chart, and who may reach which port."""

from __future__ import annotations

from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]
import yaml

from nba_monitoring_tests.deploy.files import DEPLOY, read_yaml
from nba_monitoring_tests.deploy.test_helm_values import CODE, KUBERNETES, VALUES


def proxy_documents() -> dict[tuple[str, str], Any]:
    documents = yaml.safe_load_all((DEPLOY / "proxy.yaml").read_text())
    return {(made["kind"], made["metadata"]["name"]): made for made in documents}


def test_the_proxy_on_kubernetes_is_the_one_of_the_compose_file_without_rights() -> None:
    for made in proxy_documents().values():
        kubernetes_validate.validate(made, KUBERNETES, strict=True)
    spec = proxy_documents()["Deployment", "nba-monitoring-proxy"]["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    compose = read_yaml("docker-compose.yml")["services"]["proxy"]
    assert container["image"] in compose["image"]
    assert container["securityContext"]["capabilities"] == {"drop": compose["cap_drop"], "add": compose["cap_add"]}
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert spec["securityContext"] == CODE["podSecurityContext"]
    env = {entry["name"]: entry["value"] for entry in container["env"]}
    assert env.items() >= compose["environment"].items()
    web = VALUES["dagsterWebserver"]["service"]["port"]
    assert env["WEB"] == f"dagster-dagster-webserver:{web}"


def test_the_code_server_is_reached_by_web_server_and_daemon_alone_and_the_web_server_by_the_proxy() -> None:
    policies = {name: made["spec"] for (kind, name), made in proxy_documents().items() if kind == "NetworkPolicy"}
    code, web = policies["nba-monitoring-code"], policies["nba-monitoring-web"]
    assert code["podSelector"]["matchLabels"]["deployment"] == CODE["name"]
    assert code["ingress"][0]["ports"] == [{"protocol": "TCP", "port": CODE["port"]}]
    assert web["ingress"][0]["ports"] == [{"protocol": "TCP", "port": VALUES["dagsterWebserver"]["service"]["port"]}]
    proxy = proxy_documents()["Deployment", "nba-monitoring-proxy"]["spec"]["template"]["metadata"]["labels"]
    assert web["ingress"][0]["from"] == [{"podSelector": {"matchLabels": proxy}}]
    for policy in (code, web):
        assert (policy["policyTypes"], len(policy["ingress"])) == (["Ingress"], 1)
