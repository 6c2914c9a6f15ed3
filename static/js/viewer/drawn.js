// What was drawn and not saved yet is kept by the RIS as the viewer's own JSON, and drawn again when the case is opened
// anew: a browser that dies takes nothing with it.
import { openedBy } from "../fresh-token.js";
import { bridge } from "./alive.js";

const QUIET_MS = 1200;
const LOOK_MS = 500;
const LOOKS = 120;
const SOURCE = ["Cornerstone3DTools", "0.1"];
let timer = 0;
let sending = Promise.resolve(); // one after the other: the last one counts
let kept = "[]";
let drawnFor = "";

const address = () => document.querySelector("[data-drawn]")?.dataset.drawn ?? "";
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

function token() {
  return document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";
}

// What was drawn, without what was reckoned of it.
export function bare({ annotationUID, metadata, data }) {
  const { cachedStats: _stats, ...drawn } = data;
  return { annotationUID, metadata, data: drawn };
}

function annotation(inside, uid) {
  const found = inside.cornerstoneTools?.annotation.state.getAnnotation(uid);
  return found ? bare(found) : null;
}

// Only what was drawn on this case: the viewer may still show the one before.
function isOfThisCase(one) {
  const studies = document.getElementById("viewer-slot")?.dataset.studies?.split(",") ?? [];
  return studies.some((uid) => one?.metadata?.referencedImageId?.includes(`/studies/${uid}/`));
}

function unsaved(viewer) {
  return [...viewer.unsaved].map((uid) => annotation(viewer.window, uid)).filter(isOfThisCase);
}

async function keep() {
  const [viewer, url] = [bridge(), address()];
  if (!viewer?.window || !url || drawnFor !== url) return;
  const annotations = JSON.stringify(unsaved(viewer));
  if (annotations !== kept) await send(url, annotations);
}

function send(url, annotations) {
  const [before, body, headers] = [kept, new URLSearchParams({ annotations }), { "X-CSRFToken": token(), ...openedBy() }];
  kept = annotations;
  sending = sending.then(async () => {
    const answer = await fetch(url, { method: "POST", body, headers, credentials: "same-origin" }).catch(() => null);
    if ((!answer?.ok || answer.redirected) && kept === annotations) kept = before;
  });
  return sending;
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(keep, QUIET_MS);
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

async function ready(url) {
  for (let look = 0; look < LOOKS && address() === url; look += 1) {
    const inside = bridge()?.window;
    const engines = inside?.cornerstone?.getRenderingEngines?.() ?? [];
    const isDrawn = engines.some((engine) => engine.getViewports().some((one) => one.viewportStatus === "rendered"));
    if (isDrawn && inside.services?.measurementService) return inside;
    await pause(LOOK_MS);
  }
  return null;
}

async function restore() {
  const url = address();
  if (!url || url === drawnFor) return;
  drawnFor = url;
  kept = "[]";
  const answer = await fetch(url, { credentials: "same-origin" }).catch(() => null);
  const { annotations } = answer?.ok && !answer.redirected ? await answer.json() : { annotations: [] };
  if (!annotations.length) return;
  const inside = await ready(url);
  for (const one of inside ? annotations.filter(isOfThisCase) : []) bridge().expectDraft(draw(bridge(), one));
  kept = JSON.stringify(annotations);
  if (inside) document.dispatchEvent(new CustomEvent("viewer:restored", { detail: { count: annotations.length } }));
}

window.addEventListener("message", ({ origin, data }) => {
  if (origin !== location.origin || data?.source !== "ohif") return;
  // What the archive has is no draft any more, also when the case changes in the same moment.
  if (/^object-(stored|kept)/.test(data.type)) void keep();
  else if (data.type?.startsWith("measurement-")) later();
});
document.addEventListener("drawn:dropped", () => {
  const url = address();
  drawnFor = "";
  if (url && kept !== "[]") void send(url, "[]");
});
document.addEventListener("room:leaving", ({ detail }) => detail?.waitUntil?.(keep()));
for (const event of ["room:arrived", "htmx:afterSettle"]) document.addEventListener(event, restore);
