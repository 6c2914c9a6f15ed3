"""The list beside the report: what waits here first, then what the archive holds, the newest on top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Exists, Max, OuterRef
from django.utils import timezone

from reporting.copies.record import FurtherCopy
from reporting.lifecycle import OBJECT
from reporting.models import Measurement, Publication, ReportVersion, StoredObject
from reporting.publish.hidden import hidden_series
from ris.accounts.models import User
from ris.core.identifiers import uid
from ris.dicom.archive import ArchiveError, get_archive
from ris.events.lifecycle import DELIVERY
from ris.events.models import Delivery
from viewer.actions import STORE_KEPT
from viewer.beside.archived import DERIVED_IMAGES, KINDS, Header, Held
from viewer.beside.lately import stored_lately
from viewer.beside.outlines import Outline, outline
from viewer.retrieval import ROOT
from worklist.models import ReadingTask, Study

PICTURES_MAX = 24
PATIENCE = 4.0  # seconds for an answer of the archive: the page asks again by itself
UNSEEN = frozenset({"withdrawn"})
WORDS = {
    "kept": "Kept here, not yet in the archive",
    "failed": "Not stored",
    "stored": "In the archive",
    "replaced": "Replaced by a later one",
    "superseded": "Superseded by a later version of the report",
    "withdrawn": "Withdrawn",
}


@dataclass(frozen=True, slots=True)
class Picture:
    """An image of the archive through our own door, and what was drawn on it; sizes in pixels."""

    url: str
    columns: int
    rows: int
    drawn: Outline | None = None


@dataclass(slots=True)
class Beside:
    """One object: `state` is one of WORDS; `retry` the delivery that may be tried again."""

    kind: str
    state: str
    study: str
    description: str = ""
    author: str = ""
    at: datetime | None = None
    series: str = ""
    sop: str = ""
    modality: str = ""
    image: tuple[str, str] = ("", "")
    picture: Picture | None = None
    retry: int | None = None
    problem: str = ""

    @property
    def words(self) -> str:
        """Where it stands, for people."""
        why = f": {self.problem}" if self.problem and self.retry else ""
        return WORDS[self.state] + why

    @property
    def can_be_shown(self) -> bool:
        """What a withdrawn report had stored is listed and not shown."""
        return bool(self.series) and self.state not in UNSEEN


@dataclass(slots=True)
class Listing:
    """All of a case. `problem` says that the archive could not be asked; `left_out` is how many more it holds."""

    rows: list[Beside] = field(default_factory=list)
    problem: str = ""
    left_out: int = 0

    @property
    def version(self) -> str:
        said = [(row.sop, row.state, row.problem, row.retry, row.picture is None) for row in self.rows]
        return uid("beside", repr(said), self.problem, str(self.left_out))


def deliveries_of(task: ReadingTask) -> list[Delivery]:
    """Objects of the case that the archive has not taken yet."""
    uids = list(task.studies().values_list("study_instance_uid", flat=True))
    waiting = DELIVERY.groups["open"] | DELIVERY.groups["stuck"]
    rows = Delivery.objects.filter(subscriber=STORE_KEPT, state__in=waiting, event__payload__study_uid__in=uids)
    return list(rows.select_related("event").order_by("-pk"))


def listing(task: ReadingTask) -> Listing:
    """Everything beside the images of a case's studies."""
    deliveries = deliveries_of(task)
    senders = _senders(deliveries)
    found = Listing([_waiting(delivery, senders) for delivery in deliveries])
    waiting = list(found.rows)
    archive = get_archive(patience=PATIENCE)
    studies = list(task.studies())
    hidden = hidden_series([study.pk for study in studies])
    known = {one.sop_instance_uid: one for one in StoredObject.objects.filter(task=task)}
    ours = frozenset(one.series_instance_uid for one in known.values())
    latest = stored_lately([study.study_instance_uid for study in studies])
    try:
        for study, mark, last in zip(studies, marks_of(studies, latest), latest, strict=True):
            held = Held.of(archive, study.study_instance_uid, mark, ours=ours, latest=last)
            found.left_out += held.left_out
            found.rows += _of_study(held, task, known, hidden.get(study.pk, frozenset()))
            for row in waiting[:PICTURES_MAX]:
                row.picture = _picture(held, row, None) if row.study == held.study_uid else row.picture
            held.keep()
    except ArchiveError:
        found.problem = "The archive does not answer now: what it holds is not listed."
    return found


def _senders(deliveries: Sequence[Delivery]) -> dict[str, str]:
    """The names of those who sent what waits, by their id."""
    ids = {one.event.actor_id for one in deliveries if one.event.actor_kind == "user"}
    return {str(user.pk): user.observer_name for user in User.objects.filter(pk__in=ids)}


