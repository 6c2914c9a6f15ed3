"""Studies that somebody names, by UID or by accession number: those, or words that tell nothing of what is hidden."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from ris.accounts.models import User
from ris.core.errors import InvalidInput, NotFound
from ris.core.identifiers import is_accession, is_uid
from ris.dicom.archive import StudyQuery, get_archive
from viewer.glass.models import viewable
from worklist.models import Study

NAMED_MAX = 10
SHOWN_MAX = 100  # of one page: what the DICOMweb door takes in one question (viewer/grammar_query.py)
NOTHING = "There is no such study, or it is not yours to see."


class HiddenStudy(NotFound):
    """There is such a study, and it is not theirs to see: answered as if there were none, for the audit trail only."""

    def __init__(self, study_uid: str) -> None:
        super().__init__(NOTHING)
        self.study_uid = study_uid


def by_uid(value: str, user: User, *, most: int = NAMED_MAX) -> list[Study]:
    """The studies of these UIDs, in their order; NotFound (or HiddenStudy) unless all of them may be seen."""
    uids = [uid.strip() for uid in value.split(",")]
    if len(uids) > most or not all(is_uid(uid) for uid in uids):
        raise InvalidInput(f"StudyInstanceUIDs holds up to {most} UIDs, separated by commas.")
    found = {study.study_instance_uid: study for study in viewable(user).filter(study_instance_uid__in=uids)}
    missing = [uid for uid in uids if uid not in found]
    if missing:
        raise _nothing(
            Study.objects.filter(study_instance_uid__in=missing).values_list("study_instance_uid", flat=True)
        )
    return [found[uid] for uid in dict.fromkeys(uids)]


def require_visible(value: str, user: User) -> None:
    """Raises NotFound unless every study of a page that is open may still be seen."""
    by_uid(value, user, most=SHOWN_MAX)


def by_accessions(value: str, user: User) -> list[Study]:
    """The studies of each of these numbers, in their order; NotFound when one of them has none."""
    numbers = list(dict.fromkeys(number.strip() for number in value.split(",")))
    if len(numbers) > NAMED_MAX:
        raise InvalidInput(f"accession holds up to {NAMED_MAX} numbers, separated by commas.")
    found = {study.pk: study for number in numbers for study in _by_accession(number, user)}
    if len(found) > SHOWN_MAX:
        raise InvalidInput(
            f"More than {SHOWN_MAX} studies belong to this: name those to be shown by StudyInstanceUIDs."
        )
    return list(found.values())


def _by_accession(accession: str, user: User) -> list[Study]:
    """The studies linked to the accession; else those that the archive knows under it, if they are visible."""
    if not is_accession(accession):
        raise InvalidInput("This is not an accession number.")
    visible = viewable(user).select_related("site")
    linked = Q(links__active=True, links__requested_procedure__accession_number=accession)
    studies = list(visible.filter(linked).distinct().order_by("study_date", "pk")[: SHOWN_MAX + 1])
    if studies:
        return studies
    rows = get_archive().find_studies(StudyQuery(accession_number=accession, limit=SHOWN_MAX + 1))
    uids = [row.study_instance_uid for row in rows]
    studies = list(visible.filter(study_instance_uid__in=uids).order_by("study_date", "pk"))
    if not studies:
        ours = Study.objects.filter(linked | Q(accession_number=accession)).order_by("pk")
        raise _nothing([*ours.values_list("study_instance_uid", flat=True)[:1], *uids])
    return studies


def _nothing(hidden: Iterable[str]) -> NotFound:
    first = next(iter(hidden), None)
    return NotFound(NOTHING) if first is None else HiddenStudy(first)
