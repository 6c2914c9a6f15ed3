"""The schedule, kept the same elsewhere: in folders for each site, or in an Orthanc that takes worklists over REST."""

from __future__ import annotations

import logging
from collections import defaultdict
from pathlib import Path
from typing import Final

from django.conf import settings

from ris.accounts.models import Site
from ris.dicom.archive.errors import ArchiveError
from worklist.elsewhere.entries import as_file, datasets
from worklist.elsewhere.folder import Folder, Tally
from worklist.elsewhere.orthanc import OrthancWorklists
from worklist.mwl.entries import Offer
from worklist.mwl.schedule import Schedule
from worklist.mwl.style import Style

log = logging.getLogger(__name__)

SECONDS: Final = 2.0


class Exporter:
    """One for a process: what changed is read again, and what drifted elsewhere is put right at every round."""

    def __init__(self, folder: Path | None, orthanc: OrthancWorklists | None, charset: str) -> None:
        self._schedule = Schedule()
        self._root = folder
        self._orthanc = orthanc
        self._style = Style.of(charset, transliterate=True, max_lengths={}, implicit=False)
        self._folders: dict[str, Folder] = {}
        self._written: dict[int, tuple[Offer, bytes]] = {}

    def round(self) -> Tally:
        """Bring every place up to date; raises OSError and ArchiveError."""
        self._schedule.look()
        current = self._current()
        tally = Tally()
        if self._root is not None:
            tally += self._files(self._root, current)
        if self._orthanc is not None:
            tally += self._orthanc.reconcile({offer.step_pk: dataset for offer, dataset in current})
        return tally

    def _current(self) -> list[tuple[Offer, bytes]]:
        """Encoded once per change: an offer that is the same object has not changed."""
        offers = self._schedule.offers()
        fresh = [offer for offer in offers if self._written.get(offer.step_pk, (None,))[0] is not offer]
        made = {offer.step_pk: (offer, dataset) for offer, dataset in datasets(fresh, self._style)}
        stale = {offer.step_pk for offer in fresh}
        kept = {pk: self._written[pk] for pk in {offer.step_pk for offer in offers} - stale if pk in self._written}
        self._written = kept | made
        return list(self._written.values())

    def _files(self, root: Path, current: list[tuple[Offer, bytes]]) -> Tally:
        wanted: dict[int, dict[int, bytes]] = defaultdict(dict)
        for offer, dataset in current:
            wanted[offer.placing.site_id][offer.step_pk] = as_file(offer, dataset)
        tally = Tally()
        for pk, code in Site.objects.values_list("pk", "code"):
            folder = self._folders.setdefault(code, Folder(root / code.upper()))
            tally += folder.reconcile(wanted.get(pk, {}))
        return tally


def configured() -> Exporter | None:
    """As the settings say; None when there is nowhere to export to."""
    folder = Path(settings.WORKLIST_DIRECTORY) if settings.WORKLIST_DIRECTORY else None
    orthanc = OrthancWorklists.configured() if settings.WORKLIST_ORTHANC else None
    return Exporter(folder, orthanc, settings.WORKLIST_CHARSET) if folder or orthanc else None


_exporters: dict[tuple[str, bool, str], Exporter | None] = {}


def export() -> Tally:
    """A timer of run_deliveries; a place that cannot be reached is told and tried again at the next round."""
    key = (settings.WORKLIST_DIRECTORY, settings.WORKLIST_ORTHANC, settings.WORKLIST_CHARSET)
    if key not in _exporters:
        _exporters[key] = configured()
    exporter = _exporters[key]
    if exporter is None:
        return Tally()
    try:
        return exporter.round()
    except (OSError, ArchiveError) as error:
        log.error("the worklist elsewhere is not up to date: %s", type(error).__name__)
        return Tally()
