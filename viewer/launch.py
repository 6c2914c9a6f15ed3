"""Which studies a launch address means: by UID, or by accession through the RIS and then the archive."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from django.http import QueryDict

from ris.accounts.models import User
from ris.core.errors import InvalidInput, NotFound, TransitionError
from ris.core.identifiers import is_accession, is_uid
from ris.dicom.archive import StudyQuery, get_archive
from ris.patients.models import Patient
from viewer import grants
from viewer.glass.models import viewable
from viewer.hanging.choice import hang, presets
from viewer.hanging.protocols import Protocol
from viewer.ohif.library import BASE
from worklist.models import ReadingTask, Study
from worklist.priors.earlier import priors_of

UID_KEYS = ("StudyInstanceUIDs", "StudyInstanceUID", "studyInstanceUIDs", "studyinstanceuids", "study")
ACCESSION_KEYS = ("accession", "AccessionNumber", "accessionNumber")
COMPARE, MOST_RELEVANT = "compare", "prior"
MODE, PAINTING = "mode", "segmentation"  # OHIF's own mode with brushes
STUDIES_MAX = 10
SECOND = 2
# What OHIF itself understands and a caller may want, however they write it: name to what its value may be.
PASSED_ON = {
    "initialSeriesInstanceUID": re.compile(r"[0-9.]{1,64}"),
    "initialSopInstanceUID": re.compile(r"[0-9.]{1,64}"),
    "hangingprotocolId": re.compile(r"[@A-Za-z0-9/._-]{1,64}"),
}
NOTHING = "There is no such study, or it is not yours to see."


@dataclass(frozen=True, slots=True)
class Launch:
    """What to show: the studies of one person, and OHIF's address for them."""

    studies: list[Study]
    patient: Patient | None
    extra: Mapping[str, str]
    protocol: Protocol | None = None
    presets: Mapping[str, Sequence[Mapping[str, str]]] = field(default_factory=dict)
    mode: str = "viewer"

    @property
    def uids(self) -> str:
        return ",".join(study.study_instance_uid for study in self.studies)

    @property
    def route(self) -> str:
        """The address below OHIF's own root: what a viewer that runs already is turned to."""
        hung = {"hangingprotocolId": str(self.protocol["id"])} if self.protocol else {}
        query = urlencode({"StudyInstanceUIDs": self.uids, **hung, **self.extra}, safe=",@/")
        return f"/{self.mode}?{query}"

    @property
    def is_painting(self) -> bool:
        return self.mode == PAINTING

    @property
    def protocol_json(self) -> str:
        """For a viewer that started before an administrator changed the protocol; empty for one of OHIF's own."""
        return json.dumps(self.protocol) if self.protocol and "stages" in self.protocol else ""

    @property
    def presets_json(self) -> str:
        """The windows that are offered for these studies, by modality."""
        return json.dumps(self.presets)

    @property
    def viewer_url(self) -> str:
        return f"{BASE.rstrip('/')}{self.route}"


def canonical_query(query: QueryDict) -> str:
    """The query of /viewer/ for any of the forms that other systems use."""
    uids, accession = _named(query, UID_KEYS), _named(query, ACCESSION_KEYS)
    named = {"StudyInstanceUIDs": uids} if uids else {"accession": accession}
    ours = {name: query[name] for name in (COMPARE, MODE) if query.get(name)}
    return urlencode({**named, **ours, **_extra(query)}, safe=",@/")


def in_mode(found: Launch, query: QueryDict) -> Launch:
    """The same where the query asks for OHIF's brushes."""
    return replace(found, mode=PAINTING) if query.get(MODE) == PAINTING else found


def resolve(query: QueryDict, user: User) -> Launch:
    """The launch that a query means; NotFound when nothing of it is visible, InvalidInput when it is malformed."""
    uids, accession = _named(query, UID_KEYS), _named(query, ACCESSION_KEYS)
    if uids:
        studies = _by_uid(uids, user)
    elif accession:
        studies = _by_accessions(accession, user)
    else:
        raise InvalidInput("Name a study: /viewer/?StudyInstanceUIDs=… or /viewer/?accession=….")
    current, *others = studies
    earlier = _earlier(current, query.get(COMPARE, ""), user)
    if earlier is None or earlier == current:
        return of_studies(studies, user, _extra(query))
    others = [one for one in others if one != earlier]
    return of_studies([current, earlier, *others], user, _extra(query), compare=True)


def _earlier(current: Study, named: str, user: User) -> Study | None:
    """The exam to stand beside the current one: the one that is named, or the one that matters most for it."""
    if named != MOST_RELEVANT:
        return _by_uid(named, user)[0] if named else None
    links = current.links.filter(active=True)
    task = ReadingTask.objects.filter(requested_procedures__in=links.values("requested_procedure")).first()
    return next((prior.study for prior in priors_of(task, user)), None) if task else None


