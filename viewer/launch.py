"""Which studies a launch address means: by UID, or by accession through the RIS and then the archive."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from django.http import QueryDict

from ris.accounts.models import User
from ris.core.errors import InvalidInput, TransitionError
from ris.patients.models import Patient
from viewer import grants
from viewer.hanging.choice import hang, presets
from viewer.hanging.protocols import Protocol
from viewer.named import by_accessions, by_uid
from viewer.ohif.library import BASE
from worklist.models import ReadingTask, Study
from worklist.priors.earlier import priors_of

UID_KEYS = ("StudyInstanceUIDs", "StudyInstanceUID", "studyInstanceUIDs", "studyinstanceuids", "study")
ACCESSION_KEYS = ("accession", "AccessionNumber", "accessionNumber")
COMPARE, MOST_RELEVANT = "compare", "prior"
MODE, PAINTING = "mode", "segmentation"  # OHIF's own mode with brushes
SECOND = 2
# What OHIF itself understands and a caller may want, however they write it: name to what its value may be.
PASSED_ON = {
    "initialSeriesInstanceUID": re.compile(r"[0-9.]{1,64}"),
    "initialSopInstanceUID": re.compile(r"[0-9.]{1,64}"),
    "hangingprotocolId": re.compile(r"[@A-Za-z0-9/._-]{1,64}"),
}


@dataclass(frozen=True, slots=True)
class Launch:
    """What to show: the studies of one person, and OHIF's address for them."""

    studies: list[Study]
    patient: Patient | None
    extra: Mapping[str, str]
    protocol: Protocol | None = None
    presets: Mapping[str, Sequence[Mapping[str, str]]] = field(default_factory=dict)
    mode: str = "viewer"
    is_comparing: bool = False

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
    return urlencode({**named, **ours, **passed_on(query)}, safe=",@/")


def in_mode(found: Launch, query: QueryDict) -> Launch:
    """The same where the query asks for OHIF's brushes."""
    return replace(found, mode=PAINTING) if query.get(MODE) == PAINTING else found


def resolve(query: QueryDict, user: User) -> Launch:
    """The launch that a query means; NotFound when nothing of it is visible, InvalidInput when it is malformed."""
    uids, accession = _named(query, UID_KEYS), _named(query, ACCESSION_KEYS)
    if uids:
        studies = by_uid(uids, user)
    elif accession:
        studies = by_accessions(accession, user)
    else:
        raise InvalidInput("Name a study: /viewer/?StudyInstanceUIDs=… or /viewer/?accession=….")
    named = query.get(COMPARE, "")
    earlier = _earlier(case_of(studies[0]) if named == MOST_RELEVANT else None, named, user)
    return _beside(studies, None if earlier == studies[0] else earlier, user, passed_on(query))


def case_of(study: Study) -> ReadingTask | None:
    """The case that the study is read in, None for one that is matched to no exam."""
    links = study.links.filter(active=True)
    return ReadingTask.objects.filter(requested_procedures__in=links.values("requested_procedure")).first()


def _earlier(task: ReadingTask | None, named: str, user: User) -> Study | None:
    """The exam to stand beside that of a case: the one that is named, or the one that matters most for it."""
    if named != MOST_RELEVANT:
        return by_uid(named, user)[0] if named else None
    return next((prior.study for prior in priors_of(task, user)), None) if task else None


def _beside(studies: list[Study], earlier: Study | None, user: User, extra: Mapping[str, str]) -> Launch:
    """The protocol's places are those of the address: the current study first, then the earlier one."""
    if earlier is None:
        return of_studies(studies, user, extra)
    current, *others = studies
    others = [one for one in others if one != earlier]
    return of_studies([current, earlier, *others], user, extra, compare=True)


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
    return Launch(studies, patient, extra or {}, protocol, presets(user, studies), is_comparing=compare)


def of_case(task: ReadingTask, user: User, *, compare: str = "", extra: Mapping[str, str] | None = None) -> Launch:
    """The studies of a case, and beside them an earlier one of the same patient (its UID, or "prior": the one that
    matters most).

    Raises NotFound for one that the user may not see, TransitionError for one of another patient.
    """
    visible = Study.objects.visible_to(user).filter(pk__in=task.studies().values("pk"))
    studies = list(visible.order_by("study_date", "study_time", "pk"))
    earlier = _earlier(task, compare, user) if studies else None
    return _beside(studies, None if earlier in studies else earlier, user, extra or {})


def of_screen(task: ReadingTask, user: User, *, number: int, compare: str, alone: bool) -> Launch:
    """What an image window shows: alone as the reading room; of two, the first the case, the second the earlier exam.

    Without an earlier one the second shows the case too.
    """
    if alone or number != SECOND:
        return of_case(task, user, compare=compare if alone else "")
    earlier = _earlier(task, compare or MOST_RELEVANT, user)
    return of_studies([earlier], user) if earlier else of_case(task, user)


def _named(query: QueryDict, names: Iterable[str]) -> str:
    """All values of the first of these names that is there: OHIF takes a name more than once as a list."""
    return next((",".join(filter(None, query.getlist(name))) for name in names if any(query.getlist(name))), "")


def passed_on(query: QueryDict) -> dict[str, str]:
    """Of a query what OHIF itself understands, under its own names."""
    given = {name.lower(): str(query[name]) for name in query}
    values = {name: given.get(name.lower(), "") for name in PASSED_ON}
    return {name: value for name, value in values.items() if PASSED_ON[name].fullmatch(value)}
