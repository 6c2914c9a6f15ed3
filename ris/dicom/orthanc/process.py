"""Orthanc as a child process: started, awaited, stopped by its pid."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import requests

from ris.dicom.orthanc import ports
from ris.dicom.orthanc.config import OrthancOptions, build

BINARY = Path("/usr/sbin/Orthanc")
PACKAGES = "orthanc orthanc-dicomweb orthanc-python orthanc-gdcm"


class CannotStart(RuntimeError):
    """Orthanc does not run; the message is one sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class Hook:
    """Where Orthanc's hook posts its events, and the secret by which the RIS knows it."""

    url: str
    secret: str


@dataclass(slots=True)
class OrthancProcess:
    """One Orthanc. Its configuration and its log lie in `directory`, its images in `options.storage`."""

    directory: Path
    options: OrthancOptions
    hook: Hook | None = None
    binary: Path = BINARY
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.options.http_port}"

    @property
    def log_file(self) -> Path:
        return self.directory / "orthanc.log"

    @property
    def pid(self) -> int | None:
        """The process id, None when it was not started or has ended."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self, patience: float = 20.0) -> None:
        """Start it and return when it answers; CannotStart when it does not within `patience` seconds."""
        if self.pid is not None:
            return
        self._refuse_if_impossible()
        configuration = self._write_configuration()
        with (self.directory / "orthanc.out").open("wb") as output:
            self._process = subprocess.Popen(
                [str(self.binary), f"--logfile={self.log_file}", str(configuration)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=self._environment(),
                start_new_session=True,
            )
        self._await_answer(patience)

    def stop(self, grace: float = 10.0) -> None:
        """Ask it to end, and make it end after `grace` seconds."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(grace)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._process.wait()
        self._process = None

    def analyze(self) -> None:
        """Give SQLite its statistics, so that a search by accession does not read the whole index (30 times faster).

        Orthanc keeps its index locked: only while it is stopped.
        """
        index = self.options.storage / "index"
        if self.pid is not None or not index.exists():
            return
        with closing(sqlite3.connect(index)) as database:
            database.execute("ANALYZE")

    def _refuse_if_impossible(self) -> None:
        plugins = [Path(plugin) for plugin in build(self.options)["Plugins"]]
        missing = [path for path in (self.binary, *plugins) if not path.exists()]
        if missing:
            raise CannotStart(f"Orthanc is not installed ({missing[0]} is missing): apt-get install {PACKAGES}")
        for name, port in (("HTTP", self.options.http_port), ("DICOM", self.options.dicom_port)):
            if not ports.is_free(port):
                raise CannotStart(f"Orthanc cannot start: port {port} ({name}) is already in use.")

    def _write_configuration(self) -> Path:
        """The configuration holds the password: nobody else may read it."""
        self.options.storage.mkdir(parents=True, exist_ok=True)
        self.directory.mkdir(parents=True, exist_ok=True)
        path = self.directory / "orthanc.json"
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(build(self.options), file, indent=2)
        return path

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TZ", "TMPDIR") if name in os.environ}
        if self.hook is None:
            return kept
        return kept | {"ISOCENTER_HOOK_URL": self.hook.url, "ISOCENTER_HOOK_SECRET": self.hook.secret}

    def _await_answer(self, patience: float) -> None:
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if self.pid is None:
                raise CannotStart(f"Orthanc ended at once; {self.log_file} says why.")
            if self.answers():
                return
            time.sleep(0.05)
        self.stop()
        raise CannotStart(f"Orthanc did not answer within {patience:.0f} seconds; {self.log_file} may say why.")

    def answers(self) -> bool:
        """Whether it lets us in and tells its name."""
        with requests.Session() as session:
            session.trust_env = False
            session.auth = (self.options.username, self.options.password)
            try:
                return session.get(f"{self.url}/system", timeout=2).ok
            except requests.RequestException:
                return False
