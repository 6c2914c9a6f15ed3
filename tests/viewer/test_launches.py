"""Launch addresses at their limits: whom they hide a study from, how many they open, what may be added to them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator

import pytest
from django.test import Client

from ris.accounts.models import User
from ris.audit.models import AuditEvent
from ris.orders.models import RequestedProcedure
from tests.viewer.films import film, one_slice
from tests.viewer.hospital import Hospital
from worklist.models import ReadingTask, Study, StudyLink

SIX_ADDRESSES = [
    "/viewer/?StudyInstanceUIDs={study}",
    "/viewer/?accession={accession}",
    "/viewer/?StudyInstanceUIDs={mine}&compare={study}",
    "/reading/{task}/?compare={study}",
    "/viewer/screen/1/?task={task}&compare={study}",
    "/viewer/still/?StudyInstanceUIDs={study}",
]
MORE = 11


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture(scope="module")
def task(hospital: Hospital) -> ReadingTask:
    return ReadingTask.objects.get(patient__family_name="Alpha")


@pytest.fixture(scope="module")
def earlier(hospital: Hospital, task: ReadingTask) -> str:
    """Another exam of Alpha's."""
    return film(hospital.world, task.patient, "CT", one_slice).study


@pytest.fixture
def many(hospital: Hospital) -> Iterator[list[str]]:
    """Ten more studies under the accession number of study A, as a scanner sends a trauma."""
    of = RequestedProcedure.objects.get(study_instance_uid=hospital.a.study)
    first = Study.objects.get(study_instance_uid=hospital.a.study)
    made = []
    for _ in range(MORE - 1):
        own = Study.objects.create(
            study_instance_uid=f"2.25.{uuid.uuid4().int}", site=first.site, state=first.state,
            accession_number=first.accession_number, patient_id_text=first.patient_id_text, study_date=first.study_date,
        )  # fmt: skip
        StudyLink.objects.create(study=own, requested_procedure=of, evidence="test", linked_by="test")
        made.append(own)
    yield [hospital.a.study, *(one.study_instance_uid for one in made)]
    StudyLink.objects.filter(study__in=made).delete()
    Study.objects.filter(pk__in=[one.pk for one in made]).delete()


def alerts(user: User) -> list[str]:
    rows = AuditEvent.objects.filter(event_code="110113", outcome="refused", actor_id=str(user.pk)).order_by("pk")
    return list(rows.values_list("study_uid", flat=True))


def shown(page: bytes) -> str:
    """The studies that a page tells its viewer to open."""
    return page.decode().partition('data-studies="')[2].partition('"')[0]


def without_form_values(page: bytes) -> bytes:
    """Each page masks its CSRF value anew."""
    return re.sub(rb"[0-9A-Za-z]{64}", b"", page)


# Hidden


@pytest.mark.parametrize("address", SIX_ADDRESSES)
def test_asking_for_anothers_study_is_an_alert_and_looks_like_one_that_is_not_there(
    hospital: Hospital, task: ReadingTask, address: str
) -> None:
    person = hospital.world.radiologist
    client, b = browser(person), hospital.b
    words = {"mine": hospital.a.study, "task": task.pk}
    before = alerts(person)
    unknown = client.get(address.format(study="1.2.3.4.5", accession="NOSUCH", **words))
    assert alerts(person) == before, "a slip of the pen is no alert"
    foreign = client.get(address.format(study=b.study, accession=b.place.accession, **words))
    assert alerts(person) == [*before, b.study]
    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert without_form_values(foreign.content) == without_form_values(unknown.content)


def test_who_may_see_no_images_cannot_try_numbers_unseen(hospital: Hospital) -> None:
    clerk = hospital.world.clerk
    before = alerts(clerk)
    answer = browser(clerk).get(f"/viewer/?accession={hospital.a.place.accession}")
    assert (answer.status_code, alerts(clerk)) == (404, [*before, hospital.a.study])


