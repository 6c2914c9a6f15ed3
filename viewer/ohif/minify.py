"""Make OHIF's scripts smaller: they are published as they were written, and a browser reads all of it before it starts.

Half of the bytes are spaces, comments and long names (39 MB become 17); what a script does stays the same.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from viewer.ohif.errors import PreparationError

SECONDS_MAX = 600


def scripts(files: Path, minifier: Path) -> None:
    """Replace the scripts in `files` (no subfolders) by smaller ones; `minifier` is the unpacked esbuild.

    Raises PreparationError when one of them cannot be read as JavaScript, or node is missing.
    """
    node = shutil.which("node")
    if node is None:
        raise PreparationError("node is not installed: install Node.js 20 or newer, then run this again.")
    found, smaller = sorted(files.glob("*.js")), files.with_name("smaller")
    command = [node, str(minifier / "bin" / "esbuild"), *map(str, found), "--minify", "--log-level=error"]
    try:
        subprocess.run(
            [*command, f"--outdir={smaller}"], check=True, capture_output=True, text=True, timeout=SECONDS_MAX
        )
    except subprocess.CalledProcessError as error:
        raise PreparationError(f"OHIF's scripts could not be made smaller: {error.stderr.strip()[:500]}") from error
    except subprocess.TimeoutExpired as error:
        raise PreparationError("Making OHIF's scripts smaller took more than ten minutes.") from error
    for script in found:
        (smaller / script.name).replace(script)
    smaller.rmdir()
