"""Where files from outside lie until they are stored: under DATA_DIR, each under its row's key, not its name."""

from __future__ import annotations

import shutil
from pathlib import Path

from django.conf import settings

from worklist.outside.rows import OutsideFile, OutsideImport, StudyExport


def folder_of(delivery: OutsideImport) -> Path:
    place = Path(settings.DATA_DIR) / "outside" / str(delivery.pk)
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    return place


def path_of(file: OutsideFile) -> Path:
    return folder_of(file.delivery) / str(file.pk)


def clear(delivery: OutsideImport) -> None:
    shutil.rmtree(folder_of(delivery), ignore_errors=True)


def export_path(row: StudyExport) -> Path:
    place = Path(settings.DATA_DIR) / "exports"
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    return place / f"{row.pk}.zip"
