"""Where set-up puts things: `build/` and `.venv/`, both outside version control (DESIGN.md §6)."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("BUILD_DIR", ROOT / "build")).resolve()
DATA = Path(os.environ.get("DATA_DIR", BUILD / "demo")).resolve()
LOGS = BUILD / "logs"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