def marks_of(studies: Sequence[Study], latest: Sequence[str]) -> list[str]:
    """Of each study what becomes another as soon as we are told of more, or store something ourselves: its `latest`.

    The archive tells of what it got (learning of studies), the viewer and the reports of what they store.
    """
    uids = [study.study_instance_uid for study in studies]
    stored = StoredObject.objects.filter(study_instance_uid__in=uids).order_by().values_list("study_instance_uid")
    papers = Publication.objects.filter(version__study_instance_uid__in=uids).order_by()
    copies = FurtherCopy.objects.filter(study_instance_uid__in=uids).order_by().values_list("study_instance_uid")
    ours = dict(stored.annotate(newest=Max("pk")))
    papers_of = dict(papers.values_list("version__study_instance_uid").annotate(newest=Max("archived_at")))
    copies_of = dict(copies.annotate(newest=Max("stored_at")))
    told = [(one.instance_count, one.series_count, one.grew_at, one.state) for one in studies]
    return [
        uid("beside.mark", repr((*facts, ours.get(one), papers_of.get(one), copies_of.get(one), last)))
        for one, facts, last in zip(uids, told, latest, strict=True)
    ]


def _waiting(delivery: Delivery, senders: Mapping[str, str]) -> Beside:
    """What its event says of it: the archive cannot be asked about it yet."""
    is_stuck = DELIVERY.within(delivery, "stuck")
    said = delivery.event.payload
    series, image = said.get("points_at") or ("", "")
    modality = said.get("modality", "")
    return Beside(
        kind=KINDS.get(modality, "Object"),
        state="failed" if is_stuck else "kept",
        study=said["study_uid"],
        author=senders.get(delivery.event.actor_id, "") if delivery.event.actor_kind == "user" else "",
        modality=modality,
        image=(series, image),
        at=delivery.event.at,
        sop=said["sop_uids"][0],
        retry=delivery.pk,
        problem=delivery.last_error,
    )


def _of_study(held: Held, task: ReadingTask, known: Mapping[str, StoredObject], hidden: frozenset[str]) -> list[Beside]:
    sops = [header.sop for header in held.headers]
    signers, superseded = _signers(sops), _superseded(sops)
    rows = [_row(header, held.study_uid, known.get(header.sop), task, hidden) for header in held.headers]
    rows.sort(key=lambda row: row.at or timezone.now(), reverse=True)
    for at, row in enumerate(rows):
        row.author = row.author or signers.get(row.sop, "")
        row.state = "superseded" if row.sop in superseded and row.can_be_shown else row.state
        if at < PICTURES_MAX and row.can_be_shown:
            row.picture = _picture(held, row, known.get(row.sop))
    return rows


def _signers(sops: list[str]) -> dict[str, str]:
    """Who signed the documents among them."""
    rows = Publication.objects.filter(sop_instance_uid__in=sops, version__signature__isnull=False)
    copies = FurtherCopy.objects.filter(sop_instance_uid__in=sops, publication__version__signature__isnull=False)
    return {
        **dict(rows.values_list("sop_instance_uid", "version__signature__signer_name")),
        **dict(copies.values_list("sop_instance_uid", "publication__version__signature__signer_name")),
    }


def _superseded(sops: list[str]) -> set[str]:
    """The documents among them that a later version, which has left, completed or replaced."""
    later = ReportVersion.objects.have_left().filter(
        report=OuterRef("version__report"), number__gt=OuterRef("version__number")
    )
    rows = Publication.objects.filter(Exists(later), sop_instance_uid__in=sops)
    copies = FurtherCopy.objects.filter(
        publication__in=Publication.objects.filter(Exists(later), copies__sop_instance_uid__in=sops),
        sop_instance_uid__in=sops,
    )
    return {
        *rows.values_list("sop_instance_uid", flat=True),
        *copies.values_list("sop_instance_uid", flat=True),
    }


def _row(header: Header, study: str, known: StoredObject | None, task: ReadingTask, hidden: frozenset[str]) -> Beside:
    written = datetime.fromisoformat(header.written).replace(tzinfo=task.site.zone) if header.written else None
    return Beside(
        kind=header.kind,
        state=_state(header, known, hidden),
        study=study,
        description=header.description,
        author=(known.observer if known else "") or header.author,
        at=known.stored_at if known else written,
        series=header.series,
        sop=header.sop,
        modality=header.modality,
        image=header.points_at,
        problem=known.problem if known else "",
    )


def _state(header: Header, known: StoredObject | None, hidden: frozenset[str]) -> str:
    if header.series in hidden:
        return "withdrawn"
    if known is not None and OBJECT.within(known, "replaced"):
        return "replaced"
    return "stored"


def _picture(held: Held, row: Beside, known: StoredObject | None) -> Picture | None:
    """The object itself when it is an image, else the image that it speaks of, with what was measured on it."""
    drawn = outline(_drawings(known)) if known else None
    if drawn is not None and drawn.series:
        row.image = (drawn.series, drawn.image)
    series, image = (row.series, row.sop) if row.modality in DERIVED_IMAGES else row.image
    if not series:
        return None
    of = held.image(series, image)
    if of is None or not of.rows:
        return None
    url = f"{ROOT}/studies/{row.study}/series/{series}/instances/{image}/rendered"
    return Picture(url, of.columns, of.rows, drawn if drawn and drawn.image == image else None)


def _drawings(known: StoredObject) -> list[dict[str, object]]:
    rows = Measurement.objects.filter(source=known).values_list("geometry", flat=True)
    return [drawing for geometry in rows for drawing in geometry]
