"""The embedded defaults, and a schedule whose tasks exist (DESIGN.md §7)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from ris.celery import app
from ris.demo.supervisor import secret_files
from tests.architecture.sources import ROOT

SHOWN = ("DATABASES", "CACHES", "CELERY_BROKER_URL", "ORTHANC_URL", "PIXELS", "ATOMIC_REQUESTS", "PUBLIC_URL", "DEBUG",
         "SECRET_KEY")  # fmt: skip
SHOW = f"""
import json
from django.conf import settings
print(json.dumps({{name: getattr(settings, name) for name in {SHOWN}}}, default=str))
"""
KEPT = ("PATH", "HOME", "LANG")


def settings_under(**env: str) -> subprocess.CompletedProcess[str]:
    """The settings of a process with nothing in its environment but `env`."""
    basis = {name: os.environ[name] for name in KEPT if name in os.environ}
    everything = {**basis, "DJANGO_SETTINGS_MODULE": "ris.settings", **env}
    command = [sys.executable, "-c", SHOW]
    return subprocess.run(command, cwd=ROOT, env=everything, capture_output=True, text=True, check=False)


def shown(**env: str) -> dict[str, object]:
    ended = settings_under(**env)
    assert ended.returncode == 0, ended.stderr
    found: dict[str, object] = json.loads(ended.stdout)
    return found


def test_every_scheduled_task_exists() -> None:
    app.loader.import_default_modules()
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert scheduled
    assert scheduled - set(app.tasks) == set()


def test_without_servers_everything_is_embedded(tmp_path: Path) -> None:
    found = shown(DEMO="1", DATA_DIR=str(tmp_path))
    database = found["DATABASES"]["default"]  # type: ignore[index]
    assert database["ENGINE"] == "django.db.backends.sqlite3"
    assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in database["OPTIONS"]["init_command"]
    assert found["CELERY_BROKER_URL"] == "filesystem://localhost"
    assert found["ORTHANC_URL"] == "http://127.0.0.1:8042"
    assert found["PIXELS"] == "python"
    assert found["DEBUG"] is False


def test_three_variables_grow_it_out_of_one_machine() -> None:
    found = shown(
        DEMO="1",
        DATABASE_URL="postgresql://ris:secret@db.example.org/ris",
        REDIS_URL="redis://cache.example.org/0",
        ORTHANC_URL="http://archive.example.org:8042",
    )
    assert found["DATABASES"]["default"]["ENGINE"] == "django.db.backends.postgresql"  # type: ignore[index]
    assert found["CACHES"]["default"]["LOCATION"] == "redis://cache.example.org/0"  # type: ignore[index]
    assert found["CELERY_BROKER_URL"] == "redis://cache.example.org/0"
    assert found["ORTHANC_URL"] == "http://archive.example.org:8042"


def test_a_server_with_a_database_of_its_own_does_not_start_without_a_secret_key() -> None:
    ended = settings_under(DATABASE_URL="postgresql://ris:secret@db.example.org/ris")
    assert ended.returncode != 0
    assert "SECRET_KEY is not set" in ended.stderr


@pytest.mark.parametrize("how", [{}, {"DEMO": "1"}, {"DEBUG": "1"}])
def test_without_any_variable_each_data_folder_gets_a_random_key_of_its_own(
    tmp_path: Path, how: dict[str, str]
) -> None:
    first = shown(DATA_DIR=str(tmp_path / "one"), **how)["SECRET_KEY"]
    assert isinstance(first, str)
    assert len(first) >= 50
    assert shown(DATA_DIR=str(tmp_path / "one"), **how)["SECRET_KEY"] == first
    assert shown(DATA_DIR=str(tmp_path / "two"), **how)["SECRET_KEY"] != first
    kept = tmp_path / "one" / "secrets" / "secret_key"
    assert kept.stat().st_mode & 0o077 == 0
    assert kept.parent.stat().st_mode & 0o077 == 0
    assert [file.name for file in kept.parent.iterdir()] == ["secret_key"]


def test_a_folder_that_cannot_hold_the_key_is_named(tmp_path: Path) -> None:
    (tmp_path / "secrets").write_text("a file where the folder should be")
    ended = settings_under(DATA_DIR=str(tmp_path))
    assert ended.returncode != 0
    assert "ImproperlyConfigured" in ended.stderr
    assert "Set SECRET_KEY instead" in ended.stderr


def test_the_key_of_the_demo_is_the_one_of_a_bare_command(tmp_path: Path) -> None:
    given = secret_files.ensure(tmp_path / "secrets", {})
    assert shown(DATA_DIR=str(tmp_path))["SECRET_KEY"] == Path(given["SECRET_KEY_FILE"]).read_text()


@pytest.mark.parametrize("wrong", [{"DEMO": "perhaps"}, {"DICOM_SCP_PORT": "many"}, {"PIXELS": "magic"}])
def test_a_value_that_cannot_be_read_stops_the_start(wrong: dict[str, str]) -> None:
    ended = settings_under(**{"DEMO": "1", **wrong})
    assert ended.returncode != 0
    assert "ImproperlyConfigured" in ended.stderr
    assert next(iter(wrong)) in ended.stderr


def test_a_secret_can_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("redis://from-a-file.example.org/0\n")
    assert (
        shown(DEMO="1", REDIS_URL_FILE=str(tmp_path / "url"))["CELERY_BROKER_URL"]
        == "redis://from-a-file.example.org/0"
    )


def test_a_bare_command_of_a_clone_needs_no_environment(tmp_path: Path) -> None:
    """With the system's Python, which has no Django, and not a single variable but where to write."""
    (tmp_path / "note.txt").write_text("no DICOM")
    command = [getattr(sys, "_base_executable", sys.executable), str(ROOT / "manage.py"), "read_sr", "note.txt"]
    env = {"PATH": "/usr/bin:/bin", "DATA_DIR": str(tmp_path / "data")}
    ended = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert ended.returncode == 2, ended.stderr
    assert "Refused: This is not a DICOM file" in ended.stderr
