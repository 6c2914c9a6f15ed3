"""What a report says and quotes as those outside have it, and the search for the reports that quote a number."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length

from reporting.lifecycle import REPORT
from reporting.models import Artifact, Report, ReportVersion
from ris.fhir.house import house
from ris.fhir.resources.whose import Holders, holders_of, standing
from ris.fhir.search.parameters import Reference
from ris.fhir.search.values import Wrong, id_of
from ris.orders.models import RequestedProcedure

OBSERVATION = re.compile(r"(?P<source>[1-9][0-9]{0,17})-[0-9A-Za-z.-]{1,64}")


def filled(rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
    """Reports with all that is told of them; `newest` is a list of one version, or of none."""
    papers = Artifact.objects.filter(kind="pdf").annotate(size=Length("body")).defer("body")
    newest = ReportVersion.objects.filter(pk__in=_newest()).select_related("signature")
    newest = newest.prefetch_related(models.Prefetch("artifacts", papers, to_attr="papers"))
    requested = RequestedProcedure.objects.select_related("procedure", "order").order_by("pk")
    return (
        rows.select_related("template", "task__patient")
        .prefetch_related(
            models.Prefetch("versions", newest, to_attr="newest"),
            models.Prefetch("task__requested_procedures", requested),
            "task__stored_objects",
        )
        .distinct()
    )


def said_of(row: Any) -> ReportVersion | None:
    """The newest version that has left; of a withdrawn report none."""
    return row.newest[0] if row.newest and not REPORT.within(row, "withdrawn") else None


def results_of(row: Any, holders: Mapping[str, Holders]) -> list[str]:
    """The measurements that the signed version quotes, still here as they were, on images of this patient."""
    patient, version = row.task.patient.current_id, said_of(row)
    objects = [one for one in row.task.stored_objects.all() if not standing(holders, one.study_instance_uid, patient)]
    sources = {one.sop_instance_uid: one.pk for one in objects}
    quoted = version.content.get("measurements", []) if version else []
    keys = [(sources.get(one.get("sr_sop_uid", "")), one.get("measurement")) for one in quoted]
    return list(dict.fromkeys(f"{source}-{identity}" for source, identity in keys if source and identity))


class Result(Reference):
    """An Observation's id has two parts; the reports of its case are few, and what they quote is read."""

    def one(self, text: str) -> Q:
        key = id_of(self.name, text, self.targets, house().base)
        named = OBSERVATION.fullmatch(key)
        if not named:
            raise Wrong(self.name, "A reference as Observation/12-3fa9 is expected.")
        return Q(pk__in=_quoting(int(named["source"]), key))


def _quoting(source: int, key: str) -> list[int]:
    rows = list(filled(Report.objects.filter(task__stored_objects=source)))
    holders = holders_of({one.study_instance_uid for row in rows for one in row.task.stored_objects.all()})
    return [row.pk for row in rows if key in results_of(row, holders)]


def _newest() -> models.QuerySet[Any]:
    """The id of the newest version of each report; one that has not left is none."""
    return ReportVersion.objects.have_left().order_by().values("report").annotate(last=models.Max("pk")).values("last")
