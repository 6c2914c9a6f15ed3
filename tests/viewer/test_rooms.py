"""The reading room and the launch addresses: who gets in, what is shown, what is written down."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client

from ris.accounts.models import Membership, User
from ris.audit.models import AuditEvent
from ris.orders.models import RequestedProcedure
from tests.viewer.films import film, one_slice
from tests.viewer.hospital import Hospital
from worklist.actions import reading
from worklist.models import ReadingTask, Study, StudyLink


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def task(hospital: Hospital) -> ReadingTask:
    return ReadingTask.objects.get(patient__family_name="Alpha")


@pytest.fixture
def also_b(hospital: Hospital) -> Iterator[None]:
    """Study B linked at the north too: the radiologist may see both, of two patients."""
    study = Study.objects.filter(study_instance_uid=hospital.b.study)
    study.update(site=hospital.world.north)
    yield
    study.update(site=hospital.world.south)


def opened(user: User) -> list[str]:
    events = AuditEvent.objects.filter(action="study.opened", actor_id=str(user.pk)).order_by("pk")
    return list(events.values_list("study_uid", flat=True))


def test_the_reading_room_shows_patient_images_and_report(hospital: Hospital, task: ReadingTask) -> None:
    page = browser(hospital.world.radiologist).get(f"/reading/{task.pk}/")
    html = page.content.decode()
    assert page.status_code == 200
    assert "Alpha, Sam" in html
    assert f"/viewer/ohif/viewer?StudyInstanceUIDs={hospital.a.study}" in html
    assert hospital.a.place.accession in html
    assert hospital.b.study not in html


def test_a_case_that_nobody_reads_can_be_taken_there_and_then_shows_its_report(
    hospital: Hospital, task: ReadingTask
) -> None:
    person = hospital.world.resident
    before = browser(person).get(f"/reading/{task.pk}/").content.decode()
    reading.claim(task, by=person)
    after = browser(person).get(f"/reading/{task.pk}/").content.decode()
    reading.release(ReadingTask.objects.get(pk=task.pk), by=person)
    panel = f"/reports/cases/{task.pk}/panel/"
    assert ("Take this case" in before, panel in before) == (True, False)
    assert ("Take this case" in after, panel in after) == (False, True)
    asks = f"/viewer/still/?StudyInstanceUIDs={hospital.a.study}"
    assert (asks in before, asks in after) == (True, False), "without a report's pane the page itself asks"


def test_entering_is_audited_with_study_and_patient(hospital: Hospital, task: ReadingTask) -> None:
    browser(hospital.world.radiologist).get(f"/reading/{task.pk}/")
    event = AuditEvent.objects.filter(action="study.opened").latest("pk")
    assert (event.event_code, event.study_uid) == ("110103", hospital.a.study)
    assert (event.patient_id, event.actor_id) == (task.patient_id, str(hospital.world.radiologist.pk))


@pytest.mark.parametrize(
    ("username", "status"), [("outsider", 404), ("clerk", 404), ("referrer", 404), ("resident", 200)]
)
def test_the_reading_room_is_for_those_who_read_there(
    hospital: Hospital, task: ReadingTask, username: str, status: int
) -> None:
    person = User.objects.get(username=username)
    assert browser(person).get(f"/reading/{task.pk}/").status_code == status


def test_strangers_are_asked_to_sign_in(hospital: Hospital, task: ReadingTask) -> None:
    for address in (f"/reading/{task.pk}/", f"/viewer/?StudyInstanceUIDs={hospital.a.study}"):
        answer = Client().get(address)
        assert (answer.status_code, "/accounts/login/" in answer["Location"]) == (302, True)


def test_our_pages_allow_no_inline_script_or_style(hospital: Hospital, task: ReadingTask) -> None:
    person = browser(hospital.world.radiologist)
    for address in (f"/reading/{task.pk}/", f"/viewer/?StudyInstanceUIDs={hospital.a.study}"):
        page = person.get(address)
        policy, html = page["Content-Security-Policy"], page.content.decode()
        assert "frame-src 'self'" in policy
        assert "unsafe" not in policy
        assert " style=" not in html
        assert "<script>" not in html


# Launching


@pytest.mark.parametrize(
    ("address", "leads_to"),
    [
        ("/viewer?study=1.2.3", "/viewer/?StudyInstanceUIDs=1.2.3"),
        ("/viewer?accession=N1", "/viewer/?accession=N1"),
        ("/ohif/viewer?StudyInstanceUIDs=1.2,3.4", "/viewer/?StudyInstanceUIDs=1.2,3.4"),
        (
            "/ohif/viewer?StudyInstanceUIDs=1.2&initialSeriesInstanceUID=1.3&hangingprotocolId=@ohif/hpCompare",
            "/viewer/?StudyInstanceUIDs=1.2&initialSeriesInstanceUID=1.3&hangingprotocolId=@ohif/hpCompare",
        ),
        ("/viewer?study=1.2&token=abc&url=http://evil/", "/viewer/?StudyInstanceUIDs=1.2"),
        ("/ohif/viewer?StudyInstanceUIDs=1.2&StudyInstanceUIDs=3.4", "/viewer/?StudyInstanceUIDs=1.2,3.4"),
        (
            "/ohif/viewer?StudyInstanceUIDs=1.2&hangingProtocolId=mpr",
            "/viewer/?StudyInstanceUIDs=1.2&hangingprotocolId=mpr",
        ),
        ("/viewer?accession=N1,N2&compare=prior", "/viewer/?accession=N1,N2&compare=prior"),
    ],
)
def test_every_form_of_address_leads_to_one(hospital: Hospital, address: str, leads_to: str) -> None:
    answer = browser(hospital.world.radiologist).get(address)
    assert (answer.status_code, answer["Location"]) == (302, leads_to)


def test_a_study_opens_by_uid_and_is_audited_each_time(hospital: Hospital) -> None:
    person = hospital.world.resident
    before = len(opened(person))
    for _ in range(2):
        page = browser(person).get(f"/viewer/?StudyInstanceUIDs={hospital.a.study}")
        assert f"/viewer/ohif/viewer?StudyInstanceUIDs={hospital.a.study}" in page.content.decode()
        assert "Alpha, Sam" in page.content.decode()
    assert opened(person)[before:] == [hospital.a.study] * 2


def test_an_accession_is_resolved_through_our_links(hospital: Hospital) -> None:
    page = browser(hospital.world.radiologist).get(f"/viewer/?accession={hospital.a.place.accession}")
    assert f"StudyInstanceUIDs={hospital.a.study}" in page.content.decode()


def test_an_accession_without_link_is_asked_of_the_archive_and_still_needs_a_grant(hospital: Hospital) -> None:
    """The archive's copy of the number differs from ours: it is found there, and shown only to those who may see it."""
    link = RequestedProcedure.objects.filter(study_instance_uid=hospital.a.study)
    link.update(accession_number="RENAMED")
    try:
        address = f"/viewer/?accession={hospital.a.place.accession}"
        mine = browser(hospital.world.radiologist).get(address)
        theirs = browser(hospital.world.outsider).get(address)
    finally:
        link.update(accession_number=hospital.a.place.accession)
    assert f"StudyInstanceUIDs={hospital.a.study}" in mine.content.decode()
    assert theirs.status_code == 404


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 422),
        ("StudyInstanceUIDs=1.2.*", 422),
        ("StudyInstanceUIDs=" + ",".join(["1.2"] * 11), 422),
        ("StudyInstanceUIDs=1.2.3.4", 404),
        ("accession=*", 422),
        ("accession=NOSUCH", 404),
        ("accession=" + ",".join(f"N{at}" for at in range(11)), 422),
        ("accession=,", 422),
    ],
)
def test_what_is_malformed_or_unknown_is_said_so(hospital: Hospital, query: str, status: int) -> None:
    assert browser(hospital.world.radiologist).get(f"/viewer/?{query}").status_code == status


