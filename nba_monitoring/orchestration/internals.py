"""The only module that imports private parts of Dagster 1.13; a contract test fails when they change.

In a range run, Dagster records a plain AssetCheckResult of a partitioned check once, without a partition, and every
date as skipped. One AssetCheckEvaluation per date works, but counts as current only with the storage id of the date's
materialization, and the class for that id is private.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import dagster as dg
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
    """Whether the code server that launched a run still executes it; None if it does not answer."""
    address = json.loads(run.tags.get(GRPC_INFO_TAG, "{}"))
    if not address:
        return None
    client = DagsterGrpcClient(**address)
    try:
        answer = client.can_cancel_execution(CanCancelExecutionRequest(run_id=run.run_id), timeout=_SERVER_SECONDS)
    except DagsterUserCodeUnreachableError:
        return None
    return deserialize_value(answer, CanCancelExecutionResult).can_cancel
