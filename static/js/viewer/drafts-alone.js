// Where images stand without a report: what is drawn and not saved yet is kept with the case by the RIS, and drawn again
// when its images are opened anew, here or in the reading room.
import { from } from "./channel.js";
import { answerAs, free } from "./draft-holders.js";
import { send } from "./draft-keeping.js";
import { ask, isPassing, ready, redraw, unsaved } from "./drawn.js";

const QUIET_MS = 1200;
const ASK_AGAIN_MS = 5000;
const url = document.getElementById("room")?.dataset.drawnUrl ?? "";
const holder = `${from}-alone`;
const taken = new Set(); // UIDs that were drawn again under new ones
let known = false; // what the RIS has: before that nothing is written over it
let waiting = []; // drawn again not yet
let isDropped = false; // what is drawn here was left out on purpose
let timer = 0;

const uids = (annotations) => annotations.map((one) => one.annotationUID);
const without = (annotations, those) => annotations.filter((one) => !those.includes(one.annotationUID));

async function keep() {
  clearTimeout(timer);
  if (!known) return;
  const there = isDropped ? [] : unsaved();
  await send(url, { annotations: [...without(waiting, uids(there)), ...there], window: holder, instead: [...taken] }, later);
}

function later(wait = QUIET_MS) {
  clearTimeout(timer);
  timer = setTimeout(keep, wait);
}

async function restore() {
  const { status, annotations } = await ask(url);
  if (annotations === null) return void (isPassing(status) && setTimeout(restore, ASK_AGAIN_MS));
  waiting = without(await free(url, annotations), uids(unsaved()));
  known = true;
  if (waiting.length || unsaved().length) later();
  if (!waiting.length || !(await ready(() => true))) return;
  const drawn = uids(redraw(waiting));
  for (const uid of drawn) taken.add(uid);
  waiting = without(waiting, drawn);
}

if (url) {
  answerAs(() => ({ url, holder }));
  window.addEventListener("message", ({ origin, data }) => {
    if (origin !== location.origin || data?.source !== "ohif") return;
    if (/^object-(stored|kept)/.test(data.type)) void keep();
    else if (data.type?.startsWith("measurement-")) later();
    if (data.type === "measurement-added") isDropped = false;
  });
  document.addEventListener("drawn:dropped", () => {
    isDropped = true;
    void keep();
  });
  document.addEventListener("session:back", keep);
  void restore();
}
