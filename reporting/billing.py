"""What was signed, corrected and withdrawn, as rows that a billing system reads."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch

from reporting.models import ReportVersion
from ris.accounts.models import Site
from ris.core.texts import plain_cell
from ris.orders.models import RequestedProcedure

# What each kind of version means to billing. An addendum adds words, not work.
EVENTS = {"final": ("signed", 1), "correction": ("corrected", 1), "withdrawal": ("cancelled", -1)}


@dataclass(frozen=True, slots=True)
class Charge:
    """One billing code of one exam. `quantity` is negative where an exam was withdrawn; a correction says 0."""

    event: str
    signed_on: str
    site: str
    report: int
    version: int
    patient_id: str
    order: str
    accession: str
    procedure: str
    side: str
    scheme: str
    code: str
    quantity: int
    signer: str


COLUMNS = [field.name for field in fields(Charge)]


def charges(site: Site, first: date, last: date) -> Iterator[Charge]:
    """Every charge of the days `first` to `last` as clocks at the site show them, oldest first.

    What waits for its release is no charge yet, and what was recalled never is one; nor is a preliminary report, which
    so takes nothing back when it is withdrawn.

    A procedure without billing codes gives one row without a code, so that it is not forgotten.
    """
    begins = datetime.combine(first, time(), tzinfo=site.zone)
    ends = datetime.combine(last + timedelta(days=1), time(), tzinfo=site.zone)
    finals = ReportVersion.objects.have_left().filter(report=OuterRef("report"), kind="final")
    asked = RequestedProcedure.objects.select_related("procedure", "order__patient").prefetch_related(
        "procedure__billing_codes"
    )
    rows = (
        ReportVersion.objects.have_left()
        .filter(report__site=site, kind__in=EVENTS, created_at__gte=begins, created_at__lt=ends)
        .exclude(~Exists(finals), kind="withdrawal")
        .select_related("report__task", "signature")
    )
    rows = rows.prefetch_related(Prefetch("report__task__requested_procedures", asked))
    for version in rows.order_by("created_at", "pk"):
        yield from _of(version, site, version.report.task.requested_procedures.all())


def write_csv(rows: Iterable[Charge], out: Any) -> None:
    """With a line of names first; nothing in it is run by a spreadsheet."""
    table = csv.writer(out)
    table.writerow(COLUMNS)
    for charge in rows:
        table.writerow([plain_cell(value) for value in astuple(charge)])


def _of(version: ReportVersion, site: Site, asked: Iterable[RequestedProcedure]) -> Iterator[Charge]:
    event, sign = EVENTS[version.kind]
    signer = version.signature.signer_name if hasattr(version, "signature") else ""
    for requested in asked:
        number = requested.order.patient.current.identifier_at(site)
        for scheme, code, quantity in _codes(requested):
            yield Charge(
                event=event,
                signed_on=f"{version.created_at.astimezone(site.zone):%Y-%m-%d}",
                site=site.code,
                report=version.report_id,
                version=version.number,
                patient_id=number.value if number else "",
                order=requested.order.filler_number,
                accession=requested.accession_number,
                procedure=requested.procedure.code,
                side=requested.laterality,
                scheme=scheme,
                code=code,
                quantity=0 if event == "corrected" else sign * quantity * (2 if requested.laterality == "B" else 1),
                signer=signer,
            )


def _codes(requested: RequestedProcedure) -> list[tuple[str, str, int]]:
    codes = [(row.scheme, row.code, row.quantity) for row in requested.procedure.billing_codes.all()]
    return codes or [("", "", 0)]
