"""Sign a PDF once, at a given instant: PAdES baseline B-B (ETSI EN 319 142-1)."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign import general
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.signers.pdf_signer import PdfSigningSession
from pyhanko.sign.timestamps.common_utils import TimestampRequestError
from pyhanko.stamp import StaticStampStyle
from requests import RequestException

from reporting.signing.errors import SigningError, SigningKeyError, TimestampError, UnsignablePdfError
from reporting.signing.place import signature_place
from reporting.signing.signer import Signer
from reporting.signing.standing import words_for
from reporting.signing.witness import INSIDE, Witness

FIELD = "ReportSignature"


@dataclass(frozen=True)
class Statement:
    """What the signature says about itself; `at` is aware."""

    reason: str
    location: str
    name: str
    at: datetime

    def __post_init__(self) -> None:
        if self.at.utcoffset() is None:
            raise ValueError("a signing instant needs its time zone")


def sign_pdf(  # the six things a signature is made of
    pdf: bytes, *, signer: Signer, reason: str, location: str, name: str, at: datetime
) -> bytes:
    """`pdf` with one certifying signature appended that permits no later change (DocMDP level 1).

    The field covers the rectangle that the rendering named for it, else it is invisible. The declared time is
    `at`, to the second. Raises SigningKeyError when the key cannot be used, UnsignablePdfError when the bytes are
    no PDF or signed already. Safe in any thread, with or without a running event loop.
    """
    return sign_stated(pdf, signer=signer, statement=Statement(reason, location, name, at))


def sign_stated(pdf: bytes, *, signer: Signer, statement: Statement, witness: Witness | None = None) -> bytes:
    """The same. With a `witness` its timestamp is in the signature, and beside it what a later checker needs.

    Raises TimestampError when the witness does not answer, or not as it should.
    """
    with ThreadPoolExecutor(max_workers=1) as own_thread:
        return own_thread.submit(_signed, pdf, signer, statement, witness).result()


def _signed(pdf: bytes, signer: Signer, statement: Statement, witness: Witness | None) -> bytes:
    """Runs in a thread of its own, where no event loop can be running yet."""
    key = signer.key_for(statement.at)
    stamper = witness.timestamper() if witness else None
    target = BytesIO()
    try:
        writer = IncrementalPdfFileWriter(BytesIO(pdf))
        pen = _PdfSignerAt(
            _metadata(statement, witness),
            key,
            timestamper=stamper,
            stamp_style=_unseen(),
            new_field_spec=_field(writer),
        )
        pen.at = statement.at
        asyncio.run(pen.async_sign_pdf(writer, output=target))
    except (TimestampRequestError, RequestException) as problem:
        raise TimestampError(f"The timestamping authority did not answer: {problem}") from problem
    except PdfError as problem:
        raise UnsignablePdfError(f"The PDF cannot be signed: {problem}") from problem
    except general.SigningError as problem:
        if words := words_for(problem.__cause__):
            raise SigningKeyError(words) from problem
        raise SigningError(f"The PDF was not signed: {problem}") from problem
    return target.getvalue()


class _PdfSignerAt(PdfSigner):
    """Declares the instant at which the report was signed, not the one at which these bytes are made."""

    at: datetime

    def init_signing_session(self, *arguments: object, **options: object) -> PdfSigningSession:
        session = super().init_signing_session(*arguments, **options)
        session.system_time = self.at
        return session


def _metadata(statement: Statement, witness: Witness | None) -> PdfSignatureMetadata:
    return PdfSignatureMetadata(
        embed_validation_info=witness is not None,
        validation_context=witness.context() if witness else None,
        dss_settings=INSIDE,
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
        reason=statement.reason,
        location=statement.location,
        name=statement.name,
    )


def _field(writer: IncrementalPdfFileWriter) -> SigFieldSpec:
    place = signature_place(writer.prev)
    if place is None:
        return SigFieldSpec(FIELD)
    return SigFieldSpec(FIELD, on_page=place.page, box=place.box)


def _unseen() -> StaticStampStyle:
    """The page already prints name, time and meaning; the field above it adds no ink and no font."""
    return StaticStampStyle(border_width=0)
