"""A signature is worth what its check finds: any changed, added or exchanged byte."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from reporting.render import render_pdf
from reporting.signing import SignatureStatus, dev_certificate, validate
from tests.reporting.render.examples import DIGEST, FINAL
from tests.reporting.signing.conftest import MADE_AT, SIGNED_AT, SigningKey

UPDATE = b"""
9999 0 obj
<< /Type /Annot /Subtype /FreeText /Contents (benign) /Rect [0 0 99 99] >>
endobj
xref
9999 1
%010d 00000 n\x20
trailer
<< /Size 10000 /Prev %d /Root %d 0 R >>
startxref
%d
%%%%EOF
"""


def status(pdf: bytes, key: SigningKey) -> SignatureStatus:
    return validate(pdf, key.trust_pem, moment=SIGNED_AT)


def with_update(pdf: bytes) -> bytes:
    """A later revision appended in the way any PDF editor does it."""
    previous = int(re.findall(rb"startxref\s+(\d+)", pdf)[-1])
    root = int(re.findall(rb"/Root (\d+) 0 R", pdf)[-1])
    return pdf + UPDATE % (len(pdf) + 1, previous, root, len(pdf) + UPDATE.index(b"xref"))


def test_a_signed_report_is_valid_whole_trusted_and_says_what_it_signed(key: SigningKey) -> None:
    assert status(key.signed, key) == SignatureStatus(
        valid=True,
        intact=True,
        covers_whole=True,
        trusted=True,
        signer="Klinikum Nordstadt",
        signed_at=SIGNED_AT,
        reason="Final report",
        content_sha256=DIGEST,
        certificate_sha256=key.signer.certificate_sha256,
    )


@given(st.integers(min_value=0), st.integers(0, 7))
@example(0, 0)
@example(-1, 5)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_one_flipped_bit_anywhere_makes_it_invalid(key: SigningKey, position: int, bit: int) -> None:
    changed = bytearray(key.signed)
    changed[position % len(changed)] ^= 1 << bit
    assert not status(bytes(changed), key).valid


def test_the_name_of_the_authority_counts_to_the_letter(key: SigningKey) -> None:
    start = key.signed.rindex(b"/Contents <")
    name = b"Isocenter development CA".hex().encode()
    places = [found.start() for found in re.finditer(name, key.signed[start:], re.IGNORECASE)]
    ignored = []
    for place in places:
        for letter in range(0, len(name), 2):
            changed = bytearray(key.signed)
            changed[start + place + letter] ^= 0x02  # the hexadecimal digit of 0x20: another case
            if status(bytes(changed), key).valid:
                ignored.append((place, letter))
    assert (len(places) >= 2, ignored) == (True, [])


def test_the_bytes_of_the_signature_itself_count_though_no_signature_covers_them(key: SigningKey) -> None:
    start = key.signed.rindex(b"/Contents <") - 1
    end = key.signed.index(b"/ByteRange", start) + 40
    first, last = start + len(b" /Contents <"), start + 2400
    ignored = []
    for position in [
        *range(start, first + 140),
        *range(first + 140, last, 11),
        *range(last, end, 97),
        *range(end - 60, end),
    ]:
        changed = bytearray(key.signed)
        changed[position] ^= 0x01
        if status(bytes(changed), key).valid:
            ignored.append(position - start)
    assert ignored == []


def test_data_hidden_in_the_padding_of_the_signature_is_seen(key: SigningKey) -> None:
    end = key.signed.index(b">", key.signed.rindex(b"/Contents <"))
    assert key.signed[end - 8 : end] == b"00000000"
    hiding = key.signed[: end - 8] + b"41414141" + key.signed[end:]
    found = status(hiding, key)
    assert found.intact
    assert not found.covers_whole
    assert not found.valid


def test_an_appended_revision_is_seen_as_not_signed(key: SigningKey) -> None:
    found = status(with_update(key.signed), key)
    assert found.intact
    assert not found.covers_whole
    assert not found.valid
    assert "not signed" in found.problem


@pytest.mark.parametrize("tail", [b"\n", b" ", b"%comment\n", b"\0" * 512])
def test_appended_bytes_of_any_kind_are_seen(tail: bytes, key: SigningKey) -> None:
    assert not status(key.signed + tail, key).valid


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99, 0.9999])
def test_a_cut_file_is_invalid(share: float, key: SigningKey) -> None:
    assert not status(key.signed[: int(len(key.signed) * share)], key).valid


def test_an_unsigned_report_is_not_valid(key: SigningKey) -> None:
    found = status(render_pdf(FINAL), key)
    assert not found.valid
    assert "0 signatures" in found.problem


@pytest.mark.parametrize("rubbish", [b"", b"rubbish", b"%PDF-1.4\n%%EOF", b"\0" * 5000])
def test_rubbish_is_not_valid_and_raises_nothing(rubbish: bytes, key: SigningKey) -> None:
    assert not status(rubbish, key).valid


def test_a_signature_under_a_foreign_authority_is_intact_but_not_trusted(
    key: SigningKey, foreign_key: SigningKey
) -> None:
    found = status(foreign_key.signed, key)
    assert found.intact
    assert not found.trusted
    assert not found.valid
    assert "not trusted" in found.problem


def test_one_of_several_authorities_is_enough(key: SigningKey, foreign_key: SigningKey) -> None:
    assert validate(key.signed, foreign_key.trust_pem + key.trust_pem, moment=SIGNED_AT).valid


def test_a_signature_is_not_trusted_after_its_certificate_ran_out(key: SigningKey) -> None:
    later = MADE_AT + dev_certificate.VALIDITY + dev_certificate.CLOCK_TOLERANCE
    found = validate(key.signed, key.trust_pem, moment=later)
    assert found.intact
    assert not found.valid


def test_a_trust_file_without_certificates_is_an_error_of_the_caller(key: SigningKey) -> None:
    with pytest.raises(ValueError, match="PEM"):
        validate(key.signed, b"")
