"""A mouse that draws in OHIF, and waits for what it sees: never for time, since a busy machine takes moves together."""

from __future__ import annotations

from collections.abc import Sequence

from playwright.sync_api import Frame, Page

Point = Sequence[float]

USE = "(name) => commandsManager.runCommand('setToolActiveToolbar', {toolName: name, toolGroupIds: ['default']})"
IN_USE = """(name) => cornerstoneTools.ToolGroupManager.getToolGroup('default')
  ?.getActivePrimaryMouseButtonTool() === name"""
TO_CANVAS = """([x, y]) => { const v = cornerstone.getRenderingEngines()[0].getViewports()[0];
  return v.worldToCanvas(v.getImageData().imageData.indexToWorld([x, y, 0])); }"""
# How many of a tool there are, and whether a handle of the newest lies where the mouse is.
COUNT = """(tool) => cornerstoneTools.annotation.state.getAllAnnotations()
  .filter((one) => one.metadata.toolName === tool).length"""
REACHED = """([tool, x, y]) => { const v = cornerstone.getRenderingEngines()[0].getViewports()[0];
  const all = cornerstoneTools.annotation.state.getAllAnnotations().filter((one) => one.metadata.toolName === tool);
  return (all.at(-1)?.data.handles.points ?? []).some((point) => { const at = v.worldToCanvas(point);
    return Math.hypot(at[0] - x, at[1] - y) < 1.5; }); }"""
MEASURED = "(count) => services.measurementService.getMeasurements().length >= count"
FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
# An ellipse hangs in the box that is drawn: none of its handles is at the mouse.
AT_THE_MOUSE = frozenset({"Length", "Bidirectional", "CircleROI", "RectangleROI", "ArrowAnnotate", "CobbAngle"})
STEPS = 8


def use(frame: Frame, tool: str) -> None:
    """Choose a tool, and wait until the mouse has it."""
    frame.evaluate(USE, tool)
    frame.wait_for_function(IN_USE, arg=tool)


def drag(page: Page, frame: Frame, tool: str, start: Point, end: Point) -> None:
    """Press at one image pixel, let go at another."""
    box = frame.wait_for_selector("canvas.cornerstone-canvas").bounding_box()  # type: ignore[union-attr]
    assert box is not None
    (x0, y0), (x1, y1) = [frame.evaluate(TO_CANVAS, list(point)) for point in (start, end)]
    mouse = page.mouse
    mouse.move(box["x"] + x0, box["y"] + y0)
    frame.evaluate(FRAMES)
    mouse.down()
    for step in range(1, STEPS + 1):
        mouse.move(box["x"] + x0 + (x1 - x0) * step / STEPS, box["y"] + y0 + (y1 - y0) * step / STEPS)
        frame.evaluate(FRAMES)
    if tool in AT_THE_MOUSE:
        frame.wait_for_function(REACHED, arg=[tool, x1, y1])
    mouse.up()


def draw(page: Page, frame: Frame, tool: str, start: Point, end: Point) -> None:
    """Measure with a tool from one image pixel to another; returns when OHIF lists it."""
    use(frame, tool)
    before = frame.evaluate("() => services.measurementService.getMeasurements().length")
    drag(page, frame, tool, start, end)
    frame.wait_for_function(MEASURED, arg=before + 1)
