"""Ask a token one thing, in a process that is ended when it takes too long."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from reporting.signing.token.faults import fault
from reporting.signing.token.place import TokenKey
from reporting.signing.token.turn import turn

CHILD: Final = Path(__file__).with_name("child.py")
PATIENCE: Final = 20.0
# Beside those that the key names: what these are called holds secrets of Isocenter or of its database.
WITHHELD_PREFIX: Final = "SIGNING_"
WITHHELD_SUFFIXES: Final = ("PASSWORD", "PASSPHRASE", "PASSWORD_FILE")


def ask(key: TokenKey, act: str, *, data: bytes = b"", careful: bool = False, patience: float = PATIENCE) -> Any:
    """What `child.py` answers to "look" or "sign". Raises TokenFault.

    One question at a time: not every token stands two log-ins at once, and SoftHSM's is not even seen while another
    process logs in. The PIN goes through the pipe: neither a command line nor an environment shows it. `careful`: the
    last try that the token would take is not made.
    """
    if not Path(key.module).is_absolute():
        raise fault("relative", key)
    if not Path(key.module).is_file():
        raise fault("no-file", key)
    question = {
        "act": act, "module": key.module, "token": key.token, "label": key.label, "id": key.key_id, "pin": key.pin,
        "careful": careful, "data": base64.b64encode(data).decode(),
    }  # fmt: skip
    with turn(key, "question"):
        said = _answered(key, json.dumps(question).encode(), patience)
    if "ok" not in said:
        raise fault(str(said.get("fault", "crashed")), key, str(said.get("detail", "")))
    return said["ok"]


def _answered(key: TokenKey, question: bytes, patience: float) -> dict[str, Any]:
    # -I: neither the user's packages nor a PYTHON* variable nor this folder.
    command = [sys.executable, "-I", "-B", str(CHILD)]
    try:
        done = subprocess.run(
            command, input=question, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd="/", timeout=patience,
            check=False, env=_environment(key),
        )  # fmt: skip
        said = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        raise fault("silent", key) from None
    except OSError as error:
        raise fault("no-process", key, str(error.strerror)) from None
    except ValueError:
        raise fault("crashed", key) from None
    return dict(said)


def _environment(key: TokenKey) -> dict[str, str]:
    """The driver's own variables, and none that holds a secret of ours: it is foreign code."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in key.withheld and not name.startswith(WITHHELD_PREFIX) and not name.endswith(WITHHELD_SUFFIXES)
    }
