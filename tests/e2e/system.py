"""A whole Isocenter of its own: every process of the demo but the looping modality, on free ports."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg

from ris.demo.supervisor import programs
from ris.demo.supervisor.child import Program
from ris.demo.supervisor.installation import ROOT, Installation, describe
from ris.demo.supervisor.preparation import steps
from tests.services import migrated
from tests.services.server import free_port

LONGEST_STEP = 300
LISTENERS = ("WEB", "DICOM_SCP", "HL7", "HL7_RECEIVER", "ORTHANC_HTTP", "ORTHANC_DICOM")
UNWANTED = ("DJANGO_SETTINGS_MODULE", "ORTHANC_URL", "DATA_DIR", "SECRET_KEY", "SIGNING_P12_PASSWORD", "HOOK_SECRET")


class System:
    """Start, kill and restart its processes by name; run its commands; read its logs."""

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        self.folder = folder
        kept = {name: value for name, value in os.environ.items() if name not in UNWANTED}
        free = (
            "WEB_PORT",
            "DICOM_SCP_PORT",
            "HL7_PORT",
            "HL7_RECEIVER_PORT",
            "ORTHANC_HTTP_PORT",
            "ORTHANC_DICOM_PORT",
        )
        chosen = {name: str(free_port()) for name in free}
        env = {**kept, **chosen, **settings, "DATA_DIR": str(folder / "data"), "BUILD_DIR": str(ROOT / "build")}
        (folder / "data").mkdir(parents=True)
        self.installation: Installation = describe(env)
        self.env = dict(self.installation.env)
        self.address = self.installation.address
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def prepare(self) -> None:
        for step in steps(self.installation):
            if step.command[0] == "migrate" and not self.env.get("DATABASE_URL"):
                self._migrate(*step.command)
            else:
                self.manage(*step.command)

    def _migrate(self, *command: str) -> None:
        database = self.folder / "data" / "isocenter.sqlite3"
        migrated.lay(database)
        self.manage(*command)
        migrated.keep(database)

    def start(self, *names: str) -> None:
        """Start the named programs, or all; returns when the web answers."""
        for program in programs.of(self.installation):
            if not names or program.name in names:
                self.processes[program.name] = self._run(program)
        if not names or "web" in names:
            wait_for(lambda: self._answers("/accounts/login/"), "the web server")
        if not names or "orthanc" in names:
            wait_for(lambda: self.orthanc("/system") is not None, "Orthanc")

    def _run(self, program: Program) -> subprocess.Popen[bytes]:
        with (self.folder / f"{program.name}.log").open("ab") as log:
            return subprocess.Popen(
                program.command, env=dict(program.env), cwd=program.folder, stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip

    def kill(self, name: str) -> None:
        """SIGKILL to the whole process group: no time to say goodbye."""
        process = self.processes.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        for process in self.processes.values():
            os.killpg(process.pid, signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def manage(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """A management command of this installation, to its end."""
        command = (sys.executable, "manage.py", *arguments)
        done = subprocess.run(
            command, env=self.env, cwd=ROOT, capture_output=True, text=True, timeout=LONGEST_STEP, check=False
        )
        if check and done.returncode != 0:
            raise AssertionError(f"{' '.join(arguments)} failed:\n{done.stdout}\n{done.stderr}")
        return done

    def rows(self, model: str, *columns: str, **filters: str) -> list[list[object]]:
        """Columns of the rows of a model, `app.Model`, as the installation's own ORM answers."""
        code = (
            "import json; from django.apps import apps; "
            f"found = apps.get_model({model!r}).objects.filter(**{filters!r}).values_list(*{columns!r}); "
            "print(json.dumps([list(map(str, row)) for row in found]))"
        )
        return list(json.loads(self.manage("shell", "--verbosity", "0", "--command", code).stdout))

    def orthanc(self, path: str) -> bytes | None:
        """Orthanc's own REST API, past the RIS: the oracle of what is really stored. None when it does not answer."""
        request = urllib.request.Request(self.env["ORTHANC_URL"] + path)
        password = self.secret("ORTHANC_PASSWORD")
        token = base64.b64encode(f"{self.env.get('ORTHANC_USERNAME', 'isocenter')}:{password}".encode()).decode()
        request.add_header("Authorization", f"Basic {token}")
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return bytes(answer.read())
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return None

    def secret(self, name: str) -> str:
        if f"{name}_FILE" in self.env:
            return Path(self.env[f"{name}_FILE"]).read_text().strip()
        return self.env[name]

    def log(self, name: str) -> str:
        path = self.folder / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def _answers(self, path: str) -> bool:
        try:
            urllib.request.urlopen(self.address + path, timeout=5).close()
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False
        return True


def wait_for(true: Callable[[], bool], what: str, seconds: float = 60) -> None:
    """Until it is true; fails with the name of what did not come."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if true():
            return
        time.sleep(0.2)
    raise AssertionError(f"{what} did not come within {seconds:.0f} s")


@contextmanager
def running_system(**settings: str) -> Iterator[System]:
    """A prepared, running system; on PostgreSQL (its own database) when DATABASE_URL is set."""
    with tempfile.TemporaryDirectory(prefix="isocenter-e2e-") as place, own_database(settings) as database:
        system = System(Path(place), {**settings, **database})
        system.prepare()
        try:
            system.start()
            yield system
        finally:
            system.stop()


@contextmanager
def own_database(settings: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """A fresh database on the server of this run, so that the unit tests' one is left alone."""
    server = os.environ.get("DATABASE_URL")
    if not server or "DATABASE_URL" in settings:
        yield {}
        return
    name = f"e2e_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    try:
        yield {"DATABASE_URL": f"{server.rpartition('/')[0]}/{name}"}
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
