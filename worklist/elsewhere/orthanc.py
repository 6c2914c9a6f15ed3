"""Worklists of an Orthanc from 1.12.10 on, over its REST interface: GET, POST and DELETE below /worklists.

Held to Orthanc's documentation by a contract test. The Orthanc that runs here is older: untried on the real one.
`DeleteWorklistsOnStableStudy` must be false there: a step leaves when the RIS says so, and not with the first of
several. What others created is not ours and stays: ours are known by the ids of our steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from ris.dicom.archive.transport import Access, ArchiveSession
from ris.scheduling.models import ScheduledProcedureStep
from worklist.elsewhere.entries import decoded
from worklist.elsewhere.folder import Tally

ROOT: Final = "/worklists"
SIMPLE: Final = {"format": "Simplify"}
STEPS: Final = "ScheduledProcedureStepSequence"
STEP_ID: Final = "ScheduledProcedureStepID"


class OrthancWorklists:
    """One for a process. Remembers which worklist holds which step, and asks of what it does not know."""

    def __init__(self, access: Access) -> None:
        self._url = access.url.rstrip("/") + ROOT
        self._session = ArchiveSession(access)
        self._held: dict[str, tuple[int, bytes]] = {}

    @classmethod
    def configured(cls) -> OrthancWorklists:
        """The installation's own Orthanc, at ORTHANC_URL."""
        return cls(
            Access(
                url=settings.ORTHANC_URL,
                username=settings.ORTHANC_USERNAME,
                password=settings.ORTHANC_PASSWORD,
                token=settings.ORTHANC_TOKEN,
            )
        )

    def reconcile(self, wanted: Mapping[int, bytes]) -> Tally:
        """Make Orthanc hold exactly `wanted`, by step; raises ArchiveError when it does not answer."""
        there = self._listed()
        self._held = {uuid: held for uuid, held in self._held.items() if uuid in there}
        ours = {**self._known(there - set(self._held)), **self._held}
        gone = [uuid for uuid, (pk, dataset) in ours.items() if wanted.get(pk) != dataset]
        new = wanted.keys() - {pk for uuid, (pk, _) in ours.items() if uuid not in gone}
        for pk in sorted(new):  # first: a changed step is twice on the list for a moment, and never missing
            self._held[self._create(wanted[pk])] = (pk, wanted[pk])
        for uuid in gone:
            self._session.delete(f"{self._url}/{uuid}")
            self._held.pop(uuid, None)
        return Tally(len(new), len(gone))

    def _listed(self) -> set[str]:
        found = self._session.get(f"{self._url}/", params=SIMPLE).json()
        return {str(item["ID"]) if isinstance(item, dict) else str(item) for item in found}

    def _known(self, uuids: set[str]) -> dict[str, tuple[int, bytes]]:
        """Of those that we did not make ourselves since we began, the ones that hold a step of ours."""
        named = {uuid: _step_id(self._session.get(f"{self._url}/{uuid}", params=SIMPLE).json()) for uuid in uuids}
        steps = ScheduledProcedureStep.objects.filter(sps_id__in=[step for step in named.values() if step])
        ours = dict(steps.values_list("sps_id", "pk"))
        return {uuid: (ours[step], b"") for uuid, step in named.items() if step in ours}

    def _create(self, dataset: bytes) -> str:
        answer = self._session.post(f"{self._url}/create", json={"Tags": tags(decoded(dataset)), "Force": True})
        return str(answer.json()["ID"])


def tags(dataset: Dataset) -> dict[str, Any]:
    """By keyword, as Orthanc's /tools/create-dicom and /worklists/create take them."""
    return {element.keyword: _value(element) for element in dataset}


def _value(element: DataElement) -> Any:
    value = element.value
    if element.VR == "SQ":
        return [tags(item) for item in value]
    if isinstance(value, MultiValue):
        return "\\".join(str(part) for part in value)
    return "" if value is None else str(value)


def _step_id(worklist: Any) -> str:
    """The step that a worklist is about, whether Orthanc wraps its tags or not; "" for none."""
    found = worklist.get("Tags", worklist) if isinstance(worklist, dict) else {}
    steps = found.get(STEPS)
    first = steps[0] if isinstance(steps, list) and steps else {}
    return str(first.get(STEP_ID, "")) if isinstance(first, dict) else ""
