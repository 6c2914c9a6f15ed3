"""Foreign programs that judge our files: poppler, qpdf, dcmtk and dicom3tools."""

from __future__ import annotations

import subprocess
from pathlib import Path


def run(*command: str | Path, home: Path | None = None) -> str:
    """Both outputs of a program that must succeed; `home` keeps its own files out of ours."""
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(home or "/nonexistent"), "LC_ALL": "C.UTF-8"}
    done = subprocess.run([str(part) for part in command], capture_output=True, check=False, env=environment)
    output = (done.stdout + done.stderr).decode("utf-8", errors="replace")
    assert done.returncode == 0, output
    return output


def printed_text(pdf: bytes, folder: Path, *options: str) -> str:
    """What poppler's pdftotext reads off the pages."""
    file = folder / "printed.pdf"
    file.write_bytes(pdf)
    return run("pdftotext", *options, file, "-")
