"""Check a signed report: is it whole, unchanged, and signed by a key that we trust?"""

from __future__ import annotations

import hashlib
import re
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from asn1crypto import cms, parser, x509
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import PathError, ValidationError

from reporting.signing.witness import authorities

TIMESTAMP = "signature_time_stamp_token"
DIGEST = re.compile(r"content-sha256:([0-9a-f]{64})")

# What a damaged file makes a PDF, ASN.1 or certificate parser raise: all of it means "not valid", none of it
# may reach the one who asks.
UNREADABLE = (
    PdfError,
    PathError,
    ValidationError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    NotImplementedError,
    RecursionError,
    zlib.error,
)


@dataclass(frozen=True)
class SignatureStatus:
    """What is known about the signature of a PDF.

    `valid`: everything below holds and the cryptography agrees. `intact`: the signed bytes are unchanged.
    `covers_whole`: no byte of the file lies outside the signature. `trusted`: the key chains to the given
    authority. `content_sha256`: the digest bound into the PDF, to compare with the report it is said to be;
    `reason_sha256`: the one in the signature's own words, empty when they name none. `certificate_sha256`: the
    fingerprint of the signing certificate. `timestamped_at`: the instant that a trusted third party attests.
    `problem` says in words why it is not valid.
    """

    valid: bool
    intact: bool = False
    covers_whole: bool = False
    trusted: bool = False
    signer: str = ""
    signed_at: datetime | None = None
    reason: str = ""
    content_sha256: str = ""
    reason_sha256: str = ""
    certificate_sha256: str = ""
    timestamped_at: datetime | None = None
    problem: str = ""


def validate(pdf: bytes, trust_pem: bytes, *, moment: datetime | None = None) -> SignatureStatus:
    """The status of the one signature on `pdf`; never raises for what the PDF contains.

    `trust_pem` holds one or more authorities. Certificates are judged at `moment`, by default now. Raises
    ValueError when `trust_pem` holds no certificate. Safe in any thread, with or without a running event loop.
    """
    context = ValidationContext(trust_roots=authorities(trust_pem), allow_fetching=False, moment=moment)
    with ThreadPoolExecutor(max_workers=1) as own_thread:
        return own_thread.submit(_status_of, pdf, context).result()


def _status_of(pdf: bytes, context: ValidationContext) -> SignatureStatus:
    """Runs in a thread of its own, where no event loop can be running yet."""
    try:
        reader = PdfFileReader(BytesIO(pdf))
        signatures = reader.embedded_regular_signatures
        if len(signatures) != 1:
            return SignatureStatus(valid=False, problem=f"The PDF has {len(signatures)} signatures instead of one.")
        return _judged(reader, signatures[0], pdf, context)
    except UNREADABLE as reason:
        return SignatureStatus(
            valid=False, problem=f"The PDF or its signature cannot be read ({type(reason).__name__})."
        )


def _judged(
    reader: PdfFileReader, signature: EmbeddedPdfSignature, pdf: bytes, context: ValidationContext
) -> SignatureStatus:
    found: PdfSignatureStatus = validate_pdf_signature(signature, context)
    whole = found.coverage is SignatureCoverageLevel.ENTIRE_FILE and _leaves_no_room(signature, pdf)
    reason = str(signature.sig_object.get("/Reason", ""))
    return SignatureStatus(
        valid=bool(found.bottom_line and whole),
        intact=bool(found.intact),
        covers_whole=whole,
        trusted=bool(found.trusted),
        signer=found.signing_cert.subject.native.get("common_name", ""),
        signed_at=found.signer_reported_dt,
        reason=reason,
        reason_sha256=match[1] if (match := DIGEST.search(reason)) else "",
        certificate_sha256=hashlib.sha256(found.signing_cert.dump()).hexdigest(),
        content_sha256=_bound_digest(reader),
        timestamped_at=_attested(found),
        problem=_problem(found, whole=whole),
    )


def _leaves_no_room(signature: EmbeddedPdfSignature, pdf: bytes) -> bool:
    """Whether the gap that no signature can cover holds the signature and zeros, and nothing else.

    ISO 32000-1 §12.8.1 leaves the hexadecimal string out of the digest; its padding must not carry data.
    """
    contents = signature.pkcs7_content
    start, length, end, _ = (int(one) for one in signature.byte_range)
    gap = pdf[start + length : end]
    written = b"<" + contents.hex().encode() + b">"
    used = parser.peek(contents)
    return gap in (written, written.upper()) and not any(contents[used:]) and _is_plain(contents[:used])


def _is_plain(container: bytes) -> bool:
    """Whether the parts of the container that no signature protects say what its signature says (RFC 5652 §5)."""
    information = cms.ContentInfo.load(container, strict=True)
    signed = information["content"]
    (signer,) = signed["signer_infos"]
    return (
        information.dump(force=True) == container
        and (signed["version"].native, signer["version"].native) == ("v1", "v1")
        and [one.dump() for one in signed["digest_algorithms"]] == [signer["digest_algorithm"].dump()]
        and signer["sid"].name == "issuer_and_serial_number"
        and _are_of_one_chain([one.chosen for one in signed["certificates"]], signer["sid"].chosen)
        and {one["type"].native for one in signer["unsigned_attrs"]} <= {TIMESTAMP}
    )


def _are_of_one_chain(certificates: list[x509.Certificate], signer: cms.IssuerAndSerialNumber) -> bool:
    """The signer's own, once, and those that vouch for it.

    Names are compared without regard to case (RFC 5280 §7.1); bytes are not.
    """
    issuers = [one.issuer.dump() for one in certificates]
    others = [one for one in certificates if one.serial_number != signer["serial_number"].native]
    return (
        len(others) == len(certificates) - 1
        and signer["issuer"].dump() in issuers
        and all(one.ca and one.subject.dump() in issuers for one in others)
    )


def _attested(found: PdfSignatureStatus) -> datetime | None:
    stamp = found.timestamp_validity
    return stamp.timestamp if stamp is not None and stamp.valid and stamp.trusted else None


def _problem(found: PdfSignatureStatus, *, whole: bool) -> str:
    if not found.intact or not found.valid:
        return "The signed bytes were changed."
    if not whole:
        return "The file contains bytes that are not signed."
    if not found.trusted:
        return "The signing certificate is not trusted at this time."
    return "" if found.bottom_line else "The signature does not keep to its own rules."


def _bound_digest(reader: PdfFileReader) -> str:
    if "/Info" not in reader.trailer_view:
        return ""
    match = DIGEST.search(str(reader.trailer_view["/Info"].get("/Keywords", "")))
    return match[1] if match else ""
