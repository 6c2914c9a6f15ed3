"""Every table of docs/conformance/dicom.md, by the name that it has there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from pydicom.datadict import dictionary_description
from pydicom.uid import UID

from ris.dicom import tls
from ris.dicom.datasets import INSTANCE_FIELDS, KEY_OBJECTS, SERIES_FIELDS, STUDY_FIELDS
from ris.dicom.verification import SECONDS
from ris.home.conformance.document import Table, markdown
from viewer.stow_rules import STORABLE
from worklist.mpps import statuses as mpps_statuses
from worklist.mpps.attributes import ROWS, Row
from worklist.mwl import statuses as mwl_statuses
from worklist.mwl.attributes import ATTRIBUTES, Attribute
from worklist.mwl.charset import CHARACTER_SETS
from worklist.scp import SOP_CLASSES
from worklist.upper import contract, limits
from worklist.upper.negotiation import IMPLEMENTATION_NAME, IMPLEMENTATION_UID, PREVIEW_NAME, TRANSFER_SYNTAXES
from worklist.upper.operations import OPERATIONS, VERIFICATION, WORKLIST

AS_USER: Final = ((VERIFICATION, "the echo of a device's page"), (WORKLIST, "the preview of a device's worklist"))
MATCHING: Final = {"R": "required", "O": "optional"}


def sop_classes() -> str:
    provided = [(UID(uid).name, uid, "SCP", _operations(uid)) for uid in SOP_CLASSES]
    used = [(UID(uid).name, uid, "SCU", why) for uid, why in AS_USER]
    return markdown(("SOP class", "UID", "Role", "What"), [*provided, *used])


def _operations(uid: str) -> str:
    return ", ".join(sorted(field.name.replace("_", "-") for field in OPERATIONS[uid]))


def presentation_contexts() -> str:
    rows = [(UID(uid).name, uid, syntax.name, str(syntax)) for uid in SOP_CLASSES for syntax in TRANSFER_SYNTAXES]
    return markdown(("Abstract syntax", "UID", "Transfer syntax", "UID"), rows)


def associations() -> str:
    ours = limits.Limits()
    rows = [
        ("Implementation class UID", str(IMPLEMENTATION_UID)),
        ("Implementation version name", f"{IMPLEMENTATION_NAME}; {PREVIEW_NAME} where the RIS asks as a device"),
        ("Longest PDU that we receive", f"{limits.PDU_BYTES} bytes"),
        ("Longest PDU that we send", f"what the peer takes, at most {limits.LONGEST_SENT} bytes"),
        ("Longest identifier of a query", f"{limits.IDENTIFIER_BYTES} bytes"),
        ("Longest dataset of an N service", f"{limits.DATASET_BYTES} bytes"),
        ("Associations at the same time, accepted", ours.associations),
        ("Associations at the same time, requested", "1 for each echo or preview"),
        ("Operations outstanding on an association", "1"),
        ("ARTIM timer", f"{ours.artim:g} s"),
        ("Time for one message", f"{ours.message:g} s"),
        ("Idle time until A-ABORT", f"{ours.idle:g} s"),
        ("Time-outs as requestor", f"{SECONDS:g} s each"),
    ]
    return markdown(("What", "Value"), rows)


def rejections() -> str:
    found = [value for value in vars(contract).values() if isinstance(value, contract.Rejection)]
    rows = [(one.result, one.source, one.reason, one.meaning) for one in found]
    return markdown(("Result", "Source", "Reason", "Meaning"), rows)


def mwl_keys() -> str:
    heads = ("Tag", "Attribute", "VR", "Matching", "Return", "Held")
    return markdown(heads, _mwl_rows(ATTRIBUTES, 0))


def _mwl_rows(attributes: Iterable[Attribute], depth: int) -> Iterator[tuple[str, ...]]:
    for one in attributes:
        matching, held = MATCHING[one.matching], "yes" if one.supported else "no"
        yield _tag(one.tag), _name(one.keyword, depth), one.vr, matching, one.returned, held
        yield from _mwl_rows(one.items, depth + 1)


def mwl_states() -> str:
    rows = [(f"{one.code:04X}", one.category, one.meaning, one.citation) for one in mwl_statuses.STATUSES]
    return markdown(("Status", "Class", "When", "Source"), rows)


def mpps_attributes() -> str:
    heads = ("Tag", "Attribute", "Type in N-CREATE", "N-SET may change it", "Type when final")
    return markdown(heads, _mpps_rows(ROWS, 0))


def _mpps_rows(rows: Iterable[Row], depth: int) -> Iterator[tuple[str, ...]]:
    for one in rows:
        settable = "yes" if one.settable else "no"
        yield _tag(one.tag), _name(one.keyword, depth), one.create, settable, one.final
        yield from _mpps_rows(one.items, depth + 1)


def mpps_states() -> str:
    rows = [
        (f"{one.code:04X}", ", ".join(one.operations), one.meaning, one.when or "not sent", one.citation)
        for one in mpps_statuses.STATUSES
    ]
    return markdown(("Status", "In answer to", "Meaning", "When", "Source"), rows)


def qido_attributes() -> str:
    levels = (("Study", STUDY_FIELDS), ("Series", SERIES_FIELDS), ("Instance", INSTANCE_FIELDS))
    rows = [
        (level, f"({tag[:4]},{tag[4:]})", dictionary_description(int(tag, 16))) for level, of in levels for tag in of
    ]
    return markdown(("Level", "Tag", "Attribute"), rows)


def stored_objects() -> str:
    encapsulated = ("Encapsulated PDF", "1.2.840.10008.5.1.4.1.1.104.1", "the RIS, when a report is signed")
    seen = [(name, uid, "the viewer, when a reader saves") for uid, name in STORABLE.items()]
    key = ("Key Object Selection", KEY_OBJECTS, "the RIS, when a report with key images is signed (TID 2010, 113000)")
    return markdown(("SOP class", "UID", "Made by"), [encapsulated, key, *seen])


def character_sets() -> str:
    return markdown(("Defined term", "What it holds"), [(f"`{term}`", words) for term, words in CHARACTER_SETS.items()])


def tls_suites() -> str:
    rows = [("TLS 1.2", suite) for suite in tls.SUITES]
    return markdown(("Version", "Suites"), [*rows, ("TLS 1.3", "all that OpenSSL offers for it")])


def _tag(tag: int) -> str:
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


def _name(keyword: str, depth: int) -> str:
    return ">" * depth + dictionary_description(keyword)


TABLES: Final[dict[str, Table]] = {
    "sop-classes": sop_classes,
    "presentation-contexts": presentation_contexts,
    "associations": associations,
    "rejections": rejections,
    "mwl-keys": mwl_keys,
    "mwl-states": mwl_states,
    "mpps-attributes": mpps_attributes,
    "mpps-states": mpps_states,
    "qido-attributes": qido_attributes,
    "stored-objects": stored_objects,
    "character-sets": character_sets,
    "tls-suites": tls_suites,
}
