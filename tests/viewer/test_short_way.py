"""Images by the short way and from the cache: the same bytes and grants, never older than the study."""

from __future__ import annotations

import gzip
import re
import time
import uuid

import pytest
import requests
from django.test import override_settings
from django.utils import timezone

from reporting.models import ReportVersion
from ris.accounts.models import User
from ris.core.actors import SystemActor
from ris.dicom.archive import get_archive
from ris.dicom.orthanc.process import OrthancProcess
from ris.events import emit
from ris.events.models import Delivery, Event
from ris.events.outbox import sweep
from ris.events.registry import handler_of
from tests.exam import draft
from tests.services.server import free_port
from tests.viewer import objects
from tests.viewer.hospital import ROOT, Answer, Browser, Hospital
from tests.viewer.hospital import exam as an_exam
from viewer import grants, passes, prefetch
from viewer.caching import inventory, names, shelves
from viewer.subscribers import prefetch_study
from worklist.actions.sides import look_at
from worklist.models import ReadingTask, Study

WADO = "multipart/related; type=application/octet-stream; transfer-syntax=*"


AFTER = 0.25


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is believed for two seconds is believed for tenths of one."""
    monkeypatch.setattr(inventory, "FRESH_SECONDS", 0.2)


def pixels_of(answer: Answer) -> bytes:
    """The only part of a multipart answer."""
    boundary = answer.headers["content-type"].split("boundary=")[1].strip('"').encode()
    _head, _, rest = answer.body.partition(b"\r\n\r\n")
    return rest[: rest.rfind(b"\r\n--" + boundary)]


def theirs(pacs: OrthancProcess, path: str) -> bytes:
    """The same frame from Orthanc's WADO-RS."""
    found = requests.get(
        pacs.url + path.replace(ROOT, "/dicom-web"),
        headers={"Accept": WADO},
        auth=(pacs.options.username, pacs.options.password),
        timeout=30,
    )
    return pixels_of(Answer(200, {"content-type": found.headers["Content-Type"]}, found.content))


def test_a_frame_is_the_same_long_way_short_way_from_the_shelf_and_at_the_archive(
    hospital: Hospital, pacs: OrthancProcess, rita: Browser
) -> None:
    path = f"{hospital.a.first}/frames/1"
    answers = [hospital.ask(path, rita) for _ in range(3)]
    expected = theirs(pacs, path)
    assert [pixels_of(one) == expected for one in answers] == [True] * 3
    assert "transfer-syntax=1.2.840.10008.1.2.1;" in answers[0].headers["content-type"]
    assert {one.headers["cache-control"] for one in answers} == {"private, no-store"}
    headers = [set(one.headers) - {"date"} for one in answers]
    assert {"content-security-policy", "x-content-type-options", "vary"} <= headers[0] & headers[2]


def test_a_pass_is_of_one_session_and_one_study(hospital: Hospital, rita: Browser) -> None:
    assert [hospital.ask(f"{hospital.a.first}/frames/1", rita).status for _ in range(2)] == [200, 200]
    assert hospital.ask(f"{hospital.a.first}/frames/1").status == 401
    assert hospital.ask(f"{hospital.a.first}/frames/1", hospital.sign_in("clerk")).status == 404
    assert hospital.ask(f"{hospital.b.first}/frames/1", rita).status == 404
    stolen = f"{hospital.a.path}/series/{hospital.b.series}/instances/{hospital.b.instances[0]}/frames/1"
    assert hospital.ask(stolen, rita).status == 404


def test_a_doubt_takes_the_long_way_and_is_refused_there(hospital: Hospital, rita: Browser) -> None:
    path = f"{hospital.a.first}/frames/1"
    assert hospital.ask(path, rita).status == 200
    assert hospital.ask(path, rita, Sec_Fetch_Site="cross-site").status == 403
    assert hospital.ask(path, rita, Host="evil.example").status == 400
    assert hospital.ask(path, rita, Accept="text/html").status == 406
    assert hospital.ask(f"{path}?x=1", rita).status == 400
    assert hospital.ask(f"{hospital.a.first}/frames/999", rita).status == 404


def test_an_ended_session_ends_the_short_way_at_once(hospital: Hospital, rita: Browser) -> None:
    assert [hospital.ask(f"{hospital.a.first}/frames/1", rita).status for _ in range(2)] == [200, 200]
    hospital.end_session(rita)
    assert hospital.ask(f"{hospital.a.first}/frames/1", rita).status == 401


