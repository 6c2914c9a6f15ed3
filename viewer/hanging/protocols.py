"""A layout as a hanging protocol of OHIF 3.13 (its HangingProtocol types). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

Protocol = dict[str, Any]
PANE = re.compile(r"([RLB])\s+([A-Z]{1,8})")
BESIDE = "-beside"


@dataclass(frozen=True, slots=True)
class Window:
    """Centre and width, in the stored values' own unit after rescaling."""

    center: float
    width: float


@dataclass(frozen=True, slots=True)
class Pane:
    """What one pane shows: ImageLaterality (0020,0062) and ViewPosition (0018,5101)."""

    side: str
    view: str


@dataclass(frozen=True, slots=True)
class Layout:
    """Panes in rows and columns; without `panes` they take the series in their order."""

    id: str
    name: str
    rows: int = 1
    columns: int = 1
    panes: tuple[Pane, ...] = ()
    window: Window | None = None
    invert: bool = False


PLAIN = Layout("isocenter", "Images")


def read_panes(text: str) -> tuple[Pane, ...]:
    """ "R CC" a line; ValueError names the line that is none."""
    found = []
    for line in filter(None, (one.strip() for one in text.splitlines())):
        pane = PANE.fullmatch(line.upper())
        if pane is None:
            raise ValueError(f"“{line}” is not a pane: write the side (R, L, B) and the view, such as “R CC”.")
        found.append(Pane(*pane.groups()))
    return tuple(found)


def single(layout: Layout) -> Protocol:
    """The current study alone."""
    places = range(layout.rows * layout.columns)
    if layout.panes:
        selectors = {f"pane{at}": _selector(0, pane) for at, pane in enumerate(layout.panes)}
        viewports = [_viewport(layout, f"pane{at}") for at in places if at < len(layout.panes)]
    else:
        selectors = {"current": _selector(0)}
        viewports = [_viewport(layout, "current", at) for at in places]
    return _protocol(layout.id, layout.name, selectors, (layout.rows, layout.columns), viewports)


def beside(layout: Layout) -> Protocol:
    """The current study left, the earlier one right, with one window; each of several views above its earlier one."""
    studies = {"current": 0, "prior": 1}
    if layout.panes:
        selectors = {
            f"{name}{at}": _selector(study, pane)
            for name, study in studies.items()
            for at, pane in enumerate(layout.panes)
        }
    else:
        selectors = {name: _selector(study) for name, study in studies.items()}
    grid = (2, len(layout.panes)) if layout.panes else (1, 2)
    viewports = [_viewport(layout, name) for name in selectors]
    return {
        **_protocol(layout.id + BESIDE, f"{layout.name}, beside an earlier exam", selectors, grid, viewports),
        "numberOfPriorsReferenced": 1,
    }


def _protocol(name: str, title: str, selectors: Protocol, grid: tuple[int, int], viewports: list[Protocol]) -> Protocol:
    rows, columns = grid
    structure = {"layoutType": "grid", "properties": {"rows": rows, "columns": columns}}
    first = next(iter(selectors))
    return {
        "id": name,
        "name": title,
        "protocolMatchingRules": [],
        "toolGroupIds": ["default"],
        "numberOfPriorsReferenced": 0,
        "displaySetSelectors": selectors,
        "defaultViewport": {
            "viewportOptions": _options(),
            "displaySets": [{"id": first, "matchedDisplaySetsIndex": -1}],
        },
        "stages": [{"name": title, "viewportStructure": structure, "viewports": viewports}],
    }


def _options() -> Protocol:
    return {"viewportType": "stack", "toolGroupId": "default", "allowUnmatchedView": True}


def _viewport(layout: Layout, selector: str, at: int = 0) -> Protocol:
    shown: Protocol = {"voiInverted": True} if layout.invert else {}
    if layout.window is not None:
        shown["voi"] = {"windowCenter": layout.window.center, "windowWidth": layout.window.width}
    display_set: Protocol = {"id": selector, "options": shown}
    if at:
        display_set["matchedDisplaySetsIndex"] = at
    return {"viewportOptions": _options(), "displaySets": [display_set]}


def _selector(study: int, pane: Pane | None = None) -> Protocol:
    """Images of the study that stands at this place of the address; of a pane only those of its side and view."""
    rules = [{"attribute": "numImageFrames", "constraint": {"greaterThan": {"value": 0}}, "required": True}]
    rules.append({"attribute": "isDisplaySetFromUrl", "weight": 20, "constraint": {"equals": True}})  # type: ignore[dict-item]
    if pane is not None:
        named = {"ImageLaterality": pane.side, "ViewPosition": pane.view}
        rules += [
            {"attribute": name, "weight": 10, "required": True, "constraint": {"equals": {"value": value}}}  # type: ignore[dict-item]
            for name, value in named.items()
        ]
    place = {"attribute": "studyInstanceUIDsIndex", "from": "options", "required": True}
    return {
        "studyMatchingRules": [{**place, "constraint": {"equals": {"value": study}}}],
        "seriesMatchingRules": rules,
    }
