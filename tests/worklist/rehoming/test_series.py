"""One study, two patients: the second one's series go to that patient's exam at the real Orthanc, and come back."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pydicom import Dataset, dcmread
from pydicom.uid import ComprehensiveSRStorage, KeyObjectSelectionDocumentStorage

from ris.core.errors import InvalidInput
from ris.dicom.archive import get_archive
from ris.dicom.archive.objects import get_objects
from ris.events.models import Event
from ris.orders.models import RequestedProcedure
from tests.ris.dicom.objects import common, ct
from tests.services.orthanc import Server
from tests.world import World
from worklist import subscribers
from worklist.actions.decisions import undo
from worklist.actions.series import give_series
from worklist.models import Study
from worklist.reconcile.whole import require_whole
from worklist.rehoming import carrying
from worklist.rehoming.carrying import carry
from worklist.rehoming.giving_up import give_up_rehoming
from worklist.rehoming.rows import Rehoming

from .studies import _evidence, carried, everything, of_exam, send
from .test_interrupted import Killed, Mortal

pytestmark = [pytest.mark.db, pytest.mark.usefixtures("own_uids")]
WHY = "Two patients under one line of the worklist"


@dataclass
class Mixed:
    """His study; `hers` are two images and the key objects that name them, `about_hers` is an SR of his that does."""

    server: Server
    requested: RequestedProcedure
    other: RequestedProcedure
    his: Dataset
    hers: list[Dataset]
    about_hers: Dataset

    @property
    def uid(self) -> str:
        return self.requested.study_instance_uid

    @property
    def series(self) -> list[str]:
        return sorted({str(one.SeriesInstanceUID) for one in self.hers})

    def files(self) -> dict[str, bytes]:
        """What the archive has of both studies, by "PatientID SOPInstanceUID"."""
        return everything(self.server, self.uid) | everything(self.server, self.other.study_instance_uid)


def took(server: Server, uid: str) -> Study:
    """As the matcher does when it is told of the study."""
    row = server.archive().study(uid)
    assert row is not None
    subscribers._take(get_archive(), row)
    return Study.objects.get(study_instance_uid=uid)


@pytest.fixture
def mixed(world: World, orthanc: Server) -> Mixed:
    requested, other = world.requested(), world.requested(world.order(world.patient("Müller", "Jörg")))
    person = of_exam(requested, PatientWeight="81", RequestedProcedureID="RP1", StudyDescription="CT Abdomen",
                     SeriesDate="20260102", SeriesTime="101530.5")  # fmt: skip
    his, first, second = ct(**person), ct(**person), ct(**person)
    second.SeriesInstanceUID = first.SeriesInstanceUID
    keys = common(SOPClassUID=KeyObjectSelectionDocumentStorage, Modality="KO", **person)
    about = common(SOPClassUID=ComprehensiveSRStorage, Modality="SR", SeriesDescription="SR Lengths", **person)
    for one in (keys, about):
        one.CurrentRequestedProcedureEvidenceSequence = [_evidence(first, second)]
    send(orthanc, his, first, second, keys, about)
    assert took(orthanc, requested.study_instance_uid).state == "matched"
    return Mixed(orthanc, requested, other, his, [first, second, keys], about)


def moved(mixed: Mixed, world: World) -> Rehoming:
    study = Study.objects.get(study_instance_uid=mixed.uid)
    give_series(study, mixed.other, series=mixed.series, reason=WHY, by=world.technologist)
    row = Rehoming.objects.order_by("-pk")[0]
    assert carried(row).state == "done"
    return row


def test_they_become_part_of_the_other_patients_exam_and_come_back_byte_by_byte(world: World, mixed: Mixed) -> None:
    before = mixed.files()
    row = moved(mixed, world)
    kept = {key for key in before if key.split()[1] in {mixed.his.SOPInstanceUID, mixed.about_hers.SOPInstanceUID}}
    assert everything(mixed.server, mixed.uid) == {key: before[key] for key in kept}, "what is his is untouched"
    number, new = of_exam(mixed.other)["PatientID"], mixed.other.study_instance_uid
    after = everything(mixed.server, new)
    assert set(after) == {f"{number} {one.SOPInstanceUID}" for one in mixed.hers}
    for was in mixed.hers:
        one = dcmread(BytesIO(after[f"{number} {was.SOPInstanceUID}"]))
        assert (one.StudyInstanceUID, one.SeriesInstanceUID) == (new, was.SeriesInstanceUID)
        assert (str(one.PatientName), one.AccessionNumber) == ("Müller^Jörg", mixed.other.accession_number)
        assert one.get("PixelData") == was.get("PixelData")
        assert "PatientWeight" not in one, "it was his"
        assert "RequestedProcedureID" not in one
        assert one.StudyDescription == mixed.other.description
        before_it = one.OriginalAttributesSequence[0].ModifiedAttributesSequence[0]
        assert (before_it.PatientID, before_it.StudyInstanceUID) == (was.PatientID, mixed.uid)
    keys = dcmread(BytesIO(after[f"{number} {mixed.hers[2].SOPInstanceUID}"]))
    (evidence,) = keys.CurrentRequestedProcedureEvidenceSequence
    assert evidence.StudyInstanceUID == new, "what moved together finds each other"
    assert (
        evidence.ReferencedSeriesSequence
        == mixed.hers[2].CurrentRequestedProcedureEvidenceSequence[0]["ReferencedSeriesSequence"].value
    )
    assert [one["sop"] for one in row.found["review"]] == [mixed.about_hers.SOPInstanceUID]

    his, hers = took(mixed.server, mixed.uid), took(mixed.server, new)
    assert (his.state, his.series_count, hers.state, hers.series_count) == ("matched", 2, "matched", 2)
    assert hers.links.get(active=True).requested_procedure == mixed.other
    assert not his.received_series.filter(series_instance_uid__in=mixed.series).exists()

    undo(his.decisions.get(), reason="They are his", by=world.technologist)
    for study in (his, hers):
        study.refresh_from_db()
        assert study.state == "correcting", "nobody sees either while they are on their way"
    assert carried(Rehoming.objects.order_by("-pk")[0]).state == "done"
    assert mixed.files() == before
    hers.refresh_from_db()
    assert (hers.state, hers.links.filter(active=True).exists()) == ("new", False)
    assert took(mixed.server, mixed.uid).state == "matched"


def test_an_exam_that_has_images_gets_them_into_its_own_study(world: World, mixed: Mixed) -> None:
    own = ct(**of_exam(mixed.other, StudyDescription="CT Thorax", StudyDate="20260304"))
    send(mixed.server, own)
    took(mixed.server, mixed.other.study_instance_uid)
    before = mixed.files()
    moved(mixed, world)
    after = everything(mixed.server, mixed.other.study_instance_uid)
    assert len(after) == 4
    read = [dcmread(BytesIO(one)) for one in after.values()]
    assert {(one.StudyDescription, one.StudyDate) for one in read} == {("CT Thorax", "20260304")}
    assert took(mixed.server, mixed.other.study_instance_uid).state == "matched"
    undo(Study.objects.get(study_instance_uid=mixed.uid).decisions.get(), reason="His", by=world.technologist)
    assert carried(Rehoming.objects.order_by("-pk")[0]).state == "done"
    assert mixed.files() == before
    assert took(mixed.server, mixed.other.study_instance_uid).state == "matched"


def test_what_the_device_sends_late_of_them_follows_and_comes_back_with_them(world: World, mixed: Mixed) -> None:
    moved(mixed, world)
    took(mixed.server, mixed.uid)
    late = ct(**of_exam(mixed.requested))
    late.SeriesInstanceUID = mixed.hers[0].SeriesInstanceUID
    send(mixed.server, late)
    before = everything(mixed.server, mixed.uid)
    assert took(mixed.server, mixed.uid).state == "correcting", "closed as soon as it is known"
    assert carried(Rehoming.objects.order_by("-pk")[0]).state == "done"
    assert len(everything(mixed.server, mixed.other.study_instance_uid)) == 4
    his = took(mixed.server, mixed.uid)
    undo(his.decisions.get(), reason="They are his", by=world.technologist)
    for row in Rehoming.objects.filter(done_at=None).order_by("pk"):
        assert carried(row).state == "done"
    files = everything(mixed.server, mixed.uid)
    assert len(files) == 6
    assert files.items() >= before.items()
    assert everything(mixed.server, mixed.other.study_instance_uid) == {}


def test_what_speaks_of_images_that_stay_does_not_go_without_them(world: World, mixed: Mixed) -> None:
    study, before = Study.objects.get(study_instance_uid=mixed.uid), mixed.files()
    alone = [str(mixed.hers[2].SeriesInstanceUID), str(mixed.his.SeriesInstanceUID)]
    with pytest.raises(InvalidInput, match="speaks of images that stay"):
        require_whole(study, alone)
    give_series(study, mixed.other, series=alone, reason=WHY, by=world.technologist)
    row = carried(Rehoming.objects.get())
    assert (row.state, "speaks of images that stay" in row.problem) == ("failed", True), "who did not look is stopped"
    assert mixed.files() == before
    give_up_rehoming(row, why="Chosen wrongly", by=world.technologist)
    study.refresh_from_db()
    assert (study.state, study.doubt) == ("unmatched", "person")


def test_the_page_shows_them_with_picture_and_time_and_moves_them(world: World, mixed: Mixed, client: Client) -> None:
    client.force_login(world.technologist)
    study = Study.objects.get(study_instance_uid=mixed.uid)
    page = reverse("worklist:study-series", args=[study.pk])
    shown = client.get(page, {"q": mixed.other.accession_number})
    assert "Müller" in shown.content.decode()
    assert "2026-01-02 10:15" in shown.content.decode(), "when it was begun"
    images = study.received_series.get(series_instance_uid=mixed.hers[0].SeriesInstanceUID)
    picture = client.get(reverse("worklist:study-series-picture", args=[study.pk, images.pk]))
    assert picture.content.startswith(b"\xff\xd8"), "a JPEG"
    form = {"series": mixed.series, "target": mixed.other.pk, "reason": WHY, "q": mixed.other.accession_number}
    assert client.post(page, form).status_code == 302
    assert carried(Rehoming.objects.get()).state == "done"
    told = client.get(reverse("worklist:study", args=[study.pk])).content.decode()
    assert "SR Lengths" in told, "it stayed, and speaks of them"


@pytest.mark.parametrize("after", [False, True])
def test_a_worker_that_dies_at_any_call_loses_nothing(
    after: bool, world: World, mixed: Mixed, monkeypatch: pytest.MonkeyPatch
) -> None:
    uids = {key.split()[1] for key in mixed.files()}
    study = Study.objects.get(study_instance_uid=mixed.uid)
    give_series(study, mixed.other, series=mixed.series, reason=WHY, by=world.technologist)
    row = Rehoming.objects.get()
    event = Event.objects.get(kind="study.rehoming", payload__rehoming=row.pk)
    deaths = 0
    for at in range(1, 60):
        monkeypatch.setattr(carrying, "get_objects", lambda at=at: Mortal(get_objects(), at, after=after))
        Rehoming.objects.filter(pk=row.pk).update(working_until=timezone.now())  # the dead one's lease ran out
        try:
            carry(event)
        except Killed:
            deaths += 1
            assert {key.split()[1] for key in mixed.files()} == uids, "each object stands somewhere"
            continue
        break
    row.refresh_from_db()
    assert (row.state, row.total, len(mixed.files())) == ("done", 3, 5)
    assert len(everything(mixed.server, mixed.other.study_instance_uid)) == 3
    assert deaths >= 5
