// What was drawn in this window and in the image windows beside it, and not saved yet, is kept by the RIS, and offered
// again when the case is opened anew: a browser that dies takes nothing with it. Each report window writes down its own,
// and offers only what no other window holds any more; each drawing is drawn again in one of them.
import { channel, from } from "./channel.js";
import { answerAs, free } from "./draft-holders.js";
import { forget, send, sent } from "./draft-keeping.js";
import { ask, isOf, isPassing, ready, redraw, studies, unsaved } from "./drawn.js";
import { live } from "./screens.js";

const QUIET_MS = 1200;
const ASK_AGAIN_MS = 5000;
const SILENT_MS = 15_000; // a window that is only busy has its drawings still
const held = new Map(); // number of an image window to {page, task, annotations} that it holds
const given = new Map(); // UID to the number of the image window that was asked to draw it
const taken = new Set(); // UIDs that were drawn again under new ones
let holder = ""; // the name under which this window holds some: another one each time that a case comes
let timer = 0;
let asking = 0;
let known = ""; // the address whose drawings are known here
let isDropped = false; // what is drawn here was left out on purpose
let waiting = []; // of the RIS, or of a window that is gone: drawn again nowhere yet

const address = () => document.querySelector("[data-drawn]")?.dataset.drawn ?? "";
const taskId = () => document.getElementById("room")?.dataset.taskId;
const uids = (annotations) => annotations.map((one) => one.annotationUID);
const without = (annotations, those) => annotations.filter((one) => !those.includes(one.annotationUID));
const inWindows = () => [...held.values()].filter(({ task }) => task === taskId()).flatMap(({ annotations }) => annotations);

// Nothing is written before it is known what the RIS has: else it would be lost.
async function keep() {
  clearTimeout(timer);
  const url = address();
  if (!url || known !== url) return;
  const there = [...(isDropped ? [] : unsaved()), ...inWindows()];
  await send(url, { annotations: [...without(waiting, uids(there)), ...there], window: holder, instead: [...taken] }, later);
}

function later(wait = QUIET_MS) {
  clearTimeout(timer);
  timer = setTimeout(keep, wait);
}

// Another case, or the same anew: what the RIS has of it waits to be drawn.
async function restore() {
  const url = address();
  if (url === known) return;
  known = "";
  clearTimeout(asking);
  await sent();
  const { status, annotations } = url ? await ask(url) : { status: 404, annotations: null };
  if (annotations === null && isPassing(status)) asking = setTimeout(restore, ASK_AGAIN_MS);
  const unheld = annotations && (await free(url, annotations));
  const found = unheld && without(unheld, uids([...unsaved(), ...inWindows()]));
  if (!found || address() !== url || known === url) return;
  [known, waiting, isDropped, holder] = [url, found, false, `${from}-${performance.now()}`];
  forget();
  for (const one of [given, taken]) one.clear();
  if (found.length || unsaved().length || inWindows().length) later();
  await offer();
}

// In this window where the images stand here, else in the first image window that shows them.
async function offer() {
  if (!waiting.length) return;
  const url = known;
  const isHere = () => !live().length && known === url && address() === url;
  if (!isHere()) return channel.postMessage({ kind: "drafts-wait", from });
  if (!(await ready(isHere)) || !isHere()) return;
  const drawn = uids(redraw(waiting));
  for (const uid of drawn) taken.add(uid);
  waiting = without(waiting, drawn);
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
  if (task === taskId()) {
    waiting = without(waiting, [...instead, ...uids(annotations)]);
    for (const uid of instead) taken.add(uid);
  }
  if (before.length > annotations.length) void keep(); // saved: no draft any more
  else later();
}

function hand({ number, task, shows }) {
  if (task !== taskId() || known !== address()) return;
  const mine = waiting.filter(isOf(shows)).filter(({ annotationUID: uid }) => (given.get(uid) ?? number) === number);
  for (const uid of uids(mine)) given.set(uid, number);
  if (mine.length) channel.postMessage({ kind: "drafts", from, number, task, annotations: mine });
}

answerAs(() => ({ url: known, holder }));
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
document.addEventListener("session:back", keep);
