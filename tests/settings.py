"""Settings of the test run: the real ones, with its own places and no slow hashing."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

_scratch = Path(os.environ.get("ISOCENTER_TEST_DIR") or tempfile.mkdtemp(prefix="isocenter-test-"))
os.environ["ISOCENTER_TEST_DIR"] = str(_scratch)
os.environ.setdefault("SECRET_KEY", "test-only-key-" + "k" * 50)
os.environ["DATA_DIR"] = str(_scratch / "data")
os.environ.setdefault("SIGNING_P12_PASSWORD", "test-only")
os.environ.setdefault("HOOK_SECRET", "test-hook-secret")
_worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
if _own := os.environ.pop(f"DATABASE_URL_{_worker.upper()}", ""):  # programs that a test starts name theirs
    os.environ["DATABASE_URL"] = _own
if os.environ.get("REDIS_URL"):
    # One of Redis' databases for each worker: neither's cache nor queue is the other's.
    _number = _worker.removeprefix("gw").replace("main", "0")
    os.environ["REDIS_URL"] = f"{os.environ['REDIS_URL'].rpartition('/')[0]}/{_number}"

from ris.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ACCOUNT_RATE_LIMITS = {}
SERVESTATIC_USE_FINDERS = True
SERVESTATIC_AUTOREFRESH = True
if not DATABASE_URL:  # noqa: F405
    # A file, not memory: other processes and threads see the same database.
    DATABASES["default"]["TEST"] = {"NAME": str(_scratch / f"test-{_worker}.sqlite3")}  # noqa: F405
