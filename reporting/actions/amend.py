"""Writing and signing addenda and corrections, and withdrawing a report: versions are added, none is changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from reporting import permissions
from reporting.actions.holding import locked_report
from reporting.actions.sign import Prepared, Proof, insert_version, require_fresh, require_read_over, said_of, sealed
from reporting.amending.contents import addendum, correction, withdrawal
from reporting.amending.correcting import addable, fields_after, key_of, saying
from reporting.amending.dropping import going, meant, unknown
from reporting.amending.record import LONGEST_CALLER, LONGEST_REASON, Amendment
from reporting.amending.refilling import entered, faults_of, held_in
from reporting.delay.actions import take_back_for
from reporting.delay.holding import AMENDED, hold_or_send
from reporting.document import digest
from reporting.entries import label_of, require_typable
from reporting.lifecycle import AMENDMENT, REPORT
from reporting.models import Report, ReportVersion
from reporting.reread.reading import Remark, remarks_on
from reporting.sections import saying_something, to_write
from ris import audit
from ris.accounts.models import User
from ris.core.errors import ConcurrentUpdateError, InvalidInput, TransitionError
from ris.core.texts import fault_of_text

CLOCKS = timedelta(minutes=2)
WAITS = "This report has not been released yet. Who signed it can recall it and change it."
MOVED_ON = "Another version was signed since you began. Read it below, then save and sign yours."


@transaction.atomic
def begin_amendment(report: Report, *, kind: str, by: User) -> Amendment:
    """One's open draft of that kind, made on first opening. Raises NotPermitted, TransitionError."""
    report = locked_report(report)
    permissions.require_amend(by, report)
    _require_move(report, kind)
    base = base_of(report)
    existing = own_draft(report, kind, by)
    if existing is not None:
        return _brought_up(existing, base)
    begun = Amendment.objects.create(
        report=report, kind=kind, texts=_begun(kind, base), base=base.number, author_id=str(by.pk),
        author_name=by.display, saved_at=timezone.now(),
    )  # fmt: skip
    audit.record("report.amendment-begun", report, by=by, patient=report.task.patient_id, kind=kind)
    return begun


def _brought_up(draft: Amendment, base: ReportVersion) -> Amendment:
    """A correction in which nobody has written begins anew from the newest version: it would bring older words back."""
    if draft.kind == "correction" and draft.base != base.number and not says_anything(draft):
        now = {"texts": _begun(draft.kind, base), "base": base.number}
        AMENDMENT.advance(draft, "save", **now, revision=draft.revision + 1, saved_at=timezone.now())
    return draft


def says_anything(draft: Amendment) -> bool:
    """Whether its writer has said anything beyond what it began with."""
    seen = draft.report.versions.filter(number=draft.base).first()
    begun = _begun(draft.kind, seen) if seen else []
    beside = draft.reason or draft.left_out or draft.caller or draft.fields or draft.key_images
    return saying_something(draft.texts) != saying_something(begun) or bool(beside)


def own_drafts(report: Report, by: User) -> list[Amendment]:
    """One's own addendum, correction and withdrawal that say something and are not signed."""
    return [draft for draft in _open(report, by).order_by("-saved_at") if says_anything(draft)]


def own_draft(report: Report, kind: str, by: User) -> Amendment | None:
    """The open one of that kind, if any."""
    return _open(report, by).filter(kind=kind).first()


def _open(report: Report, by: User) -> models.QuerySet[Amendment]:
    return report.amendments.filter(author_id=str(by.pk), state__in=AMENDMENT.groups["open"])


def _begun(kind: str, base: ReportVersion) -> list[dict[str, str]]:
    """What there is to write, as it stands at first."""
    if kind == "withdrawal":
        return []
    return [{"title": "Addendum", "text": ""}] if kind == "addendum" else _texts_of(base)


