"""What we write is read the same by a reader that is not ours (python-hl7), and what it writes by ours."""

from __future__ import annotations

import base64

import hl7  # type: ignore[import-untyped]
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reporting.actions.drafts import save_draft
from reporting.models import Artifact
from ris.hl7 import er7
from ris.hl7.outgoing.models import OutgoingMessage
from tests import exam
from tests.ris.hl7.outgoing import composed, destination
from tests.world import World

# What may stand in a field; line ends are told apart by us alone (\.br\).
TEXT = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=40)


def heard(body: bytes) -> hl7.Message:
    return hl7.parse(body.decode())


def field(message: hl7.Message, segment: str, number: int, component: int = 1) -> str:
    """As the other reader hands it out: escapes undone."""
    return str(message.extract_field(segment, 1, number, 1, component, 1))


@pytest.mark.django_db
def test_an_oru_says_to_another_reader_what_the_report_says(world: World, signing_key: None) -> None:
    destination(world.north)
    awkward = {"findings": r"T1 & T2: 3 ^ 4 | 5 ~ \ Zürich 肺", "impression": "None | at all."}
    report = exam.draft(world)
    report = save_draft(report, revision=report.revision, sections=awkward, by=world.radiologist)
    version = exam.sign(report, world.radiologist)
    composed()
    message = heard(bytes(OutgoingMessage.objects.get(kind="report").body))
    assert field(message, "MSH", 9) == "ORU"
    assert field(message, "PID", 5) == version.report.task.patient.family_name
    texts = {str(one[3][0][0]): hl7.util.unescape(message, str(one[5])) for one in message.segments("OBX")}
    assert texts["59776-5"] == awkward["findings"]
    assert texts["19005-8"] == awkward["impression"]
    (document,) = [one for one in message.segments("OBX") if str(one[3][0][0]) == "18748-4"]
    pdf = base64.b64decode(str(document[5][0][4]))
    assert pdf == bytes(Artifact.objects.get(version=version, kind="pdf").body)


@example(["0"], " ")
@given(st.lists(TEXT, min_size=1, max_size=4), TEXT)
def test_any_text_comes_out_of_both_readers_alike(parts: list[str], plain: str) -> None:
    last = er7.segment("NTE", {1: "2"})  # the other reader takes the spaces off a message's end
    written = er7.write(er7.Message((er7.segment("MSH", {}), er7.segment("NTE", {3: tuple(parts), 4: plain}), last)))
    ours, theirs = er7.read_text(written), hl7.parse(written)
    for number, part in enumerate(parts, start=1):
        assert ours.first("NTE").text(3, number) == field(theirs, "NTE", 3, number) == part
    assert field(theirs, "NTE", 4) == plain
