"""Every statement that can leave the monitor, read by Google's own analyzer: names, types, and what each one scans."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from zetasql import types
from zetasql.api import ASTNodeVisitor, Parser
from zetasql.core.exceptions import ServerError

from nba_monitoring.core.rules.base import MembersQuery
from nba_monitoring.core.rules.required_members import RequiredMembers
from nba_monitoring.core.stage_record import Trigger
from nba_monitoring.sample.platform_tables import ALL_TABLES
from nba_monitoring.settings import BigQueryWarehouse
from nba_monitoring.stages_file import load_stages
from nba_monitoring.warehouse import Warehouse
from nba_monitoring.warehouse.dry_run import send_every_statement
from nba_monitoring.warehouse.engines.bigquery import BigQueryEngine, connect_to
from nba_monitoring.warehouse.tables import CHECKS, MONITOR_TABLES
from nba_monitoring_tests.days import DAY
from nba_monitoring_tests.warehouse.google_analyzer import LANGUAGE, GoogleAnalyzer
from nba_monitoring_tests.warehouse.listening import never_sent
from nba_monitoring_tests.warehouse.loopback_bigquery import PROJECT, Job, loopback_bigquery

# One worker compiles and keeps the analyzer.
pytestmark = [pytest.mark.xdist_group("google_analyzer"), pytest.mark.thorough]

Columns = Mapping[str, str]

MORNING = datetime(2026, 1, 18, 16, tzinfo=UTC)

# No shipped rule asks another table for the members of a set.
_MEMBERS = RequiredMembers(
    rule="required_members",
    column="system_id",
    query=MembersQuery(table="nba_predictions.model_registry", column="model_id", where="enabled"),
    fail=1,
)
_SHIPPED = load_stages(None)
_PREDICTIONS = _SHIPPED["predictions"]
STAGES = _SHIPPED.with_stage(_PREDICTIONS.model_copy(update={"rules": (*_PREDICTIONS.rules, _MEMBERS)}))

OWN_TABLES: Mapping[str, Columns] = {table.name: table.columns for table in MONITOR_TABLES}
FIRST_FIVE: Mapping[str, Columns] = {CHECKS.name: dict(list(CHECKS.columns.items())[:5])}
OLDER: Mapping[str, Columns] = {name: dict(list(columns.items())[:-1]) for name, columns in OWN_TABLES.items()}
# The monitor's own tables as they are found: up to date, not there, as they were before there was a monitor, and as an
# older one left them.
FOUND: Mapping[str, Mapping[str, Columns]] = {
    "up to date": OWN_TABLES,
    "none": {},
    "five columns": FIRST_FIVE,
    "older": OLDER,
}

# What each of the platform's tables is partitioned by.
DATE_COLUMNS = {
    "espn_scoreboard": "game_date",
    "nbac_schedule": "game_date",
    "game_postponements": "original_date",
    "halt_state": "effective_date",
    **{stage.table.partition(".")[2]: stage.date_column for stage in STAGES},
}
# A dozen rows, without a date.
SMALL_TABLES = frozenset({"model_registry"})


class WatchedWarehouse(Warehouse):
    """Remembers which of its methods were asked for."""

    def __getattribute__(self, name: str) -> Any:
        if not name.startswith("_") and name != "called":
            self.called.add(name)
        return super().__getattribute__(name)

    def __init__(self, engine: BigQueryEngine) -> None:
        self.called: set[str] = set()
        super().__init__(engine)


@dataclass(frozen=True)
class Caught:
    """A statement as sent, and which of the monitor's tables existed."""

    found: str
    job: Job

    @property
    def tables_found(self) -> str:
        """The tables that it meets: for a write, and for a read of one environment's rows, they have been made or
        brought up to date before.
        """
        is_write = _verb(self.job.sql) in ("MERGE", "INSERT", "DELETE", "UPDATE")
        return "up to date" if is_write or "@environment" in self.job.sql else self.found


