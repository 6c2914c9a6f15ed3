"""What a worker that died after its last step left on the disk goes, too: no patient's images lie about."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from worklist.lifecycle import REHOMING
from worklist.rehoming.folder import clear
from worklist.rehoming.rows import Rehoming

ENDED = REHOMING.groups["over"] | REHOMING.groups["dropped"]


def sweep() -> None:
    """Run by `run_deliveries`. Folders of moves that go on, or wait for a person, stay."""
    place = Path(settings.DATA_DIR) / "rehoming"
    if not place.is_dir():
        return
    numbers = [int(folder.name) for folder in place.iterdir() if folder.name.isdecimal()]
    for number in Rehoming.objects.filter(pk__in=numbers, state__in=ENDED).values_list("pk", flat=True):
        clear(number)
