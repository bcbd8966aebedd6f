"""The only module that imports private parts of Dagster 1.13; a contract test fails when they change.

In a range run, Dagster records a plain AssetCheckResult of a partitioned check once, without a partition, and every
date as skipped. One AssetCheckEvaluation per date works, but counts as current only with the storage id of the date's
materialization, and the class for that id is private.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import dagster as dg
import grpc  # type: ignore[import-untyped]
from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    AssetCheckEvaluationTargetMaterializationData,
)
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition
from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._core.event_api import PartitionKeyFilter
from dagster._core.launcher import CheckRunHealthResult, WorkerStatus
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus
from dagster._core.storage.tags import GRPC_INFO_TAG
from dagster._grpc.client import DagsterGrpcClient
from dagster._grpc.types import CanCancelExecutionRequest, CanCancelExecutionResult
from dagster_shared.serdes import deserialize_value

__all__ = [
    "AssetJob",
    "CheckRunHealthResult",
    "WorkerStatus",
    "is_executed_by_its_server",
    "keep_value",
    "kept_value",
    "latest_evaluation",
    "latest_materializations",
]

# What define_asset_job returns: a type without a public name.
AssetJob = UnresolvedAssetJobDefinition

# Of a busy code server, too.
_SERVER_SECONDS = 5
# Of code servers that share an address: with two, so many connections lead to the wrong one once in a billion times.
_CONNECTIONS = 30


def latest_materializations(
    instance: dg.DagsterInstance, asset_key: dg.AssetKey, partition_keys: Sequence[str]
) -> Mapping[str, AssetCheckEvaluationTargetMaterializationData]:
    """The latest materialization of each partition, as a check's evaluation refers to it."""
    storage_ids = instance.get_latest_storage_id_by_partition(
        asset_key, dg.DagsterEventType.ASSET_MATERIALIZATION, set(partition_keys)
    )
    if not storage_ids:
        return {}
    found = instance.fetch_materializations(
        dg.AssetRecordsFilter(asset_key, storage_ids=list(storage_ids.values())), limit=len(storage_ids)
    )
    return {
        record.partition_key: AssetCheckEvaluationTargetMaterializationData(
            storage_id=record.storage_id, run_id=record.run_id, timestamp=record.timestamp
        )
        for record in found.records
        if record.partition_key is not None
    }


def kept_value(instance: dg.DagsterInstance, key: str) -> str | None:
    """A value that was kept in Dagster's storage."""
    return instance.daemon_cursor_storage.get_cursor_values({key}).get(key)


def keep_value(instance: dg.DagsterInstance, key: str, value: str) -> None:
    """Keep a value in Dagster's storage at once. A sensor's own cursor is stored only after its tick."""
    instance.daemon_cursor_storage.set_cursor_values({key: value})


def latest_evaluation(
    instance: dg.DagsterInstance, check_key: dg.AssetCheckKey, partition_key: str
) -> dg.AssetCheckEvaluation | None:
    """The latest finished evaluation of a check for one partition, or None."""
    found = instance.event_log_storage.get_asset_check_execution_history(
        check_key,
        limit=1,
        status={AssetCheckExecutionRecordStatus.SUCCEEDED, AssetCheckExecutionRecordStatus.FAILED},
        partition_filter=PartitionKeyFilter(key=partition_key),
    )
    return found[0].evaluation if found else None


def is_executed_by_its_server(run: dg.DagsterRun) -> bool | None:
    """Whether a code server at the address that launched a run still executes it; None if one does not answer.

    Several may share the address. Each connection leads to any of them, and each knows only the runs that it started.
    """
    address = json.loads(run.tags.get(GRPC_INFO_TAG, "{}"))
    if not address:
        return None
    client = _ByNewConnections(**address)
    asked = CanCancelExecutionRequest(run_id=run.run_id)
    try:
        answers = (client.can_cancel_execution(asked, timeout=_SERVER_SECONDS) for _ in range(_CONNECTIONS))
        return any(deserialize_value(answer, CanCancelExecutionResult).can_cancel for answer in answers)
    except DagsterUserCodeUnreachableError:
        return None


class _ByNewConnections(DagsterGrpcClient):
    """Dagster's own client joins a connection that is open, for example that of a sensor's tick."""

    @contextmanager
    def _channel(self) -> Iterator[grpc.Channel]:
        alone = (("grpc.use_local_subchannel_pool", 1),)
        address, tls = self._server_address, self._ssl_creds
        with grpc.secure_channel(address, tls, alone) if tls else grpc.insecure_channel(address, alone) as channel:
            yield channel
