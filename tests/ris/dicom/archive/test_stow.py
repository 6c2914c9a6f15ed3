from __future__ import annotations

from typing import Any

from ris.dicom.archive.stow import NOT_ACKNOWLEDGED, read_response


def named(uid: str, reason: int | None = None) -> dict[str, Any]:
    item: dict[str, Any] = {"00081155": {"vr": "UI", "Value": [uid]}}
    return item if reason is None else item | {"00081197": {"vr": "US", "Value": [reason]}}


def sequence(*items: dict[str, Any]) -> dict[str, Any]:
    return {"vr": "SQ", "Value": list(items)}


def test_only_a_uid_that_the_archive_names_counts_as_stored() -> None:
    result = read_response({"00081199": sequence(named("1.1"))}, ["1.1", "1.2"])
    assert result.stored == {"1.1"}
    assert result.failed == {"1.2": NOT_ACKNOWLEDGED}


def test_a_full_disk_answers_empty_sequences_and_nothing_counts() -> None:
    result = read_response({"00081199": {"vr": "SQ"}, "00081198": {"vr": "SQ"}}, ["1.1"])
    assert result.stored == frozenset()
    assert result.failed == {"1.1": NOT_ACKNOWLEDGED}


def test_an_empty_answer_stores_nothing() -> None:
    assert read_response({}, ["1.1"]).failed == {"1.1": NOT_ACKNOWLEDGED}


def test_a_uid_that_we_did_not_send_is_ignored() -> None:
    assert read_response({"00081199": sequence(named("9.9"))}, ["1.1"]).stored == frozenset()


def test_a_uid_that_is_named_stored_and_failed_has_failed() -> None:
    module = {"00081199": sequence(named("1.1")), "00081198": sequence(named("1.1", 0xA700))}
    assert read_response(module, ["1.1"]).failed == {"1.1": "the archive is out of resources"}


def test_an_unknown_reason_is_told_by_its_number() -> None:
    result = read_response({"00081198": sequence(named("1.1", 0xBEEF))}, ["1.1"])
    assert result.failed == {"1.1": "the archive refused it (reason BEEF)"}
