"""Before a signature: doubts are shown, looked at or mended, and written down when signed over."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from reporting.actions import save_draft, sign_report
from reporting.actions.sign import Answers, Proof
from reporting.models import Report
from reporting.reread.reading import remarks
from reporting.reread.record import RuleLevel
from ris.audit.models import AuditEvent
from ris.core.errors import InvalidInput
from tests.exam import case, draft
from tests.world import World

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


def test_the_name_of_a_patient_whose_case_the_reader_had_is_seen(world: World) -> None:
    draft(world, task=case(world, world.requested(world.order(world.patient("Fremd", "Otto")))))
    report = written(world, findings="FREMD, Otto: the lungs are clear.", impression="Møller, Åse: clear.")
    assert [(one.doubt.rule, one.doubt.quote) for one in remarks(report)] == [
        ("another-patient", "FREMD, Otto: the lungs are clear.")
    ]


def test_a_measurement_of_the_other_side_than_the_orders_is_seen(world: World) -> None:
    report = written(world, findings="Clear.", impression="Clear.")
    report.task.requested_procedures.update(laterality="R")
    held = {"kind": "measured", "value": 8.0, "unit": "mm", "laterality": "Left"}
    spec = next(spec for spec in report.template.fields if spec.get("type", "number") == "number")
    Report.objects.filter(pk=report.pk).update(content=report.content | {"fields": {spec["key"]: held}})
    fresh = Report.objects.select_related("task__patient", "site", "template").get(pk=report.pk)
    assert "The order says right, this field says left." in [one.doubt.words for one in remarks(fresh)]
