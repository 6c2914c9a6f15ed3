"""The embedded installation: its folder, its ports, and the environment that every process of it gets."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ris.demo.supervisor import ports, secret_files
from ris.demo.supervisor.child import Program
from ris.demo.supervisor.ports import Ports

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True, slots=True)
class Installation:
    """Where the demo lives and how its processes are told so."""

    data: Path
    ports: Ports
    env: Mapping[str, str]

    @property
    def address(self) -> str:
        return self.env["PUBLIC_URL"]

    @property
    def orthanc_file(self) -> Path:
        """Orthanc's generated configuration; it holds the password."""
        return self.data / "orthanc.json"

    def python(self, name: str, *arguments: str) -> Program:
        """A program run by this interpreter from the root of the clone."""
        return Program(name, (sys.executable, *arguments), self.env, ROOT)

    def manage(self, name: str, *arguments: str) -> Program:
        """A management command as a program."""
        return self.python(name, "manage.py", *arguments)


def data_folder(env: Mapping[str, str]) -> Path:
    build = Path(env.get("BUILD_DIR") or ROOT / "build")
    return Path(env.get("DATA_DIR") or build / "demo").resolve()


def describe(env: Mapping[str, str]) -> Installation:
    """The installation that these variables ask for; makes its secrets. Raises DemoError for a wrong port."""
    data, chosen = data_folder(env), ports.from_environment(env)
    return Installation(data, chosen, {**env, **_settings(data, chosen, env)})


def from_process() -> Installation:
    return describe(os.environ)


def _settings(data: Path, chosen: Ports, env: Mapping[str, str]) -> dict[str, str]:
    settings = {
        **secret_files.ensure(data / "secrets", env),
        "DEMO": "1",
        "DATA_DIR": str(data),
        "PUBLIC_URL": f"http://localhost:{chosen.web.number}",
        "DICOM_SCP_PORT": str(chosen.worklist.number),
        "HL7_PORT": str(chosen.hl7.number),
        "HL7_RECEIVER_PORT": str(chosen.hospital.number),
        "DJANGO_SETTINGS_MODULE": "ris.settings",
        "PYTHONUNBUFFERED": "1",
    }
    if chosen.orthanc_http and chosen.orthanc_dicom:
        settings["ORTHANC_URL"] = f"http://127.0.0.1:{chosen.orthanc_http.number}"
        settings["ORTHANC_HTTP_PORT"] = str(chosen.orthanc_http.number)
        settings["ORTHANC_DICOM_PORT"] = str(chosen.orthanc_dicom.number)
    return settings
