"""`nba-monitoring stages`: the table of stages, checked."""

from __future__ import annotations

import click

from nba_monitoring.cli.json_lines import print_json_lines
from nba_monitoring.settings import Settings


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, with all fields of a stage.")
@click.option("--schema", "as_schema", is_flag=True, help="The JSON schema of a file of stages, for editors.")
def stages(as_json: bool, as_schema: bool) -> None:
    """Show the stages that are watched, in the pipeline's order, as the file in NBA_MONITORING_STAGES has them.

    A file with errors is refused with all of them, a line each, and exit status 2.
    """
    if as_json and as_schema:
        raise click.UsageError("--json and --schema exclude each other")
    if as_schema:
        import json

        from nba_monitoring.stages_file.schema import stages_schema

        click.echo(json.dumps(stages_schema(), indent=2))
        return
    table = Settings.load().stages
    if as_json:
        print_json_lines(stage.model_dump(mode="json") for stage in table)
    else:
        from nba_monitoring.cli.stage_table import print_stages

        print_stages(table)
