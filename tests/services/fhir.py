"""npm's `fhir` as the oracle of FHIR R4: it knows the profiles and the value sets, and none of our code.

Fetched once into build/npm, as the viewer is, and checked against the hash in package.json.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings

PROGRAM = """
const { Fhir } = require(process.argv[1] + "/fhir.js");
const fhir = new Fhir();
const resources = JSON.parse(require("fs").readFileSync(0, "utf8"));
// A code outside an example or preferred value set is a warning that R4 allows; `info` names sets that it lacks.
const told = resources.map((one) => fhir.validate(one, { errorOnUnexpected: true }).messages
  .filter((message) => message.severity !== "info")
  .filter((message) => message.severity === "error" || !message.message.endsWith("not found in value set"))
  .map((message) => `${message.severity} ${message.location}: ${message.message}`));
process.stdout.write(JSON.stringify(told));
"""
SECONDS = 120


def faults_of(resources: Iterable[dict[str, Any]]) -> list[list[str]]:
    """What a real node process says is wrong with each resource."""
    command = ["node", "-e", PROGRAM, str(package())]
    text = json.dumps(list(resources))
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=SECONDS, check=True)
    told: list[list[str]] = json.loads(done.stdout)
    return told


def package() -> Path:
    """The unpacked package; several test processes may ask for it at the same time."""
    pinned = json.loads((settings.BASE_DIR / "package.json").read_text())["config"]["fhir_validator"]
    folder = Path(settings.BUILD_DIR) / "npm" / f"{pinned['name']}-{pinned['version']}"
    if not (folder / "fhir.js").exists():
        _fetch(pinned, folder)
    return folder


def _fetch(pinned: dict[str, str], folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as name:
        scratch, wanted = Path(name), f"{pinned['name']}@{pinned['version']}"
        npm = ["npm", "pack", wanted, "--pack-destination", name, "--silent", "--ignore-scripts", "--prefer-offline"]
        subprocess.run(npm, check=True, capture_output=True, timeout=SECONDS)
        tarball = next(scratch.glob("*.tgz"))
        digest = base64.b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode()
        assert f"sha512-{digest}" == pinned["integrity"], "npm delivered another package"
        with tarfile.open(tarball) as archive:
            archive.extractall(scratch)  # noqa: S202  its hash was checked
        _place(scratch / "package", folder)


def _place(unpacked: Path, folder: Path) -> None:
    """At once or not at all; another process may have been first."""
    try:
        unpacked.replace(folder)
    except OSError:
        if not (folder / "fhir.js").exists():
            shutil.rmtree(folder, ignore_errors=True)
            unpacked.replace(folder)
