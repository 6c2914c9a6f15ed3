"""What the DICOMweb door refuses is in the audit trail: once, with who asked, and with the study that was meant."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from django.db.models import QuerySet

from ris.accounts.models import ApiToken
from ris.accounts.scopes import EVERYTHING
from ris.audit.models import AuditEvent
from tests.security.test_proxy_battery import fill
from tests.viewer import objects
from tests.viewer.hospital import ROOT, Browser, Exam, Hospital
from worklist.models import Study, StudyLink

ALERTED = [
    ("9 key twice", "?StudyInstanceUID={A}&StudyInstanceUID={B}", "{B}"),
    ("10 keyword and tag", "?StudyInstanceUID={A}&0020000D={B}", "{B}"),
    ("11 wildcard", "?StudyInstanceUID=1.2.826*", ""),
    ("12 other patient", "?PatientID={PB}", ""),
    ("12 unknown patient", "?00100020=NOBODY", ""),
    ("12 name", "?PatientName=B*", ""),
    ("12 accession", "?AccessionNumber={ACC}", ""),
    ("15 series with another study", "/{A}/series?StudyInstanceUID={B}", "{B}"),
    ("16 instances with another study", "/{A}/instances?0020000D={B}", "{B}"),
]
HARMLESS = ["", "?limit=3", "?StudyInstanceUID={A}&StudyDate=20260101", "/{A}/series?StudyInstanceUID={A}&limit=-1"]


def alerts() -> QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(event_code="110113").exclude(detail__has_key="repeated").order_by("pk")


def report(exam: Exam) -> bytes:
    return objects.structured_report(exam.place, f"2.25.{uuid.uuid4().int}", f"2.25.{uuid.uuid4().int}")


@pytest.mark.parametrize(("row", "asked", "named"), ALERTED, ids=[row for row, _a, _n in ALERTED])
def test_asking_for_others_is_one_alert_without_their_numbers(
    hospital: Hospital, rita: Browser, row: str, asked: str, named: str
) -> None:
    before = alerts().count()
    assert hospital.ask(fill(hospital, f"{ROOT}/studies{asked}"), rita).status == 400
    (alert,) = alerts()[before:]
    assert (alert.actor_id, alert.study_uid) == (str(hospital.world.radiologist.pk), fill(hospital, named))
    assert not {hospital.b.place.patient_id, hospital.b.place.accession} & set(repr(alert.detail).split("'"))


@pytest.mark.parametrize("asked", HARMLESS)
def test_a_question_that_is_only_badly_put_is_no_alert(hospital: Hospital, rita: Browser, asked: str) -> None:
    before = alerts().count()
    assert hospital.ask(fill(hospital, f"{ROOT}/studies{asked}"), rita).status == 400
    assert alerts().count() == before


def test_who_reconciles_may_ask_for_the_patient_of_a_study_that_waits(hospital: Hospital) -> None:
    """OHIF asks so of each study that it opens."""
    study = Study.objects.filter(study_instance_uid=hospital.a.study)
    links = StudyLink.objects.filter(study__in=study)
    links.update(active=False)
    study.update(state="unmatched")
    before = alerts().count()
    try:
        asked = f"{ROOT}/studies?PatientID={hospital.a.place.patient_id}"
        answer = hospital.ask(asked, hospital.sign_in("technologist"))
    finally:
        study.update(state="matched")
        links.update(active=True)
    assert (answer.status, answer.json(), alerts().count()) == (200, [], before)


@pytest.mark.parametrize(
    ("scope", "reason"), [("", "only read"), ("patients:write", "lacks the scope")], ids=["read-only", "other scope"]
)
def test_a_token_that_may_not_store_is_an_alert_of_its_owner(hospital: Hospital, scope: str, reason: str) -> None:
    _token, key = ApiToken.issue(
        hospital.world.radiologist, "script", read_only=not scope, scopes=[scope or EVERYTHING]
    )
    sent = {"Authorization": f"Token {key}", "Cookie": ""}
    before = alerts().count()
    assert hospital.store(Browser("", ""), report(hospital.a), **sent).status == 403
    (alert,) = alerts()[before:]
    assert alert.actor_id == str(hospital.world.radiologist.pk)
    assert reason in alert.detail["reason"]


@pytest.mark.parametrize("headers", [{"Authorization": "Bearer wrong"}, {"Sec_Fetch_Site": "cross-site"}])
def test_a_write_that_another_page_sends_is_an_alert_of_whose_session_it_used(
    hospital: Hospital, rita: Browser, headers: dict[str, str]
) -> None:
    before = alerts().count()
    assert [hospital.store(rita, report(hospital.a), **headers).status for _ in range(3)] == [403] * 3
    (alert,) = alerts()[before:]
    assert alert.actor_id == str(hospital.world.radiologist.pk)


def test_nobody_in_particular_writes_nothing(hospital: Hospital) -> None:
    before = alerts().count()
    answers = [hospital.ask(f"{hospital.a.path}/metadata"), hospital.store(Browser("", ""), report(hospital.a))]
    assert ([one.status for one in answers], alerts().count()) == ([401, 401], before)


@pytest.mark.parametrize("address", ["", "{A}"])
def test_a_refused_object_names_the_study_that_it_was_for(hospital: Hospital, rita: Browser, address: str) -> None:
    target = f"{ROOT}/studies" + (f"/{hospital.a.study}" if address else "")
    before = alerts().count()
    assert hospital.store(rita, report(hospital.b), target=target).status == 404
    assert [alert.study_uid for alert in alerts()[before:]] == [hospital.b.study]


def test_61_an_image_that_is_not_stored_names_its_study(hospital: Hospital, rita: Browser) -> None:
    before = alerts().count()
    image = objects.image(hospital.a.place, f"2.25.{uuid.uuid4().int}", f"2.25.{uuid.uuid4().int}")
    assert hospital.store(rita, image).status == 409
    assert [alert.study_uid for alert in alerts()[before:]] == [hospital.a.study]


# What is handed out, and what an ordinary client tries


def addresses(found: object) -> Iterator[str]:
    """Every RetrieveURL and BulkDataURI of some DICOM JSON."""
    if isinstance(found, list):
        for one in found:
            yield from addresses(one)
    if isinstance(found, dict):
        yield from found.get("00081190", {}).get("Value", [])
        yield from [found["BulkDataURI"]] if "BulkDataURI" in found else []
        for one in found.values():
            yield from addresses(one)


def test_every_address_that_is_handed_out_is_answered_and_no_alert(hospital: Hospital, rita: Browser) -> None:
    stored = hospital.store(rita, report(hospital.a))
    lists = [f"{ROOT}/studies?StudyInstanceUID={hospital.a.study}"]
    lists += [f"{hospital.a.path}/{what}" for what in ("series", "instances", "metadata")]
    lists += [f"{hospital.a.path}/series/{hospital.a.series}/{what}" for what in ("instances", "metadata")]
    before = alerts().count()
    answers = [stored.json(), *(hospital.ask(target, rita).json() for target in lists)]
    told = [sorted(set(addresses(answer))) for answer in answers]
    assert [bool(found) for found in told] == [True, False, False, True, True, True, True]
    statuses = {address: hospital.ask(address, rita).status for address in {one for found in told for one in found}}
    assert set(statuses.values()) == {200}, statuses
    assert alerts().count() == before


@pytest.mark.parametrize("tail", ["", "/series/{A1}", "/rendered", "/series/{A1}/instances/{A11}/frames/1/rendered"])
def test_what_dicomweb_has_and_we_do_not_is_an_alert_only_about_anothers_study(
    hospital: Hospital, rita: Browser, tail: str
) -> None:
    before = alerts().count()
    statuses = [hospital.ask(fill(hospital, f"{ROOT}/studies/{uid}{tail}"), rita).status for uid in ("{A}", "{B}")]
    assert statuses == [404, 404]
    assert [alert.study_uid for alert in alerts()[before:]] == [hospital.b.study]
