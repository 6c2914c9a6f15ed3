"""The frozen content of an addendum, a correction and a withdrawal, drawn from the version that they are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from reporting.amending.correcting import after_correction, with_fields
from reporting.amending.record import Amendment
from reporting.document import head_of, language_of, words_of
from reporting.models import Report, ReportVersion
from reporting.render.content import ReportKind
from reporting.render.words import words
from reporting.sections import paired, section_in
from ris.accounts.models import User

SAID = ("sections", "measurements", "key_images")
CORRECTED = ("supersedes", "reason", "taken_out", "filled_anew", "added_images")


def addendum(report: Report, base: ReportVersion, amendment: Amendment, *, by: User, at: datetime) -> dict[str, Any]:
    """The original as it stands, locked, with the new addendum above the earlier ones."""
    content = _begun(report, "addendum", by=by, at=at)
    said = {key: base.content[key] for key in SAID if key in base.content}
    text = {"text": amendment.texts[0]["text"]} | _called(report, amendment)
    own = {**text, "signer": content["signer"]["name"], "signed_at": content["signed_at"]}
    earlier = base.content.get("addenda", [])
    return {
        **content,
        **said,
        "exam": base.content["exam"],
        "original": base.content.get("original") or _named(base),
        "addenda": [*earlier, {**own, "number": _next_number(report)}],
        **_corrections(report, base),
    }


def _corrections(report: Report, base: ReportVersion) -> dict[str, Any]:
    """Each correction up to that version, oldest first: what it replaced and why. Nothing where there was none."""
    rows = report.versions.have_left().filter(kind="correction", number__lte=base.number).order_by("number")
    said = [{**_named(one), **{name: one.content[name] for name in CORRECTED if name in one.content}} for one in rows]
    return {"corrections": said} if said else {}


def _next_number(report: Report) -> int:
    """After all that ever left, one that a correction took out too."""
    contents = report.versions.have_left().values_list("content", flat=True)
    return max((one["number"] for content in contents for one in content.get("addenda", [])), default=0) + 1


def _called(report: Report, amendment: Amendment) -> dict[str, str]:
    """Who called and when, on the site's clock; in the text that is printed, and as fields of their own."""
    if not amendment.caller or amendment.called_at is None:
        return {}
    at = amendment.called_at.astimezone(report.site.zone)
    said = words(language_of(report)).called.format(caller=amendment.caller, at=f"{at:%Y-%m-%d %H:%M}")
    text = f"{amendment.texts[0]['text'].strip()}\n{said}"
    return {"text": text, "caller": amendment.caller, "called_at": at.isoformat(timespec="minutes")}


def correction(report: Report, base: ReportVersion, amendment: Amendment, *, by: User, at: datetime) -> dict[str, Any]:
    """What the report says now instead, why, and which version it replaces; the addenda stay with it."""
    after = after_correction(report, base, amendment)
    return {
        **_begun(report, "correction", by=by, at=at),
        **after.said,
        "sections": _rewritten(with_fields(report, after), amendment.texts, report.sections),
        "supersedes": _named(base),
        "reason": amendment.reason,
        **_corrections(report, base),
    }


def _rewritten(
    before: Sequence[Mapping[str, Any]], texts: Sequence[Mapping[str, Any]], template: Sequence[Mapping[str, str]]
) -> list[dict[str, Any]]:
    """The sections with their new texts; what a section lost is gone, and one that says nothing now too. One that says
    something for the first time comes where the template has it.
    """
    old, new = paired(before, texts)
    known = {item["key"] for item in template}
    sections = [{**section, **({"text": new[name]["text"].strip()} if name in new else {})}
                for name, section in old.items()]  # fmt: skip
    for said in ({**item, "text": item["text"].strip()} for name, item in new.items() if name not in old):
        if not said["text"] or said.get("key") not in known:
            sections.append(said)
        else:
            section_in(sections, said["key"], template)["text"] = said["text"]
    return [section for section in sections if section["text"] or section.get("fields")]


def withdrawal(report: Report, base: ReportVersion, reason: str, *, by: User, at: datetime) -> dict[str, Any]:
    """That the report counts no more, and why; none of its words."""
    content = _begun(report, "withdrawal", by=by, at=at)
    title = words_of(content).kinds[ReportKind.WITHDRAWAL]
    said = {"sections": [{"title": title, "text": reason}], "measurements": []}
    return {**content, **said, "exam": base.content["exam"], "supersedes": _named(base), "reason": reason}


def _begun(report: Report, kind: str, *, by: User, at: datetime) -> dict[str, Any]:
    number = report.versions.count() + 1
    return head_of(report, kind=kind, number=number, by=by, at=at)


def _named(version: ReportVersion) -> dict[str, Any]:
    """A version by what identifies it: its number, kind, signer, instant and hash."""
    return {
        "number": version.number,
        "kind": version.kind,
        "sha256": version.content_sha256,
        "signer": (version.content["signer"] or {}).get("name", ""),
        "signed_at": version.content["signed_at"],
    }
