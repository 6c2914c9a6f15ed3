"""The worklist in other people's servers: Orthanc's own plugin and dcmtk's wlmscpfs, asked by dcmtk's findscu."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone
from pytest_django import Settings

from ris.scheduling.actions import cancel_appointment, start_step
from ris.scheduling.models import ScheduledProcedureStep
from tests.conformance.scanner import STEP, Scanner
from tests.services.worklists import orthanc_worklists, wlmscpfs
from tests.world import World
from worklist.elsewhere.exporting import Exporter, export
from worklist.elsewhere.folder import Tally

pytestmark = pytest.mark.django_db
KEYS = ("PatientName=", "PatientID=", "AccessionNumber=", "StudyInstanceUID=", f"{STEP}ScheduledProcedureStepID=")


def exporter(root: Path, charset: str = "ISO_IR 192") -> Exporter:
    return Exporter(root, None, charset)


def asked(port: int, called: str, *keys: str) -> set[tuple[str, str, str]]:
    """Name, accession number and step id of each answer."""
    found = Scanner("CT1", called, port).findscu(*KEYS, *keys)
    return {
        (
            str(answer.PatientName),
            answer.AccessionNumber,
            answer.ScheduledProcedureStepSequence[0].ScheduledProcedureStepID,
        )
        for answer in found
    }


def row(step: ScheduledProcedureStep, name: str) -> tuple[str, str, str]:
    return name, step.requested_procedure.accession_number, step.sps_id


def test_dcmtks_server_answers_from_the_folder_of_the_site(world: World, tmp_path: Path) -> None:
    plain, accents = world.patient("Berg", "Ida"), world.patient("Møller", "Åse")
    first, second = (world.step(world.booking(world.order(person))) for person in (plain, accents))
    places = exporter(tmp_path / "wl", "ISO_IR 100")
    assert places.round() == Tally(2, 0)
    with wlmscpfs(tmp_path / "wl", tmp_path / "log") as port:
        assert asked(port, "NORTH", "SpecificCharacterSet=") == {row(first, "Berg^Ida"), row(second, "Møller^Åse")}
        assert asked(port, "NORTH", f"{STEP}Modality=MR") == set()
        start_step(first, by=world.technologist)
        assert places.round() == Tally(0, 1)
        assert asked(port, "NORTH", f"{STEP}ScheduledStationAETitle=CT1", "SpecificCharacterSet=") == {
            row(second, "Møller^Åse")
        }


def test_orthancs_plugin_answers_from_the_folder_of_the_site(world: World, tmp_path: Path) -> None:
    appointment = world.booking()
    step = world.step(appointment)
    places = exporter(tmp_path / "wl")
    places.round()
    with orthanc_worklists(tmp_path / "wl" / "NORTH", tmp_path / "orthanc") as port:
        assert asked(port, "ORTHANC", f"{STEP}ScheduledStationAETitle=CT1") == {row(step, "Møller^Åse")}
        assert asked(port, "ORTHANC", f"{STEP}ScheduledStationAETitle=MR1") == set()
        cancel_appointment(appointment, reason="ill", by=world.clerk)
        places.round()
        assert asked(port, "ORTHANC") == set()


def test_each_site_has_its_own_folder(world: World, tmp_path: Path) -> None:
    world.booking()
    exporter(tmp_path).round()
    assert len(list((tmp_path / "NORTH").glob("*.wl"))) == 1
    assert list((tmp_path / "SOUTH").glob("*.wl")) == []


def test_a_changed_step_is_written_again_and_the_others_are_not(world: World, tmp_path: Path) -> None:
    world.booking()
    step = world.step()
    places = exporter(tmp_path)
    assert places.round() == Tally(2, 0)
    assert places.round() == Tally()
    ScheduledProcedureStep.objects.filter(pk=step.pk).update(start=timezone.now() + timedelta(days=3))
    assert places.round() == Tally(1, 0)


def test_the_command_and_the_timer_export_where_the_settings_say(
    world: World, tmp_path: Path, settings: Settings
) -> None:
    settings.WORKLIST_DIRECTORY = ""
    with pytest.raises(CommandError, match="WORKLIST_DIRECTORY"):
        call_command("export_worklist")
    assert export() == Tally()
    settings.WORKLIST_DIRECTORY = str(tmp_path)
    world.booking()
    told = StringIO()
    call_command("export_worklist", stdout=told)
    assert told.getvalue() == "1 written, 0 removed\n"
    world.booking()
    assert export() == Tally(1, 0)


def test_a_folder_that_cannot_be_written_is_told_and_tried_again(
    world: World, tmp_path: Path, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where the folder should be")
    settings.WORKLIST_DIRECTORY = str(blocked)
    world.booking()
    assert export() == Tally()
    assert "the worklist elsewhere is not up to date" in caplog.text
    blocked.unlink()
    assert export() == Tally(1, 0)