def _texts_of(base: ReportVersion) -> list[dict[str, str]]:
    """Each section to be written over, and each that said nothing: what was forgotten is what is corrected."""
    return to_write(base.content["sections"], base.report.sections)


def base_of(report: Report) -> ReportVersion:
    """The newest version that has left: what an amendment is about."""
    newest = report.newest_that_left
    if newest is None:
        raise TransitionError(WAITS if report.held_until else "This report was never signed.")
    return newest


def _require_move(report: Report, kind: str) -> None:
    verb, _event = AMENDED[kind]
    possible = may_withdraw(report) if kind == "withdrawal" else REPORT.allows(report, verb)
    if report.held_until is not None and not (kind == "withdrawal" and possible):
        raise TransitionError(WAITS)
    if not possible:
        raise TransitionError(f"This report is {report.get_state_display().lower()}: no {kind} is possible now.")
    if kind != "withdrawal" and report.task.held:
        raise TransitionError("The images of this case are another patient's and closed. It can only be withdrawn.")


def goes_on(report: Report, kind: str) -> bool:
    """Whether something of that kind can be written above the report as it is now."""
    try:
        _require_move(report, kind)
    except TransitionError:
        return False
    return report.newest_that_left is not None


def may_withdraw(report: Report) -> bool:
    """Whether something of it has left that can be taken back, a preliminary version too, where it went back to its
    author as well: what waits above it does not hold that up.
    """
    return REPORT.allowed(report.held_from or report.state, "withdraw")


@dataclass(frozen=True, slots=True)
class Typed:
    """What the writer's page sends. `seen`: the version that it showed; `left_out`: keys of what does not hold
    (`reporting.amending.dropping`), or labels where only one row has them.
    `caller` and `called_at`: who called about the report, and when. `fields`: what was typed into those that the page
    touched, by key; `key_images`: keys of those that are added (`reporting.amending.correcting`).
    """

    texts: Sequence[str]
    seen: int
    reason: str = ""
    left_out: Sequence[str] = ()
    caller: str = ""
    called_at: datetime | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    key_images: Sequence[str] = ()


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
        called_at=typed.called_at, **_corrected(amendment, typed, by),
    )  # fmt: skip
    return amendment


def _corrected(amendment: Amendment, typed: Typed, by: User) -> dict[str, Any]:
    """Fields and key images of a correction; raises InvalidInput for a field or an image that is none."""
    if amendment.kind != "correction":
        return {}
    report, base = amendment.report, base_of(amendment.report)
    specs = report.template.fields
    require_typable({spec["key"]: spec for spec in specs}, typed.fields)
    there = {key_of(one) for one in addable(report, base)}
    if [key for key in typed.key_images if key not in there and key not in amendment.key_images]:
        raise InvalidInput("It was not saved.", fields={"key_images": "That image cannot be added to this report."})
    about = {"by": by.display, "at": timezone.now().isoformat()}
    fields = entered(specs, held_in(base.content, specs), amendment.fields, typed.fields, about=about)
    return {"fields": fields, "key_images": [key for key in dict.fromkeys(typed.key_images) if key in there]}


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
    prepared = sealed(_content(amendment, base, by=by, at=now), amendment.report, by=by, at=now)
    return _commit(amendment.report, prepared, amendment, revision, by=by, said=said_of(proof, looked_at))


def _content(amendment: Amendment, base: ReportVersion, *, by: User, at: datetime) -> dict[str, Any]:
    write = addendum if amendment.kind == "addendum" else correction
    return write(amendment.report, base, amendment, by=by, at=at)


def remarks_of(amendment: Amendment, base: ReportVersion) -> list[Remark]:
    """What the site's rules say of its words, but for what was answered when the version before was signed."""
    report, writer = amendment.report, amendment.author_id
    if amendment.kind != "correction":
        return remarks_on(report, amendment.texts, writer=writer)
    before, (after, _gone) = held_in(base.content, report.template.fields), fields_after(base, amendment)
    answered = {one.key for one in remarks_on(saying(report, before), _texts_of(base), fields=True, writer=writer)}
    found = remarks_on(saying(report, after.fields), amendment.texts, fields=True, writer=writer)
    return [one for one in found if one.level == "stop" or one.key not in answered]


