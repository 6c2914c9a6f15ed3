"""Names that tell the content: whoever keeps a file of such a name for a year never holds the wrong one.

The published names of the scripts tell what was published; what this recipe edits has names of its own.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from viewer.ohif.errors import PreparationError

DIGITS = 16
# How the app finds the styles of a part that comes later: its number and the ending.
STYLE_NAME = re.compile(r'(miniCssF\s*=\s*\(?\w+\)?\s*=>[^;]*?\+\s*)"\.css"')


def name_by_content(files: Path) -> None:
    """Rename the styles and the app's script in the folder of the prepared build, and whatever names them.

    Raises PreparationError when the build has no such script, or does not name its styles as the recipe knows.
    """
    styles = sorted(files.glob("*.css"))
    style = _digest(*styles)
    for path in styles:
        path.rename(path.with_name(f"{path.stem}.{style}.css"))
    app = next(files.glob("app.bundle.*.js"), None)
    if app is None:
        raise PreparationError("The build holds no app.bundle.*.js.")
    text, hits = STYLE_NAME.subn(rf'\g<1>".{style}.css"', app.read_text(encoding="utf-8"))
    if not hits:
        raise PreparationError(f"{app.name} does not name its styles as the recipe knows.")
    app.write_text(text, encoding="utf-8")
    named = app.rename(app.with_name(f"app.bundle.{_digest(app)}.js"))
    index = files / "index.html"
    page = index.read_text(encoding="utf-8").replace(app.name, named.name)
    index.write_text(page.replace("app.bundle.css", f"app.bundle.{style}.css"), encoding="utf-8")


def _digest(*paths: Path) -> str:
    """Of these files together, with their names."""
    found = hashlib.sha256()
    for path in paths:
        found.update(path.name.encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:DIGITS]
