"""Presentation contexts and user information (PS3.8 7.1.1.13, PS3.7 D.3.3), the answers read by pynetdicom."""

from __future__ import annotations

import struct
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pynetdicom.pdu import A_ASSOCIATE_AC

from tests.worklist.upper.lean import (
    CONTEXTS,
    ECHO_CLASS,
    EXPLICIT,
    IMPLICIT,
    WORKLIST_CLASS,
    Asking,
    context_item,
    item,
)
from worklist.upper import pdus
from worklist.upper.limits import LONGEST_SENT, PDU_BYTES
from worklist.upper.negotiation import Agreement, Context, RefusedError, negotiate
from worklist.upper.pdus import PduError

OFFERED = tuple(CONTEXTS.values())


def agreed(asking: Asking) -> Agreement:
    return negotiate(pdus.request(bytes(asking)[6:]), OFFERED)


def answer(agreement: Agreement) -> Any:
    """The A-ASSOCIATE-AC as pynetdicom understands it."""
    read = A_ASSOCIATE_AC()
    read.decode(agreement.answer)
    return read.to_primitive()


def results(asking: Asking) -> dict[int, int]:
    contexts = answer(agreed(asking)).presentation_context_definition_results_list
    return {context.context_id: context.result for context in contexts}


def test_what_is_offered_is_accepted_and_each_other_context_has_its_reason() -> None:
    asking = Asking(
        contexts=(
            context_item(1, ECHO_CLASS, EXPLICIT, IMPLICIT),
            context_item(3, WORKLIST_CLASS, EXPLICIT),
            context_item(7, "1.2.840.10008.5.1.4.1.1.2", IMPLICIT),
            context_item(255, WORKLIST_CLASS, "1.2.840.10008.1.2.4.50"),
        )
    )
    assert results(asking) == {1: 0, 3: 0, 7: 3, 255: 4}
    assert agreed(asking).contexts == {1: Context(ECHO_CLASS, IMPLICIT), 3: Context(WORKLIST_CLASS, EXPLICIT)}


def test_both_titles_come_back_as_they_were_sent_and_our_limits_with_them() -> None:
    found = answer(agreed(Asking(calling="CT1", called="ISOCENTER")))
    assert (found.calling_ae_title, found.called_ae_title) == ("CT1", "ISOCENTER")
    assert found.maximum_length_received == PDU_BYTES


@pytest.mark.parametrize(("asked", "taken"), [(0, LONGEST_SENT), (16, 16), (16_384, 16_384), (1 << 31, LONGEST_SENT)])
def test_the_peer_s_longest_pdu_is_kept(asked: int, taken: int) -> None:
    assert agreed(Asking(longest=asked)).longest == taken


def test_a_peer_that_takes_no_pdu_worth_sending_is_refused() -> None:
    with pytest.raises(RefusedError):
        agreed(Asking(longest=7))


def test_another_application_context_is_refused_with_its_reason() -> None:
    with pytest.raises(RefusedError) as refused:
        agreed(Asking(application="1.2.3"))
    assert (refused.value.rejection.source, refused.value.rejection.reason) == (1, 2)


def role(sop_class: str, scu: int, scp: int) -> bytes:
    return item(0x54, struct.pack(">H", len(sop_class)) + sop_class.encode() + bytes([scu, scp]))


def test_who_asks_for_roles_may_be_the_user_and_never_the_provider() -> None:
    found = answer(agreed(Asking(information=role(WORKLIST_CLASS, 1, 1))))
    (given_back,) = [part for part in found.user_information if hasattr(part, "scp_role")]
    assert (given_back.scu_role, given_back.scp_role) == (True, False)
    assert results(Asking(information=role(WORKLIST_CLASS, 0, 1)))[3] == 1


def test_several_operations_at_once_become_one_and_nobody_is_told_who_did_not_ask() -> None:
    asked = answer(agreed(Asking(information=item(0x53, struct.pack(">HH", 8, 8)))))
    (window,) = [part for part in asked.user_information if hasattr(part, "maximum_number_operations_invoked")]
    assert (window.maximum_number_operations_invoked, window.maximum_number_operations_performed) == (1, 1)
    unasked = answer(agreed(Asking()))
    assert not [part for part in unasked.user_information if hasattr(part, "maximum_number_operations_invoked")]


def test_a_user_identity_is_tolerated() -> None:
    identity = item(0x58, b"\x02\x01" + struct.pack(">H", 4) + b"anna" + struct.pack(">H", 6) + b"secret")
    assert set(agreed(Asking(information=identity)).contexts) == set(CONTEXTS)


def test_items_that_the_standard_does_not_know_are_ignored() -> None:
    odd = context_item(1, ECHO_CLASS, IMPLICIT)[4:] + item(0x77, b"what is this")
    asking = Asking(contexts=(item(0x20, odd),), information=item(0x99, b"new"), more=item(0xEE, b"newer"))
    assert set(agreed(asking).contexts) == {1}


@pytest.mark.parametrize(
    "asking",
    [
        Asking(contexts=()),
        Asking(contexts=(context_item(1, ECHO_CLASS),)),
        Asking(contexts=(context_item(2, ECHO_CLASS, IMPLICIT),)),
        Asking(contexts=(context_item(0, ECHO_CLASS, IMPLICIT),)),
        Asking(contexts=(context_item(1, ECHO_CLASS, IMPLICIT), context_item(1, WORKLIST_CLASS, IMPLICIT))),
        Asking(contexts=(item(0x20, b"\1"),)),
        Asking(contexts=(item(0x20, b"\1\0\0\0" + item(0x40, IMPLICIT.encode())),)),
        Asking(contexts=(item(0x20, b"\1\0\0\0\x30\0\xff\xff1.2"),)),
        Asking(more=b"\x20\0\xff\xff"),
        Asking(more=b"\x20"),
        Asking(contexts=tuple(context_item(number, ECHO_CLASS, IMPLICIT) for number in range(1, 256, 2)) * 2),
        Asking(contexts=(context_item(1, ECHO_CLASS, *(f"1.2.{number}" for number in range(5000))),)),
    ],
)
def test_a_request_that_makes_no_sense_is_refused_quickly(asking: Asking) -> None:
    begun = time.process_time()
    with pytest.raises(PduError):
        agreed(asking)
    assert time.process_time() - begun < 0.5


def test_as_many_contexts_as_the_standard_allows_are_answered() -> None:
    asking = Asking(contexts=tuple(context_item(number, ECHO_CLASS, IMPLICIT) for number in range(1, 256, 2)))
    assert len(agreed(asking).contexts) == 128


@given(some.binary(max_size=120))
def test_no_items_raise_anything_but_a_refusal(garbage: bytes) -> None:
    for asking in (Asking(more=garbage), Asking(information=garbage), Asking(contexts=(garbage,))):
        try:
            found = agreed(asking)
        except (PduError, RefusedError):
            continue
        assert found.answer[0] == 2


def test_the_same_request_is_negotiated_once() -> None:
    asking = Asking(calling="KEPT")
    assert agreed(asking) is agreed(asking)
