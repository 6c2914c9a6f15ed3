#!/usr/bin/env python3
"""Run a management command of Isocenter, with the virtual environment of this clone where there is no other."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

INTERPRETER = Path(__file__).resolve().parent / ".venv" / "bin" / "python"

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ris.settings")
    if find_spec("django") is None:
        if not INTERPRETER.exists() or Path(sys.executable) == INTERPRETER:
            sys.exit(
                "Isocenter's packages are not installed here. Run `make demo` once, or activate their environment."
            )
        os.execv(INTERPRETER, [str(INTERPRETER), *sys.argv])  # noqa: S606  there is no shell to quote for
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
