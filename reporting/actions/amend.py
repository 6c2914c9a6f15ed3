"""Writing and signing addenda and corrections, and withdrawing a report: versions are added, none is changed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from reporting import permissions
from reporting.actions.holding import locked_report
from reporting.actions.sign import Prepared, Proof, insert_version, require_fresh, require_read_over, said_of, sealed
from reporting.amending.contents import addendum, correction, withdrawal
from reporting.amending.dropping import going, meant, unknown
from reporting.amending.record import LONGEST_CALLER, LONGEST_REASON, Amendment
from reporting.delay.actions import take_back_for
from reporting.delay.holding import AMENDED, hold_or_send
from reporting.lifecycle import AMENDMENT, REPORT
from reporting.models import Report, ReportVersion
from reporting.reread.reading import Remark, remarks_on
from ris import audit
from ris.accounts.models import User
from ris.core.errors import ConcurrentUpdateError, InvalidInput, TransitionError
from ris.core.texts import fault_of_text

CLOCKS = timedelta(minutes=2)
WAITS = "This report has not been released yet. Who signed it can recall it and change it."
MOVED_ON = "Another version was signed since you began. Read it below, then save and sign yours."


@transaction.atomic
def begin_amendment(report: Report, *, kind: str, by: User) -> Amendment:
    """One's open draft of an addendum or correction, made on first opening. Raises NotPermitted, TransitionError."""
    report = locked_report(report)
    permissions.require_amend(by, report)
    _require_move(report, kind)
    existing = report.amendments.filter(kind=kind, author_id=str(by.pk), state__in=AMENDMENT.groups["open"]).first()
    if existing is not None:
        return existing
    base = base_of(report)
    texts = [{"title": "Addendum", "text": ""}] if kind == "addendum" else _texts_of(base)
    begun = Amendment.objects.create(
        report=report, kind=kind, texts=texts, base=base.number, author_id=str(by.pk), author_name=by.display,
        saved_at=timezone.now(),
    )  # fmt: skip
    audit.record("report.amendment-begun", report, by=by, patient=report.task.patient_id, kind=kind)
    return begun


def _texts_of(base: ReportVersion) -> list[dict[str, str]]:
    """Each section to be written over, with the key that it is known by."""
    said = ("key", "title", "text")
    return [{name: section[name] for name in said if name in section} for section in base.content["sections"]]


def base_of(report: Report) -> ReportVersion:
    """The newest version that has left: what an amendment is about."""
    newest = report.newest_that_left
    if newest is None:
        raise TransitionError(WAITS if report.held_until else "This report was never signed.")
    return newest


def _require_move(report: Report, kind: str) -> None:
    verb, _event = AMENDED[kind]
    if not REPORT.allows(report, verb):
        raise TransitionError(f"This report is {report.get_state_display().lower()}: no {kind} is possible now.")
    if report.held_until is not None and not (kind == "withdrawal" and may_withdraw(report)):
        raise TransitionError(WAITS)
    if kind != "withdrawal" and report.task.held:
        raise TransitionError("The images of this case are another patient's and closed. It can only be withdrawn.")


def may_withdraw(report: Report) -> bool:
    """Whether something of it has left that can be taken back: an addendum that waits does not hold that up."""
    return REPORT.allowed(report.held_from or report.state, "withdraw")


@dataclass(frozen=True, slots=True)
class Typed:
    """What the writer's page sends. `seen`: the version that it showed; `left_out`: keys of what does not hold
    (`reporting.amending.dropping`), or labels where only one row has them.
    `caller` and `called_at`: who called about the report, and when.
    """

    texts: Sequence[str]
    seen: int
    reason: str = ""
    left_out: Sequence[str] = ()
    caller: str = ""
    called_at: datetime | None = None


@transaction.atomic
def save_amendment(amendment: Amendment, typed: Typed, *, revision: int, by: User) -> Amendment:
    """Keep what was typed. Raises NotPermitted, InvalidInput, ConcurrentUpdateError for a stale revision."""
    amendment = _held(amendment, locked_report(amendment.report), by)
    if amendment.revision != revision:
        raise ConcurrentUpdateError("This was saved elsewhere since you opened it. Copy your text, reload, join both.")
    left_out, fault = _left_out(amendment, typed)
    faults = _faults(typed, len(amendment.texts)) | ({"left_out": fault} if fault else {})
    if faults:
        raise InvalidInput("It was not saved.", fields=faults)
    texts = [
        {**item, "text": text.replace("\r\n", "\n")} for item, text in zip(amendment.texts, typed.texts, strict=True)
    ]
    AMENDMENT.advance(
        amendment, "save", texts=texts, reason=" ".join(typed.reason.split()), left_out=left_out,
        base=typed.seen, revision=revision + 1, saved_at=timezone.now(), caller=" ".join(typed.caller.split()),
        called_at=typed.called_at,
    )  # fmt: skip
    return amendment


def _left_out(amendment: Amendment, typed: Typed) -> tuple[list[str], str]:
    """By keys, with what is wrong in it: nobody may believe that a number is gone which is not."""
    if amendment.kind != "correction":
        return list(typed.left_out), ""
    said = base_of(amendment.report).content
    lost = [name for name in unknown(said, typed.left_out) if name not in amendment.left_out]
    fault = f"Not one number or addendum of the report: {', '.join(lost)}. Name it by its key." if lost else ""
    return meant(said, typed.left_out), fault


