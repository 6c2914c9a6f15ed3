"""Orthanc's side of the webhook: tells Isocenter, by name only, that a study is new, grew, is stable or was deleted.

Runs inside Orthanc (orthanc-python); standard library only. The callback does nothing but remember: a slow or silent
RIS must never slow a modality down. A daemon thread posts, in order, and repeats with growing pauses until the RIS
took it. What is remembered lives in memory only, so the RIS also reads /changes from time to time.

Environment of the Orthanc process:
  ISOCENTER_HOOK_URL          where to post, for example http://127.0.0.1:8000/hooks/orthanc; unset: post nothing
  ISOCENTER_HOOK_SECRET       HOOK_SECRET of the RIS, sent as "Authorization: Bearer …"
  ISOCENTER_HOOK_SECRET_FILE  a file that holds it instead
"""

from __future__ import annotations

import json
import os
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import orthanc

PAUSES = (0.5, 1, 2, 5, 10, 30, 60)
GROWTH_PAUSE = 1.0
TIMEOUT = 5.0
REMEMBERED_MAX = 100_000
HOPELESS = frozenset({400, 422})
STUDY_EVENTS = {
    orthanc.ChangeType.NEW_STUDY: "NewStudy",
    orthanc.ChangeType.STABLE_STUDY: "StableStudy",
    orthanc.ChangeType.DELETED: "StudyDeleted",
}


class Outbox:
    """What is still to be told, in order and without repetition; many new instances become one "grew"."""

    def __init__(self) -> None:
        self._news = threading.Condition()
        self._events: dict[tuple[str, str], None] = {}
        self._instances: list[str] = []

    def add(self, event: str, name: str) -> None:
        with self._news:
            if len(self._events) < REMEMBERED_MAX:
                self._events[event, name] = None
            self._news.notify()

    def add_instance(self, name: str) -> None:
        with self._news:
            if len(self._instances) < REMEMBERED_MAX:
                self._instances.append(name)

    def first(self) -> tuple[str, str] | None:
        """The oldest event, after waiting a moment for one."""
        with self._news:
            if not self._events:
                self._news.wait(GROWTH_PAUSE)
            return next(iter(self._events), None)

    def done(self, event: tuple[str, str]) -> None:
        with self._news:
            self._events.pop(event, None)

    def take_instances(self) -> list[str]:
        with self._news:
            taken, self._instances = self._instances, []
            return taken


class Teller(threading.Thread):
    """Posts what the outbox holds."""

    def __init__(self, outbox: Outbox, url: str, secret: str) -> None:
        super().__init__(name="isocenter-hook", daemon=True)
        self.ended = threading.Event()
        self._outbox = outbox
        self._url = url
        self._secret = secret
        self._grown_at = 0.0
        # No proxy: the RIS is next door.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def run(self) -> None:
        failures = 0
        while not self.ended.is_set():
            self._notice_growth()
            event = self._outbox.first()
            if event is None:
                continue
            if self._post(*event):
                self._outbox.done(event)
                failures = 0
            else:
                self.ended.wait(PAUSES[min(failures, len(PAUSES) - 1)])
                failures += 1

    def _notice_growth(self) -> None:
        """At most once a second: which studies do the new instances belong to?"""
        if time.monotonic() - self._grown_at < GROWTH_PAUSE:
            return
        self._grown_at = time.monotonic()
        for study in dict.fromkeys(map(study_of, self._outbox.take_instances())):
            if study:
                self._outbox.add("StudyGrew", study)

    def _post(self, event: str, name: str) -> bool:
        """Whether the matter is settled: taken, or refused for good."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._secret}"}
        body = json.dumps({"event": event, "id": name}).encode()
        request = urllib.request.Request(self._url, body, headers, method="POST")  # noqa: S310  our own address
        try:
            with self._opener.open(request, timeout=TIMEOUT) as response:
                return 200 <= response.status < 300
        except urllib.error.HTTPError as error:
            error.close()
            orthanc.LogWarning(f"Isocenter answered {error.code} to {event}")
            return error.code in HOPELESS
        except OSError as error:
            orthanc.LogWarning(f"Isocenter does not take {event} ({type(error).__name__}), will repeat")
            return False


def study_of(instance: str) -> str:
    """Orthanc's name of the study of an instance, "" when it is gone again."""
    try:
        return str(json.loads(orthanc.RestApiGet(f"/instances/{instance}/study"))["ID"])
    except (orthanc.OrthancException, ValueError, KeyError):
        return ""


def secret() -> str:
    path = os.environ.get("ISOCENTER_HOOK_SECRET_FILE")
    return Path(path).read_text(encoding="utf-8").strip() if path else os.environ.get("ISOCENTER_HOOK_SECRET", "")


OUTBOX = Outbox()
TELLER = Teller(OUTBOX, os.environ.get("ISOCENTER_HOOK_URL", ""), secret())


def on_change(change: int, level: int, resource: str) -> None:
    """Orthanc calls this for each change while it holds its lock: remember, nothing more."""
    if change == orthanc.ChangeType.ORTHANC_STARTED:
        TELLER.start()
    elif change == orthanc.ChangeType.ORTHANC_STOPPED:
        TELLER.ended.set()
    elif change == orthanc.ChangeType.NEW_INSTANCE:
        OUTBOX.add_instance(resource)
    elif change in STUDY_EVENTS and level == orthanc.ResourceType.STUDY:
        OUTBOX.add(STUDY_EVENTS[change], resource)


if os.environ.get("ISOCENTER_HOOK_URL"):
    orthanc.RegisterOnChangeCallback(on_change)
else:
    orthanc.LogWarning("ISOCENTER_HOOK_URL is not set: Isocenter is told nothing and has to ask")
