"""The door for `ris.dicom.sandbox.call("reporting.templates.mrrt.sandboxed.read_json", file)`.

A file that Python's reader of HTML takes minutes over costs a child process, never the web process.
"""

from __future__ import annotations

from typing import Any

from reporting.templates.mrrt.errors import MrrtRefused
from reporting.templates.mrrt.reading import read


def read_json(file: bytes) -> dict[str, Any]:
    """{"template", "notes"}, or {"faults": sentences} for what is no template."""
    try:
        imported = read(file.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return {"faults": ["The file is not UTF-8 text."]}
    except MrrtRefused as refused:
        return {"faults": list(refused.faults)}
    return {"template": imported.template, "notes": imported.notes}
