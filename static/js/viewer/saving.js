// Measurements on their way from the viewer into the study, and what the bar over the images says of them.
// The RIS reads a stored object in the background: the report is asked again until it is there.
import { toast } from "../htmx-setup.js";
import { calm, isBlank, isClosed, named, part, say, warn } from "./notices.js";

const ASK_AGAIN = [150, 400, 700, 1000, 1300, 1600, 2000, 2500, 3500, 5000, 9000, 15000];
const KEPT = "Kept here, not yet in the archive";
const NOT_YOURS = 403;

let running = null; // the store that is under way: pressed once more, it would store the same once more
let isDropping = false; // what is unsaved is left out, if the page really goes
let answers = []; // what became of each study's report while it runs, as OHIF's store tells it

const moment = () => new Promise((done) => setTimeout(done, 50));
const counted = (count) => (count === 1 ? "1 measurement" : `${count} measurements`);
const askFor = (id) => document.dispatchEvent(new CustomEvent("poll:now", { detail: id }));

export function tellReport() {
  askFor("beside");
  for (const wait of ASK_AGAIN) setTimeout(() => askFor("numbers"), wait);
}

function allow(bridge) {
  const button = part("save-measurements");
  if (button) button.disabled = running !== null || isClosed() || bridge.unsaved.size === 0;
}

function count(bridge) {
  const waiting = bridge.unsaved.size;
  allow(bridge);
  if (waiting) say(`${counted(waiting)} not saved`, "warn");
  else if (part("viewer-status")?.textContent.endsWith("not saved")) say("");
}

// The report may stand in another window (screen.js).
function changed() {
  tellReport();
  document.dispatchEvent(new Event("viewer:stored"));
}

// The words for what the archive took and what is kept here instead; empty for neither.
function taken(saved, kept) {
  if (kept) return saved ? `${counted(saved)} saved, ${kept} kept here, not yet in the archive` : KEPT;
  return saved ? `${counted(saved)} saved` : "";
}

// Of several studies one may refuse: which, and whether it is of use to try again.
function refused(bridge, refusals) {
  if (isBlank()) return;
  const exams = named(bridge.studiesOf(refusals.flatMap(({ uids }) => uids)));
  const isFinal = refusals.length > 0 && refusals.every(({ status }) => status === NOT_YOURS);
  const advice = isFinal ? "you may not store into that exam. Delete it, or leave it out when you go on." : "please save again.";
  warn(`What you drew${exams && ` on ${exams}`} was not saved. It is still in the viewer: ${advice}`);
}

function numberless(left) {
  const those = left === 1 ? "1 measurement has no number yet and was" : `${left} measurements have no number yet and were`;
  if (!isBlank()) warn(`${those} not saved. Show the image on which it was drawn, then save again.`);
}

// One word for all that a press of the button sent. What was drawn on while it was stored is not saved as it looks now.
function conclude(bridge, tries, left) {
  const of = (type) => answers.filter((one) => one.type === type);
  const [saved, kept] = ["object-stored", "object-kept"].map((type) => of(type).flatMap(({ uids }) => uids).length);
  const refusals = of("object-refused");
  const isRefused = answers.length - refusals.length < tries.length; // also what failed before it was sent
  if (isRefused && !saved && !kept) say("Not saved", "bad");
  else if (bridge.unsaved.size) count(bridge);
  else say(taken(saved, kept), kept ? "warn" : "good");
  if (isRefused) refused(bridge, refusals);
  else if (left) numberless(left);
  else if (!isBlank() && !bridge.unsaved.size) calm();
}

// The viewer's word of what became of each comes as a message, a moment after the store.
async function store(bridge) {
  say("Saving the measurements…");
  answers = [];
  const said = await bridge.save().catch(() => ({ taken: [false], numberless: 0 })); // the viewer itself failed
  for (let left = 20; left && answers.length < said.taken.length; left -= 1) await moment();
  conclude(bridge, said.taken, said.numberless);
  return bridge.unsaved.size === 0;
}

// What was drawn while it ran waits for the next one.
function over(bridge) {
  running = null;
  allow(bridge);
  const kind = part("viewer-status")?.dataset.kind ?? "";
  if (bridge.unsaved.size && kind !== "bad") count(bridge);
}

// Whether nothing is left unsaved now: the archive has it, or it is kept here. Asked for again meanwhile, it is the same store.
export function save(bridge) {
  running ??= store(bridge).finally(() => over(bridge));
  allow(bridge);
  return running;
}

// Before the case changes: what was measured is saved, left out on purpose, or the reader stays.
async function settle(bridge) {
  const dialog = part("unsaved-dialog");
  if (!bridge.unsaved.size || !dialog) return true;
  dialog.returnValue = "stay";
  dialog.querySelector("[value=save]").hidden = part("save-measurements") === null; // no study here takes any
  dialog.showModal();
  await new Promise((done) => dialog.addEventListener("close", done, { once: true }));
  isDropping = dialog.returnValue === "drop";
  if (isDropping) return true;
  if (dialog.returnValue !== "save" || !(await save(bridge))) return false;
  if (answers.some(({ type }) => type === "object-kept")) toast("The archive does not answer. The measurements are kept here and stored later.");
  return true;
}

function leaveOut(bridge) {
  if (!isDropping) return;
  document.dispatchEvent(new Event("drawn:dropped"));
  bridge.leaveOut();
}

// An object that a press of the button sent waits for the word of all; another was sent from OHIF's own menus.
function tell(message, bridge) {
  const { type, uids } = message;
  if (type !== "object-refused") changed();
  if (running && uids.length) return answers.push(message);
  count(bridge);
  if (type === "object-refused") {
    say("Not saved", "bad");
    return refused(bridge, [message]);
  }
  if (!bridge.unsaved.size) say(type === "object-kept" ? KEPT : taken(uids.length, 0) || "Saved", type === "object-kept" ? "warn" : "good");
  return type === "object-stored" && !isBlank() && !bridge.unsaved.size && calm();
}

export function follow(bridge) {
  for (const type of ["measurement-added", "measurement-updated", "measurement-removed", "measurement-loaded"]) {
    bridge.on(type, () => running || count(bridge)); // while it is stored, the bar says so
  }
  for (const type of ["object-stored", "object-kept", "object-refused"]) bridge.on(type, (message) => tell(message, bridge));
  document.addEventListener("room:leaving", (event) => event.detail.ask(() => settle(bridge)));
  document.addEventListener("room:going", () => leaveOut(bridge));
  document.addEventListener("room:stayed", () => { isDropping = false; });
  window.addEventListener("beforeunload", (event) => {
    if (bridge.unsaved.size) event.preventDefault();
  });
}
