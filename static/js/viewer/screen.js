// An image window beside the report window: it shows the case of that window, or nothing at all.
import { bridge } from "./alive.js";
import { save } from "./saving.js";
import { fetchInto } from "./shell.js";

const LOST_MS = 2500;
const LOOK_MS = 250;
const page = document.querySelector("[data-screen]");
const number = Number(page.dataset.screen);
const user = document.querySelector("meta[name=user]")?.content ?? "";
const channel = new BroadcastChannel(`isocenter-screens-${user}`);
const key = ({ task, compare }) => `${task}|${compare}`;
let master = null; // the report window that is followed, and when it spoke
let shown = "";
let coming = "";

// Nothing of a patient is seen while this window does not know that it is the right one.
function blank(isBlank) {
  document.body.toggleAttribute("data-unlinked", isBlank);
}

function tell(isLeaving = false) {
  if (!master) return;
  const isShown = !document.body.hasAttribute("data-unlinked") && document.getElementById("viewer-keep").dataset.state === "shown";
  const task = isShown ? shown.split("|")[0] : "";
  channel.postMessage({ kind: "screen", to: master.from, number, task, isShown, isLeaving, unsaved: bridge()?.unsaved.size ?? 0 });
}

async function turn(said) {
  const to = key(said);
  if (to === shown && !coming) return blank(!said.task);
  blank(true);
  if (coming === to) return undefined;
  coming = to;
  const query = new URLSearchParams({ task: said.task, compare: said.compare, windows: said.windows || 1 });
  const isThere = await fetchInto(`/viewer/screen/${number}/?${query}`).catch(() => false);
  if (coming !== to) return undefined;
  coming = "";
  shown = isThere ? to : "";
  return blank(!isThere || !said.task);
}

channel.addEventListener("message", ({ data }) => {
  if (data.kind === "save" && data.from === master?.from) void save(bridge());
  if (data.kind !== "case") return;
  const isFree = !master || performance.now() - master.at > LOST_MS;
  if (!isFree && master.from !== data.from) return; // a second report window: the first one is followed while it lives
  master = { from: data.from, at: performance.now() };
  void turn(data).then(() => tell());
});
setInterval(() => {
  if (master && performance.now() - master.at > LOST_MS) blank(true);
  const { screenX: left, screenY: top, outerWidth: width, outerHeight: height } = window;
  localStorage.setItem(`isocenter-screen-${number}`, JSON.stringify({ left, top, width, height }));
}, LOOK_MS);
document.addEventListener("viewer:shown", () => tell());
document.addEventListener("viewer:stored", () => master && channel.postMessage({ kind: "stored", to: master.from }));
window.addEventListener("pagehide", () => tell(true));
