"""How images are hung: what fits best is chosen, and the real OHIF shows it so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.http import QueryDict
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Frame

from ris.orders.models import Procedure
from tests.viewer.films import film, four_views, one_projection, one_slice, two_series
from tests.viewer.hospital import Hospital
from tests.viewer.objects import Place
from tests.viewer.screen import Screen, apart, chromium, screen
from viewer.hanging.choice import hang, presets
from viewer.hanging.models import Hanging, WindowPreset
from viewer.hanging.protocols import Layout, Pane, beside, read_panes
from viewer.launch import resolve
from worklist.models import ReadingTask, Study

# Each pane in reading order: series, instance, window as it is drawn, whether inverted.
PANES = """() => { const engines = cornerstone.getRenderingEngines();
  const views = engines.flatMap((e) => e.getViewports()).filter((v) => v.getCurrentImageId?.());
  const at = (v) => { const b = v.element.getBoundingClientRect(); return [Math.round(b.top), Math.round(b.left)]; };
  views.sort((a, b) => at(a)[0] - at(b)[0] || at(a)[1] - at(b)[1]);
  return views.map((v) => { const p = v.getProperties(); return {
    study: v.getCurrentImageId().match(/studies.([0-9.]+)/)[1],
    image: v.getCurrentImageId().match(/instances.([0-9.]+)/)[1],
    window: [p.voiRange.lower, p.voiRange.upper].map(Math.round), invert: Boolean(p.invert) }; }); }"""
NAMES = """services.customizationService.getCustomization('cornerstone.windowLevelPresets')
  .CT.map((one) => one.description)"""
GRID = "() => { const g = services.viewportGridService.getState().layout; return [g.numRows, g.numCols]; }"
LUNG = [-1350, 149]  # PS3.3 C.11.2.1.2: the upper end is one less
NODULES = "-1200,199"


@dataclass(frozen=True)
class Films:
    """The studies of other modalities."""

    mr: Place
    dx: Place
    mg: Place


@pytest.fixture(scope="module")
def films(hospital: Hospital) -> Films:
    world = hospital.world
    return Films(
        film(world, "Mrazek", "MR", two_series), film(world, "Dixon", "DX", one_projection),
        film(world, "Magnus", "MG", four_views),
    )  # fmt: skip


@pytest.fixture(scope="module")
def rules(films: Films) -> None:
    """What an administrator entered."""
    chest = Procedure.objects.get(code="CTCHEST")
    Hanging.objects.create(name="Any CT", modality="CT", window_center=40, window_width=400)
    Hanging.objects.create(name="Chest", modality="CT", procedure=chest, window_center=-600, window_width=1500)
    Hanging.objects.create(name="Two series", modality="MR", columns=2, window_center=1000, window_width=300)
    Hanging.objects.create(name="Plain film", modality="DX", invert=True)
    views = "R CC\nL CC\nR MLO\nL MLO"
    Hanging.objects.create(name="Mammogram", modality="MG", rows=2, columns=2, panes=views)
    WindowPreset.objects.create(name="Chest wall", modality="CT", center=45, width=350)
    WindowPreset.objects.create(name="Nodules", procedure=chest, center=-500, width=1400, position=9)


@pytest.fixture(scope="module")
def window(rules: None) -> Iterator[Chromium]:
    with chromium() as found:
        yield found


def hung(place: str, hospital: Hospital, **how: bool) -> str:
    study = Study.objects.get(study_instance_uid=place)
    protocol = hang([study], hospital.world.radiologist, **how)
    return str(protocol["name"]) if protocol and "name" in protocol else str(protocol and protocol["id"])


@pytest.mark.usefixtures("rules")
def test_the_user_wins_over_the_procedure_and_that_over_the_modality(hospital: Hospital) -> None:
    assert hung(hospital.a.study, hospital) == "Chest"
    own = Hanging.objects.create(name="My way", user=hospital.world.radiologist, modality="CT")
    other = Hanging.objects.create(name="Another's", user=hospital.world.resident, modality="CT")
    assert hung(hospital.a.study, hospital) == "My way"
    assert hung(hospital.a.study, hospital, compare=True) == "My way, beside an earlier exam"
    own.active = False
    own.save()
    assert hung(hospital.a.study, hospital) == "Chest"
    other.delete()


@pytest.mark.usefixtures("rules")
def test_three_planes_are_ohifs_own_and_nothing_is_chosen_where_no_row_fits(hospital: Hospital, films: Films) -> None:
    planes = Hanging.objects.create(name="Planes", arrangement="mpr", user=hospital.world.radiologist, modality="CT")
    assert hung(hospital.a.study, hospital) == "mpr"
    planes.delete()
    rows = Hanging.objects.filter(modality="DX")
    rows.update(active=False)
    assert hung(films.dx.study, hospital) == "None"
    rows.update(active=True)


@pytest.mark.usefixtures("rules")
def test_presets_are_the_modalitys_and_ones_own(hospital: Hospital) -> None:
    mine = WindowPreset.objects.create(name="Mine", modality="CT", center=1, width=2, user=hospital.world.resident)
    names = [[one["description"] for one in presets(who)["CT"]] for who in
             (hospital.world.radiologist, hospital.world.resident)]  # fmt: skip
    mine.delete()
    assert names == [["Chest wall"], ["Chest wall", "Mine"]]


@pytest.mark.usefixtures("rules")
def test_presets_of_the_exams_procedure_stand_first_and_are_offered_for_no_other(
    hospital: Hospital, films: Films
) -> None:
    def offered(place: str) -> dict[str, list[str]]:
        found = presets(hospital.world.radiologist, [Study.objects.get(study_instance_uid=place)])
        return {modality: [one["description"] for one in rows] for modality, rows in found.items()}

    assert offered(hospital.a.study) == {"CT": ["Nodules", "Chest wall"]}
    assert offered(films.dx.study) == {"CT": ["Chest wall"]}
    anything = WindowPreset.objects.create(name="Anything", center=1, width=2)
    everywhere = presets(hospital.world.radiologist)
    anything.delete()
    assert {"CT", "MR", "DX", "MG"} <= everywhere.keys(), "no modality: every one"


def test_panes_are_a_side_and_a_view() -> None:
    assert read_panes("r cc\n\n L  MLO ") == (Pane("R", "CC"), Pane("L", "MLO"))
    with pytest.raises(ValueError, match="left"):
        read_panes("left CC")


def test_each_view_of_the_current_exam_stands_above_the_same_view_of_the_earlier_one() -> None:
    protocol = beside(Layout("isocenter-1", "Mammogram", rows=2, columns=2, panes=read_panes("R CC\nL MLO")))
    (stage,) = protocol["stages"]
    assert stage["viewportStructure"]["properties"] == {"rows": 2, "columns": 2}
    shown = [protocol["displaySetSelectors"][one["displaySets"][0]["id"]] for one in stage["viewports"]]
    studies = [one["studyMatchingRules"][0]["constraint"]["equals"]["value"] for one in shown]
    views = [[rule["constraint"]["equals"]["value"] for rule in one["seriesMatchingRules"][-2:]] for one in shown]
    assert studies == [0, 0, 1, 1]
    assert views == [["R", "CC"], ["L", "MLO"]] * 2


def test_half_a_window_is_refused_in_the_admin() -> None:
    with pytest.raises(ValidationError, match="both or neither"):
        Hanging(name="Half", window_center=40).clean()


# In the browser


@pytest.fixture
def desk(hospital: Hospital, window: Chromium) -> Iterator[Screen]:
    found = screen(window, hospital, apart(lambda: hospital.sign_in("radiologist")))
    found.page.goto("/worklist/reading/")
    yield found
    found.page.context.close()


def panes(frame: Frame, count: int) -> list[dict[str, Any]]:
    frame.wait_for_function(f"() => ({PANES})().length >= {count}")
    return list(frame.evaluate(PANES))


def opened(desk: Screen, name: str) -> Frame:
    desk.page.locator("tr", has_text=name).locator(".row-link").click()
    desk.page.wait_for_selector(f".patient-banner:has-text('{name}')")
    desk.page.wait_for_selector("#viewer-keep[data-state=shown]")
    frame = desk.viewer()
    desk.page.click("[data-room-list]")
    desk.page.wait_for_selector("#cases")
    return frame


@pytest.mark.e2e
def test_ct_mr_dx_and_mammograms_are_hung_as_the_administrator_said(
    hospital: Hospital, films: Films, desk: Screen
) -> None:
    (chest,) = panes(opened(desk, "Alpha"), 1)
    assert (chest["study"], chest["window"]) == (hospital.a.study, LUNG)
    frame = opened(desk, "Mrazek")
    both = panes(frame, 2)
    assert [one["window"] for one in both] == [[850, 1149]] * 2
    assert len({one["image"].rpartition(".")[0] for one in both}) == 2
    assert frame.evaluate(GRID) == [1, 2]
    (film_,) = panes(opened(desk, "Dixon"), 1)
    assert (film_["study"], film_["invert"]) == (films.dx.study, True)
    frame = opened(desk, "Magnus")
    four = panes(frame, 4)
    order = [one["image"].rpartition(".")[0][-1] for one in four]
    assert order == ["4", "1", "2", "3"], "R CC, L CC, R MLO, L MLO"
    assert desk.faults == []


@pytest.mark.e2e
def test_a_protocol_changed_after_the_viewer_started_holds_at_once_and_presets_are_offered(desk: Screen) -> None:
    frame = desk.page.wait_for_selector("iframe#viewer", state="attached").content_frame()  # type: ignore[union-attr]
    assert frame is not None
    frame.wait_for_function("() => window.commandsManager?.getCommand?.('navigateHistory')")
    apart(lambda: Hanging.objects.filter(name="Plain film").update(invert=False, window_center=900, window_width=200))
    (film_,) = panes(opened(desk, "Dixon"), 1)
    assert (film_["invert"], film_["window"]) == (False, [800, 999])
    offered = frame.evaluate("() => services.customizationService.getCustomization('cornerstone.windowLevelPresets')")
    assert [one["description"] for one in offered["CT"]] == ["Chest wall"]
    assert offered["PT"], "a modality without presets keeps OHIF's own"
    frame = opened(desk, "Alpha")
    frame.wait_for_function(f"() => {NAMES}.join() === 'Nodules,Chest wall'")
    frame.evaluate("() => commandsManager.runCommand('setWindowLevelPreset', { presetIndex: 0 })")
    frame.wait_for_function(f"() => ({PANES})()[0].window.join() === '{NODULES}'")
    apart(lambda: WindowPreset.objects.filter(name="Chest wall").update(name="Wall"))
    frame = opened(desk, "Dixon")
    frame.wait_for_function(f"() => {NAMES}.join() === 'Wall'")
    apart(lambda: WindowPreset.objects.filter(name="Wall").update(name="Chest wall"))


@pytest.mark.e2e
def test_an_earlier_exam_stands_beside_the_current_one_in_two_panes(hospital: Hospital, desk: Screen) -> None:
    alpha = apart(lambda: ReadingTask.objects.get(patient__family_name="Alpha"))
    earlier = apart(lambda: film(hospital.world, alpha.patient, "CT", one_slice)).study
    asked = QueryDict(f"accession={hospital.a.place.accession}&compare=prior")
    chosen = apart(lambda: resolve(asked, hospital.world.radiologist))
    assert chosen.uids == f"{hospital.a.study},{earlier}"
    assert str((chosen.protocol or {})["id"]).endswith("-beside")
    desk.page.goto(f"/reading/{alpha.pk}/?compare={earlier}")
    frame = desk.viewer()
    left, right = panes(frame, 2)
    assert (left["study"], right["study"]) == (hospital.a.study, earlier)
    assert frame.evaluate(GRID) == [1, 2]
    assert [left["window"], right["window"]] == [LUNG, LUNG]