def _faults(typed: Typed, wanted: int) -> dict[str, str]:
    faults = {f"text-{number}": fault_of_text(text, longest=50_000) for number, text in enumerate(typed.texts)}
    faults["caller"] = fault_of_text(typed.caller, longest=LONGEST_CALLER)
    if typed.caller.strip() and typed.called_at is None:
        faults["called_at"] = "When was the call?"
    elif typed.called_at is not None and typed.called_at > timezone.now() + CLOCKS:
        faults["called_at"] = "This is in the future."
    faults["reason"] = fault_of_text(typed.reason, longest=LONGEST_REASON)
    faults[""] = "" if len(typed.texts) == wanted else "The page is out of date. Reload it."
    return {name: fault for name, fault in faults.items() if fault}


@transaction.atomic
def drop_amendment(amendment: Amendment, *, by: User) -> Amendment:
    """Give one's draft up; nothing of it was ever shown to others."""
    amendment = _held(amendment, locked_report(amendment.report), by)
    AMENDMENT.advance(amendment, "drop")
    audit.record("report.amendment-dropped", amendment.report, by=by, patient=amendment.report.task.patient_id)
    return amendment


def sign_amendment(
    amendment: Amendment, *, revision: int, proof: Proof, by: User, accepted: Collection[str] = ()
) -> ReportVersion:
    """Sign an addendum or a correction: the signed PDF exists when this returns, the original is untouched.

    `accepted`: keys of the doubts that the signer looked at (`remarks_of`).

    Raises NotPermitted, InvalidInput, TransitionError, ConcurrentUpdateError. Whoever loses leaves no trace.
    """
    amendment = Amendment.objects.select_related("report__task__patient", "report__site").get(pk=amendment.pk)
    require_fresh(proof)
    base = _require_ready(amendment, revision, by)
    looked_at = require_read_over(remarks_of(amendment, base), accepted)
    now = timezone.now().replace(microsecond=0)
    write = addendum if amendment.kind == "addendum" else correction
    content = write(amendment.report, base, amendment, by=by, at=now)
    prepared = sealed(content, amendment.report, by=by, at=now)
    return _commit(amendment.report, prepared, amendment, revision, by=by, said=said_of(proof, looked_at))


def remarks_of(amendment: Amendment, base: ReportVersion) -> list[Remark]:
    """What the site's rules say of its words, but for what was answered when the version before was signed."""
    before = base.content["sections"] if amendment.kind == "correction" else []
    return remarks_on(amendment.report, amendment.texts, before)


def _require_ready(amendment: Amendment, revision: int, by: User) -> ReportVersion:
    """The version that it is about; raises unless this very text may be signed now."""
    report = amendment.report
    permissions.require_amend(by, report)
    _require_move(report, amendment.kind)
    permissions.require_own(amendment.author_id, by)
    base = base_of(report)
    if amendment.revision != revision or amendment.base != base.number:
        raise ConcurrentUpdateError(MOVED_ON)
    if not any(item["text"].strip() for item in amendment.texts):
        raise InvalidInput("There is nothing to sign.", fields={"text-0": "Write something."})
    if amendment.kind == "correction" and not amendment.reason:
        raise InvalidInput("A correction says what was wrong.", fields={"reason": "What was wrong, in one sentence?"})
    if amendment.kind == "correction" and _changes_nothing(amendment, base):
        raise InvalidInput("Nothing is different from the version that it corrects.", fields={"text-0": "Correct it."})
    return base


def _changes_nothing(amendment: Amendment, base: ReportVersion) -> bool:
    same = [item["text"].strip() for item in amendment.texts] == [item["text"].strip() for item in _texts_of(base)]
    return same and not going(base.content, amendment.report.template.fields, amendment.left_out)


def withdraw_report(report: Report, *, reason: str, proof: Proof, by: User) -> ReportVersion:
    """Take a signed report back (entered in error); the case waits to be read again, its recipients are told.

    Raises NotPermitted, InvalidInput, TransitionError.
    """
    report = Report.objects.select_related("task__patient", "site").get(pk=report.pk)
    permissions.require_amend(by, report)
    require_fresh(proof)
    _require_move(report, "withdrawal")
    reason = " ".join(reason.split())
    fault = fault_of_text(reason, longest=LONGEST_REASON) if reason else "Why does it not count? One sentence."
    if fault:
        raise InvalidInput("Nothing was withdrawn.", fields={"reason": fault})
    now = timezone.now().replace(microsecond=0)
    content = withdrawal(report, base_of(report), reason, by=by, at=now)
    prepared = sealed(content, report, by=by, at=now)
    return _commit(report, prepared, None, report.revision, by=by, said=said_of(proof, ()))


@transaction.atomic
def _commit(
    report: Report,
    prepared: Prepared,
    amendment: Amendment | None,
    revision: int,
    *,
    by: User,
    said: dict[str, Any],
) -> ReportVersion:
    """Lock, ask everything again, and write the version with all that hangs on it."""
    locked, kind = locked_report(report), prepared.content["kind"]
    if amendment is None:
        permissions.require_amend(by, locked)
        _require_move(locked, kind)
    else:
        amendment = _held(amendment, locked, by)
        _require_ready(amendment, revision, by)
        AMENDMENT.advance(amendment, "sign")
    if locked.versions.count() + 1 != prepared.content["number"]:
        raise ConcurrentUpdateError(MOVED_ON)
    if locked.held_until is not None:
        take_back_for(locked, by=by)
    locked.revision += 1
    locked.save(update_fields=["revision"])
    version = insert_version(locked, prepared)
    about = {"study_uid": version.study_instance_uid, "sha256": version.content_sha256, **said}
    audit.record(AMENDED[kind][1], locked, by=by, patient=locked.task.patient_id, version=version.number, **about)
    hold_or_send(version, by=by)
    return version


def _held(amendment: Amendment, report: Report, by: User) -> Amendment:
    """One's own draft, locked behind its report."""
    amendment = Amendment.objects.select_for_update(of=("self",)).get(pk=amendment.pk)
    amendment.report = report
    permissions.require_own(amendment.author_id, by)
    return amendment