def test_a_foreign_study_does_not_exist_and_hides_the_others_beside_it(hospital: Hospital) -> None:
    person = browser(hospital.world.radiologist)
    before = len(opened(hospital.world.radiologist))
    for uids in (hospital.b.study, f"{hospital.a.study},{hospital.b.study}"):
        assert person.get(f"/viewer/?StudyInstanceUIDs={uids}").status_code == 404
    assert len(opened(hospital.world.radiologist)) == before


@pytest.mark.usefixtures("also_b")
def test_two_patients_are_never_opened_together(hospital: Hospital) -> None:
    person = browser(hospital.world.radiologist)
    both = f"{hospital.a.study},{hospital.b.study}"
    assert person.get(f"/viewer/?StudyInstanceUIDs={hospital.b.study}").status_code == 200
    assert person.get(f"/viewer/?StudyInstanceUIDs={both}").status_code == 409


def test_an_unmatched_study_is_shown_to_reconcilers_without_a_patient_of_ours(hospital: Hospital) -> None:
    study = Study.objects.filter(study_instance_uid=hospital.a.study)
    StudyLink.objects.filter(study__in=study).update(active=False)
    study.update(state="unmatched")
    try:
        seen = browser(hospital.world.technologist).get(f"/viewer/?StudyInstanceUIDs={hospital.a.study}")
        unseen = browser(hospital.world.resident).get(f"/viewer/?StudyInstanceUIDs={hospital.a.study}")
    finally:
        study.update(state="matched")
        StudyLink.objects.filter(study__in=study).update(active=True)
    assert (seen.status_code, unseen.status_code) == (200, 404)
    assert "Not matched to a patient" in seen.content.decode()


# Saving measurements


@pytest.fixture
def only_looked_at(hospital: Hospital) -> Iterator[None]:
    """Study A at another site, where the radiologist sees images and writes no reports."""
    study = Study.objects.filter(study_instance_uid=hospital.a.study)
    who, there = hospital.world.radiologist, hospital.world.south
    member = Membership.objects.create(user=who, site=there, role="technologist")
    study.update(site=there)
    yield
    study.update(site=hospital.world.north)
    member.delete()


@pytest.mark.usefixtures("only_looked_at")
def test_where_no_study_takes_measurements_the_page_says_so_instead_of_a_button(
    hospital: Hospital, task: ReadingTask
) -> None:
    person = browser(hospital.world.radiologist)
    addresses = (
        f"/reading/{task.pk}/",
        f"/viewer/?StudyInstanceUIDs={hospital.a.study}",
        f"/viewer/screen/1/?task={task.pk}",
    )
    for address in addresses:
        html = person.get(address).content.decode()
        assert ("save-measurements" in html, "cannot be saved here" in html) == (False, True), address


def test_one_study_that_takes_measurements_is_enough_for_the_button(hospital: Hospital, task: ReadingTask) -> None:
    """Beside it an earlier exam of another site."""
    earlier = film(hospital.world, task.patient, "CT", one_slice).study
    who, there = hospital.world.radiologist, hospital.world.south
    Membership.objects.create(user=who, site=there, role="technologist")
    Study.objects.filter(study_instance_uid=earlier).update(site=there)
    person = browser(who)
    for address in (
        f"/viewer/?StudyInstanceUIDs={earlier},{hospital.a.study}",
        f"/reading/{task.pk}/?compare={earlier}",
        f"/viewer/screen/1/?task={task.pk}&compare={earlier}",
    ):
        html = person.get(address).content.decode()
        assert ("save-measurements" in html, "cannot be saved here" in html) == (True, False), address
