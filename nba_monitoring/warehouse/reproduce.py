"""The query by which a person sees for themselves what a stage has on a date."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from nba_monitoring.core.counting import AS_OF
from nba_monitoring.core.coverage import counts
from nba_monitoring.core.stages import Stage

# Sent by nobody here: a person pastes it, so it has literals where the monitor's own statements have parameters.
_QUERY = """\
SELECT {grouping},
  {measures}
FROM {table}
WHERE {date_column} BETWEEN DATE '{first}' AND DATE '{last}'
GROUP BY {grouping}
ORDER BY {grouping}"""


def reproducing_sql(stage: Stage, day: date, rules: Collection[str] = ()) -> str:
    """SQL for both engines: a stage's rows on a date by game or team, and what the named rules measure by it.

    A rule that compares dates adds the dates before. What it measures by another column, or in another table, is left
    out.
    """
    failing = [rule for rule in stage.rules if rule.rule in rules]
    rows, _, usable, *_ = counts(stage)
    measures = [f"{rows.sql} AS row_count", f"{usable.sql} AS usable_keys"]
    of_rules = (measure for rule in failing for measure in rule.measures(stage).get(stage.grouping, ()))
    for number, measure in enumerate(dict.fromkeys(of_rules), start=1):
        measures.append(f"{measure.sql.replace(AS_OF, 'CURRENT_TIMESTAMP')} AS measure_{number}")
    back = max((rule.lookback_days for rule in failing), default=0)
    grouping = [stage.date_column] if stage.grouping is None else [stage.date_column, stage.grouping]
    return _QUERY.format(
        table=stage.table,
        grouping=", ".join(grouping),
        measures=",\n  ".join(measures),
        date_column=stage.date_column,
        first=day - timedelta(days=back),
        last=day,
    )
