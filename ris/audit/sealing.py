"""Chaining the audit trail by hash.

Rows are inserted unchained, so that no two clerks queue behind each other. A seal names exactly the rows that it
covers (ids may become visible out of order when transactions overlap), their SHA-256 and the hash of the seal before.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from ris.audit.models import AuditEvent, AuditSeal

GENESIS = "0" * 64
LOOKBACK = 20_000
BATCH = 5_000
FINGERPRINT = 8
STALE_AFTER = timedelta(seconds=30)
FIELDS = [field.attname for field in AuditEvent._meta.concrete_fields]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `audit_verify` found: rows covered, and each fault in words."""

    rows: int
    seals: int
    faults: tuple[str, ...]


def to_ranges(ids: Iterable[int]) -> str:
    """[1, 2, 3, 7] as "1-3,7"."""
    spans: list[list[int]] = []
    for number in sorted(ids):
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in spans)


def from_ranges(text: str) -> list[int]:
    ids: list[int] = []
    for span in text.split(","):
        first, _, last = span.partition("-")
        ids.extend(range(int(first), int(last or first) + 1))
    return ids


def digest(rows: Iterable[AuditEvent], previous: str, ranges: str) -> str:
    """SHA-256 over the previous hash, the ranges and every column of every row, in order of id."""
    state = hashlib.sha256(f"{previous}\n{ranges}\n".encode())
    for row in rows:
        state.update(_canonical(row) + b"\n")
    return state.hexdigest()


def _canonical(row: AuditEvent) -> bytes:
    values = [getattr(row, name) for name in FIELDS]
    values[FIELDS.index("at")] = row.at.isoformat()
    return json.dumps(values, sort_keys=True, ensure_ascii=False).encode()


def fingerprint(row: AuditEvent) -> str:
    """Too short to prove anything, long enough to say which row of a broken seal it was."""
    return hashlib.sha256(_canonical(row)).hexdigest()[:FINGERPRINT]


@transaction.atomic
def seal() -> AuditSeal | None:
    """Chain the rows that no seal covers yet; None when there are none."""
    last = AuditSeal.objects.select_for_update().order_by("-id").first()
    rows = _unsealed(last)[:BATCH]
    if not rows:
        return None
    ids = [row.pk for row in rows]
    previous, ranges = (last.hash if last else GENESIS), to_ranges(ids)
    return AuditSeal.objects.create(
        at=timezone.now(),
        first_id=ids[0],
        last_id=max(ids[-1], last.last_id if last else 0),
        ranges=ranges,
        rows=len(ids),
        previous=previous,
        hash=digest(rows, previous, ranges),
        fingerprints="".join(map(fingerprint, rows)),
    )


def _unsealed(last: AuditSeal | None) -> list[AuditEvent]:
    """Rows not covered by a seal, among the last LOOKBACK ids and everything after."""
    if last is None:
        return list(AuditEvent.objects.order_by("id")[:BATCH])
    floor = last.last_id - LOOKBACK
    covered: set[int] = set()
    for ranges in AuditSeal.objects.filter(last_id__gte=floor).values_list("ranges", flat=True):
        covered.update(from_ranges(ranges))
    candidates = AuditEvent.objects.filter(id__gt=floor).order_by("id").values_list("id", flat=True)
    missing = [number for number in candidates if number not in covered]
    return list(AuditEvent.objects.filter(id__in=missing[:BATCH]).order_by("id"))


def verify() -> Verdict:
    """Recompute the whole chain; name every row or seal that does not fit, and a tail left unsealed."""
    faults: list[str] = []
    previous, covered, seals = GENESIS, set[int](), 0
    for link in AuditSeal.objects.order_by("id").iterator():
        ids = from_ranges(link.ranges)
        faults.extend(_faults_of(link, ids, previous))
        previous, seals = link.hash, seals + 1
        covered.update(ids)
    faults.extend(_stale_tail(covered))
    return Verdict(rows=len(covered), seals=seals, faults=tuple(faults))


def _faults_of(link: AuditSeal, ids: list[int], previous: str) -> list[str]:
    rows = list(AuditEvent.objects.filter(id__gte=ids[0], id__lte=ids[-1], id__in=ids).order_by("id"))
    if link.previous != previous:
        return [f"seal {link.pk} does not follow the seal before it"]
    missing = sorted(set(ids) - {row.pk for row in rows})
    if missing:
        return [f"seal {link.pk}: row {number} is missing" for number in missing]
    if digest(rows, previous, link.ranges) != link.hash:
        return [f"seal {link.pk}: {_changed(link, rows)} was changed"]
    return []


def _changed(link: AuditSeal, rows: list[AuditEvent]) -> str:
    """The rows whose fingerprint differs; where those were bent too, the range that the seal covers."""
    marks = [link.fingerprints[at : at + FINGERPRINT] for at in range(0, len(link.fingerprints), FINGERPRINT)]
    named = [str(row.pk) for row, mark in zip(rows, marks, strict=False) if fingerprint(row) != mark]
    return f"row {', '.join(named)}" if named else f"a row among {link.ranges}"


def _stale_tail(covered: set[int]) -> list[str]:
    late = AuditEvent.objects.filter(at__lt=timezone.now() - STALE_AFTER).values_list("id", flat=True)
    loose = [number for number in late.iterator() if number not in covered]
    return [f"row {number} is older than {STALE_AFTER.seconds} s and not sealed" for number in loose[:20]]
