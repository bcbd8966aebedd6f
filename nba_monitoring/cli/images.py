"""`nba-monitoring images`: check container images without building them, and list what they need."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from nba_monitoring.cli.output import at_work, print_json_lines
from nba_monitoring.errors import MonitoringError
from nba_monitoring.images import ImageChecker, ImageReport, Tree
from nba_monitoring.services_file import ImageEntry, load_images
from nba_monitoring.stages_file.problems import nearest

Function = TypeVar("Function", bound=Callable[..., Any])


@click.group()
def images() -> None:
    """Check container images without building them.

    Reads the Dockerfiles of a tree, works out which files and libraries each image will hold, and follows the imports
    of the program that it starts. Nothing is built or run.
    """


def _tree_options(command: Function) -> Function:
    for option in (
        click.option("--only", metavar="NAME", help="One image: a service, a Dockerfile, or its folder."),
        click.option(
            "--services",
            "services",
            type=click.Path(path_type=Path),
            help="A services.yaml that names the images. Default: each Dockerfile under TREE.",
        ),
        click.argument("path", metavar="[TREE]", type=click.Path(path_type=Path), default=Path()),
    ):
        command = option(command)
    return command


@images.command()
@_tree_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line and image.")
def check(path: Path, services: Path | None, only: str | None, as_json: bool) -> None:
    """Check that the imports of each image can succeed.

    TREE is the build context of the images. Default: the current folder.

    \b
    Exit status:
      0  every image is COMPLETE
      1  an image is INCOMPLETE, SWITCHED_OFF or UNREADABLE
      2  could not check; a message on standard error says why
    """
    reports = _checked(path, services, only)
    if as_json:
        print_json_lines(map(_as_json, reports))
    else:
        for report in reports:
            _print(report)
    if not all(report.status.passes for report in reports):
        raise SystemExit(1)


@images.command("list")
@_tree_options
def list_images(path: Path, services: Path | None, only: str | None) -> None:
    """List what each image starts and needs.

    TREE is the build context of the images. Default: the current folder. The modules and libraries are those that the
    image's programs import; `images check --json` has them in full.
    """
    from rich.markup import escape

    from nba_monitoring.cli.tables import console, print_table

    rows = (
        [
            escape(report.image),
            str(report.status),
            escape("\n".join(report.programs)),
            escape(_counted(report.modules)),
            escape(", ".join(report.libraries)),
        ]
        for report in _checked(path, services, only)
    )
    headings = ["Image", "Status", "Starts", "Modules", "Libraries"]
    print_table(console(240), headings, rows, folded=set(headings[2:]))


def _counted(modules: Sequence[str]) -> str:
    """'predictions 12, shared 3': the number of modules by top-level package."""
    tops = [module.partition(".")[0] for module in modules]
    return ", ".join(f"{top} {tops.count(top)}" for top in dict.fromkeys(tops))


def _checked(path: Path, services: Path | None, only: str | None) -> Sequence[ImageReport]:
    if not path.is_dir():
        raise MonitoringError(f"{path}: no such folder; name the folder that the images are built from")
    tree = Tree(path)
    checker = ImageChecker(tree)
    with at_work("Checking the images"):
        return [checker.check(entry) for entry in _entries(tree, services, only)]


def _entries(tree: Tree, services: Path | None, only: str | None) -> Sequence[ImageEntry]:
    if services is None:
        found: Mapping[str, ImageEntry] = {each: ImageEntry(dockerfile=each) for each in tree.dockerfiles}
        if not found:
            raise MonitoringError(
                f"{tree.path}: no Dockerfile below it; name the folder that the images are built from"
            )
    else:
        found = load_images(services, tree.has)
    if only is None:
        return list(found.values())
    chosen = [entry for name, entry in found.items() if only.rstrip("/") in _names(name, entry)]
    if not chosen:
        known = sorted({each for name, entry in found.items() for each in (name, entry.dockerfile)})
        raise MonitoringError(f"--only {only}: no such image; {nearest(only, known)}")
    return chosen


def _names(name: str, entry: ImageEntry) -> Sequence[str]:
    folder = entry.dockerfile.rpartition("/")[0]
    return name, entry.dockerfile, folder


def _as_json(report: ImageReport) -> dict[str, Any]:
    fields = ("when", "kind", "missing", "where", "places", "fix")
    return {
        "image": report.image,
        "status": report.status,
        "findings": [{name: getattr(finding, name) for name in fields} for finding in report.findings],
        "modules": report.modules,
        "libraries": report.libraries,
        "notes": report.notes,
    }


def _print(report: ImageReport) -> None:
    severity = f" ({report.status.severity})" if report.status.severity else ""
    click.echo(f"{report.image}: {report.status}{severity}")
    for finding in report.findings:
        click.echo(f"  {finding.text}")
    for note in report.notes:
        click.echo(f"  Note: {note}")