def _verb(sql: str) -> str:
    verb = next(line for line in sql.splitlines() if not line.startswith("--")).split()[0]
    return "SELECT" if verb == "WITH" else verb


@cache
def caught() -> tuple[list[Caught], set[str]]:
    """All statements, and the methods of the warehouse that sent them."""
    statements: list[Caught] = []
    called: set[str] = set()
    for found, own in FOUND.items():
        with loopback_bigquery({**ALL_TABLES, **own}) as bigquery:
            target = BigQueryWarehouse(project=PROJECT, location="us-west2", emulator_host=bigquery.url)
            with connect_to(target) as client:
                warehouse = WatchedWarehouse(BigQueryEngine(client, trigger=Trigger.SCHEDULED))
                list(warehouse.bring_up_to_date())
                send_every_statement(warehouse, STAGES, DAY, MORNING)
            called |= warehouse.called
            statements += [Caught(found, job) for job in bigquery.taken]
    return statements, called


@cache
def analyzer(found: str = "up to date") -> GoogleAnalyzer:
    return GoogleAnalyzer({**ALL_TABLES, **FOUND[found]})


@cache
def analyzed() -> tuple[list[tuple[str, Any]], dict[str, str]]:
    """Each different statement with what Google makes of it, and those that it refuses with its reason."""
    resolved: list[tuple[str, Any]] = []
    refused: dict[str, str] = {}
    different = {(statement.tables_found, statement.job.sql): statement.job for statement in caught()[0]}
    for (found, sql), job in different.items():
        try:
            resolved.append((sql, analyzer(found).analyze(sql, job.parameters)))
        except ServerError as error:
            refused[sql] = error.raw_error
    return resolved, refused


def test_every_statement_is_valid_on_bigquery() -> None:
    resolved, refused = analyzed()
    assert refused == {}
    assert {sql for sql, _ in resolved} == {statement.job.sql for statement in caught()[0]}


def test_no_statement_slips_out_unseen() -> None:
    statements, called = caught()
    methods = {name for name in vars(Warehouse) if not name.startswith("_")}
    assert methods - called == {"bytes_read", "incidents_changed"}  # these send none
    different = {statement.job.sql for statement in statements}
    reads = [sql for sql in different if _verb(sql) == "SELECT"]
    of_stages = [sql for sql in reads if any(stage.table in sql for stage in STAGES)]
    own = [sql for sql in reads if any(table in sql for table in OWN_TABLES)]
    others = [sql for sql in reads if sql not in (*of_stages, *own)]
    # A count that is off is a statement that came or went: see that it is meant.
    assert Counter(_verb(sql) for sql in different if sql not in reads) == {
        "CREATE": 10,  # one per table
        "ALTER": 11,  # one per table of an older version, and one from the first five columns
        "MERGE": 9,  # three histories, incidents, notifications, a claim, three tables that are replaced
        "DELETE": 3,  # the same three, with no rows
        "INSERT": 2,  # mutes, replays of a season
        "UPDATE": 3,  # rows without an environment: mutes, incidents, notifications
    }
    # Three histories and the replay of a season, each also without a column; which stages were checked and when they
    # arrived; mutes, notifications, incidents in two forms.
    assert len(own) == 4 * 2 + 2 + 4
    # Two schedules, postponements, the halt state and the same as of earlier checks, the members of two sets.
    assert len(others) == 7
    # By table and grouping, over several ids, and joined with another; for a replay all but the second again.
    assert len(of_stages) == 19 + 13


def test_every_sql_file_is_among_them() -> None:
    assert never_sent([statement.job.sql for statement in caught()[0]]) == []


def reads() -> Iterator[tuple[str, Any, tuple[Any, ...]]]:
    """Each scan of a table in a query: the query, the scan, and the conditions that stand over it."""
    for sql, resolved in analyzed()[0]:
        if _verb(sql) == "SELECT":
            for scan, conditions in scans(resolved):
                yield sql, scan, conditions