def test_a_deactivated_person_is_refused_within_a_second_and_a_half(hospital: Hospital, rita: Browser) -> None:
    path, person = f"{hospital.a.first}/frames/1", User.objects.filter(username="radiologist")
    assert [hospital.ask(path, rita).status for _ in range(2)] == [200, 200]
    person.update(is_active=False)  # as another process does it: nobody here is told
    try:
        time.sleep(1.5)
        assert hospital.ask(path, rita).status == 401
        assert hospital.ask(f"{hospital.a.path}/metadata", rita).status == 401
    finally:
        person.update(is_active=True)


def test_a_person_deactivated_by_this_process_is_refused_at_once(hospital: Hospital, rita: Browser) -> None:
    path, person = f"{hospital.a.first}/frames/1", User.objects.get(username="radiologist")
    assert [hospital.ask(path, rita).status for _ in range(2)] == [200, 200]
    person.is_active = False
    person.save(update_fields=["is_active"])
    try:
        assert hospital.ask(path, rita).status == 401
    finally:
        person.is_active = True
        person.save(update_fields=["is_active"])


@pytest.mark.parametrize("kind", ["study.rehomed", "study.blocked", "report.withdrawn"])
def test_what_was_kept_of_a_study_goes_when_it_was_corrected_or_a_report_withdrawn(
    hospital: Hospital, rita: Browser, kind: str
) -> None:
    study = Study.objects.get(study_instance_uid=hospital.a.study)
    for exam in (hospital.a.path, f"{hospital.a.path}/series/{hospital.a.series}"):
        assert hospital.ask(f"{exam}/metadata", rita).status == 200
    assert kept_of(hospital.a.study) > 0
    other = kept_of(hospital.b.study)
    let_go = handler_of("viewer.let-go")
    assert let_go is not None
    if kind != "report.withdrawn":
        let_go(Event(kind=kind, target_id=str(study.pk)))
    else:
        report = draft(hospital.world, task=ReadingTask.objects.get(patient__family_name="Alpha"))
        version = ReportVersion.objects.create(
            report=report, number=1, kind="withdrawal", content={}, study_instance_uid=hospital.a.study,
            created_at=timezone.now(),
        )  # fmt: skip
        let_go(Event(kind=kind, payload={"version_id": version.pk}))
    assert (kept_of(hospital.a.study), kept_of(hospital.b.study)) == (0, other)
    assert hospital.ask(f"{hospital.a.path}/metadata", rita).status == 200


def kept_of(study: str) -> int:
    """How many files of the metadata's shelf speak of a study."""
    plain = [path.read_bytes() for path in shelves.metadata().place.rglob("*.json")]
    packed = [gzip.decompress(path.read_bytes()) for path in shelves.metadata().place.rglob("*.gz")]
    return sum(f'"{study}"'.encode() in body for body in plain + packed)


