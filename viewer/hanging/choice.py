"""Which protocol hangs a launch, and what one viewer may be asked to hang."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q, QuerySet

from ris.accounts.models import User
from ris.dicom.models import MODALITIES
from ris.orders.models import Procedure
from viewer.hanging.models import Hanging, WindowPreset
from viewer.hanging.protocols import PLAIN, Protocol, beside, single
from worklist.models import Study, StudyLink

PLANES = "mpr"  # OHIF's own protocol


def hang(studies: Sequence[Study], user: User, *, compare: bool = False) -> Protocol | None:
    """The protocol for these studies, the first of which is the current one; None leaves it to OHIF."""
    return Hangings(user, studies[:1]).hang(studies, compare=compare)


class Hangings:
    """All that may hang these studies for this person, read at once: two queries, however many they are."""

    def __init__(self, user: User, studies: Iterable[Study]) -> None:
        links = StudyLink.objects.filter(study__in=[study.pk for study in studies], active=True)
        self._procedures: dict[int, set[int]] = defaultdict(set)
        for study, procedure in links.values_list("study_id", "requested_procedure__procedure_id"):
            self._procedures[study].add(procedure)
        self._rows = list(_for(Hanging.objects.all(), user))

    def hang(self, studies: Sequence[Study], *, compare: bool = False) -> Protocol | None:
        """As the module's `hang`.

        OHIF's own does not keep the order of an address: of several studies it may show any first (ohif.md §5).
        """
        row = self._best(studies[0]) if studies else None
        if compare:
            return beside(row.layout if row else PLAIN)
        if row is None:
            return single(PLAIN) if len(studies) > 1 else None
        return {"id": PLANES} if row.arrangement == PLANES else single(row.layout)

    def _best(self, study: Study) -> Hanging | None:
        done = self._procedures.get(study.pk, ())
        fits = (
            row for row in self._rows
            if row.modality in ("", *study.modalities) and (row.procedure_id is None or row.procedure_id in done)
        )  # fmt: skip
        return max(fits, key=lambda row: (row.weight, -row.pk), default=None)


def protocols(user: User) -> list[Protocol]:
    """All that an address may name for this person."""
    layouts = [PLAIN, *(row.layout for row in _for(Hanging.objects.all(), user).filter(arrangement="series"))]
    return [made for layout in layouts for made in (single(layout), beside(layout))]


def presets(user: User, studies: Sequence[Study] = ()) -> dict[str, list[dict[str, Any]]]:
    """The windows that OHIF offers, by modality; a modality without any keeps OHIF's own.

    Those of the procedures of these studies stand first; those of other procedures are not offered.
    """
    procedures = _procedures(studies)
    rows = _for(WindowPreset.objects.select_related("procedure"), user)
    rows = rows.filter(Q(procedure=None) | Q(procedure__in=procedures))
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.procedure_id is None, row.position, row.name, row.pk)):
        offered = {"description": row.name, "window": f"{row.width:g}", "level": f"{row.center:g}"}
        for modality in _modalities(row, studies):
            found[modality].append({"id": f"isocenter-{row.pk}", **offered})
    return dict(found)


def _modalities(row: WindowPreset, studies: Sequence[Study]) -> list[str]:
    """Where it is offered: what names no modality is for those of the exam, or for every one when none is shown."""
    if row.modality:
        return [row.modality]
    shown = sorted({modality for study in studies for modality in study.modalities})
    return shown or [modality for modality, _name in MODALITIES]


def _for(rows: QuerySet[Any], user: User) -> QuerySet[Any]:
    return rows.filter(Q(user=user) | Q(user=None), active=True)


def _procedures(studies: Sequence[Study]) -> QuerySet[Procedure]:
    links = StudyLink.objects.filter(study__in=studies, active=True).values("requested_procedure__procedure")
    return Procedure.objects.filter(pk__in=links)