def test_every_read_of_the_platform_is_bounded_by_two_parameters_on_its_date_column() -> None:
    unbounded = [
        (scan.table.name, sql)
        for sql, scan, conditions in reads()
        if scan.table.name in DATE_COLUMNS and not is_bounded(scan, conditions, DATE_COLUMNS[scan.table.name])
    ]
    assert unbounded == []


def test_every_read_of_the_monitors_own_tables_is_bounded_too() -> None:
    columns = {table.name.partition(".")[2]: table.partitioned_by for table in MONITOR_TABLES}
    own = [(sql, scan, conditions) for sql, scan, conditions in reads() if scan.table.name in columns]
    assert len(own) >= len({"history", "stage_history", "incidents", "notifications", "mutes"})
    assert [sql for sql, scan, conditions in own if not is_bounded(scan, conditions, columns[scan.table.name])] == []


def test_every_table_of_the_platform_that_is_read_has_a_date_column_or_is_small() -> None:
    own = {table.partition(".")[2] for table in OWN_TABLES}
    assert {scan.table.name for _, scan, _ in reads()} - own <= DATE_COLUMNS.keys() | SMALL_TABLES


def test_no_read_of_the_platform_names_all_columns() -> None:
    read = [sql for sql, _ in analyzed()[0] if any(table in sql for table in ALL_TABLES)]
    assert len(read) >= len(STAGES.stages)
    assert [sql for sql in read if selects_all(sql)] == []


BETWEEN = "SELECT s.game_id FROM nba_raw.nbac_schedule AS s WHERE s.game_date BETWEEN @first AND @last"

MUTED = "INSERT INTO nba_monitoring.mutes (check_date, set_at) SELECT r.check_date, r.set_at FROM UNNEST(@rows) AS r"


def dates(kind: str = "DATE") -> list[dict[str, Any]]:
    return [{"name": name, "parameterType": {"type": kind}} for name in ("first", "last")]


def rows(**kinds: str) -> list[dict[str, Any]]:
    struct = {"type": "STRUCT", "structTypes": [{"name": name, "type": {"type": kind}} for name, kind in kinds.items()]}
    return [{"name": "rows", "parameterType": {"type": "ARRAY", "arrayType": struct}}]


@pytest.mark.parametrize(
    ("sql", "parameters"),
    [
        (BETWEEN.replace("s.game_id", "s.game_ids"), dates()),
        (BETWEEN.replace("s.game_id", "s.game_id AS rows"), dates()),
        (BETWEEN.replace("s.game_id", "CAST(s.game_id AS VARCHAR)"), dates()),
        (BETWEEN.replace("s.game_id", "CAST(s.game_status AS BIGINT)"), dates()),
        (BETWEEN.replace("s.game_id", "s.game_status::STRING"), dates()),
        (BETWEEN.replace("s.game_id", "COUNT(*) FILTER (WHERE s.is_playoffs)"), dates()),
        (BETWEEN, dates("TIMESTAMP")),
        (BETWEEN, dates()[:1]),
        ("SELECT r.game_code FROM UNNEST(@rows) AS r", rows(game_id="STRING")),
        (
            MUTED,
            rows(check_date="DATE", set_at="STRING"),
        ),
    ],
)
def test_what_bigquery_refuses_is_refused_here(sql: str, parameters: list[dict[str, Any]]) -> None:
    with pytest.raises(ServerError):
        analyzer().analyze(sql, parameters)


@pytest.mark.parametrize(
    ("sql", "parameters"),
    [
        (BETWEEN, dates()),
        (
            MUTED,
            rows(check_date="DATE", set_at="TIMESTAMP"),
        ),
    ],
)
def test_what_bigquery_takes_is_taken_here(sql: str, parameters: list[dict[str, Any]]) -> None:
    analyzer().analyze(sql, parameters)


