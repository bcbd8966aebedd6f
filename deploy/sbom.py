"""Print what an image contains as CycloneDX 1.6: its Python packages and its Debian packages. Runs inside the image.

docker run --rm --interactive IMAGE python - < deploy/sbom.py
"""

import json
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path


def component(name: str, version: str, purl: str) -> dict[str, str]:
    return {"type": "library", "name": name, "version": version, "purl": purl, "bom-ref": purl}


def python_packages() -> list[dict[str, str]]:
    found = {found.metadata["Name"].lower().replace("_", "-"): found.version for found in distributions()}
    return [component(name, version, f"pkg:pypi/{name}@{version}") for name, version in sorted(found.items())]


def debian_packages() -> list[dict[str, str]]:
    command = ["dpkg-query", "--show", "--showformat", "${Package} ${Version} ${Architecture}\n"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    release = dict(line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line)
    distro = release["VERSION_CODENAME"].strip('"')
    return [
        component(name, version, f"pkg:deb/debian/{name}@{version.replace('+', '%2B')}?arch={arch}&distro={distro}")
        for name, version, arch in map(str.split, shown.splitlines())
    ]


bom = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "version": 1,
    "metadata": {
        "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
        "component": {"type": "container", "name": "nba_monitoring"},
    },
    "components": [*python_packages(), *debian_packages()],
}
json.dump(bom, sys.stdout, indent=1)