def of_studies(
    studies: list[Study], user: User, extra: Mapping[str, str] | None = None, *, compare: bool = False
) -> Launch:
    """A launch of studies that the caller was found to may see; refused when they are of two persons.

    One that belongs to nobody yet is opened alone: it would stand under the other's name.
    """
    persons = grants.patients(studies)
    if len(studies) > 1 and len(grants.linked(studies)) < len(studies):
        raise TransitionError("A study that is linked to nobody yet is opened alone.")
    if len(persons) > 1:
        raise TransitionError("These studies belong to different patients and are not opened together.")
    patient = Patient.objects.filter(pk__in=persons).first()
    protocol = None if extra and "hangingprotocolId" in extra else hang(studies, user, compare=compare)
    return Launch(studies, patient, extra or {}, protocol, presets(user, studies))


def of_case(task: ReadingTask, user: User, *, compare: str = "") -> Launch:
    """The studies of a case, and beside them an earlier one of the same patient to compare with.

    Raises NotFound for one that the user may not see, TransitionError for one of another patient.
    """
    visible = Study.objects.visible_to(user).filter(pk__in=task.studies().values("pk"))
    studies = list(visible.order_by("study_date", "study_time", "pk"))
    if not compare or not studies:
        return of_studies(studies, user)
    # The protocol's places are those of the address: the current study first, then the earlier one.
    return of_studies([studies[0], *_by_uid(compare, user), *studies[1:]], user, compare=True)


def of_screen(task: ReadingTask, user: User, *, number: int, compare: str, alone: bool) -> Launch:
    """What an image window shows: alone as the reading room; of two, the first the case, the second the earlier exam.

    Without an earlier one the second shows the case too.
    """
    if alone or number != SECOND:
        return of_case(task, user, compare=compare if alone else "")
    earlier = compare or next((prior.study.study_instance_uid for prior in priors_of(task, user)), "")
    return of_studies(_by_uid(earlier, user), user) if earlier else of_case(task, user)


def _by_uid(value: str, user: User) -> list[Study]:
    uids = [uid.strip() for uid in value.split(",")]
    if len(uids) > STUDIES_MAX or not all(is_uid(uid) for uid in uids):
        raise InvalidInput(f"StudyInstanceUIDs holds up to {STUDIES_MAX} UIDs, separated by commas.")
    visible = viewable(user).filter(study_instance_uid__in=uids)
    found = {study.study_instance_uid: study for study in visible}
    if not all(uid in found for uid in uids):
        raise NotFound(NOTHING)
    return [found[uid] for uid in dict.fromkeys(uids)]


def require_visible(value: str, user: User) -> None:
    """Raises NotFound unless every study of a page that is open may still be seen."""
    _by_uid(value, user)


def _by_accessions(value: str, user: User) -> list[Study]:
    """The studies of each of these numbers, in their order; NotFound when one of them has none."""
    numbers = list(dict.fromkeys(number.strip() for number in value.split(",")))
    if len(numbers) > STUDIES_MAX:
        raise InvalidInput(f"accession holds up to {STUDIES_MAX} numbers, separated by commas.")
    found = {study.pk: study for number in numbers for study in _by_accession(number, user)}
    return list(found.values())[:STUDIES_MAX]


def _by_accession(accession: str, user: User) -> list[Study]:
    """The studies linked to the accession; else those that the archive knows under it, if they are visible."""
    if not is_accession(accession):
        raise InvalidInput("This is not an accession number.")
    visible = viewable(user).select_related("site")
    linked = visible.filter(links__active=True, links__requested_procedure__accession_number=accession)
    studies = list(linked.distinct().order_by("study_date", "pk")[:STUDIES_MAX])
    if not studies:
        rows = get_archive().find_studies(StudyQuery(accession_number=accession, limit=STUDIES_MAX))
        uids = [row.study_instance_uid for row in rows]
        studies = list(visible.filter(study_instance_uid__in=uids).order_by("study_date", "pk"))
    if not studies:
        raise NotFound(NOTHING)
    return studies


def _named(query: QueryDict, names: Iterable[str]) -> str:
    """All values of the first of these names that is there: OHIF takes a name more than once as a list."""
    return next((",".join(filter(None, query.getlist(name))) for name in names if any(query.getlist(name))), "")


def _extra(query: QueryDict) -> dict[str, str]:
    given = {name.lower(): str(query[name]) for name in query}
    values = {name: given.get(name.lower(), "") for name in PASSED_ON}
    return {name: value for name, value in values.items() if PASSED_ON[name].fullmatch(value)}
