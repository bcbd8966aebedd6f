"""GoogleSQL's own reference implementation: queries answered over rows in memory, as BigQuery would answer them.

It has no MERGE.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp  # type: ignore[import-untyped]
from zetasql import types
from zetasql.core import ZetaSqlLocalService
from zetasql.wasi._pb2.zetasql.local_service import local_service_pb2

from nba_monitoring.warehouse.engines import Parameters, Rows, Statement
from nba_monitoring.warehouse.engines.bigquery import sent_parameter
from nba_monitoring_tests.warehouse.google_analyzer import LANGUAGE, sent_type, simple_table

_EPOCH = date(1970, 1, 1)
_NUMERIC_SCALE = 9  # digits


class GoogleEvaluator:
    """Answers queries over these tables: the types of their columns as BigQuery spells them, and their rows."""

    def __init__(
        self, tables: Mapping[str, Mapping[str, str]], contents: Mapping[str, Sequence[Mapping[str, Any]]]
    ) -> None:
        self._tables = {name: simple_table(name, columns) for name, columns in tables.items()}
        self._contents = {name: _content(columns, contents.get(name, ())) for name, columns in tables.items()}

    def read(self, statement: Statement, parameters: Parameters) -> list[dict[str, Any]]:
        """The rows of a query. Raises ServerError for one that Google refuses."""
        named = {statement.table, *statement.others}
        # Contents reach only tables of the root, so a table has its two-part name as one word.
        sql = re.sub(rf"(?<![\w.])({'|'.join(map(re.escape, named))})(?!\w)", r"`\1`", statement.sql)
        catalog = types.SimpleCatalog(
            name="our-project",
            table=[self._tables[name] for name in named],
            builtin_function_options=types.ZetaSQLBuiltinFunctionOptions(language_options=LANGUAGE),
        )
        options = types.AnalyzerOptions(
            language_options=LANGUAGE,
            parameter_mode=types.ParameterMode.PARAMETER_NAMED,
            default_timezone="UTC",
            query_parameters=[
                types.AnalyzerOptions.QueryParameter(name=name, type=sent_type(_sent(name, value)["parameterType"]))
                for name, value in parameters.items()
            ],
        )
        request = types.EvaluateQueryRequest(
            sql=sql,
            options=options,
            simple_catalog=catalog,
            table_content={name: self._contents[name] for name in named},
            params=[types.Parameter(name=name, value=_value(value)) for name, value in parameters.items()],
        )
        # Not by the service's own method, whose answer has lost its instants.
        answer = ZetaSqlLocalService.get_instance().wasm_client.call_grpc_func(
            "ZetaSqlLocalService_EvaluateQuery", request.to_proto(), local_service_pb2.EvaluateQueryResponse
        )
        names = [column.name for column in answer.prepared.columns]
        return [dict(zip(names, map(_python, row.cell), strict=True)) for row in answer.content.table_data.row]


def _sent(name: str, value: date | datetime | str | Rows) -> Mapping[str, Any]:
    sent: Mapping[str, Any] = sent_parameter(name, value).to_api_repr()
    return sent


def _content(columns: Mapping[str, str], rows: Iterable[Mapping[str, Any]]) -> types.TableContent:
    return types.TableContent(
        table_data=types.TableData(
            row=[
                types.TableData.Row(cell=[_value(row.get(name), kind) for name, kind in columns.items()])
                for row in rows
            ]
        )
    )


def _value(value: Any, kind: str = "") -> types.Value:
    """A value as its proto; `kind` distinguishes a number with decimals from one without."""
    match value:
        case None:
            return types.Value()
        case bool():
            return types.Value(bool_value=value)
        case int() if kind == "FLOAT64":
            return types.Value(double_value=float(value))
        case int() if kind != "NUMERIC":
            return types.Value(int64_value=value)
        case int() | Decimal():
            scaled = int(Decimal(value).scaleb(_NUMERIC_SCALE))
            return types.Value(numeric_value=scaled.to_bytes(scaled.bit_length() // 8 + 1, "little", signed=True))
        case float():
            return types.Value(double_value=value)
        case str():
            return types.Value(string_value=value)
        case datetime():
            instant = Timestamp()
            instant.FromDatetime(value)
            return types.Value(timestamp_value=instant)
        case date():
            return types.Value(date_value=(value - _EPOCH).days)
        case Rows():
            structs = [
                types.Value(struct_value=types.Value.Struct(field=[_value(row[name]) for name in value.table.columns]))
                for row in value.rows
            ]
            return types.Value(array_value=types.Value.Array(element=structs))
        case list():
            return types.Value(array_value=types.Value.Array(element=[_value(element) for element in value]))
    raise TypeError(f"no proto for {value!r}")


def _python(cell: Any) -> Any:
    kind = cell.WhichOneof("value")
    value: Any = getattr(cell, kind) if kind else None
    match kind:
        case "array_value":
            return [_python(element) for element in value.element]
        case "date_value":
            return _EPOCH + timedelta(days=value)
        case "timestamp_value":
            return value.ToDatetime(UTC)
        case "numeric_value":
            return Decimal(int.from_bytes(value, "little", signed=True)).scaleb(-_NUMERIC_SCALE)
    return value
