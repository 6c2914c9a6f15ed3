"""The files of a version: the signed PDF and its object for the archive."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from reporting.keys.record import SigningKey
from reporting.models import Artifact, ReportVersion, Signature
from reporting.publish.encapsulated_pdf import NotAnEncapsulatedPdf, extract_pdf
from reporting.signing import validate
from reporting.signing.validation import SignatureStatus


def paper_faults(version: ReportVersion, trust_pem: bytes) -> Iterator[str]:
    """In words; a version without signature or PDF is at fault."""
    signature = Signature.objects.filter(version=version).first()
    files = {one.kind: one for one in Artifact.objects.filter(version=version)}
    for one in files.values():
        if hashlib.sha256(bytes(one.body)).hexdigest() != one.sha256:
            yield f"the bytes of its {one.get_kind_display()} are not those that were kept"
    if signature is None or "pdf" not in files:
        yield "its signature or its PDF is missing"
        return
    yield from _signature_faults(version, signature)
    yield from _key_faults(signature)
    pdf = bytes(files["pdf"].body)
    yield from _pdf_faults(version, signature, validate(pdf, trust_pem, moment=version.created_at))
    if version.kind != "withdrawal" and "encapsulated-pdf" in files:
        yield from _object_faults(bytes(files["encapsulated-pdf"].body), pdf)


def _key_faults(signature: Signature) -> Iterator[str]:
    """Of a person's own key: whose it is, and that it was in force."""
    key = SigningKey.objects.filter(certificate_sha256=signature.certificate_sha256).first()
    if key is None:
        return
    if str(key.owner_id) != signature.signer_id:
        yield "it was signed with another person's key"
    if key.ended_at is not None and signature.signed_at > key.ended_at:
        yield "it was signed after its key had been replaced or revoked"


def _signature_faults(version: ReportVersion, signature: Signature) -> Iterator[str]:
    signer = version.content.get("signer") or {}
    if signature.content_sha256 != version.content_sha256:
        yield "its signature is of another content"
    if (signature.signer_id, signature.meaning) != (signer.get("id"), version.content.get("meaning")):
        yield "its signature names another signer or meaning than the content"
    if signature.signed_at != version.created_at:
        yield "its signature is of another time"


def _pdf_faults(version: ReportVersion, signature: Signature, found: SignatureStatus) -> Iterator[str]:
    if not found.valid:
        yield f"the signature on its PDF does not hold: {found.problem}"
        return
    if {found.content_sha256, found.reason_sha256 or found.content_sha256} != {version.content_sha256}:
        yield "its PDF is that of another report or version"
    if found.signed_at != signature.signed_at:
        yield "its PDF was signed at another time"
    if found.timestamped_at != signature.timestamped_at:
        yield "the timestamp of its PDF is not the one that was kept"
    if found.certificate_sha256 != signature.certificate_sha256:
        yield "its PDF was signed with another certificate"


def _object_faults(body: bytes, pdf: bytes) -> Iterator[str]:
    try:
        same = extract_pdf(body) == pdf
    except NotAnEncapsulatedPdf:
        same = False
    if not same:
        yield "the object for the archive does not hold its PDF"
