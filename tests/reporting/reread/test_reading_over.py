"""Before a signature: doubts are shown, looked at or mended, and written down when signed over."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from reporting.actions import save_draft, sign_report
from reporting.actions.amend import Typed, begin_amendment, remarks_of, save_amendment
from reporting.actions.sign import Answers, Proof
from reporting.models import Report
from reporting.reread.reading import remarks
from reporting.reread.record import RuleLevel
from ris.audit.models import AuditEvent
from ris.core.errors import InvalidInput
from ris.orders.models import Order
from tests.exam import case, draft
from tests.exam import sign as sign_final
from tests.world import World
from worklist.actions.leases import take_over
from worklist.actions.reading import release
from worklist.reading.turns import ReadingTurn

pytestmark = pytest.mark.usefixtures("signing_key")
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
UTERUS = {"findings": "The uterus is enlarged, and there is a nodule in the lung.", "impression": "Enlarged uterus."}


CHECK_OFF = {
    "sqlite": "PRAGMA ignore_check_constraints = ON",
    "postgresql": "ALTER TABLE reporting_rulelevel DROP CONSTRAINT rule_level_known",
}
CHECK_ON = {
    "sqlite": "PRAGMA ignore_check_constraints = OFF",
    "postgresql": "SELECT 1",
}  # the test's end brings it back


def written(world: World, **sections: str) -> Report:
    """A man's report that says this."""
    report = draft(world)
    type(report.task.patient).objects.filter(pk=report.task.patient_id).update(sex="M")
    report = Report.objects.select_related("task__patient", "site", "template").get(pk=report.pk)
    save_draft(report, revision=report.revision, sections=sections or UTERUS, by=world.radiologist)
    return Report.objects.select_related("task__patient", "site", "template").get(pk=report.pk)


def sign(report: Report, world: World, *accepted: str) -> None:
    proof = Proof(timezone.now())
    answers = Answers(frozenset(accepted))
    sign_report(report, revision=report.revision, proof=proof, by=world.radiologist, answers=answers)


def test_a_doubt_holds_the_signature_until_the_signer_has_looked(world: World) -> None:
    report = written(world)
    found = remarks(report)
    assert {(one.doubt.rule, one.level) for one in found} == {("sex", "warn")}
    with pytest.raises(InvalidInput, match="registered as male"):
        sign(report, world)
    with pytest.raises(InvalidInput):
        sign(report, world, found[0].key)
    sign(report, world, *(one.key for one in found))
    assert AuditEvent.objects.get(action="report.signed").detail["signed_over"] == ["sex"]


def test_what_was_looked_at_counts_for_those_words_only(world: World) -> None:
    report = written(world)
    keys = [one.key for one in remarks(report)]
    changed = {"findings": UTERUS["findings"], "impression": "Large uterus."}
    report = save_draft(report, revision=report.revision, sections=changed, by=world.radiologist)
    with pytest.raises(InvalidInput):
        sign(report, world, *keys)


def test_a_placeholder_stops_whatever_was_looked_at(world: World) -> None:
    report = written(world, findings="Nodule of [size] mm.", impression="Nodule.")
    (found,) = remarks(report)
    assert (found.level, found.doubt.quote) == ("stop", "[size]")
    with pytest.raises(InvalidInput, match="size"):
        sign(report, world, found.key)


@pytest.mark.parametrize(("level", "elsewhere"), [("warn", "stop"), ("stop", "warn")])
def test_a_site_takes_a_rule_as_strictly_as_it_likes(world: World, level: str, elsewhere: str) -> None:
    report = written(world, findings="Clear.", impression=" ")
    RuleLevel.objects.create(site=world.north, rule="empty", level=level)
    RuleLevel.objects.create(site=world.south, rule="empty", level=elsewhere)
    assert [one.level for one in remarks(report)] == [level]


@pytest.mark.parametrize("rule", ["wrong-patient", "another-number", "glyph", "unit"])
def test_no_site_softens_what_always_stops(world: World, rule: str) -> None:
    with pytest.raises(ValidationError):
        RuleLevel(site=world.north, rule=rule, level="warn").full_clean()


def test_no_rule_is_silenced_neither_in_the_admin_nor_past_it(world: World) -> None:
    with pytest.raises(ValidationError, match="off"):
        RuleLevel(site=world.north, rule="laterality", level="off").full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        RuleLevel.objects.create(site=world.north, rule="laterality", level="off")


def test_what_was_off_before_the_update_warns_after_it(world: World) -> None:
    silenced = import_module("reporting.migrations.0022_no_silent_rules")
    RuleLevel.objects.create(site=world.north, rule="sex", level="stop")
    with connection.cursor() as cursor:
        cursor.execute(CHECK_OFF[connection.vendor])
        RuleLevel.objects.create(site=world.south, rule="sex", level="off")
        silenced.warn(apps, connection.schema_editor())
        cursor.execute(CHECK_ON[connection.vendor])
    assert set(RuleLevel.objects.values_list("site", "level")) == {(world.north.pk, "stop"), (world.south.pk, "warn")}


def test_a_number_of_another_patient_is_not_ticked_off(world: World) -> None:
    other = world.requested(world.order(world.patient("Fremd", "Otto")))
    report = written(world, findings=f"As in {other.accession_number}.", impression="Clear.")
    (found,) = remarks(report)
    assert (found.doubt.rule, found.level) == ("another-number", "stop")
    with pytest.raises(InvalidInput, match="is a number of another patient"):
        sign(report, world, found.key)


