"""The objects beside the report: who, when, where it stands, a picture; what is not stored can be tried again."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from io import BytesIO

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pydicom import Dataset, dcmread
from pydicom.sequence import Sequence
from pydicom.uid import UID

from reporting.guards import GUARDS
from reporting.models import Report
from reporting.publish.uids import document_place
from ris.accounts.models import User
from ris.audit.models import AuditEvent
from ris.core.errors import NotPermitted, TransitionError
from ris.core.guards import lifted
from ris.dicom.archive import get_archive
from ris.events.models import Delivery
from ris.events.outbox import sweep
from tests.exam import draft
from tests.viewer import objects
from tests.viewer.hospital import Browser, Hospital
from viewer import actions, grants, kept
from viewer.beside.actions import store_again
from viewer.beside.archived import KINDS, SERIES_MAX, Objects, objects_of
from viewer.beside.listing import Beside, deliveries_of, listing
from viewer.beside.outlines import Circle, outline
from viewer.storing import described
from worklist.models import ReadingTask, Study


@pytest.fixture
def task(hospital: Hospital) -> ReadingTask:
    return ReadingTask.objects.get(patient__family_name="Alpha")


def fresh() -> str:
    return f"2.25.{uuid.uuid4().int >> 64}"


def row(task: ReadingTask, sop: str) -> Beside:
    (found,) = [one for one in listing(task).rows if one.sop == sop]
    return found


def told(study_uid: str) -> None:
    """The archive has told of something new of the study."""
    Study.objects.filter(study_instance_uid=study_uid).update(grew_at=timezone.now())


def asked(task: ReadingTask, who: User, query: str = "") -> tuple[int, str]:
    client = Client()
    client.force_login(who)
    answer = client.get(f"/reading/{task.pk}/objects/{query}")
    return answer.status_code, answer.content.decode()


def selection(hospital: Hospital, sop: str) -> bytes:
    """A Key Object Selection of the first slice."""
    place, a = hospital.a.place, hospital.a
    found = objects.blank(place, "1.2.840.10008.5.1.4.1.1.88.59", fresh(), sop)
    found.Modality, found.SeriesDescription = "KO", "Of interest"
    image, series, study = Dataset(), Dataset(), Dataset()
    image.ReferencedSOPClassUID, image.ReferencedSOPInstanceUID = objects.CT, a.instances[0]
    series.SeriesInstanceUID, series.ReferencedSOPSequence = a.series, Sequence([image])
    study.StudyInstanceUID, study.ReferencedSeriesSequence = a.study, Sequence([series])
    found.CurrentRequestedProcedureEvidenceSequence = Sequence([study])
    return objects.part10(found)


def test_what_the_viewer_stored_is_listed_with_its_author(hospital: Hospital, task: ReadingTask, rita: Browser) -> None:
    sop = fresh()
    assert hospital.store(rita, objects.viewer_report(hospital.a.place, fresh(), sop)).status == 200
    found = row(task, sop)
    assert (found.kind, found.words) == ("Measurements", "In the archive")
    assert found.author.startswith(hospital.world.radiologist.observer_name.split("^")[0])
    status, page = asked(task, hospital.world.radiologist)
    assert status == 200
    assert f'data-sop="{sop}"' in page


def test_a_selection_of_images_has_the_picture_of_its_first_image(hospital: Hospital, task: ReadingTask) -> None:
    sop = fresh()
    assert get_archive().store([selection(hospital, sop)]).stored
    told(hospital.a.study)
    found = row(task, sop)
    assert found.image == (hospital.a.series, hospital.a.instances[0])
    assert found.picture is not None
    assert (found.picture.columns, found.picture.rows) == (256, 256)
    assert hospital.ask(found.picture.url, hospital.sign_in("radiologist")).headers["content-type"] == "image/jpeg"


def test_a_document_is_listed_and_one_of_a_withdrawn_report_is_not_shown(hospital: Hospital, task: ReadingTask) -> None:
    report = Report.objects.filter(task=task).first() or draft(hospital.world, task=task)
    sop, series = fresh(), document_place(report.pk, 0, "").series_uid
    get_archive().store([objects.encapsulated_pdf(hospital.a.place, series, sop, b"%PDF-1.7\n%%EOF")])
    told(hospital.a.study)
    assert (row(task, sop).kind, row(task, sop).words) == ("Document", "In the archive")
    before = report.state
    with lifted(connection, GUARDS):
        Report.objects.filter(pk=report.pk).update(state="entered-in-error")
    try:
        found = row(task, sop)
        assert (found.words, found.can_be_shown, found.picture) == ("Withdrawn", False, None)
        assert f'data-show-object="{series}"' not in asked(task, hospital.world.radiologist)[1]
    finally:
        with lifted(connection, GUARDS):
            Report.objects.filter(pk=report.pk).update(state=before)


@pytest.fixture
def waiting(hospital: Hospital, task: ReadingTask) -> Iterator[Delivery]:
    """An object that the archive did not take when it came."""
    body = objects.viewer_report(hospital.a.place, fresh(), fresh())
    grant = grants.find(hospital.world.radiologist, "beside", [hospital.a.study])[hospital.a.study]
    actions.object_kept(grant, [described(body)], sha256=kept.keep(body), by=hospital.world.radiologist)
    delivery = deliveries_of(task)[0]
    yield delivery
    Delivery.objects.filter(pk=delivery.pk).update(state="done")


def test_what_waits_stands_first_and_one_that_gave_up_is_stored_by_hand(
    hospital: Hospital, task: ReadingTask, waiting: Delivery
) -> None:
    sop = waiting.event.payload["sop_uids"][0]
    assert listing(task).rows[0].words == "Kept here, not yet in the archive"
    Delivery.objects.filter(pk=waiting.pk).update(state="parked", last_error="It was full.")
    assert listing(task).rows[0].words == "Not stored: It was full."
    client = Client()
    client.force_login(hospital.world.radiologist)
    assert client.post(f"/reading/{task.pk}/objects/{waiting.pk}/").status_code == 200
    assert AuditEvent.objects.filter(action="object.tried-again", study_uid=hospital.a.study).exists()
    sweep()
    assert deliveries_of(task) == []
    assert row(task, sop).words == "In the archive"
    assert client.post(f"/reading/{task.pk}/objects/{waiting.pk}/").status_code == 404
    with pytest.raises(TransitionError):
        store_again(waiting, task=task, by=hospital.world.radiologist)


def test_only_readers_of_the_site_try_again_and_strangers_see_nothing(
    hospital: Hospital, task: ReadingTask, waiting: Delivery
) -> None:
    with pytest.raises(NotPermitted):
        store_again(waiting, task=task, by=hospital.world.outsider)
    assert asked(task, hospital.world.outsider)[0] == 404
    other = ReadingTask.objects.get(patient__family_name="Beta")
    client = Client()
    client.force_login(hospital.world.outsider)
    assert client.post(f"/reading/{other.pk}/objects/{waiting.pk}/").status_code == 404


def test_a_page_that_shows_them_is_told_nothing_new(hospital: Hospital, task: ReadingTask) -> None:
    version = listing(task).version
    assert asked(task, hospital.world.radiologist, f"?seen={version}")[0] == 204


def test_a_page_that_nobody_touches_asks_the_archive_nothing(
    hospital: Hospital, task: ReadingTask, settings: pytest.FixtureRequest
) -> None:
    told(hospital.a.study)
    before = [one.sop for one in listing(task).rows]
    settings.ORTHANC_URL = "http://127.0.0.1:1"  # type: ignore[attr-defined]
    found = listing(task)
    assert (found.problem, [one.sop for one in found.rows]) == ("", before)


def test_an_archive_that_is_gone_leaves_what_waits_here(
    hospital: Hospital, task: ReadingTask, waiting: Delivery, settings: pytest.FixtureRequest
) -> None:
    before = settings.ORTHANC_URL  # type: ignore[attr-defined]
    settings.ORTHANC_URL = "http://127.0.0.1:1"  # type: ignore[attr-defined]
    told(hospital.a.study)
    found = listing(task)
    assert "does not answer" in found.problem
    assert [one.state for one in found.rows] == ["kept"]
    settings.ORTHANC_URL = before  # type: ignore[attr-defined]
    assert "does not answer" in listing(task).problem, "an archive that is away is not asked by every poll"
    told(hospital.a.study)
    assert listing(task).problem == ""


def test_images_are_no_objects(hospital: Hospital) -> None:
    assert objects_of(get_archive(), hospital.b.study) == Objects([])


def test_a_capture_among_images_is_listed_with_itself_as_picture(hospital: Hospital, task: ReadingTask) -> None:
    sop, place = fresh(), hospital.a.place
    page = dcmread(BytesIO(objects.image(place, fresh(), sop)))
    page.file_meta.MediaStorageSOPClassUID = page.SOPClassUID = UID("1.2.840.10008.5.1.4.1.1.7")
    page.SeriesDescription = "Dose page"
    assert get_archive().store([objects.part10(page)]).stored
    told(hospital.a.study)
    found = row(task, sop)
    assert (found.kind, found.modality, found.description) == ("Capture", "SC", "Dose page")
    assert found.picture is not None
    assert sop in found.picture.url


def test_drawings_of_the_first_image_become_lines_and_circles() -> None:
    def on(image: str, kind: str, *points: list[float], space: str = "image") -> dict[str, object]:
        return {"space": space, "type": kind, "points": list(points), "sop_instance_uid": image,
                "series_instance_uid": "1"}  # fmt: skip

    found = outline([
        on("9", "POLYLINE", [1, 2, 3], space="patient"), on("2", "POLYLINE", [1, 2], [3.25, 4]),
        on("2", "CIRCLE", [10, 10], [13, 14]), on("3", "POLYLINE", [0, 0], [1, 1]),
    ])  # fmt: skip
    assert found is not None
    assert (found.image, found.lines, found.circles) == ("2", ("1.0,2.0 3.2,4.0",), (Circle(10, 10, 5.0),))
    assert outline([on("9", "POLYLINE", [1, 2, 3], space="patient")]) is None


@pytest.mark.usefixtures("crowded")
class TestMoreThanCanBeListed:
    """A scanner that writes one series for each report of a dose, many of them."""

    def test_what_was_stored_a_moment_ago_stands_first(
        self, hospital: Hospital, task: ReadingTask, rita: Browser
    ) -> None:
        for _ in range(2):
            sop = fresh()
            assert hospital.store(rita, objects.viewer_report(hospital.a.place, fresh(), sop)).status == 200
            assert listing(task).rows[0].sop == sop

    def test_the_newest_are_listed_and_the_others_counted(
        self, hospital: Hospital, task: ReadingTask, crowded: list[str]
    ) -> None:
        found = listing(task)
        doses = [row.sop for row in found.rows if row.description == "Dose"]
        assert doses == crowded[: -len(doses) - 1 : -1], "by the date of their series"
        held = sum(row.instance_count for row in get_archive().series(hospital.a.study) if row.modality in KINDS)
        listed = [row for row in found.rows if row.state == "stored" and row.modality in KINDS and row.modality != "SC"]
        assert found.left_out == held - len(listed) > 0
        assert f"{found.left_out} more" in asked(task, hospital.world.radiologist)[1]


@pytest.fixture(scope="module")
def crowded(hospital: Hospital) -> list[str]:
    """The oldest first."""
    sops = [fresh() for _ in range(SERIES_MAX + 3)]
    made = []
    for at, sop in enumerate(sops):
        found = dcmread(BytesIO(objects.structured_report(hospital.a.place, fresh(), sop)))
        found.SeriesDate, found.SeriesTime, found.SeriesDescription = "20261119", f"10{at:02}00", "Dose"
        made.append(objects.part10(found))
    assert len(get_archive().store(made).stored) == len(sops)
    told(hospital.a.study)
    return sops