def _require_ready(amendment: Amendment, revision: int, by: User) -> ReportVersion:
    """The version that it is about; raises unless this very text may be signed now."""
    report = amendment.report
    permissions.require_amend(by, report)
    _require_move(report, amendment.kind)
    permissions.require_own(amendment.author_id, by)
    base = base_of(report)
    if amendment.revision != revision or amendment.base != base.number:
        raise ConcurrentUpdateError(MOVED_ON)
    if fault := _fault_of_call(amendment):
        raise InvalidInput("It was not signed.", fields={"called_at": fault})
    if not any(item["text"].strip() for item in amendment.texts):
        raise InvalidInput("There is nothing to sign.", fields={"text-0": "Write something."})
    if amendment.kind == "correction":
        _require_sound(amendment, base)
    return base


def _require_sound(amendment: Amendment, base: ReportVersion) -> None:
    """Raise unless the correction says why, changes something, and leaves fields as the template asks for them."""
    if not amendment.reason:
        raise InvalidInput("A correction says what was wrong.", fields={"reason": "What was wrong, in one sentence?"})
    if _changes_nothing(amendment, base):
        raise InvalidInput("Nothing is different from the version that it corrects.", fields={"text-0": "Correct it."})
    after, _gone = fields_after(base, amendment)
    if faults := faults_of(amendment.report.template.fields, after):
        words = "; ".join(f"{label_of(amendment.report, key)}: {fault}" for key, fault in faults.items())
        raise InvalidInput(f"Some fields are not filled as the template asks. {words}", fields=faults)


def _fault_of_call(amendment: Amendment) -> str:
    if amendment.caller and amendment.called_at is None:
        return "When was the call?"
    later = amendment.called_at is not None and amendment.called_at > timezone.now() + CLOCKS
    return "This is in the future." if later else ""


def _changes_nothing(amendment: Amendment, base: ReportVersion) -> bool:
    same = saying_something(amendment.texts) == saying_something(_texts_of(base))
    if amendment.fields or amendment.key_images:
        return False
    return same and not going(base.content, amendment.report.template.fields, amendment.left_out)


def withdraw_report(report: Report, *, reason: str, proof: Proof, by: User) -> ReportVersion:
    """Take a signed report back (entered in error); the case waits to be read again, its recipients are told.

    A preliminary one too, whoever has the case by now and whether its images are open or not: it was sent.

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
        _settle(locked, kind, by)
    else:
        amendment = _held(amendment, locked, by)
        _require_unchanged(amendment, _require_ready(amendment, revision, by), prepared, by=by)
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


def _require_unchanged(amendment: Amendment, base: ReportVersion, prepared: Prepared, *, by: User) -> None:
    """What would be signed now is what was: its key images, the patient and the exam too, which no revision counts."""
    at = datetime.fromisoformat(prepared.content["signed_at"])
    if digest(_content(amendment, base, by=by, at=at)) != prepared.sha256:
        raise ConcurrentUpdateError("An image, the patient or the exam changed while you signed. Read it, then sign.")


def _settle(report: Report, kind: str, by: User) -> None:
    """What was signed without its draft, by a program or an older page: the draft waits no more."""
    for draft in _open(report, by).filter(kind=kind).select_for_update(of=("self",)):
        AMENDMENT.advance(draft, "sign")


def _held(amendment: Amendment, report: Report, by: User) -> Amendment:
    """One's own draft, locked behind its report."""
    amendment = Amendment.objects.select_for_update(of=("self",)).get(pk=amendment.pk)
    amendment.report = report
    permissions.require_own(amendment.author_id, by)
    return amendment
