"""The demo's own device against our server: what it asks is understood in full, what it reports is taken."""

from __future__ import annotations

import pytest

from ris.demo.modality.wire import Peer, Wire
from ris.demo.modality.worklist import Question, ask
from tests.conformance.scanner import Scanner
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def test_its_question_is_supported_in_full_and_answered_with_the_one_exam(live_world: World, ct1: Scanner) -> None:
    step = live_world.step()
    live_world.booking()
    accession = step.requested_procedure.accession_number
    question = Question(station="CT1", modality="CT", accession=accession)
    (answer,) = ask(Wire("CT1"), Peer(ct1.called, "127.0.0.1", ct1.port), question)
    assert answer.AccessionNumber == accession
    assert answer.StudyInstanceUID == step.requested_procedure.study_instance_uid
    assert answer.ScheduledProcedureStepSequence[0].ScheduledProcedureStepID == step.sps_id
    assert ct1.find(question.identifier())[1] == [0xFF00, 0x0000]


def test_its_question_about_a_foreign_accession_is_answered_with_nothing(live_world: World, ct1: Scanner) -> None:
    live_world.step()
    peer = Peer(ct1.called, "127.0.0.1", ct1.port)
    assert ask(Wire("CT1"), peer, Question(station="CT1", accession="NOBODYS")) == []
