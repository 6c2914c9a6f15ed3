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
let shown = "";
let coming = "";
let refusedAt = -AGAIN_MS;
let unshown = { to: "", at: 0 }; // what could not be fetched, and when that was tried

// How many image windows there are with this one, which the report window may not have counted yet.
const count = ({ windows }) => windows.filter((one) => one !== number).length + 1;

// What this window shows depends on the others where one of them may show the earlier exam.
function key(said) {
  return [said.task, said.compare, number === SECOND || said.compare ? count(said) : ""].join("|");
}

// Nothing of a patient is seen while this window does not know that it is the right one.
function blank(isBlank) {
  document.body.toggleAttribute("data-unlinked", isBlank);
}

const say = (message) => master && channel.postMessage({ to: master.from, number, ...message });

function tell(isLeaving = false) {
  if (!master) return;
  if (isLeaving) tellGone(say);
  else tellDrawn(say, master.from);
  const isShown = !document.body.hasAttribute("data-unlinked") && document.getElementById("viewer-keep").dataset.state === "shown";
  const task = isShown ? shown.split("|")[0] : "";
  say({ kind: "screen", task, isShown, isLeaving, unsaved: bridge()?.unsaved.size ?? 0 });
}

// The report window shows none of it any more: the session has ended there, or the images were another patient's.
function cover(why) {
  blank(true);
  if (why !== "closed") return;
  closeImages();
  shown = ""; // whatever comes then is fetched anew
}

// What was measured in the case that goes is in its study first; until it is, this window stays black.
async function isSettled() {
  if (!bridge()?.unsaved.size) return true;
  if (performance.now() < refusedAt + AGAIN_MS) return false;
  const isSaved = await save(bridge());
  refusedAt = isSaved ? -AGAIN_MS : performance.now();
  if (isSaved) withdrawOffer();
  else offerToLeaveOut("Measurements of the case before are not saved yet. This window stays black until they are.");
  return isSaved;
}

async function turn(said) {
  if (said.hidden) return cover(said.hidden);
  const to = key(said);
  if (to === shown && !coming) return blank(!said.task);
  blank(true);
  if (coming === to || (unshown.to === to && performance.now() < unshown.at + AGAIN_MS)) return undefined;
  coming = to;
  const isThere = (await isSettled()) && (await arrive(said, to));
  if (coming !== to) return undefined;
  coming = "";
  shown = isThere ? to : shown;
  return blank(!isThere || !said.task);
}

// A page that is refused is asked for again after a while, and this window says why it is black.
async function arrive(said, to) {
  shown = "";
  const query = new URLSearchParams({ task: said.task, compare: said.compare, windows: count(said) });
  const why = await fetchInto(`/viewer/screen/${number}/?${query}`).catch(() => "The server does not answer.");
  if (!why) return true;
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
    blank(true);
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
  if (master && performance.now() - master.at > LOST_MS) blank(true);
  const { screenX: left, screenY: top, innerWidth: width, innerHeight: height } = window; // as window.open takes them
  localStorage.setItem(`isocenter-screen-${number}`, JSON.stringify({ left, top, width, height }));
}, LOOK_MS);
document.addEventListener("viewer:shown", () => {
  tell();
  askForDrafts(say);
});
document.addEventListener("viewer:stored", () => {
  if (master?.task !== document.getElementById("room").dataset.task) void leaveOut();
  if (!bridge().unsaved.size) withdrawOffer();
  tell();
  say({ kind: "stored" });
});
document.addEventListener("viewer:left-out", () => tell());
window.addEventListener("pagehide", () => tell(true));