@pytest.mark.parametrize(
    ("where", "bounded"),
    [
        ("s.game_date BETWEEN @first AND @last", True),
        ("s.game_date BETWEEN @first AND @last AND (s.is_playoffs OR s.game_status = 1)", True),
        ("s.game_date >= @first AND s.game_date < @last", True),
        ("s.game_date BETWEEN @first AND @last OR s.is_playoffs", False),
        ("s.game_date >= @first", False),
        ("CAST(s.game_date AS STRING) BETWEEN CAST(@first AS STRING) AND CAST(@last AS STRING)", False),
        ("DATE(s.processed_at) BETWEEN @first AND @last", False),
        ("s.game_date BETWEEN DATE_SUB(@first, INTERVAL 1 DAY) AND @last", False),
        ("s.game_id = 'x'", False),
    ],
)
def test_the_proof_distinguishes_a_bounded_read_from_another(where: str, bounded: bool) -> None:
    sql = f"SELECT s.game_id FROM nba_raw.nbac_schedule AS s WHERE {where}"
    ((scan, conditions),) = scans(analyzer().analyze(sql, dates()))
    assert is_bounded(scan, conditions, "game_date") is bounded


@pytest.mark.parametrize(
    ("sql", "is_all"),
    [
        ("SELECT * FROM nba_raw.nbac_schedule", True),
        ("SELECT s.* FROM nba_raw.nbac_schedule AS s", True),
        ("SELECT COUNT(*) FROM (SELECT * FROM nba_raw.nbac_schedule)", True),
        ("SELECT COUNT(*), 2 * 3 FROM nba_raw.nbac_schedule", False),
    ],
)
def test_the_proof_distinguishes_a_star_from_a_count(sql: str, is_all: bool) -> None:
    assert selects_all(sql) is is_all


def scans(node: Any, conditions: tuple[Any, ...] = ()) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Each scan of a table, and the conditions that stand right over it."""
    if isinstance(node, types.ResolvedTableScan):
        yield node, conditions
    elif isinstance(node, types.ResolvedFilterScan):
        yield from scans(node.input_scan, (*conditions, *_conjuncts(node.filter_expr)))
        yield from scans(node.filter_expr)
    elif isinstance(node, types.ResolvedJoinScan) and _is_inner(node):
        # What stands over an inner join stands over both of its sides.
        yield from scans(node.left_scan, conditions)
        yield from scans(node.right_scan, conditions)
        yield from scans(node.join_expr)
    elif is_dataclass(node):
        for field in fields(node):
            yield from scans(getattr(node, field.name))
    elif isinstance(node, list):
        for each in node:
            yield from scans(each)


def _is_inner(join: Any) -> bool:
    return bool((join.join_type or 0) == types.ResolvedJoinScanEnums.JoinType.INNER)


def _conjuncts(condition: Any) -> Iterator[Any]:
    if _function(condition) == "$and":
        for argument in condition.argument_list:
            yield from _conjuncts(argument)
    else:
        yield condition


def _function(expression: Any) -> str:
    return expression.function.name.partition(":")[2] if isinstance(expression, types.ResolvedFunctionCall) else ""


def is_bounded(scan: Any, conditions: tuple[Any, ...], column: str) -> bool:
    """Whether the bare column stands between two parameters, which is what BigQuery prunes partitions by."""
    (column_id,) = {found.column_id for found in scan.column_list if found.name == column} or {None}
    bounds = set()
    for condition in conditions:
        if not isinstance(condition, types.ResolvedFunctionCall):
            continue
        first, *others = condition.argument_list
        is_column = isinstance(first, types.ResolvedColumnRef) and first.column.column_id == column_id
        if is_column and all(isinstance(other, types.ResolvedParameter) for other in others):
            bounds.add(_function(condition))
    return "$between" in bounds or {"$greater_or_equal", "$less"} <= bounds


class _Stars(ASTNodeVisitor):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.found = False

    def visit_ASTSelectColumn(self, node: Any) -> None:
        if type(node.expression).__name__ in ("ASTStar", "ASTDotStar", "ASTStarWithModifiers"):
            self.found = True
        self.descend(node)


def selects_all(sql: str) -> bool:
    """Whether a select list anywhere in it is a star."""
    stars = _Stars()
    stars.visit(Parser.parse_statement_static(sql, LANGUAGE))
    return stars.found
