"""Several objects in one request, and what a client reads in the answer (PS3.18 §10.5.3, annex I)."""

from __future__ import annotations

import os
import signal
import uuid
from typing import Any

import pytest

from ris.audit.models import AuditEvent
from ris.dicom.archive import Archive, ArchiveError, get_archive, store_verified
from ris.dicom.datasets import InstanceRef
from ris.dicom.orthanc.process import OrthancProcess
from ris.events.models import Event
from tests.viewer import objects
from tests.viewer.hospital import ROOT, Answer, Browser, Hospital
from viewer import kept

FAILED, REFERENCED, OTHERS = "00081198", "00081199", "0008119A"


def new_uid() -> str:
    return f"2.25.{uuid.uuid4().int}"


def report(hospital: Hospital, sop: str, text: str = "seen", series: str = "") -> bytes:
    return objects.structured_report(hospital.a.place, series or new_uid(), sop, text)


def is_there(sop: str) -> bool:
    return get_archive().locate(sop) is not None


def named(answer: Answer, sequence: str) -> list[str]:
    return [one["00081155"]["Value"][0] for one in answer.json().get(sequence, {}).get("Value", [])]


def reasons(answer: Answer) -> list[int]:
    return [one["00081197"]["Value"][0] for one in answer.json()[FAILED]["Value"]]


def kept_here() -> list[str]:
    return kept.names() if kept.folder().exists() else []


def test_one_that_differs_from_what_is_there_keeps_all_out(hospital: Hospital, rita: Browser) -> None:
    old, series, new = new_uid(), new_uid(), new_uid()
    assert hospital.store(rita, report(hospital, old, "first", series)).status == 200
    answer = hospital.store(rita, report(hospital, new), report(hospital, old, "second", series))
    assert (answer.status, is_there(new), kept_here()) == (409, False, [])
    assert (named(answer, FAILED), named(answer, REFERENCED)) == ([new, old], [])
    assert set(reasons(answer)) == {0x0111}
    assert "something else" in answer.json()["message"]


def test_what_is_there_already_and_what_is_new_are_stored_together(hospital: Hospital, rita: Browser) -> None:
    old, new = new_uid(), new_uid()
    first = report(hospital, old)
    assert hospital.store(rita, first).status == 200
    answer = hospital.store(rita, first, report(hospital, new))
    assert (answer.status, named(answer, REFERENCED), is_there(new)) == (200, [old, new], True)


@pytest.fixture
def third() -> list[str]:
    return [new_uid() for _ in range(3)]


def failing(monkeypatch: pytest.MonkeyPatch, sop: str, *, permanent: bool) -> None:
    """The archive takes all but one."""

    def store(archive: Archive, part10: bytes) -> InstanceRef:
        if sop.encode() in part10:
            raise ArchiveError("not this one", permanent=permanent)
        return store_verified(archive, part10)

    monkeypatch.setattr("viewer.stow.store_verified", store)


def test_one_that_fails_at_the_archive_leaves_the_others_alone_and_is_named(
    hospital: Hospital, rita: Browser, monkeypatch: pytest.MonkeyPatch, third: list[str]
) -> None:
    failing(monkeypatch, third[1], permanent=True)
    answer = hospital.store(rita, *(report(hospital, sop) for sop in third))
    assert (answer.status, answer.headers["content-type"]) == (202, "application/dicom+json")
    assert (named(answer, REFERENCED), named(answer, FAILED)) == ([third[0], third[2]], [third[1]])
    assert set(answer.json()) == {"00081190", FAILED, REFERENCED}, "DICOM JSON and nothing else"
    assert ([is_there(sop) for sop in third], kept_here()) == ([True, False, True], [])
    told = [event.payload["sop_uids"] for event in Event.objects.filter(kind="object.stored").order_by("-pk")[:2]]
    assert told == [[third[2]], [third[0]]]


