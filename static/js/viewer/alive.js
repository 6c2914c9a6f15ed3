// The viewer that stays: OHIF is started once, unseen, and turned to the next study from inside (ohif.md B4). It is seen
// only while every image in it belongs to the case of the page; when a turn fails, it is loaded anew.
import { Bridge } from "./bridge.js";
import { isTurnable, navigate, pause, veil } from "./drawing.js";
import { begin, drop, granted, isBegun, take } from "./early.js";
import { learn } from "./hanging.js";
import { load } from "./loading.js";

const START_MS = 15_000; // until a frame that was begun can be turned
const LOOK_MS = 40;

const keep = document.getElementById("viewer-keep");
const frame = document.getElementById("viewer");
const theBridge = frame ? new Bridge(frame) : null;
let turns = 0;
let current = ""; // the route of what is drawn, whether it is seen or not
let begun = Boolean(frame?.getAttribute("src"));

export const bridge = () => theBridge;
const slot = () => document.getElementById("viewer-slot");

function wanted() {
  const found = slot()?.dataset;
  if (document.documentElement.dataset.screens) return null; // the images stand in windows of their own
  return found?.url ? { ...found, studies: found.studies.split(",") } : null;
}

export function hide() {
  turns += 1;
  keep.dataset.state = "hidden";
}

function reveal(how, { route }) {
  [keep.dataset.how, current] = [how, route];
  keep.dataset.state = "shown";
  document.dispatchEvent(new CustomEvent("viewer:shown", { detail: { how } }));
}

function place() {
  const box = slot()?.getBoundingClientRect();
  if (!box?.width) return;
  for (const side of ["left", "top", "width", "height"]) keep.style.setProperty(`--${side}`, `${box[side]}px`);
}

async function turnable() {
  for (const until = performance.now() + START_MS; performance.now() < until; await pause(LOOK_MS)) {
    if (isTurnable(frame)) return;
    if (!theBridge.window) break; // the browser's own page of an error
  }
  throw new Error("The viewer did not start.");
}

async function turn(to) {
  const early = take(theBridge, to);
  hide();
  const mine = turns;
  let how = "inside";
  try {
    await turnable();
    if (mine !== turns) return;
    learn(theBridge.window, to.protocol);
    await (early?.drawn ?? navigate(theBridge, to));
    veil(frame);
  } catch (problem) {
    [how, keep.dataset.why] = ["fresh", problem.message];
    if (mine === turns) await load(frame, to.url);
  }
  if (mine === turns) reveal(how, to);
}

// A case was asked for: what the server says of it is not waited for, but nothing of it is asked before either.
function coming({ detail: hint }) {
  if (!begun || frame.hidden || document.documentElement.dataset.screens) return;
  hide();
  current = "";
  begin(theBridge, hint);
}

// The page shows another case, or none.
function follow() {
  place();
  const to = wanted();
  current = "";
  if (slot()) watcher.observe(slot());
  if (!to) {
    drop(theBridge);
    return hide();
  }
  if (begun && !frame.hidden) return void turn(to);
  begun = true;
  frame.hidden = false; // it was closed, as another patient's
  hide();
  const mine = turns;
  return void load(frame, to.url).then(() => mine === turns && reveal("fresh", to));
}

// Image windows were opened or closed: what was drawn on the case here is neither loaded anew nor lost on it.
function share() {
  const to = wanted();
  if (!to && current) return hide();
  if (!to || to.route !== current || frame.hidden) return follow();
  place();
  return reveal(keep.dataset.how, to);
}

function start() {
  if (begun) return;
  begun = true;
  frame.src = keep.dataset.start;
}

const watcher = new ResizeObserver(place);
if (frame) {
  for (const event of ["resize", "scroll"]) window.addEventListener(event, place, { passive: true, capture: true });
  document.addEventListener("room:arrived", follow);
  document.addEventListener("screens:changed", share);
  document.addEventListener("room:leaving", () => theBridge.rest());
  document.addEventListener("room:coming", coming);
  document.addEventListener("room:granted", ({ detail }) => granted(detail.pathname));
  document.addEventListener("room:stayed", () => isBegun() && follow());
  place();
  if (slot()) watcher.observe(slot());
  if (wanted()) reveal("fresh", wanted());
  else if (document.readyState === "complete") setTimeout(start, 0);
  else window.addEventListener("load", () => setTimeout(start, 0));
}
