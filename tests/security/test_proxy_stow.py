"""Storing through the proxy (rows 45, 48 and 51 to 61 of the threat model), against the real server and Orthanc.

Row 57's full disk is shown by an archive that is gone: both end with an object that it has not acknowledged.
`store_verified`, which judges the empty 200 of a full disk, has its own tests.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import signal
import subprocess
import uuid
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from django.utils import timezone
from pydicom import Dataset, dcmread

from ris.accounts.models import ApiToken
from ris.audit.models import AuditEvent
from ris.dicom.archive import get_archive
from ris.dicom.orthanc.process import OrthancProcess
from ris.events.models import Delivery, Event
from ris.events.outbox import sweep
from tests.viewer import objects
from tests.viewer.hospital import ROOT, Browser, Exam, Hospital
from viewer import kept
from worklist.models import Study


def new_uid() -> str:
    return f"2.25.{uuid.uuid4().int}"


def report(exam: Exam, sop: str = "", text: str = "seen") -> bytes:
    return objects.structured_report(exam.place, new_uid(), sop or new_uid(), text)


def events(kind: str) -> list[dict[str, object]]:
    return [event.payload for event in Event.objects.filter(kind=kind).order_by("pk")]


def located(sop: str) -> str:
    """The study in which the archive has an object."""
    where = get_archive().locate(sop)
    return where.study_instance_uid if where else ""


@pytest.fixture
def both_readable(hospital: Hospital, rita: Browser) -> Iterator[None]:
    """Whatever was tried, both studies can still be read by those who may."""
    yield
    assert hospital.ask(f"{hospital.a.path}/metadata", rita).status == 200
    assert hospital.ask(f"{hospital.b.path}/metadata", hospital.sign_in("outsider")).status == 200
    assert hospital.ask(f"{hospital.b.first}/frames/1", hospital.sign_in("outsider")).status == 200


def test_a_report_of_ones_own_study_is_stored_told_and_audited(hospital: Hospital, rita: Browser) -> None:
    sop = new_uid()
    answer = hospital.store(rita, report(hospital.a, sop))
    assert answer.status == 200
    assert answer.json()["00081199"]["Value"][0]["00081155"]["Value"] == [sop]
    assert located(sop) == hospital.a.study
    assert events("object.stored")[-1] == {"study_uid": hospital.a.study, "sop_uids": [sop]}
    audited = AuditEvent.objects.filter(action="object.stored").latest("pk")
    assert (audited.actor_id, audited.detail["sop_uids"]) == (str(hospital.world.radiologist.pk), [sop])
    assert list(kept.folder().iterdir()) == []


def stored(exam: Exam, sop: str) -> Dataset:
    """The object as the archive has it."""
    where = get_archive().locate(sop)
    assert where is not None
    return dcmread(BytesIO(get_archive().retrieve(where)))


def test_what_enters_names_its_measurer_and_is_preliminary_and_for_clinical_use(
    hospital: Hospital, rita: Browser
) -> None:
    sop = new_uid()
    made = objects.viewer_report(hospital.a.place, new_uid(), sop)
    assert hospital.store(rita, made).status == 200
    found = stored(hospital.a, sop)
    assert str(found.ContentSequence[0].PersonName) == hospital.world.radiologist.observer_name
    assert (found.PreliminaryFlag, found.ContentQualification) == ("PRELIMINARY", "PRODUCT")
    assert "ImageComments" not in found


def test_what_enters_is_called_what_the_archive_calls_the_patient_and_the_exam(
    hospital: Hospital, rita: Browser
) -> None:
    sop, place = new_uid(), hospital.a.place
    old = objects.Place(place.study, place.patient_id, "OLDNUMBER", "MAIDEN^Name")
    assert hospital.store(rita, objects.structured_report(old, new_uid(), sop)).status == 200
    found = stored(hospital.a, sop)
    assert (str(found.PatientName), found.AccessionNumber) == (place.patient_name, place.accession)
    assert (found.StudyDescription, found.StudyInstanceUID) == ("CT chest", place.study)


def test_what_a_program_names_stays_unless_it_names_nobody(hospital: Hospital) -> None:
    _token, key = ApiToken.issue(hospital.world.radiologist, "script", read_only=False)
    named, nameless = new_uid(), new_uid()
    for sop, name in ((named, "LUNG^Finder"), (nameless, "unknown^unknown")):
        made = objects.viewer_report(hospital.a.place, new_uid(), sop, observer=name)
        assert hospital.store(Browser("", ""), made, **script(key)).status == 200
    assert str(stored(hospital.a, named).ContentSequence[0].PersonName) == "LUNG^Finder"
    own = hospital.world.radiologist.observer_name
    assert str(stored(hospital.a, nameless).ContentSequence[0].PersonName) == own


def test_a_shell_script_that_wraps_one_file_stores_with_another_address_and_a_token(
    hospital: Hospital, tmp_path: Path
) -> None:
    _token, key = ApiToken.issue(hospital.world.radiologist, "shell", read_only=False)
    sop = new_uid()
    (tmp_path / "measured.dcm").write_bytes(report(hospital.a, sop))
    lines = r"""
      set -e
      printf -- '--EOF\r\nContent-Type: application/dicom\r\n\r\n' > body
      cat measured.dcm >> body
      printf '\r\n--EOF--' >> body
      curl -s -o answer -w '%{http_code}' -H "Authorization: Token $KEY" \
        -H 'Content-Type: multipart/related; type="application/dicom"; boundary=EOF' --data-binary @body "$URL/studies"
    """
    env = {"PATH": os.environ["PATH"], "KEY": key, "URL": f"http://127.0.0.1:{hospital.port}{ROOT}"}
    done = subprocess.run(["sh", "-c", lines], cwd=tmp_path, env=env, capture_output=True, text=True, check=True)
    assert (done.stdout, located(sop)) == ("200", hospital.a.study)


def test_the_study_may_stand_in_the_address_too(hospital: Hospital, rita: Browser) -> None:
    assert hospital.store(rita, report(hospital.a), target=hospital.a.path).status == 200
    assert hospital.store(rita, report(hospital.a), target=hospital.b.path).status == 409


def test_the_description_survives_a_report_without_one(hospital: Hospital, rita: Browser) -> None:
    assert hospital.store(rita, report(hospital.a)).status == 200
    query = f"{ROOT}/studies?StudyInstanceUID={hospital.a.study}&includefield=00081030"
    assert hospital.ask(query, rita).json()[0]["00081030"]["Value"] == ["CT chest"]


@pytest.mark.usefixtures("both_readable")
class TestRefusals:
    def test_51_an_object_of_another_study_at_the_address_of_mine(self, hospital: Hospital, rita: Browser) -> None:
        self.refused(hospital, rita, 404, report(hospital.b), target=hospital.a.path)

    def test_52_objects_of_two_studies_and_nothing_of_either_arrives(self, hospital: Hospital, rita: Browser) -> None:
        self.refused(hospital, rita, 409, report(hospital.a), report(hospital.b))

    def test_53_another_patient_id_would_split_the_study(self, hospital: Hospital, rita: Browser) -> None:
        other = objects.Place(hospital.a.study, hospital.b.place.patient_id)
        self.refused(hospital, rita, 409, objects.structured_report(other, new_uid(), new_uid()))

    def test_54_the_uid_of_somebody_elses_object(self, hospital: Hospital, rita: Browser) -> None:
        stolen = report(hospital.a, hospital.b.instances[0])
        answer = hospital.store(rita, stolen)
        assert answer.status == 409
        assert located(hospital.b.instances[0]) == hospital.b.study

    def test_55_the_same_uid_with_other_content_is_refused_with_the_same_content_is_done(
        self, hospital: Hospital, rita: Browser
    ) -> None:
        sop, series = new_uid(), new_uid()
        first = objects.structured_report(hospital.a.place, series, sop, "first")
        second = objects.structured_report(hospital.a.place, series, sop, "second")
        assert [hospital.store(rita, one).status for one in (first, first, second)] == [200, 200, 409]

    def test_56_an_executable_preamble(self, hospital: Hospital, rita: Browser) -> None:
        self.refused(hospital, rita, 409, b"MZ" + report(hospital.a)[2:])

    def test_57_an_empty_multipart_body(self, hospital: Hospital, rita: Browser) -> None:
        assert hospital.store(rita).status == 400

    def test_45_57_a_compressed_body_is_not_even_opened(self, hospital: Hospital, rita: Browser) -> None:
        content_type, body = objects.multipart(report(hospital.a))
        bomb = gzip.compress(body + b"\0" * 50_000_000)
        headers = {"Authorization": f"Bearer {rita.csrf}", "Content_Type": content_type, "Content_Encoding": "gzip"}
        assert hospital.ask(f"{ROOT}/studies", rita, method="POST", body=bomb, **headers).status == 415

    def test_58_truncated_and_garbage_objects(self, hospital: Hospital, rita: Browser) -> None:
        self.refused(hospital, rita, 409, report(hospital.a)[:-5])
        self.refused(hospital, rita, 409, b"garbage")
        content_type, body = objects.multipart(report(hospital.a))
        headers = {"Authorization": f"Bearer {rita.csrf}", "Content_Type": content_type}
        assert hospital.ask(f"{ROOT}/studies", rita, method="POST", body=body[:-9], **headers).status == 400

    def test_59_an_unknown_and_an_ungranted_study_look_the_same(self, hospital: Hospital, rita: Browser) -> None:
        unknown = hospital.store(rita, objects.structured_report(objects.Place("1.2.3.4", "P"), new_uid(), new_uid()))
        foreign = hospital.store(rita, report(hospital.b))
        assert (unknown.status, unknown.body) == (foreign.status, foreign.body)
        assert unknown.status == 404

    @pytest.mark.parametrize("kind", ["image", "document"])
    def test_61_images_and_documents_are_not_stored_by_a_viewer(
        self, hospital: Hospital, rita: Browser, kind: str
    ) -> None:
        place = hospital.a.place
        image = objects.image(place, new_uid(), new_uid())
        document = objects.encapsulated_pdf(place, new_uid(), new_uid(), b"%PDF-1.4 x")
        self.refused(hospital, rita, 409, image if kind == "image" else document)

    @pytest.mark.parametrize("levels", [100, 100_000])
    def test_48_deep_nesting_ends_nothing(
        self, hospital: Hospital, pacs: OrthancProcess, rita: Browser, levels: int
    ) -> None:
        before = pacs.pid
        self.refused(hospital, rita, 409, objects.nested(hospital.a.place, new_uid(), new_uid(), levels))
        assert pacs.pid == before is not None

    def test_other_content_types_are_not_taken(self, hospital: Hospital, rita: Browser) -> None:
        for content_type in ("text/plain", "application/dicom", "multipart/form-data; boundary=EOF", ""):
            assert hospital.store(rita, report(hospital.a), Content_Type=content_type).status == 415

    def refused(self, hospital: Hospital, who: Browser, status: int, *parts: bytes, target: str = "") -> None:
        """The status, and not one object more at the archive or kept here."""
        before = sum(row.instance_count for row in get_archive().series(hospital.a.study))
        answer = hospital.store(who, *parts, target=target or f"{ROOT}/studies")
        after = sum(row.instance_count for row in get_archive().series(hospital.a.study))
        assert (answer.status, after) == (status, before)
        assert not kept.folder().exists() or list(kept.folder().iterdir()) == []


# Row 60: is it really the person at the screen?


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": ""}, 403),
        ({"Authorization": "Bearer wrong"}, 403),
        ({"Authorization": "Basic aXNvY2VudGVyOng="}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec_Fetch_Site": "cross-site"}, 403),
        ({"Sec_Fetch_Site": "same-origin"}, 200),
    ],
)
def test_60_a_write_needs_the_sessions_value_and_our_origin(
    hospital: Hospital, rita: Browser, headers: dict[str, str], status: int
) -> None:
    assert hospital.store(rita, report(hospital.a), **headers).status == status


def test_60_the_value_of_another_session_is_worth_nothing(hospital: Hospital, rita: Browser) -> None:
    other = hospital.sign_in("resident")
    assert hospital.store(rita, report(hospital.a), Authorization=f"Bearer {other.csrf}").status == 403


def test_60_a_document_that_another_opened_writes_nothing_in_the_name_of_who_is_signed_in(
    hospital: Hospital, rita: Browser
) -> None:
    said = {name: hospital.world.people[name].pk for name in ("resident", "radiologist")}
    statuses = {
        name: hospital.store(rita, report(hospital.a), Authorization=f"Bearer {rita.csrf}~{key}").status
        for name, key in said.items()
    }
    assert statuses == {"resident": 403, "radiologist": 200}


@pytest.mark.parametrize(("username", "status"), [("resident", 200), ("technologist", 403), ("clerk", 404)])
def test_who_reads_may_store_and_who_only_looks_may_not(hospital: Hospital, username: str, status: int) -> None:
    assert hospital.store(hospital.sign_in(username), report(hospital.a)).status == status


def test_an_unlinked_study_receives_nothing_whoever_asks(hospital: Hospital) -> None:
    study = Study.objects.get(study_instance_uid=hospital.a.study)
    study.links.update(active=False)
    try:
        assert hospital.store(hospital.sign_in("radiologist"), report(hospital.a)).status == 403
    finally:
        study.links.update(active=True)


# Scripts


def script(key: str) -> dict[str, str]:
    return {"Authorization": f"Token {key}", "Cookie": ""}


def test_a_plain_script_with_a_token_stores_under_the_same_rules(hospital: Hospital) -> None:
    _token, key = ApiToken.issue(hospital.world.radiologist, "script", read_only=False)
    nobody = Browser("", "")
    assert hospital.store(nobody, report(hospital.a), **script(key)).status == 200
    assert hospital.store(nobody, report(hospital.b), **script(key)).status == 404
    assert hospital.ask(f"{hospital.a.path}/metadata", Authorization=f"Token {key}").status == 200


def test_a_read_only_an_expired_and_an_unknown_token_store_nothing(hospital: Hospital) -> None:
    _token, reading = ApiToken.issue(hospital.world.radiologist, "reading")
    old, expired = ApiToken.issue(hospital.world.radiologist, "old", read_only=False)
    ApiToken.objects.filter(pk=old.pk).update(expires_at=timezone.now())
    found = [
        hospital.store(Browser("", ""), report(hospital.a), **script(key)).status for key in (reading, expired, "x")
    ]
    assert found == [403, 401, 401]


# The archive fails


def test_an_archive_that_is_gone_keeps_the_measurement_here_and_gets_it_later(
    hospital: Hospital, pacs: OrthancProcess, rita: Browser
) -> None:
    sop = new_uid()
    body = report(hospital.a, sop)
    assert pacs.pid is not None
    os.kill(pacs.pid, signal.SIGKILL)
    try:
        answer = hospital.store(rita, body)
        assert (answer.status, answer.headers["retry-after"]) == (503, "5")
        assert b"kept here" in answer.body
        sha256 = str(events("object.kept")[-1]["sha256"])
        assert dcmread(BytesIO(kept.read(sha256))).SOPInstanceUID == sop
        assert hospital.ask(f"{hospital.a.first}/frames/1", rita).status == 502
        sweep()
        assert hashlib.sha256(kept.read(sha256)).hexdigest() == sha256
    finally:
        pacs.start()
    Delivery.objects.filter(subscriber="viewer.store-kept").update(next_at=timezone.now())
    sweep()
    assert located(sop) == hospital.a.study
    assert events("object.stored")[-1]["sop_uids"] == [sop]
    with pytest.raises(KeyError):
        kept.read(sha256)


def test_what_breaks_the_rules_is_not_kept_when_the_archive_is_gone(
    hospital: Hospital, pacs: OrthancProcess, rita: Browser
) -> None:
    other = objects.Place(hospital.a.study, hospital.b.place.patient_id)
    assert pacs.pid is not None
    os.kill(pacs.pid, signal.SIGKILL)
    try:
        assert hospital.store(rita, objects.structured_report(other, new_uid(), new_uid())).status == 409
        assert list(kept.folder().iterdir()) == []
    finally:
        pacs.start()
