// The viewer that stays: OHIF is started once, unseen, and turned to the next study from inside (ohif.md B4). It is seen
// only while every image in it belongs to the case of the page; when a turn fails, it is loaded anew.
import { Bridge } from "./bridge.js";
import { load } from "./loading.js";

const START_MS = 15_000; // until a frame that was begun can be turned
const TURN_MS = 12_000; // until a turn lists what the study holds
const IMAGE_MS = 30_000; // until its first image: a slow line is no faster in a new document
const NO_IMAGE_MS = 2_500; // a study that holds documents only draws none
const LOOK_MS = 40;

const keep = document.getElementById("viewer-keep");
const frame = document.getElementById("viewer");
const theBridge = frame ? new Bridge(frame) : null;
let turns = 0;
let begun = Boolean(frame?.getAttribute("src"));

export const bridge = () => theBridge;
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
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

function reveal(how) {
  keep.dataset.how = how;
  keep.dataset.state = "shown";
  document.dispatchEvent(new CustomEvent("viewer:shown", { detail: { how } }));
}

function place() {
  const box = slot()?.getBoundingClientRect();
  if (!box?.width) return;
  for (const side of ["left", "top", "width", "height"]) keep.style.setProperty(`--${side}`, `${box[side]}px`);
}

function images() {
  const engines = frame.contentWindow?.cornerstone?.getRenderingEngines() ?? [];
  return engines.flatMap((engine) => engine.getViewports()).map((one) => one.getCurrentImageId?.()).filter(Boolean);
}

const isOf = (studies, image) => studies.some((uid) => image.includes(`/studies/${uid}/`));

const sets = () => frame.contentWindow?.services?.displaySetService?.getActiveDisplaySets() ?? [];
const areSetsOf = (studies) => sets().every((set) => studies.includes(set.StudyInstanceUID));

// What OHIF lists beside the images is drawn a moment after them.
function settled({ requestAnimationFrame: next } = frame.contentWindow) {
  return Promise.race([new Promise((done) => next(() => next(done))), pause(100)]);
}

async function turnable() {
  for (const until = performance.now() + START_MS; performance.now() < until; await pause(LOOK_MS)) {
    if (frame.contentWindow?.commandsManager?.getCommand?.("navigateHistory")) return;
  }
  throw new Error("The viewer did not start.");
}

// Resolves when an image of these studies is drawn and no other one is there.
function firstImage(studies) {
  const inside = frame.contentDocument;
  const began = performance.now();
  let look = () => {};
  return new Promise((done, fail) => {
    look = () => {
      const found = images();
      const isDrawn = found.some((image) => isOf(studies, image));
      if (isDrawn && found.every((image) => isOf(studies, image)) && areSetsOf(studies)) done();
    };
    inside.addEventListener("CORNERSTONE_IMAGE_RENDERED", look, true);
    const watch = async () => {
      for (;; await pause(LOOK_MS)) {
        const hasTurned = sets().length > 0 && areSetsOf(studies);
        if (performance.now() > began + (hasTurned ? IMAGE_MS : TURN_MS)) break;
        if (frame.contentWindow.location.pathname.endsWith("/notfoundstudy")) break;
        const late = performance.now() > began + NO_IMAGE_MS;
        if (late && hasTurned && images().length === 0) return done();
      }
      return fail(new Error("The viewer did not turn."));
    };
    void watch();
  }).finally(() => inside.removeEventListener("CORNERSTONE_IMAGE_RENDERED", look, true));
}

async function turn(to) {
  hide();
  const mine = turns;
  let how = "inside";
  try {
    await turnable();
    if (mine !== turns) return;
    theBridge.forget(to.studies);
    theBridge.learn(to.protocol);
    const drawn = firstImage(to.studies);
    drawn.catch(() => {}); // told below, also when the command itself fails
    frame.contentWindow.commandsManager.runCommand("navigateHistory", { to: to.route, options: { replace: true } });
    await drawn;
    await settled();
  } catch (problem) {
    [how, keep.dataset.why] = ["fresh", problem.message];
    if (mine === turns) await load(frame, to.url);
  }
  if (mine === turns) reveal(how);
}

// The page shows another case, or none.
function follow() {
  place();
  const to = wanted();
  if (slot()) watcher.observe(slot());
  if (!to) return hide();
  if (begun && !frame.hidden) return void turn(to);
  begun = true;
  frame.hidden = false; // it was closed, as another patient's
  hide();
  const mine = turns;
  return void load(frame, to.url).then(() => mine === turns && reveal("fresh"));
}

function start() {
  if (begun) return;
  begun = true;
  frame.src = keep.dataset.start;
}

const watcher = new ResizeObserver(place);
if (frame) {
  for (const event of ["resize", "scroll"]) window.addEventListener(event, place, { passive: true, capture: true });
  for (const event of ["room:arrived", "screens:changed"]) document.addEventListener(event, follow);
  document.addEventListener("room:leaving", () => theBridge.rest());
  place();
  if (slot()) watcher.observe(slot());
  if (wanted()) reveal("fresh");
  else if (document.readyState === "complete") setTimeout(start, 0);
  else window.addEventListener("load", () => setTimeout(start, 0));
}
