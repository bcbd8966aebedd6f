"""The pages of docs/runbooks: their skeletons, and the part of each stage's page that comes from the stage table."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from nba_monitoring.alerts.runbooks import SERVICES, MonitorAlert
from nba_monitoring.core.fix_command import current_command, next_commands, past_command
from nba_monitoring.core.stages import SCHEDULE, Stage
from nba_monitoring_tests.stages import STAGES

FOLDER = Path(__file__).parents[1] / "docs" / "runbooks"
INDEX = "README"
HEADINGS = (
    "## What it means",
    "## What it costs the evening",
    "## How to see it",
    "## What to run",
    "## How to know that it worked",
)
TO_WRITE = "TO WRITE"
DAY = date(2026, 1, 18)
STAGE_NAMES = [stage.name for stage in STAGES]
PAGES = [*STAGE_NAMES, SCHEDULE, SERVICES, *MonitorAlert]

_BEGIN, _END = "<!-- from the stage table, by a test -->\n", "<!-- to here -->\n"


def skeleton(page: str) -> str:
    """A page with nothing but its headings, and what the stage table says."""
    title = f"{STAGES[page].title} (`{page}`)" if page in STAGE_NAMES else page
    own = HEADINGS if page not in STAGE_NAMES else (*HEADINGS[:2], f"{_BEGIN}{_END}", HEADINGS[-1])
    return made(page, "\n\n".join([f"# {title}", *(f"{part}\n\n{TO_WRITE}" for part in own)]) + "\n")


def made(page: str, text: str) -> str:
    """A page's text with the part from the stage table as it should be."""
    if page not in STAGE_NAMES:
        return text
    before, _, rest = text.partition(_BEGIN)
    return before + _BEGIN + _of_the_table(STAGES[page]) + _END + rest.partition(_END)[2]


def index() -> str:
    """The page that lists the others, by their titles."""
    lines = [f"- [{_title(page)}]({page}.md)" for page in PAGES]
    of_data = PAGES.index(next(iter(MonitorAlert)))
    stages, monitor = lines[:of_data], lines[of_data:]
    return "\n".join(
        [
            "# Runbooks",
            "",
            "One page per stage and per kind of monitor alert. `NBA_MONITORING_RUNBOOK_URL` links each alert to it:",
            "`https://github.com/ORG/REPO/blob/main/docs/runbooks/{stage}.md#{status}`.",
            "",
            "## Data",
            "",
            *stages,
            "",
            "## The monitor itself",
            "",
            *monitor,
            "",
        ]
    )


def _title(page: str) -> str:
    return (FOLDER / f"{page}.md").read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")


def _of_the_table(stage: Stage) -> str:
    return "\n".join(["", HEADINGS[2], "", *_how_to_see(stage), "", HEADINGS[3], "", *_what_to_run(stage), ""])


def _how_to_see(stage: Stage) -> list[str]:
    unit = stage.grouping or stage.date_column
    written = f", MAX({stage.written[0]}) AS written" if stage.written else ""
    return [
        "```sh",
        f'nba-monitoring check --date {DAY} --stages --json | grep \'"stage":"{stage.name}"\'',
        "```",
        "",
        "What the checks have found, newest first:",
        "",
        "```sql",
        "SELECT check_time, status, ready, expected, missing, partial, written_at",
        "FROM nba_monitoring.stage_checks",
        f"WHERE check_date = DATE '{DAY}' AND stage = '{stage.name}'",
        "ORDER BY check_time DESC",
        "```",
        "",
        f"What the table has now (expected: at least {_least(stage)}):",
        "",
        "```sql",
        f"SELECT {unit}, COUNT(DISTINCT {stage.key}) AS {stage.noun}{written}",
        f"FROM {stage.table}",
        f"WHERE {stage.date_column} = DATE '{DAY}' AND ({stage.usable})",
        "GROUP BY 1",
        "ORDER BY 1",
        "```",
    ]


def _least(stage: Stage) -> str:
    least = stage.least
    if least.per_date is not None:
        return stage.number_of(least.per_date)
    return f"{stage.number_of(least.per_unit or least.per_game or 0)} per game"


def _what_to_run(stage: Stage) -> list[str]:
    day = "the day after the games" if stage.due.next_day else "the game date"
    past, now = past_command(stage, [DAY]), current_command(stage, DAY)
    lines = [f"{_anchor('MISSING_DATA', 'PARTIAL_DATA')}, on {day}:", "", "```sh", now, "```", ""]
    if past is None:
        lines += ["Later, no command fills the date: the job would fill another one.", ""]
    elif past == now:
        lines += ["The same command fills past dates; its two dates are the first and the last one.", ""]
    else:
        lines += ["Later:", "", "```sh", past, "```", ""]
    due_together = [each.name for each in STAGES if each.due_by is stage.due_by]
    if following := next_commands(stage, due_together, STAGES, DAY):
        lines += ["Then, in this order, for the stages that fail downstream, each once the one before is complete:", ""]
        lines += ["```sh", *following, "```", ""]
    return [
        *lines,
        f"{_anchor('BAD_DATA')}: the rows exist, but are wrong. Fix what the alert's rule names, then run the same.",
        "",
        f"{_anchor('SUSPECT_JOIN')}: run nothing. Compare the ids in the alert with the schedule.",
        "",
        f"{_anchor('UNKNOWN_SCHEDULE')}: see [the schedule](schedule.md).",
    ]


def _anchor(*statuses: str) -> str:
    return "".join(f'<a id="{status}"></a>' for status in statuses) + f"**{', '.join(statuses)}**"
