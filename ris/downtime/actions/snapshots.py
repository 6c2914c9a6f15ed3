"""The list of the day, every quarter of an hour, as an encrypted file that opens without us."""

from __future__ import annotations

import hashlib
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from ris import audit
from ris.accounts.models import Site
from ris.core.actors import Actor
from ris.core.errors import InvalidInput, Unavailable
from ris.core.typeset.fonts import font_set
from ris.downtime import files, permissions
from ris.downtime.contents import list_of
from ris.downtime.models import Snapshot, SnapshotRule
from ris.downtime.papers.content import DayList
from ris.downtime.papers.daylist import encrypted_list
from ris.downtime.sealing import Unreadable, seal, unseal
from ris.events import emit

log = logging.getLogger(__name__)

EVERY = timedelta(minutes=15)
KEPT = timedelta(hours=24)
NEVER_FEWER = 4  # of the newest are kept, however old: after a night without the RIS there is still a list
SHORTEST, LONGEST = 14, 64


@transaction.atomic
def set_passphrase(site: Site, *, passphrase: str, by: Actor) -> SnapshotRule:
    """From now on the site's lists open with this passphrase; those made before keep theirs.

    Raises NotPermitted, and InvalidInput for a passphrase that is too easily found or cannot be typed everywhere.
    """
    permissions.require_manage(by, site.pk)
    if fault := _fault_of(passphrase):
        raise InvalidInput("This passphrase cannot be used.", fields={"passphrase": fault})
    values = {
        "sealed_passphrase": seal(passphrase),
        "changed_at": timezone.now(),
        "changed_by_name": by.display[:160],
        "fault": "",
    }
    rule = SnapshotRule.objects.update_or_create(site=site, defaults=values)[0]
    audit.record("downtime.passphrase-set", rule, by=by, site_id=site.pk)
    emit("downtime.passphrase-set", rule, by=by, site_id=site.pk)
    return rule


def _fault_of(passphrase: str) -> str:
    if not SHORTEST <= len(passphrase) <= LONGEST:
        return f"{SHORTEST} to {LONGEST} characters: four or five words that are easy to type."
    if not all(" " <= one <= "~" for one in passphrase) or passphrase != passphrase.strip():
        return "Only letters without accents, digits and plain signs, so that it can be typed on any keyboard."
    return "Use more different characters." if len(set(passphrase)) < 6 else ""


def make_due() -> int:
    """The timer's turn: a new list for every site whose newest is a quarter of an hour old. How many were made."""
    now = timezone.now()
    rules = SnapshotRule.objects.select_related("site").annotate(newest=Max("site__snapshots__made_at"))
    due = [rule for rule in rules if rule.newest is None or rule.newest <= now - EVERY]
    return sum(_made(rule) for rule in due)


def _made(rule: SnapshotRule) -> bool:
    """One site's list; what goes wrong is kept for the page and hinders no other site."""
    try:
        make_snapshot(rule)
    except Exception as error:  # noqa: BLE001  whatever it is, the other sites' lists must still be made
        words = str(error) if isinstance(error, (Unreadable, OSError)) else type(error).__name__
        log.error("snapshot of site %s failed: %s", rule.site_id, type(error).__name__)
        SnapshotRule.objects.filter(pk=rule.pk).update(fault=f"The list could not be made: {words}"[:255])
        return False
    return True


def make_snapshot(rule: SnapshotRule) -> Snapshot | None:
    """Draw, encrypt, write, note; None when another process did it at this moment. Raises Unreadable, OSError."""
    now = timezone.now()
    content = list_of(rule.site, now)
    body = encrypted_list(content, unseal(rule.sealed_passphrase), font_set(settings.PRINT_FONTS))
    name = f"{rule.site.code}-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.pdf"
    files.write(files.folder_of(rule.site.code), name, body)
    fault = _copied(files.second_folder_of(rule.site.code), name, body)
    made = _noted(rule, name, body, content, now, fault)
    _prune(rule.site, now)
    return made


def _copied(folder: Path | None, name: str, body: bytes) -> str:
    """Write the copy; a share that is gone is said on the page and costs nothing else."""
    if folder is None:
        return ""
    try:
        files.write(folder, name, body)
    except OSError as error:
        return f"The copy could not be written to the second folder: {error.strerror}."[:255]
    return ""


@transaction.atomic
def _noted(rule: SnapshotRule, name: str, body: bytes, content: DayList, now: datetime, fault: str) -> Snapshot | None:
    SnapshotRule.objects.filter(pk=rule.pk).update(fault=fault)
    lines = [line for day in content.days for room in day.rooms for line in room.lines]
    try:
        with transaction.atomic():
            return Snapshot.objects.create(
                site=rule.site, made_at=now, name=name, size=len(body), sha256=hashlib.sha256(body).hexdigest(),
                exams=len(lines) + len(content.waiting),
            )  # fmt: skip
    except IntegrityError:
        return None


def _prune(site: Site, now: datetime) -> None:
    """Files and rows older than a day go; the newest few stay."""
    newest = list(Snapshot.objects.filter(site=site).values_list("pk", flat=True)[:NEVER_FEWER])
    for old in Snapshot.objects.filter(site=site, made_at__lt=now - KEPT).exclude(pk__in=newest):
        for folder in (files.folder_of(site.code), files.second_folder_of(site.code)):
            if folder is not None:
                _removed(folder, old.name)
        old.delete()


def _removed(folder: Path, name: str) -> None:
    try:
        files.remove(folder, name)
    except OSError as error:
        log.warning("old snapshot not removed: %s", error.strerror)


def open_snapshot(snapshot: Snapshot, *, by: Actor) -> bytes:
    """The file, as encrypted as it lies there; that it was taken is recorded. Raises NotPermitted, Unavailable."""
    permissions.require_open_snapshot(by, snapshot.site_id)
    path = files.folder_of(snapshot.site.code) / snapshot.name
    try:
        body = path.read_bytes()
    except OSError:
        raise Unavailable("The file of this list is not there any more. Take a newer one.") from None
    audit.record("downtime.snapshot-taken", snapshot, by=by, name=snapshot.name)
    return body
