// The reading room: OHIF in its frame, the report beside it, and what one tells the other.
import { Bridge } from "./bridge.js";
import { guardSession } from "./session.js";
import { divide } from "./split.js";

const room = document.getElementById("room");
const frame = document.getElementById("viewer");
const divider = document.getElementById("divider");
const report = document.getElementById("report");
const status = document.getElementById("viewer-status");
const saveButton = document.getElementById("save-measurements");
const notice = document.getElementById("viewer-notice");
// The RIS reads a stored object in the background: the report is asked again until it is there.
const ASK_AGAIN = [400, 1200, 2500, 5000, 9000, 15000];

function say(text, kind = "") {
  status.textContent = text;
  status.dataset.kind = kind;
}

function warn(text) {
  notice.querySelector("p").textContent = text;
  notice.hidden = false;
}

function calm() {
  notice.hidden = true;
}

function tellReport() {
  for (const wait of ASK_AGAIN) {
    setTimeout(() => window.htmx?.trigger(document.body, "object-stored"), wait);
  }
}

function count(bridge) {
  const waiting = bridge.unsaved.size;
  if (saveButton) saveButton.disabled = waiting === 0;
  if (waiting) say(waiting === 1 ? "1 measurement not saved" : `${waiting} measurements not saved`, "warn");
  else if (status.textContent.endsWith("not saved")) say("");
}

async function save(bridge) {
  saveButton.disabled = true;
  say("Saving the measurements…");
  try {
    await bridge.save();
  } catch {
    if (status.dataset.kind === "") refused();
  }
  saveButton.disabled = bridge.unsaved.size === 0;
}

function stored({ uids }) {
  if (uids.length) say(uids.length === 1 ? "1 measurement saved" : `${uids.length} measurements saved`, "good");
  else say("Saved", "good");
  if (room.dataset.blank === undefined) calm();
  tellReport();
}

function kept() {
  say("Kept here, not yet in the archive", "warn");
}

function refused() {
  say("Not saved", "bad");
  if (room.dataset.blank === undefined) {
    warn("The measurements were not saved. They are still in the viewer: please save again.");
  }
}

function connect(bridge) {
  for (const type of ["measurement-added", "measurement-updated", "measurement-removed", "measurement-loaded"]) {
    bridge.on(type, () => count(bridge));
  }
  for (const [type, tell] of Object.entries({ "object-stored": stored, "object-kept": kept, "object-refused": refused })) {
    bridge.on(type, (message) => {
      count(bridge);
      tell(message);
    });
  }
  bridge.on("unauthenticated", guardSession(room, { warn, calm }));
  saveButton?.addEventListener("click", () => save(bridge));
  const shortcut = (event) => {
    if (event.altKey && event.code === "KeyP") {
      event.preventDefault();
      document.getElementById("priors")?.togglePopover();
      return;
    }
    if (!event.altKey || event.code !== "KeyS" || !saveButton || saveButton.disabled) return;
    event.preventDefault();
    save(bridge);
  };
  document.addEventListener("keydown", shortcut);
  frame.addEventListener("load", () => frame.contentWindow.addEventListener("keydown", shortcut));
  window.addEventListener("beforeunload", (event) => {
    if (bridge.unsaved.size) event.preventDefault();
  });
}

if (localStorage.getItem("isocenter-theme") === "light") {
  for (const part of document.querySelectorAll(".room, .room-banner")) part.dataset.bsTheme = "light";
}
if (divider) divide(room, divider);
if (frame) connect(new Bridge(frame));
// The report's pane learns first that images were closed as another patient's: then none of them stays on the screen.
function closeImages() {
  if (!document.querySelector("[data-images-closed]") || room.dataset.closed !== undefined) return;
  room.dataset.closed = "";
  if (frame) {
    frame.src = "about:blank";
    frame.hidden = true;
  }
  if (saveButton) saveButton.disabled = true;
  notice.querySelector("a").hidden = true;
  warn("The images were another patient's and are closed. Do not use what you saw; a technologist is looking into it.");
}
for (const event of ["poll:changed", "htmx:afterSettle"]) document.addEventListener(event, closeImages);
report?.addEventListener("htmx:responseError", () => {
  const waiting = report.querySelector(".room__waiting");
  if (waiting) waiting.textContent = "The report could not be opened. Reload the page to try again.";
});
