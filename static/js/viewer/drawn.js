// What was drawn in the viewer and not saved yet: taken from it as OHIF's own JSON, and drawn again.
import { openedBy } from "../fresh-token.js";
import { bridge } from "./alive.js";

const LOOK_MS = 500;
const LOOKS = 120;
const KEEPALIVE_MOST = 60_000; // browsers send no more once the page is gone
const SOURCE = ["Cornerstone3DTools", "0.1"];

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// What was drawn, without what was reckoned of it.
export function bare({ annotationUID, metadata, data }) {
  const { cachedStats: _stats, ...drawn } = data;
  return { annotationUID, metadata, data: drawn };
}

function annotation(inside, uid) {
  const found = inside.cornerstoneTools?.annotation.state.getAnnotation(uid);
  return found ? bare(found) : null;
}

export const studies = () => document.getElementById("viewer-slot")?.dataset.studies?.split(",") ?? [];
const isAmong = (uids, image) => uids.some((uid) => image?.includes(`/studies/${uid}/`));

export const isOf = (uids) => (one) => isAmong(uids, one?.metadata?.referencedImageId);

// Only what was drawn on this case: the viewer may still show the one before.
export function unsaved() {
  const viewer = bridge();
  return viewer?.window ? [...viewer.unsaved].map((uid) => annotation(viewer.window, uid)).filter(isOf(studies())) : [];
}

// OHIF's own way back from a stored report, without the report: the measurement is made, and the annotation drawn.
// Answers its new UID, under which it is announced like one that the archive has, a moment later.
export function draw(viewer, one) {
  const inside = viewer.window;
  const { measurementService } = inside.services;
  const source = measurementService.getSource(...SOURCE);
  const mappings = measurementService.getSourceMappings(...SOURCE);
  const type = one.metadata.toolName;
  const mapping = mappings.find(({ annotationType }) => annotationType === type);
  if (!mapping) return null;
  const [dataSource] = inside.extensionManager.getActiveDataSource();
  const full = { ...one, highlighted: false, isLocked: false, isVisible: true, invalidated: true };
  full.data = { ...one.data, cachedStats: {} };
  const data = { id: one.annotationUID, annotation: full };
  return measurementService.addRawMeasurement(source, type, data, mapping.toMeasurementSchema, dataSource);
}

// An image of this case is on the screen; the one that the viewer started on, or that of the case before, is none.
function isShown(inside) {
  if (document.getElementById("viewer-keep")?.dataset.state !== "shown" || !inside?.services?.measurementService) return false;
  const views = (inside.cornerstone?.getRenderingEngines?.() ?? []).flatMap((engine) => engine.getViewports());
  return views.some((one) => one.viewportStatus === "rendered" && isAmong(studies(), one.getCurrentImageId?.()));
}

// Waits until the case can be drawn on, while `isWanted` it is; whether it can.
export async function ready(isWanted) {
  for (let look = 0; look < LOOKS && isWanted(); look += 1) {
    if (isShown(bridge()?.window)) return true;
    await pause(LOOK_MS);
  }
  return false;
}

// Draws these again, not saved as they are; answers those that stand in the viewer now.
export function redraw(annotations) {
  const viewer = bridge();
  const drawn = annotations.filter(isOf(studies())).filter((one) => {
    const uid = draw(viewer, one);
    if (!uid) return false;
    viewer.expectDraft(uid);
    viewer.unsaved.add(uid); // it tells of itself a moment later
    return true;
  });
  if (drawn.length) document.dispatchEvent(new CustomEvent("viewer:restored", { detail: { count: drawn.length } }));
  return drawn;
}

// {status, annotations}: the RIS's copy. Status 0 where it was not reached, 401 where the session has ended; then, and
// when it refuses, there are no annotations.
export async function ask(url, fields = null) {
  const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";
  const body = fields && new URLSearchParams(fields);
  const keepalive = String(body).length < KEEPALIVE_MOST; // the page may be on its way out
  const post = { method: "POST", body, keepalive, headers: { "X-CSRFToken": token, ...openedBy() } };
  const answer = await fetch(url, { credentials: "same-origin", ...(body && post) }).catch(() => null);
  if (!answer || answer.redirected) return { status: answer ? 401 : 0, annotations: null };
  return { status: answer.status, annotations: answer.ok ? (await answer.json()).annotations : null };
}

// Whether the same may be taken a little later.
export const isPassing = (status) => status === 0 || status === 401 || status === 429 || status >= 500;

// `window` holds these now, in place of what it held before, and of those with the UIDs `instead`, whoever held them.
export function keepDrawn(url, { annotations, window, instead }) {
  return ask(url, { annotations: JSON.stringify(annotations), window, instead: JSON.stringify(instead) });
}
