"""The ward of a module: built once, rolled back with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import transaction
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from tests.permissions.ward import Ward, ward_of
from tests.services.server import free_port
from tests.world import build_world
from viewer.ohif.prepare import FILES, MANIFEST


@pytest.fixture(scope="module")
def ward(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ward]:
    viewer = _prepared_viewer(tmp_path_factory.mktemp("ohif"))
    nowhere = f"http://127.0.0.1:{free_port()}"
    with override_settings(OHIF_DIR=viewer, ORTHANC_URL=nowhere), django_db_blocker.unblock(), transaction.atomic():
        yield ward_of(build_world())
        transaction.set_rollback(True)


def _prepared_viewer(folder: Path) -> Path:
    """A viewer of two files, laid out as `fetch_ohif` lays the real one out."""
    (folder / FILES).mkdir()
    manifest: dict[str, object] = {"version": "0", "scripts": [], "files": {}}
    for name, body in {"index.html": "<title>OHIF Viewer</title>", "app.js": "void 0;"}.items():
        (folder / FILES / name).write_text(body)
        manifest["files"] |= {name: {"sha256": "0" * 64, "size": 1, "immutable": False, "encodings": []}}  # type: ignore[operator]
    (folder / MANIFEST).write_text(json.dumps(manifest))
    return folder
