// Two and three monitors: the report stays here, the images stand in windows of their own, and all of them turn together.
import { toast } from "../htmx-setup.js";
import { channel, from } from "./channel.js";
import { tellReport } from "./saving.js";

const BEAT_MS = 700;
const GONE_MS = 2500;
const SAVE_MS = 8000;
const ANSWER_MS = 1500;
const COUNT = 2;
const heard = new Map(); // number to what the window said last, and when
const room = () => document.getElementById("room");
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

export function live() {
  for (const [number, said] of heard) if (performance.now() - said.at > GONE_MS) heard.delete(number);
  return [...heard.keys()].sort();
}

// Whatever this window does not show any more, no other window does.
function hidden({ closed, blank } = {}) {
  if (closed !== undefined) return "closed";
  return blank === undefined ? "" : "blank";
}

function beat() {
  const { taskId = "", user: reader = "" } = room()?.dataset ?? {};
  const compare = new URLSearchParams(location.search).get("compare") ?? "";
  channel.postMessage({ kind: "case", from, task: taskId, reader, compare, windows: live(), hidden: hidden(room()?.dataset) });
}

function words(number) {
  const said = heard.get(number);
  if (!said) return `Open image window ${number}`;
  return said.task === room()?.dataset.taskId && said.isShown ? `Image window ${number}: shown` : `Image window ${number}: turning…`;
}

function draw() {
  const count = live().length;
  const html = document.documentElement;
  if (Number(html.dataset.screens ?? 0) !== count) {
    if (count) html.dataset.screens = count;
    else delete html.dataset.screens;
    document.dispatchEvent(new CustomEvent("screens:changed"));
  }
  for (const button of document.querySelectorAll("[data-screen-open]")) {
    button.textContent = words(Number(button.dataset.screenOpen));
  }
}

// Where the window stood on this workstation the last time; else on another monitor, when the browser tells of them.
async function place(number) {
  const kept = JSON.parse(localStorage.getItem(`isocenter-screen-${number}`) ?? "null");
  if (kept) return kept;
  const details = await window.getScreenDetails?.().catch(() => null);
  const other = details?.screens.filter((one) => one !== details.currentScreen)[number - 1];
  const at = other ?? window.screen;
  return { left: at.availLeft ?? 0, top: at.availTop ?? 0, width: at.availWidth, height: at.availHeight };
}

async function open(number) {
  const box = await place(number);
  const features = Object.entries(box).map(([name, value]) => `${name}=${Math.round(value)}`).join(",");
  const opened = window.open(`/viewer/screen/${number}/`, `isocenter-screen-${number}`, `popup,${features}`);
  if (!opened) toast("The browser did not open the window. Allow pop-up windows for this address.", "error");
  else opened.focus();
}

// What a window said last may be older than what was drawn in it a moment ago.
async function askAgain() {
  const asked = performance.now();
  beat();
  while (performance.now() < asked + ANSWER_MS && live().some((number) => heard.get(number).at < asked)) await pause(10);
}

// What was measured in the windows goes into the study before the case changes.
async function settle() {
  await askAgain();
  const unsaved = () => live().some((number) => heard.get(number).unsaved > 0);
  if (!unsaved()) return true;
  channel.postMessage({ kind: "save", from });
  for (const until = performance.now() + SAVE_MS; performance.now() < until; await pause(100)) if (!unsaved()) return true;
  toast("Measurements in an image window are not saved. Look there first.", "error");
  return false;
}

channel.addEventListener("message", ({ data }) => {
  if (data.kind === "stored" && data.to === from) tellReport();
  if (data.kind !== "screen" || !room() || data.to !== from) return;
  if (data.isLeaving) heard.delete(data.number);
  else heard.set(data.number, { ...data, at: performance.now() });
  draw();
});
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-screen-open]");
  if (button && Number(button.dataset.screenOpen) <= COUNT) void open(Number(button.dataset.screenOpen));
});
document.addEventListener("room:leaving", (event) => event.detail.waitUntil(settle()));
document.addEventListener("room:arrived", () => {
  beat();
  draw();
});
new MutationObserver(beat).observe(document.body, { subtree: true, attributeFilter: ["data-closed", "data-blank"] });
window.addEventListener("pagehide", () => channel.postMessage({ kind: "left", from }));
setInterval(() => {
  beat();
  draw();
}, BEAT_MS);
beat();
draw();