def test_when_all_fail_it_is_a_conflict_that_names_all(
    hospital: Hospital, rita: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    sop = new_uid()
    failing(monkeypatch, sop, permanent=True)
    answer = hospital.store(rita, report(hospital, sop))
    assert (answer.status, named(answer, FAILED), REFERENCED in answer.json()) == (409, [sop], False)


def test_an_archive_that_goes_away_in_between_keeps_the_rest_and_says_which(
    hospital: Hospital, rita: Browser, monkeypatch: pytest.MonkeyPatch, third: list[str]
) -> None:
    failing(monkeypatch, third[1], permanent=False)
    answer = hospital.store(rita, *(report(hospital, sop) for sop in third))
    assert (answer.status, answer.json()["kept"]) == (503, True)
    assert (named(answer, REFERENCED), named(answer, FAILED)) == ([third[0]], third[1:])
    assert reasons(answer) == [0xA700] * 2
    assert len(kept_here()) == 2
    kept.drop(*kept_here())


def test_an_archive_that_is_gone_is_answered_with_every_object_that_is_kept(
    hospital: Hospital, pacs: OrthancProcess, rita: Browser
) -> None:
    sops = [new_uid(), new_uid()]
    assert pacs.pid is not None
    os.kill(pacs.pid, signal.SIGKILL)
    try:
        answer = hospital.store(rita, *(report(hospital, sop) for sop in sops))
    finally:
        pacs.start()
    assert (answer.status, answer.json()["kept"], named(answer, FAILED)) == (503, True, sops)
    kept.drop(*kept_here())


# What is refused


@pytest.mark.parametrize(("kind", "code"), [("image", 0x0122), ("another patient", 0x0110), ("twice", 0x0111)])
def test_a_refused_request_names_its_objects_and_why(hospital: Hospital, rita: Browser, kind: str, code: int) -> None:
    sop, good = new_uid(), new_uid()
    other = objects.Place(hospital.a.study, hospital.b.place.patient_id)
    bad = {
        "image": objects.image(hospital.a.place, new_uid(), sop),
        "another patient": objects.structured_report(other, new_uid(), sop),
        "twice": report(hospital, good),
    }[kind]
    answer = hospital.store(rita, report(hospital, good), bad)
    assert (answer.status, named(answer, FAILED)) == (409, [good, good if kind == "twice" else sop])
    assert (set(reasons(answer)), is_there(good)) == ({code}, False)


def test_what_cannot_be_read_has_no_name(hospital: Hospital, rita: Browser) -> None:
    answer = hospital.store(rita, b"garbage")
    found: dict[str, Any] = answer.json()
    assert (answer.status, FAILED in found) == (409, False)
    assert found[OTHERS]["Value"] == [{"00081197": {"vr": "US", "Value": [0xC000]}}]


def test_a_conflict_is_a_security_alert_of_its_study(hospital: Hospital) -> None:
    old, series, rita = new_uid(), new_uid(), hospital.sign_in("radiologist")
    statuses = [hospital.store(rita, report(hospital, old, text, series)).status for text in ("first", "second")]
    alert = AuditEvent.objects.filter(event_code="110113", outcome="refused").latest("pk")
    assert (statuses, alert.study_uid) == ([200, 409], hospital.a.study)


@pytest.mark.parametrize("accept", ["application/dicom+xml", "text/html", "application/dicom+json"])
def test_a_store_does_not_depend_on_the_form_that_is_wanted(hospital: Hospital, rita: Browser, accept: str) -> None:
    sop = new_uid()
    answer = hospital.store(rita, report(hospital, sop), Accept=accept)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/dicom+json")
    assert (named(answer, REFERENCED), is_there(sop)) == ([sop], True)
    (stored,) = answer.json()[REFERENCED]["Value"]
    assert hospital.ask(stored["00081190"]["Value"][0], rita).status == 200
    assert answer.json()["00081190"] == {"vr": "UR"}, "a whole study is not retrieved at once"


def test_an_object_of_nobodys_study_is_named_to_nobody(hospital: Hospital, rita: Browser) -> None:
    answers = [
        hospital.store(rita, objects.structured_report(place, new_uid(), new_uid()), target=f"{ROOT}/studies")
        for place in (hospital.b.place, objects.Place("1.2.3.4", "P"))
    ]
    assert {(one.status, one.body) for one in answers} == {
        (404, b'{"message": "The objects name a study that is not granted."}')
    }
