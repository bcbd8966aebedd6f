"""GoogleSQL's own analyzer: names and types as BigQuery has them. It knows no quota, cost or rights.

The package is alpha and has one maintainer, so it is at home in tests alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import wasmtime
import zetasql.core.wasm_client
from zetasql import types
from zetasql.api import Analyzer, TypeFactory

# What BigQuery documents. `LanguageOptions.maximum_features()` would let pass what it refuses.
FEATURES = """
ANALYTIC_FUNCTIONS DISALLOW_GROUP_BY_FLOAT DML_UPDATE_WITH_JOIN CREATE_TABLE_PARTITION_BY CREATE_TABLE_CLUSTER_BY
NUMERIC_TYPE BIGNUMERIC_TYPE CREATE_TABLE_NOT_NULL CREATE_TABLE_FIELD_ANNOTATIONS CREATE_TABLE_AS_SELECT_COLUMN_LIST
JSON_TYPE INTERVAL_TYPE PARAMETERIZED_TYPES JSON_ARRAY_FUNCTIONS JSON_VALUE_EXTRACTION_FUNCTIONS
V_1_1_WITH_ON_SUBQUERY V_1_1_SELECT_STAR_EXCEPT_REPLACE V_1_1_ORDER_BY_IN_AGGREGATE V_1_1_LIMIT_IN_AGGREGATE
V_1_1_HAVING_IN_AGGREGATE V_1_1_NULL_HANDLING_MODIFIER_IN_ANALYTIC V_1_1_NULL_HANDLING_MODIFIER_IN_AGGREGATE
V_1_2_CIVIL_TIME V_1_2_SAFE_FUNCTION_CALL V_1_2_GROUP_BY_STRUCT V_1_2_WEEK_WITH_WEEKDAY V_1_3_IS_DISTINCT
V_1_3_FORMAT_IN_CAST V_1_3_DATE_ARITHMETICS V_1_3_DATE_TIME_CONSTRUCTORS V_1_3_EXTENDED_DATE_TIME_SIGNATURES
V_1_3_NULLS_FIRST_LAST_IN_ORDER_BY V_1_3_QUALIFY V_1_3_ALLOW_DASHES_IN_TABLE_NAME V_1_3_PIVOT V_1_3_UNPIVOT
V_1_3_DECIMAL_ALIAS V_1_3_WITH_RECURSIVE V_1_3_OMIT_INSERT_COLUMN_LIST V_1_3_COLUMN_DEFAULT_VALUE
V_1_3_LIKE_ANY_SOME_ALL V_1_4_GROUP_BY_ALL V_1_4_GROUPING_SETS V_1_4_GROUPING_BUILTIN
""".split()

STATEMENTS = """
QUERY INSERT UPDATE DELETE MERGE TRUNCATE CREATE_TABLE CREATE_TABLE_AS_SELECT ALTER_TABLE DROP CREATE_SCHEMA CREATE_VIEW
""".split()

KINDS = {
    "BOOL": types.TypeKind.TYPE_BOOL,
    "DATE": types.TypeKind.TYPE_DATE,
    "FLOAT64": types.TypeKind.TYPE_DOUBLE,
    "INT64": types.TypeKind.TYPE_INT64,
    "NUMERIC": types.TypeKind.TYPE_NUMERIC,
    "JSON": types.TypeKind.TYPE_JSON,
    "STRING": types.TypeKind.TYPE_STRING,
    "TIMESTAMP": types.TypeKind.TYPE_TIMESTAMP,
}


class CachedConfig(wasmtime.Config):
    """Compiled once per machine: 25 s and 1 GB, then half a second and a quarter of that."""

    def __init__(self) -> None:
        super().__init__()
        self.cache = True


zetasql.core.wasm_client.Config = CachedConfig  # the package has no switch for it


LANGUAGE = types.LanguageOptions(
    product_mode=types.ProductMode.PRODUCT_EXTERNAL,
    reserved_keywords=["QUALIFY"],
    enabled_language_features=[getattr(types.LanguageFeature, f"FEATURE_{name}") for name in FEATURES],
    supported_statement_kinds=[getattr(types.ResolvedNodeKind, f"RESOLVED_{name}_STMT") for name in STATEMENTS],
)


class GoogleAnalyzer:
    """Analyzes statements over these tables, by the types of their columns as BigQuery spells them."""

    def __init__(self, tables: Mapping[str, Mapping[str, str]]) -> None:
        datasets: dict[str, types.SimpleCatalog] = {}
        for name, columns in tables.items():
            dataset, table = name.split(".")
            catalog = datasets.setdefault(dataset, types.SimpleCatalog(name=dataset))
            catalog.table.append(simple_table(table, columns))
        self._catalog = types.SimpleCatalog(
            name="our-project",
            catalog=list(datasets.values()),
            builtin_function_options=types.ZetaSQLBuiltinFunctionOptions(language_options=LANGUAGE),
        )

    def analyze(self, sql: str, parameters: Iterable[Mapping[str, Any]] = ()) -> Any:
        """The resolved statement; `parameters` as the client sends them. Raises ServerError for one Google refuses."""
        options = types.AnalyzerOptions(
            language_options=LANGUAGE,
            parameter_mode=types.ParameterMode.PARAMETER_NAMED,
            allow_undeclared_parameters=False,
            default_timezone="UTC",
            prune_unused_columns=True,
            query_parameters=[
                types.AnalyzerOptions.QueryParameter(name=sent["name"], type=sent_type(sent["parameterType"]))
                for sent in parameters
            ],
        )
        return Analyzer(options, self._catalog).analyze_statement(sql)


def simple_table(name: str, columns: Mapping[str, str]) -> types.SimpleTable:
    """A table of a catalog, by the types of its columns as BigQuery spells them."""
    return types.SimpleTable(
        name=name,
        column=[
            types.SimpleColumn(name=column, type=_column_type(kind), is_writable_column=True)
            for column, kind in columns.items()
        ],
    )


def _column_type(kind: str) -> types.Type:
    if element := re.fullmatch(r"ARRAY<(\w+)>", kind):
        return TypeFactory.create_array_type(_column_type(element[1]))
    return TypeFactory.create_simple_type(KINDS[kind])


def sent_type(sent: Mapping[str, Any]) -> types.Type:
    """The type of a parameter as the client's request names it."""
    if sent["type"] == "ARRAY":
        return TypeFactory.create_array_type(sent_type(sent["arrayType"]))
    if sent["type"] == "STRUCT":
        fields = [(found["name"], sent_type(found["type"])) for found in sent["structTypes"]]
        return TypeFactory.create_struct_type(fields)
    return TypeFactory.create_simple_type(KINDS[sent["type"]])
