"""Fields beside the text: typed, computed, kept with what is wrong, frozen and printed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from reporting.actions import open_report, save_draft
from reporting.entries import FieldChanges
from reporting.models import Artifact, Report, ReportTemplate
from ris.core.errors import InvalidInput
from ris.orders.models import Procedure
from tests.exam import FINDINGS, case, sign, stored
from tests.reporting.tools import printed_text
from tests.world import World
from worklist.actions.reading import claim

pytestmark = pytest.mark.db
KEY = "lesion-length"


@pytest.fixture
def prostate(world: World) -> Report:
    """A report with three diameters, a volume of them, and a density of that."""
    Procedure.objects.filter(code="CTCHEST").update(template_key="mr-prostate")
    requested = world.requested(world.order(world.patient("Berg", "Bo", sex="M")))
    return open_report(claim(case(world, requested), by=world.radiologist), by=world.radiologist)


@pytest.fixture
def chest(world: World) -> Report:
    return open_report(claim(case(world), by=world.radiologist), by=world.radiologist)


def typing(report: Report, world: World, **fields: str) -> Report:
    typed = {key.replace("_", "-"): text for key, text in fields.items()}
    fresh = Report.objects.get(pk=report.pk)
    changes = FieldChanges(typed)
    return save_draft(fresh, revision=fresh.revision, sections=FINDINGS, fields=changes, by=world.radiologist)


def held(report: Report, key: str) -> Any:
    return Report.objects.get(pk=report.pk).content["fields"][key]


def test_a_volume_follows_the_diameters_as_they_are_typed(prostate: Report, world: World) -> None:
    typing(prostate, world, prostate_length="50", prostate_width="4 cm", psa="4.2")
    assert held(prostate, "prostate-volume") is None
    typing(prostate, world, prostate_height="30 mm")
    assert held(prostate, "prostate-volume")["text"] == "31.4 mL"
    assert held(prostate, "psa-density")["text"] == "0.13 ng/mL/mL"
    typing(prostate, world, prostate_height="")
    assert held(prostate, "prostate-volume") is None


def test_what_is_no_value_is_kept_and_said_and_stops_the_signature(
    prostate: Report, world: World, signing_key: None
) -> None:
    report = typing(prostate, world, psa="about four")
    assert held(prostate, "psa")["raw"] == "about four"
    with pytest.raises(InvalidInput, match="PSA: A number, such as"):
        sign(report, world.radiologist)
    assert sign(typing(prostate, world, psa="4"), world.radiologist).number == 1


def test_a_field_that_the_template_needs_is_asked_for_before_signing(
    chest: Report, world: World, signing_key: None
) -> None:
    template = chest.template
    fields = [{**spec, "required": spec["key"] == "effusion"} for spec in template.fields]
    ReportTemplate.objects.filter(pk=template.pk).update(fields=fields)
    with pytest.raises(InvalidInput, match="Pleural effusion: This is needed"):
        sign(typing(chest, world), world.radiologist)
    assert sign(typing(chest, world, effusion="left"), world.radiologist).kind == "final"


@pytest.mark.parametrize("key", ["nowhere", "prostate-volume"])
def test_only_fields_of_the_template_that_are_not_computed_are_typed(key: str, prostate: Report, world: World) -> None:
    with pytest.raises(InvalidInput):
        typing(prostate, world, **{key.replace("-", "_"): "1"})
    assert Report.objects.get(pk=prostate.pk).revision == 0


def test_what_was_typed_over_a_measurement_stays_until_it_is_emptied(chest: Report, world: World) -> None:
    stored(chest.task, 31.0)
    typing(chest, world, lesion_length="33")
    stored(chest.task, 40.0)
    assert (held(chest, KEY)["kind"], held(chest, KEY)["value"]) == ("typed", 33.0)
    typing(chest, world, lesion_length="")
    assert held(chest, KEY)["value"] == 40.0


def test_fields_are_part_of_what_is_hashed_signed_and_printed(
    prostate: Report, world: World, signing_key: None, tmp_path: Path
) -> None:
    typing(prostate, world, prostate_length="50", prostate_width="40", prostate_height="30", zone="peripheral")
    version = sign(Report.objects.get(pk=prostate.pk), world.radiologist)
    gland = next(section for section in version.content["sections"] if section["title"] == "Gland")
    assert [(row["label"], row["text"]) for row in gland["fields"]][-1] == ("Volume", "31.4 mL")
    page = printed_text(bytes(Artifact.objects.get(version=version, kind="pdf").body), tmp_path, "-layout")
    for words in ("Gland", "Length", "50 mm", "31.4 mL", "Peripheral zone"):
        assert words in page


def test_a_measured_number_is_printed_the_same_beside_the_text_and_in_the_table(chest: Report, world: World) -> None:
    from reporting.document import freeze, to_render

    spec = {"key": "size", "label": "Size", "section": "findings", "units": ["mm2"], "decimals": 3,
            "sources": [{"scheme": "SCT", "code": "42798000"}]}  # fmt: skip
    ReportTemplate.objects.filter(pk=chest.template_id).update(fields=[spec])
    stored(chest.task, 0.0625, scheme="SCT", code="42798000", name="Area", unit="mm2")
    report = typing(chest, world, size="")
    rendered = to_render(
        freeze(report, kind="final", number=1, by=world.radiologist, at=report.created_at), sha256="0" * 64
    )
    (row,), facts = rendered.measurements, [fact for section in rendered.sections for fact in section.facts]
    assert (row.value, row.unit) == ("0.062", "mm²")
    assert [fact.text for fact in facts] == ["0.062 mm²"]


def test_another_value_is_another_hash(prostate: Report, world: World, signing_key: None) -> None:
    from reporting.document import digest, freeze

    at = Report.objects.get(pk=prostate.pk).created_at
    first = digest(freeze(typing(prostate, world, psa="4"), kind="final", number=1, by=world.radiologist, at=at))
    second = digest(freeze(typing(prostate, world, psa="5"), kind="final", number=1, by=world.radiologist, at=at))
    assert first != second


def test_a_save_answers_with_what_the_page_must_put_right(prostate: Report, world: World, client: Client) -> None:
    client.force_login(world.radiologist)
    body = {"revision": "0", "field-prostate-length": "5", "unit-prostate-length": "cm", "field-prostate-width": "40",
            "field-prostate-height": "30", "field-psa": "about 4"}  # fmt: skip
    fields = client.post(f"/reports/{prostate.pk}/save/", body).json()["fields"]
    assert (fields["prostate-length"]["text"], fields["prostate-length"]["unit"]) == ("5 cm", "cm")
    assert fields["prostate-volume"]["text"] == "31.4 mL"
    assert fields["psa"]["fault"] == "A number, such as 12.5."


def test_a_report_page_shows_the_fields_under_their_section(
    prostate: Report, world: World, client: Client, signing_key: None
) -> None:
    sign(typing(prostate, world, zone="peripheral"), world.radiologist)
    client.force_login(world.referrer)
    page = client.get(f"/reports/{prostate.pk}/").content.decode()
    assert "Peripheral zone" in page


def test_what_the_exam_knows_stands_in_its_fields_until_somebody_types_over_it(chest: Report, world: World) -> None:
    section = chest.template.sections[0]["key"]
    asked = {"who": "patient-name", "number": "accession", "why": "indication", "day": "exam-date"}
    fields: list[dict[str, Any]] = [
        {"key": key, "label": key, "section": section, "type": "date" if key == "day" else "text", "merge": source}
        for key, source in asked.items()
    ]
    fields.append({"key": "called", "label": "Called at", "section": section, "type": "time"})
    ReportTemplate.objects.filter(pk=chest.template_id).update(fields=fields)
    typing(chest, world, called="24:10")
    patient, accession = chest.task.patient, chest.task.requested_procedures.get().accession_number
    assert (held(chest, "who")["text"], held(chest, "number")["text"]) == (patient.display_name, accession)
    assert held(chest, "called")["fault"] == "A time of day, such as 14:30."
    typing(chest, world, number="see above", called="14:10")
    type(patient).objects.filter(pk=patient.pk).update(family_name="Renamed")
    typing(chest, world)
    assert (held(chest, "who")["text"].startswith("Renamed"), held(chest, "number")["text"]) == (True, "see above")
    assert held(chest, "called")["text"] == "14:10"