def test_a_page_that_asks_on_after_its_study_was_closed_writes_one_row(hospital: Hospital) -> None:
    person = hospital.world.radiologist
    client, before = browser(person), alerts(person)
    asked = f"/viewer/still/?StudyInstanceUIDs={hospital.a.study}"
    assert client.get(asked).status_code == 204
    study = Study.objects.filter(study_instance_uid=hospital.a.study)
    study.update(state="blocked")
    try:
        assert [client.get(asked).status_code for _ in range(5)] == [404] * 5
    finally:
        study.update(state="matched")
    assert alerts(person) == [*before, hospital.a.study]


# Many


def test_an_accession_of_eleven_studies_opens_all_of_them(hospital: Hospital, many: list[str]) -> None:
    page = browser(hospital.world.radiologist).get(f"/viewer/?accession={hospital.a.place.accession}")
    assert page.status_code == 200
    assert sorted(shown(page.content).split(",")) == sorted(many)


def test_a_page_of_eleven_studies_lets_go_of_them_once_one_is_closed(
    hospital: Hospital, task: ReadingTask, many: list[str]
) -> None:
    client = browser(hospital.world.radiologist)
    asked = f"/viewer/still/?StudyInstanceUIDs={shown(client.get(f'/reading/{task.pk}/').content)}"
    assert asked.count(",") == MORE - 1
    assert client.get(asked).status_code == 204
    Study.objects.filter(study_instance_uid=many[-1]).update(state="blocked")
    assert client.get(asked).status_code == 404


# What may be added


@pytest.mark.parametrize("place", ["/viewer/?accession={accession}&", "/reading/{task}/?"])
class TestBothAddresses:
    def page(self, hospital: Hospital, task: ReadingTask, place: str, query: str) -> str:
        address = place.format(accession=hospital.a.place.accession, task=task.pk) + query
        page = browser(hospital.world.radiologist).get(address)
        assert page.status_code == 200
        return page.content.decode()

    def test_the_earlier_exam_that_matters_most_stands_beside(
        self, hospital: Hospital, task: ReadingTask, earlier: str, place: str
    ) -> None:
        for compare in ("prior", earlier):
            page = self.page(hospital, task, place, f"compare={compare}")
            assert shown(page.encode()) == f"{hospital.a.study},{earlier}"

    def test_a_study_of_the_case_is_not_compared_with_itself(
        self, hospital: Hospital, task: ReadingTask, place: str
    ) -> None:
        person = str(hospital.world.radiologist.pk)
        openings = AuditEvent.objects.filter(action="study.opened", actor_id=person)
        before = openings.count()
        page = self.page(hospital, task, place, f"compare={hospital.a.study}")
        assert shown(page.encode()) == hospital.a.study
        assert (openings.count(), "Stop comparing" in page) == (before + 1, False)

    def test_where_to_begin_and_how_it_is_hung_reach_the_viewer(
        self, hospital: Hospital, task: ReadingTask, place: str
    ) -> None:
        series, image = hospital.a.series, hospital.a.instances[1]
        begins = f"initialSeriesInstanceUID={series}&initialSopInstanceUID={image}"
        page = self.page(hospital, task, place, f"{begins}&hangingprotocolId=mpr&evil=1")
        said = page.partition('data-url="/viewer/ohif/viewer?')[2].partition('"')[0]
        assert said.replace("&amp;", "&") == f"StudyInstanceUIDs={hospital.a.study}&{begins}&hangingprotocolId=mpr"


def test_an_image_window_takes_the_earlier_exam_too(hospital: Hospital, task: ReadingTask, earlier: str) -> None:
    client = browser(hospital.world.radiologist)
    said = {
        (number, windows): shown(
            client.get(f"/viewer/screen/{number}/?task={task.pk}&compare=prior&windows={windows}").content
        )
        for number, windows in ((1, 1), (1, 2), (2, 2))
    }
    both, alone = f"{hospital.a.study},{earlier}", hospital.a.study
    assert said == {(1, 1): both, (1, 2): alone, (2, 2): earlier}