def test_a_closed_study_ends_the_short_way_within_seconds(
    hospital: Hospital, rita: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert grants.REMEMBERED_SECONDS + passes.HELD_SECONDS < 5
    monkeypatch.setattr(grants, "REMEMBERED_SECONDS", 0.3)
    monkeypatch.setattr(passes, "HELD_SECONDS", 0.2)
    study = Study.objects.filter(study_instance_uid=hospital.a.study)
    assert hospital.ask(f"{hospital.a.first}/frames/1", rita).status == 200
    study.update(state="blocked")
    try:
        time.sleep(0.7)  # a grant and the pass on it
        assert hospital.ask(f"{hospital.a.first}/frames/1", rita).status == 404
    finally:
        study.update(state="matched")


def test_metadata_is_packed_for_who_unpacks_it_and_equal(hospital: Hospital, rita: Browser) -> None:
    path = f"{hospital.a.path}/series/{hospital.a.series}/metadata"
    plain = [hospital.ask(path, rita) for _ in range(2)]
    packed = [hospital.ask(path, rita, Accept_Encoding="gzip") for _ in range(2)]
    assert {one.headers.get("content-encoding", "") for one in plain} == {""}
    assert {one.headers["content-encoding"] for one in packed} == {"gzip"}
    assert {gzip.decompress(one.body) for one in packed} == {one.body for one in plain}


@pytest.mark.parametrize(
    "asked",
    [
        "/studies/{A}/series?includefield=00080021%2C0008103E%2C00200011",
        "/studies?limit=101&offset=0&fuzzymatching=false&includefield=00081030%2C00080060&StudyInstanceUID={A}",
    ],
)
def test_what_is_listed_of_one_study_comes_the_short_way_from_the_second_time_on(
    hospital: Hospital, rita: Browser, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    path = ROOT + asked.format(A=hospital.a.study)
    assert hospital.ask(f"{hospital.a.first}/frames/1", rita).status == 200  # the pass
    first = hospital.ask(path, rita)

    async def never(*_: object) -> None:
        raise AssertionError("the long way")

    monkeypatch.setattr("viewer.retrieval.answer", never)
    short = hospital.ask(path, rita)
    packed = hospital.ask(path, rita, Accept_Encoding="gzip")
    assert (first.status, short.status, short.json()) == (200, 200, first.json())
    assert gzip.decompress(packed.body) == first.body
    assert [row["0020000D"]["Value"] for row in first.json()] == [[hospital.a.study]]
    assert hospital.ask(path).status == 401
    assert hospital.ask(path, hospital.sign_in("clerk")).status == 404


def test_a_page_that_opens_a_study_lets_its_images_out_at_once(hospital: Hospital, rita: Browser) -> None:
    key = passes.key_of_session(rita.cookie.split("sessionid=")[1].split(";")[0])
    assert passes.find(key, hospital.a.study) is None
    page = hospital.ask(f"/viewer/?StudyInstanceUIDs={hospital.a.study}", rita)
    held = passes.find(key, hospital.a.study)
    assert (page.status, held is not None) == (200, True)
    assert re.fullmatch(r"</viewer/ohif/app\.bundle\.[0-9a-f]{16}\.js>; rel=preload; as=script", page.headers["link"])
    assert passes.find(key, hospital.b.study) is None


def test_metadata_knows_a_new_object_within_seconds(hospital: Hospital, rita: Browser, soon: None) -> None:
    path = f"{hospital.a.path}/metadata"
    before = len(hospital.ask(path, rita).json())
    sop = f"2.25.{uuid.uuid4().int}"
    get_archive().store([objects.image(hospital.a.place, hospital.a.series, sop, 3)])
    time.sleep(AFTER)
    assert len(hospital.ask(path, rita).json()) == before + 1
    remove(hospital, sop)


def test_a_corrected_image_is_never_shown_from_the_cache(hospital: Hospital, rita: Browser, soon: None) -> None:
    sop = f"2.25.{uuid.uuid4().int}"
    path = f"{hospital.a.path}/series/{hospital.a.series}/instances/{sop}/frames/1"
    get_archive().store([objects.image(hospital.a.place, hospital.a.series, sop, 4, 32)])
    time.sleep(AFTER)
    assert len(pixels_of(hospital.ask(path, rita))) == 32 * 32 * 2
    remove(hospital, sop)
    get_archive().store([objects.image(hospital.a.place, hospital.a.series, sop, 4, 48)])
    time.sleep(AFTER)
    assert len(pixels_of(hospital.ask(path, rita))) == 48 * 48 * 2
    remove(hospital, sop)
    time.sleep(AFTER)
    assert hospital.ask(path, rita).status == 404


def test_a_thumbnail_is_made_once_and_anew_when_the_image_is_another(
    hospital: Hospital, pacs: OrthancProcess, rita: Browser, soon: None
) -> None:
    sop = f"2.25.{uuid.uuid4().int}"
    path = f"{hospital.a.path}/series/{hospital.a.series}/instances/{sop}/rendered?accept=image/jpeg"
    seen = []
    for size in (32, 48):
        get_archive().store([objects.image(hospital.a.place, hospital.a.series, sop, 4, size)])
        time.sleep(AFTER)
        fresh = hospital.ask(path, rita)
        again = hospital.ask(path, rita)
        assert (fresh.status, fresh.headers["content-type"], again.body) == (200, "image/jpeg", fresh.body)
        seen.append(fresh.body)
        kept = {one.read_bytes() for one in shelves.pixels().place.rglob("*.jpg")}
        assert fresh.body in kept
        assert hospital.ask(path, hospital.sign_in("outsider")).status == 404
        remove(hospital, sop)
    assert seen[0] != seen[1]


def test_a_large_frame_passes_in_pieces_and_comes_from_the_shelf_next_time(
    hospital: Hospital, pacs: OrthancProcess, rita: Browser, soon: None
) -> None:
    sop = f"2.25.{uuid.uuid4().int}"
    path = f"{hospital.a.path}/series/{hospital.a.series}/instances/{sop}/frames/1"
    get_archive().store([objects.image(hospital.a.place, hospital.a.series, sop, 5, 1200)])
    time.sleep(AFTER)
    expected = theirs(pacs, path)
    assert pixels_of(hospital.ask(path, rita)) == expected
    assert [one.stat().st_size for one in shelves.pixels().place.rglob("*.f1")].count(len(expected) + 64) == 1
    assert pixels_of(hospital.ask(path, rita)) == expected
    remove(hospital, sop)


def remove(hospital: Hospital, sop: str) -> None:
    """Delete an object at the archive, as a correction does."""
    from django.conf import settings

    one = names.of(hospital.a.place.patient_id, hospital.a.study, hospital.a.series, sop)
    who = (settings.ORTHANC_USERNAME, settings.ORTHANC_PASSWORD)
    assert requests.delete(f"{settings.ORTHANC_URL}/instances/{one}", auth=who, timeout=10).status_code == 200


def test_what_a_reader_wants_first_is_fetched_when_the_study_becomes_readable(hospital: Hospital) -> None:
    study = Study.objects.get(study_instance_uid=hospital.b.study)
    event = Event.objects.filter(kind="study.linked", target_id=str(study.pk)).latest("pk")
    prefetch_study(event)
    frames = {path.name for path in shelves.pixels().place.rglob("*.f1")}
    listed = list(shelves.metadata().place.rglob("*.json"))
    assert len(frames) >= 2
    assert list(shelves.pixels().place.rglob("*.jpg")), "the thumbnail"
    assert any(hospital.b.instances[0].encode() in path.read_bytes() for path in listed)
    prefetch_study(event)
    assert {path.name for path in shelves.pixels().place.rglob("*.f1")} == frames


def laid_by(sop: str) -> bool:
    """Whether metadata that name this object lie on the shelf."""
    return any(sop.encode() in path.read_bytes() for path in shelves.metadata().place.rglob("*.json"))


def swept() -> None:
    Delivery.objects.filter(state="pending").update(next_at=timezone.now())
    sweep()


def test_a_study_that_grew_after_its_link_is_fetched_as_it_is_now(hospital: Hospital, soon: None) -> None:
    one = an_exam(hospital.world, hospital.world.north, hospital.world.clerk, "Grower")
    swept()
    assert laid_by(one.instances[0])
    study, sop = Study.objects.get(study_instance_uid=one.study), f"2.25.{uuid.uuid4().int}"
    look_at(get_archive(), study, by=SystemActor("matcher"))
    assert get_archive().store([objects.image(one.place, one.series, sop, 3)]).stored
    look_at(get_archive(), study, by=SystemActor("matcher"))
    time.sleep(AFTER)
    swept()
    assert laid_by(sop)


def test_of_many_events_while_a_study_comes_in_only_the_newest_fetches(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    study, fetched = Study.objects.get(study_instance_uid=hospital.b.study), []
    monkeypatch.setattr("viewer.subscribers.prefetch.fetch", lambda grant: fetched.append(grant.study_uid))
    for _ in range(5):
        emit("exam.series-changed", study, by=SystemActor("matcher"))
    swept()
    assert fetched == [study.study_instance_uid]


def test_a_corrected_study_is_fetched_when_it_opens_again(hospital: Hospital, monkeypatch: pytest.MonkeyPatch) -> None:
    fetched: list[str] = []
    monkeypatch.setattr("viewer.subscribers.prefetch.fetch", lambda grant: fetched.append(grant.study_uid))
    rows = Study.objects.filter(study_instance_uid=hospital.b.study)
    rows.update(state="correcting")
    emit("study.rehomed", rows.get(), by=SystemActor("matcher"))
    swept()
    assert fetched == []
    rows.update(state="matched")
    swept()
    assert fetched == [hospital.b.study]


def test_an_archive_that_is_gone_costs_the_prefetch_and_nothing_else(hospital: Hospital) -> None:
    study = Study.objects.get(study_instance_uid=hospital.b.study)
    with override_settings(ORTHANC_URL=f"http://127.0.0.1:{free_port()}"):
        assert prefetch.fetch(grants.for_the_system(study)) == 0
