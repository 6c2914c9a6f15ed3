// One image of the case: which is shown, how, and what is drawn on it; and back to it, as it was (PS3.3 C.11.9: softcopy
// presentation).
import { bridge } from "./alive.js";
import { bare, draw } from "./drawn.js";

const WAIT_MS = 6000;
const LOOK_MS = 40;
const DRAWINGS_MAX = 30_000; // characters: the RIS keeps so much of how an image was looked at
const UIDS = /studies\/([\d.]+)\/series\/([\d.]+)\/instances\/([\d.]+)\/frames\/(\d+)/;
const PROPERTIES = ["voiRange", "invert", "VOILUTFunction"];
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

function active(inside) {
  const id = inside.services.viewportGridService.getActiveViewportId();
  return inside.services.cornerstoneViewportService.getCornerstoneViewport(id);
}

function named(image) {
  const [, study, series, sop, frame] = image?.match(UIDS) ?? [];
  return sop ? { study, series, image: sop, frame: Number(frame) } : null;
}

const SAME_MM = 0.05; // a stored report rounds what it says
const points = ({ data }) => [...(data.handles?.points ?? []), ...(data.contour?.polyline ?? [])].flat();

function isSame(one, other) {
  const [these, those] = [points(one), points(other)];
  const isNear = (at, value) => Math.abs(value - those[at]) < SAME_MM;
  return one.metadata.toolName === other.metadata.toolName && these.length === those.length && these.every((value, at) => isNear(at, value));
}

// What is drawn on this image, as the viewer holds it.
function drawings(inside, image) {
  const all = inside.cornerstoneTools?.annotation.state.getAllAnnotations() ?? [];
  return all.filter((one) => one.metadata?.referencedImageId === image && one.isVisible !== false).map(bare);
}

function bounded(annotations) {
  let left = DRAWINGS_MAX;
  return annotations.filter((one) => (left -= JSON.stringify(one).length) > 0);
}

// Whatever of it is not there is drawn again: the image stands in the report with it.
function drawAgain(viewer, image, annotations) {
  const there = drawings(viewer.window, image);
  for (const one of annotations) if (!there.some((other) => isSame(one, other))) draw(viewer, one);
}

// {study, series, image, frame, presentation} of the pane that is worked in, or null.
export async function current(viewer) {
  const viewport = viewer?.window?.services ? active(viewer.window) : null;
  const shown = viewport?.getCurrentImageId?.();
  const found = named(shown);
  if (!found) return null;
  const all = viewport.getProperties();
  const properties = Object.fromEntries(PROPERTIES.filter((key) => all[key] !== undefined).map((key) => [key, all[key]]));
  const annotations = bounded(drawings(viewer.window, shown));
  return { ...found, presentation: { properties, view: viewport.getViewPresentation?.() ?? null, annotations } };
}

const isAt = (image, where) => {
  const found = named(image);
  return found?.image === where.image && (!where.frame || found.frame === where.frame);
};

function setHolding(inside, where) {
  const holds = (set) => (set.instances ?? set.images ?? []).some((one) => one.SOPInstanceUID === where.image);
  return inside.services.displaySetService.getActiveDisplaySets().find(holds);
}

// The pane holds the image's series, which may have to be brought there first.
async function paneWith(inside, where) {
  const { viewportGridService } = inside.services;
  for (const until = performance.now() + WAIT_MS; performance.now() < until; await pause(LOOK_MS)) {
    const viewport = active(inside);
    const at = viewport?.getImageIds?.().findIndex((image) => isAt(image, where)) ?? -1;
    if (at >= 0) return { viewport, at };
    const set = setHolding(inside, where);
    const viewportId = viewportGridService.getActiveViewportId();
    const shown = viewportGridService.getDisplaySetsUIDsForViewport(viewportId) ?? [];
    if (!set || shown.includes(set.displaySetInstanceUID)) continue;
    viewportGridService.setDisplaySetsForViewport({ viewportId, displaySetInstanceUIDs: [set.displaySetInstanceUID] });
  }
  return null;
}

// True when the image is there, with its window, zoom, pan, rotation, flips and drawings when they are known.
export async function show(viewer, where) {
  const inside = viewer?.window;
  const found = inside?.services ? await paneWith(inside, where) : null;
  if (!found) return false;
  const { viewport, at } = found;
  await viewport.setImageIdIndex(at);
  const { properties, view, annotations = [] } = where.presentation ?? {};
  if (properties) viewport.setProperties(properties);
  if (view) viewport.setViewPresentation?.(view);
  drawAgain(viewer, viewport.getCurrentImageId(), annotations);
  viewport.render();
  return true;
}

document.addEventListener("viewer:show", async ({ detail }) => {
  const isShown = await show(bridge(), detail);
  document.dispatchEvent(new CustomEvent("viewer:showed", { detail: { ...detail, isShown } }));
});
