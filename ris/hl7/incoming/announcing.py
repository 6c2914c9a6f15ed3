"""ORU^R01 of an archive or its router: a study is there. It is believed nothing, the archive is asked."""

from __future__ import annotations

from typing import Final

from ris.hl7.er7.errors import REQUIRED_FIELD_MISSING
from ris.hl7.incoming.arrival import Arrival
from ris.hl7.incoming.outcomes import Done, refused
from worklist.actions.notices import notice_study

# OBX-3: DCM 113014 (PS3.16), and the older text of IHE RAD-28
CODE: Final = "113014"
TEXT: Final = "study instance uid"


def study_available(arrival: Arrival) -> Done:
    """Ask for each study that the message names."""
    uids = [segment.text(5) for segment in arrival.message.all("OBX") if segment.text(3) == CODE]
    uids += [segment.text(5) for segment in arrival.message.all("OBX") if segment.text(3, 2).strip().lower() == TEXT]
    named = [uid for uid in dict.fromkeys([*uids, arrival.fields.text("study.uid")]) if uid]
    if not named:
        words = "No study is named: reports are not taken here, only that a study is available (OBX-3 113014)."
        raise refused(words, code=REQUIRED_FIELD_MISSING, location="OBX^1^5")
    for uid in named:
        notice_study(by=arrival.by, study_uid=uid)
    return Done(words=f"The archive is asked for {len(named)} stud{'y' if len(named) == 1 else 'ies'}.")