def test_a_clean_report_is_signed_without_a_word(world: World) -> None:
    report = written(world, findings="A nodule in the right upper lobe.", impression="Follow up.")
    assert remarks(report) == []
    sign(report, world)
    assert "signed_over" not in AuditEvent.objects.get(action="report.signed").detail


def test_the_signer_sees_each_doubt_with_its_sentence(world: World, client: Client) -> None:
    report = written(world)
    client.force_login(world.radiologist, backend=BACKEND)
    page = client.get(f"/reports/{report.pk}/doubts/").content.decode()
    assert "The uterus is enlarged, and there is a nodule in the lung." in page
    assert page.count('name="accepted"') == 2


def test_a_number_of_another_patient_in_the_text_is_seen_and_the_patients_own_is_not(world: World) -> None:
    other = world.requested(world.order(world.patient("Fremd", "Otto")))
    report = written(world)
    own = report.task.requested_procedures.get()
    theirs, ours = other.accession_number, own.accession_number
    number = other.order.patient.identifiers.get().value
    said = {"findings": f"As in {theirs}; see {ours}. Number {number}.", "impression": "The same."}
    report = save_draft(report, revision=report.revision, sections=said, by=world.radiologist)
    found = [one.doubt.words for one in remarks(report)]
    assert found == [f"{theirs} is a number of another patient.", f"{number} is a number of another patient."]


def had(world: World, way: str) -> None:
    """The reader had another patient open, and has not any more."""
    theirs = case(world, world.requested(world.order(world.patient("Fremd", "Otto"))))
    if way == "looked at":
        client = Client()
        signed = sign_final(draft(world, by=world.resident, task=theirs), world.resident, "preliminary")
        client.force_login(world.radiologist, backend=BACKEND)
        assert client.get(f"/reports/{signed.report_id}/").status_code == 200
        return
    draft(world, task=theirs)
    if way == "given back":
        release(theirs, by=world.radiologist)
    elif way == "taken over":
        take_over(theirs, reason="At the desk", by=world.resident)


@pytest.mark.db
@pytest.mark.parametrize("way", ["still held", "given back", "taken over", "looked at"])
def test_the_full_name_of_a_patient_whom_the_reader_had_open_stops_the_signature(world: World, way: str) -> None:
    had(world, way)
    report = written(world, findings="FREMD, Otto: the lungs are clear.", impression="Møller, Åse: clear.")
    (found,) = remarks(report)
    assert (found.doubt.rule, found.level) == ("another-patient", "stop")
    assert found.doubt.quote == "FREMD, Otto: the lungs are clear."
    with pytest.raises(InvalidInput, match="name of another patient"):
        sign(report, world, found.key)


def test_a_pasted_name_stops_an_addendum_too_and_who_referred_the_patient_may_be_called_so(world: World) -> None:
    report = sign_final(written(world, findings="A nodule in the lung.", impression="Follow up."), world.radiologist)
    had(world, "given back")
    begun = begin_amendment(report.report, kind="addendum", by=world.radiologist)
    typed = Typed(["Otto Fremd was told."], seen=1)
    saved = save_amendment(begun, typed, revision=begun.revision, by=world.radiologist)
    assert [(one.doubt.rule, one.level) for one in remarks_of(saved, report)] == [("another-patient", "stop")]
    Order.objects.filter(procedures__reading_tasks=report.report.task_id).update(referrer_name="Fremd^Otto^^Dr.")
    assert [(one.doubt.rule, one.level) for one in remarks_of(saved, report)] == [("another-name", "warn")]


def test_a_name_of_long_ago_or_of_another_readers_patient_is_not_looked_for(world: World) -> None:
    had(world, "given back")
    turns = ReadingTurn.objects.all()
    turns.update(since=timezone.now() - timedelta(days=3), until=timezone.now() - timedelta(days=2))
    report = written(world, findings="Otto Fremd.", impression="Clear.")
    assert remarks(report) == []
    turns.update(until=timezone.now())
    assert [one.doubt.rule for one in remarks(report)] == ["another-patient"]
    turns.exclude(task=report.task).update(reader=world.resident)
    assert remarks(report) == []


def test_what_a_site_chose_for_names_holds_for_those_that_may_be_said(world: World) -> None:
    RuleLevel.objects.create(site=world.north, rule="another-patient", level="stop")
    renaming = import_module("reporting.migrations.0029_full_names_stop")
    renaming.rename(apps, connection.schema_editor())
    assert list(RuleLevel.objects.values_list("rule", "level")) == [("another-name", "stop")]


def test_a_measurement_of_the_other_side_than_the_orders_is_seen(world: World) -> None:
    report = written(world, findings="Clear.", impression="Clear.")
    report.task.requested_procedures.update(laterality="R")
    held = {"kind": "measured", "value": 8.0, "unit": "mm", "laterality": "Left"}
    spec = next(spec for spec in report.template.fields if spec.get("type", "number") == "number")
    Report.objects.filter(pk=report.pk).update(content=report.content | {"fields": {spec["key"]: held}})
    fresh = Report.objects.select_related("task__patient", "site", "template").get(pk=report.pk)
    assert "The order says right, this field says left." in [one.doubt.words for one in remarks(fresh)]
