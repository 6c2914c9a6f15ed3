// What was drawn in this window and in the image windows beside it, and not saved yet, is kept by the RIS, and offered
// again when the case is opened anew: a browser that dies takes nothing with it. This window alone writes it down, so
// that two windows never overwrite each other; each drawing is drawn again in one of them.
import { ask, isOf, keepDrawn, ready, redraw, studies, unsaved } from "./drawn.js";
import { channel, from, live } from "./screens.js";

const QUIET_MS = 1200;
const SILENT_MS = 15_000; // a window that is only busy has its drawings still
const held = new Map(); // number of an image window to {page, task, annotations} that it holds
const given = new Map(); // UID to the number of the image window that was asked to draw it
let timer = 0;
let sending = Promise.resolve(); // one after the other: the last one counts
let known = ""; // the address whose drawings are known here
let kept = "[]";
let isDropped = false; // what is drawn here was left out on purpose
let waiting = []; // of the RIS, or of a window that is gone: drawn again nowhere yet

const address = () => document.querySelector("[data-drawn]")?.dataset.drawn ?? "";
const taskId = () => document.getElementById("room")?.dataset.taskId;
const uids = (annotations) => annotations.map((one) => one.annotationUID);
const without = (annotations, taken) => annotations.filter((one) => !taken.includes(one.annotationUID));
const inWindows = () => [...held.values()].filter(({ task }) => task === taskId()).flatMap(({ annotations }) => annotations);

// Nothing is written before it is known what the RIS has: else it would be lost.
async function keep() {
  clearTimeout(timer);
  const url = address();
  if (!url || known !== url) return;
  const there = [...(isDropped ? [] : unsaved()), ...inWindows()];
  await send(url, [...without(waiting, uids(there)), ...there]);
}

function send(url, annotations) {
  const [before, text] = [kept, JSON.stringify(annotations)];
  if (text === kept) return sending;
  kept = text;
  sending = sending.then(async () => {
    const isKept = (await keepDrawn(url, annotations)) !== null;
    if (!isKept && known === url && kept === text) kept = before;
  });
  return sending;
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(keep, QUIET_MS);
}

// Another case, or the same anew: what the RIS has of it waits to be drawn.
async function restore() {
  const url = address();
  if (url === known) return;
  known = "";
  await sending;
  const found = url ? await ask(url) : null;
  if (found === null || address() !== url || known === url) return;
  [known, kept, waiting, isDropped] = [url, JSON.stringify(found), without(found, uids(inWindows())), false];
  given.clear();
  later();
  await offer();
}

// In this window where the images stand here, else in the first image window that shows them.
async function offer() {
  if (!waiting.length) return;
  const url = known;
  const isHere = () => !live().length && known === url && address() === url;
  if (!isHere()) return channel.postMessage({ kind: "drafts-wait", from });
  if (!(await ready(isHere)) || !isHere()) return;
  waiting = without(waiting, uids(redraw(waiting)));
}

// A window that is gone takes nothing with it: whatever it held waits again.
function giveUp(number, but = []) {
  const { task, annotations } = held.get(number) ?? {};
  held.delete(number);
  for (const [uid, holder] of given) if (holder === number) given.delete(uid);
  if (task === taskId()) waiting.push(...without(annotations ?? [], but));
}

function lookForSilent() {
  for (const number of [...held.keys()]) if (!live().includes(number)) giveUp(number);
  void offer();
}

function hear({ number, page, task, annotations, instead }) {
  if (held.has(number) && held.get(number).page !== page) giveUp(number, uids(annotations));
  const before = held.get(number)?.annotations ?? [];
  held.set(number, { page, task, annotations });
  if (task === taskId()) waiting = without(waiting, [...instead, ...uids(annotations)]);
  if (before.length > annotations.length) void keep(); // saved: no draft any more
  else later();
}

function hand({ number, task, shows }) {
  if (task !== taskId() || known !== address()) return;
  const free = waiting.filter(isOf(shows)).filter(({ annotationUID: uid }) => (given.get(uid) ?? number) === number);
  for (const uid of uids(free)) given.set(uid, number);
  if (free.length) channel.postMessage({ kind: "drafts", from, number, task, annotations: free });
}

channel.addEventListener("message", ({ data }) => {
  if (data.to !== from) return;
  if (data.kind === "drawn") hear(data);
  if (data.kind === "drawn-gone" && held.get(data.number)?.page === data.page) giveUp(data.number);
  if (data.kind === "drafts-ask") hand(data);
});
window.addEventListener("message", ({ origin, data }) => {
  if (origin !== location.origin || data?.source !== "ohif") return;
  // What the archive has is no draft any more, also when the case changes in the same moment.
  if (/^object-(stored|kept)/.test(data.type)) void keep();
  else if (data.type?.startsWith("measurement-")) later();
  if (data.type === "measurement-added") isDropped = false;
});
document.addEventListener("drawn:dropped", () => {
  isDropped = true;
  void keep();
});
document.addEventListener("room:leaving", ({ detail }) => detail?.waitUntil?.(keep()));
for (const event of ["room:arrived", "htmx:afterSettle"]) document.addEventListener(event, restore);
document.addEventListener("screens:changed", () => {
  setTimeout(lookForSilent, SILENT_MS);
  void offer();
});
document.addEventListener("viewer:shown", offer);
