// The reading room: OHIF in its frame, the report beside it, and what one tells the other. The page may come to hold
// another case, so nothing is looked up before it is needed.
import { bridge as theBridge } from "./alive.js";
import "./presets.js";
import { calm, warn } from "./notices.js";
import { isPainted } from "./painting.js";
import { follow, save } from "./saving.js";
import { guardSession } from "./session.js";
import { divide } from "./split.js";

const KEYS = { KeyS: "#save-measurements", KeyN: "[data-room-next] button", KeyL: "[data-room-list]" };
const WRITTEN = "#report-pane[data-writable=true]"; // a report that its reader may be in the middle of
const bridge = theBridge();
const room = () => document.getElementById("room");
const isUnsaved = () => bridge.unsaved.size > 0;
const isHeld = () => isUnsaved() || isPainted() || document.querySelector(WRITTEN) !== null;

function pressed(event) {
  if (!event.altKey || !room()) return;
  if (event.code === "KeyP") document.getElementById("priors")?.togglePopover();
  else if (event.code in KEYS) document.querySelector(KEYS[event.code])?.click();
  else return;
  event.preventDefault();
}

// Whoever looks at images has the keyboard in the frame: keys of the page are the page's there too, from any part of it.
function passOn(event) {
  const { key, code, altKey, ctrlKey, metaKey, shiftKey } = event;
  if (!(altKey && !ctrlKey) && !((ctrlKey || metaKey) && key === "Enter")) return;
  const again = new KeyboardEvent("keydown", { key, code, altKey, ctrlKey, metaKey, shiftKey, bubbles: true, cancelable: true });
  if (document.body.dispatchEvent(again)) return;
  event.preventDefault();
  event.stopPropagation();
}

function enter() {
  if (!room()) return;
  if (localStorage.getItem("isocenter-theme") === "light") {
    for (const part of document.querySelectorAll(".room, .room-banner")) part.dataset.bsTheme = "light";
  }
  const divider = document.getElementById("divider");
  if (divider) divide(room(), divider);
}

// No image of this page stays on the screen.
function shut(words) {
  if (room()?.dataset.closed !== undefined) return;
  room().dataset.closed = "";
  bridge?.close();
  const button = document.getElementById("save-measurements");
  if (button) button.disabled = true;
  document.querySelector("#viewer-notice a").hidden = true;
  warn(words);
}

export function closeImages() {
  shut("The images were another patient's and are closed. Do not use what you saw; a technologist is looking into it.");
}

// The report's pane learns first that images were closed as another patient's. What the page was opened with after that
// are those that are left.
function lookForClosed() {
  const closedAt = document.querySelector("[data-images-closed]")?.dataset.imagesClosed;
  if (closedAt !== undefined && closedAt !== document.getElementById("viewer-slot")?.dataset.closedAt) closeImages();
}

// The page would be left for the sign-in, and what is drawn in it would go with it; an image window comes back by itself.
function over(event, end) {
  const isScreen = document.querySelector("[data-screen]") !== null;
  if (!event.detail.signedOut) {
    if (!isScreen) return;
    event.preventDefault();
    return shut("These images are not open to you any more.");
  }
  if (isScreen || isUnsaved() || isPainted()) event.preventDefault();
  queueMicrotask(() => event.defaultPrevented && end()); // whoever else holds something has said so by then
}

if (bridge) {
  follow(bridge);
  const end = guardSession(room, { warn, calm, isUnsaved, isPainted, isHeld });
  bridge.on("unauthenticated", end);
  document.addEventListener("poll:ended", (event) => over(event, end));
  document.addEventListener("keydown", pressed);
  const listen = () => bridge.window?.addEventListener("keydown", passOn, { capture: true });
  bridge.frame.addEventListener("load", listen);
  listen(); // it may be there already
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("#save-measurements")) void save(bridge);
  });
}
for (const event of ["poll:changed", "htmx:afterSettle"]) document.addEventListener(event, lookForClosed);
document.addEventListener("room:arrived", enter);
document.addEventListener("htmx:responseError", (event) => {
  const waiting = event.target.closest?.("#report")?.querySelector(".room__waiting");
  if (waiting) waiting.textContent = "The report could not be opened. Reload the page to try again.";
});
enter();
