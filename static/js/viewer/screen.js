// An image window beside the report window: it shows the case of that window, or nothing at all.
import { bridge } from "./alive.js";
import { closeImages } from "./reading-room.js";
import { save } from "./saving.js";
import { askForDrafts, drawDrafts, leaveOut, tellDrawn, tellGone } from "./screen-drafts.js";
import { offerToLeaveOut, withdrawOffer } from "./screen-left.js";
import { fetchInto } from "./shell.js";

const LOST_MS = 2500;
const LOOK_MS = 250;
const AGAIN_MS = 10_000;
const SECOND = 2; // the one that shows the earlier exam
const page = document.querySelector("[data-screen]");
const number = Number(page.dataset.screen);
const user = document.querySelector("meta[name=user]")?.content ?? "";
const channel = new BroadcastChannel(`isocenter-screens-${user}`);
let master = null; // the report window that is followed, its case, and when it spoke
let coming = "";
let asking = new AbortController(); // of the page that is coming
let settling = null;
let refusedAt = -AGAIN_MS;
let unshown = { to: "", at: 0 }; // what could not be fetched, and when that was tried

// How many image windows there are with this one, which the report window may not have counted yet.
const count = ({ windows }) => windows.filter((one) => one !== number).length + 1;

// What is shown is read from the page itself, and never remembered beside it: its case, and what it was fetched for.
const room = () => document.getElementById("room");
const taskHere = () => room().dataset.task ?? "";
const shown = () => room().dataset.shown ?? "";

// What this window shows depends on the others where one of them may show the earlier exam.
function key(said) {
  return [said.task, said.compare, number === SECOND || said.compare ? count(said) : ""].join("|");
}

// Nothing of a patient is seen while this window does not know that it is the right one.
function blank(isBlank) {
  document.body.toggleAttribute("data-unlinked", isBlank);
}

// What was asked for is not wanted any more, whenever it comes.
function stop() {
  asking.abort();
  coming = "";
  blank(true);
}

const say = (message) => master && channel.postMessage({ to: master.from, number, ...message });

function tell(isLeaving = false) {
  if (!master) return;
  if (isLeaving) tellGone(say);
  else tellDrawn(say, master.from);
  const isShown = !document.body.hasAttribute("data-unlinked") && document.getElementById("viewer-keep").dataset.state === "shown";
  say({ kind: "screen", task: isShown ? taskHere() : "", isShown, isLeaving, unsaved: bridge()?.unsaved.size ?? 0 });
}

// The report window shows none of it any more: the session has ended there, or the images were another patient's.
function cover(why) {
  stop();
  if (why !== "closed") return;
  closeImages();
  delete room().dataset.shown; // whatever comes then is fetched anew
}

// What was measured in the case that goes is in its study first; until it is, this window stays black.
async function settle() {
  if (!bridge()?.unsaved.size) return true;
  if (performance.now() < refusedAt + AGAIN_MS) return false;
  const isSaved = await save(bridge());
  refusedAt = isSaved ? -AGAIN_MS : performance.now();
  if (isSaved) withdrawOffer();
  else offerToLeaveOut("Measurements of the case before are not saved yet. This window stays black until they are.");
  return isSaved;
}

function isSettled() {
  settling ??= settle().finally(() => { settling = null; });
  return settling;
}

async function turn(said) {
  if (said.hidden) return cover(said.hidden);
  const to = key(said);
  if (to === shown() && !coming) return blank(!said.task);
  if (coming === to) return blank(true);
  stop();
  if (unshown.to === to && performance.now() < unshown.at + AGAIN_MS) return undefined;
  coming = to;
  asking = new AbortController();
  const { signal } = asking;
  const isThere = (await isSettled()) && !signal.aborted && (await arrive(said, to, signal));
  if (signal.aborted) return undefined;
  coming = "";
  return blank(!isThere || !said.task);
}

// A page that is refused is asked for again after a while, and this window says why it is black.
async function arrive(said, to, signal) {
  delete room().dataset.shown;
  const query = new URLSearchParams({ task: said.task, compare: said.compare, windows: count(said) });
  let why = await fetchInto(`/viewer/screen/${number}/?${query}`, signal).catch(() => "The server does not answer.");
  if (signal.aborted) return false;
  if (!why && taskHere() !== said.task) why = "The server answered with another one.";
  if (!why) {
    room().dataset.shown = to;
    return true;
  }
  unshown = { to, at: performance.now() };
  document.querySelector(".screen-waiting").textContent = `This window cannot show the case. ${why} It tries again by itself.`;
  return false;
}

async function saveAsAsked() {
  if (!(await save(bridge()))) offerToLeaveOut("Not all measurements of this window are saved.");
}

channel.addEventListener("message", ({ data }) => {
  if (data.kind === "save" && data.from === master?.from) void saveAsAsked();
  if (data.kind === "left" && data.from === master?.from) {
    master = null;
    stop();
  }
  if (data.kind === "drafts-wait" && data.from === master?.from) askForDrafts(say);
  if (data.kind === "drafts" && data.from === master?.from && data.number === number) void drawDrafts(say, master.from, data);
  if (data.kind !== "case") return;
  const isFree = !master || performance.now() - master.at > LOST_MS;
  if (!isFree && master.from !== data.from) return; // a second report window: the first one is followed while it lives
  master = { from: data.from, task: data.task, at: performance.now() };
  void turn(data).then(() => tell());
});
setInterval(() => {
  if (master && performance.now() - master.at > LOST_MS) stop();
  const { screenX: left, screenY: top, innerWidth: width, innerHeight: height } = window; // as window.open takes them
  localStorage.setItem(`isocenter-screen-${number}`, JSON.stringify({ left, top, width, height }));
}, LOOK_MS);
document.addEventListener("viewer:shown", () => {
  tell();
  askForDrafts(say);
});
document.addEventListener("viewer:stored", () => {
  if (master?.task !== room().dataset.task) void leaveOut();
  if (!bridge().unsaved.size) withdrawOffer();
  tell();
  say({ kind: "stored" });
});
document.addEventListener("viewer:left-out", () => tell());
window.addEventListener("pagehide", () => tell(true));
