"""A scanner as the tests play it: pynetdicom as SCU for what is measured closely, dcmtk's findscu as the stranger."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import UID
from pynetdicom import AE
from pynetdicom.association import Association
from pynetdicom.sop_class import (
    ModalityPerformedProcedureStep,
    ModalityPerformedProcedureStepRetrieve,
    ModalityWorklistInformationFind,
    Verification,
)

SOP_CLASSES = (
    ModalityWorklistInformationFind,
    ModalityPerformedProcedureStep,
    ModalityPerformedProcedureStepRetrieve,
    Verification,
)
FINDSCU = "/usr/bin/findscu"  # dcmtk's own: pynetdicom puts another findscu into the virtual environment
STEP = "(0040,0100)[0]."


@dataclass(frozen=True)
class Scanner:
    """An AE title and whom it calls."""

    ae_title: str
    called: str
    port: int

    @contextmanager
    def association(self) -> Iterator[Association]:
        entity = AE(ae_title=self.ae_title)
        for sop_class in SOP_CLASSES:
            entity.add_requested_context(sop_class)
        association = entity.associate("127.0.0.1", self.port, ae_title=self.called)
        try:
            yield association
        finally:
            if association.is_established:
                association.release()
            if association.ident is not None:
                association.join(5)

    def find(self, identifier: Dataset) -> tuple[list[Dataset], list[int]]:
        """The answers, and every status in order, the final one last."""
        with self.association() as association:
            assert association.is_established
            responses = list(association.send_c_find(identifier, ModalityWorklistInformationFind))
        return [found for _, found in responses if found is not None], [status.Status for status, _ in responses]

    def create(self, uid: str, message: Dataset) -> Dataset:
        with self.association() as association:
            status, _ = association.send_n_create(message, ModalityPerformedProcedureStep, UID(uid))
        return status

    def set(self, uid: str, message: Dataset) -> Dataset:
        with self.association() as association:
            status, _ = association.send_n_set(message, ModalityPerformedProcedureStep, UID(uid))
        return status

    def get(self, uid: str, tags: list[int]) -> tuple[Dataset, Dataset | None]:
        """N-GET under the retrieve SOP class."""
        with self.association() as association:
            return association.send_n_get(tags, ModalityPerformedProcedureStepRetrieve, UID(uid))

    def findscu(self, *keys: str) -> list[Dataset]:
        """What dcmtk's findscu -W is given, read back from the files that it writes."""
        with tempfile.TemporaryDirectory() as folder:
            run = self.run_findscu(*keys, "-X", "-od", folder)
            assert run.returncode == 0, run.stderr
            return [dcmread(path, force=True) for path in sorted(Path(folder).glob("rsp*.dcm"))]

    def run_findscu(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        keys = [part for argument in arguments for part in (["-k", argument] if "=" in argument else [argument])]
        command = [FINDSCU, "-v", "-W", "-aet", self.ae_title, "-aec", self.called, *keys, "127.0.0.1", str(self.port)]
        return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
