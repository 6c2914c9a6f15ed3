// Measurements on their way from the viewer into the study, and what the bar over the images says of them.
// The RIS reads a stored object in the background: the report is asked again until it is there.
const ASK_AGAIN = [150, 400, 700, 1000, 1300, 1600, 2000, 2500, 3500, 5000, 9000, 15000];

let running = null; // the store that is under way: pressed once more, it would store the same once more

const part = (id) => document.getElementById(id);
const isBlank = () => part("room")?.dataset.blank !== undefined;
const isClosed = () => part("room")?.dataset.closed !== undefined;
const moment = () => new Promise((done) => setTimeout(done, 50));

export function say(text, kind = "") {
  const status = part("viewer-status");
  if (!status) return;
  status.textContent = text;
  status.dataset.kind = kind;
}

export function warn(text) {
  const notice = part("viewer-notice");
  if (!notice) return;
  notice.querySelector("p").textContent = text;
  notice.hidden = false;
}

export function calm() {
  const notice = part("viewer-notice");
  if (notice) notice.hidden = true;
}

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
  if (waiting) say(waiting === 1 ? "1 measurement not saved" : `${waiting} measurements not saved`, "warn");
  else if (part("viewer-status")?.textContent.endsWith("not saved")) say("");
}

// What was drawn on while it was stored is not saved as it looks now: that word stays.
function stored({ uids }, bridge) {
  if (bridge.unsaved.size) count(bridge);
  else if (uids.length) say(uids.length === 1 ? "1 measurement saved" : `${uids.length} measurements saved`, "good");
  else say("Saved", "good");
  if (!isBlank() && !bridge.unsaved.size) calm();
  changed();
}

// The report may stand in another window (screen.js).
function changed() {
  tellReport();
  document.dispatchEvent(new Event("viewer:stored"));
}

function kept() {
  say("Kept here, not yet in the archive", "warn");
  changed();
}

function refused() {
  say("Not saved", "bad");
  if (!isBlank()) warn("The measurements were not saved. They are still in the viewer: please save again.");
}

function numberless(bridge, left) {
  count(bridge);
  const those = left === 1 ? "1 measurement has no number yet and was" : `${left} measurements have no number yet and were`;
  if (!isBlank()) warn(`${those} not saved. Show the image on which it was drawn, then save again.`);
}

// The viewer's word of what became of it comes as a message, a moment after the store.
async function store(bridge) {
  say("Saving the measurements…");
  try {
    const left = await bridge.save();
    if (left) numberless(bridge, left);
  } catch {
    await moment();
    if (part("viewer-status")?.dataset.kind === "") refused();
    return false;
  }
  for (let left = 20; left && bridge.unsaved.size; left -= 1) await moment();
  return bridge.unsaved.size === 0;
}

// What was drawn while it ran waits for the next one.
function over(bridge) {
  running = null;
  allow(bridge);
  const kind = part("viewer-status")?.dataset.kind ?? "";
  if (bridge.unsaved.size && ["", "good"].includes(kind)) count(bridge);
}

// Whether everything is saved now. Asked for again meanwhile, it is the same store.
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
  dialog.showModal();
  await new Promise((done) => dialog.addEventListener("close", done, { once: true }));
  if (dialog.returnValue === "drop") {
    document.dispatchEvent(new Event("drawn:dropped"));
    return true;
  }
  return dialog.returnValue === "save" ? save(bridge) : false;
}

export function follow(bridge) {
  for (const type of ["measurement-added", "measurement-updated", "measurement-removed", "measurement-loaded"]) {
    bridge.on(type, () => running || count(bridge)); // while it is stored, the bar says so
  }
  for (const [type, tell] of Object.entries({ "object-stored": stored, "object-kept": kept, "object-refused": refused })) {
    bridge.on(type, (message) => {
      count(bridge);
      tell(message, bridge);
    });
  }
  document.addEventListener("room:leaving", (event) => event.detail.waitUntil(settle(bridge)));
  window.addEventListener("beforeunload", (event) => {
    if (bridge.unsaved.size) event.preventDefault();
  });
}
