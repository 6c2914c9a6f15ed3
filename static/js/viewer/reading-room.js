// The reading room: OHIF in its frame, the report beside it, and what one tells the other. The page may come to hold
// another case, so nothing is looked up before it is needed.
import { bridge as theBridge } from "./alive.js";
import "./presets.js";
import { calm, follow, save, warn } from "./saving.js";
import { guardSession } from "./session.js";
import { divide } from "./split.js";

const KEYS = { KeyS: "#save-measurements", KeyN: "[data-room-next] button", KeyL: "[data-room-list]" };
const bridge = theBridge();
const room = () => document.getElementById("room");

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

// The report's pane learns first that images were closed as another patient's: then none of them stays on the screen.
function closeImages() {
  if (!document.querySelector("[data-images-closed]") || room()?.dataset.closed !== undefined) return;
  room().dataset.closed = "";
  bridge?.close();
  const button = document.getElementById("save-measurements");
  if (button) button.disabled = true;
  document.querySelector("#viewer-notice a").hidden = true;
  warn("The images were another patient's and are closed. Do not use what you saw; a technologist is looking into it.");
}

if (bridge) {
  follow(bridge);
  const end = guardSession(room, { warn, calm });
  bridge.on("unauthenticated", end);
  // The page would be left for the sign-in: what is drawn in it would go with it.
  document.addEventListener("poll:ended", (event) => {
    if (!event.detail.signedOut || event.defaultPrevented || !bridge.unsaved.size) return;
    event.preventDefault();
    end();
  });
  document.addEventListener("keydown", pressed);
  const listen = () => bridge.window.addEventListener("keydown", passOn, { capture: true });
  bridge.frame.addEventListener("load", listen);
  listen(); // it may be there already
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("#save-measurements")) void save(bridge);
  });
}
for (const event of ["poll:changed", "htmx:afterSettle"]) document.addEventListener(event, closeImages);
document.addEventListener("room:arrived", enter);
document.addEventListener("htmx:responseError", (event) => {
  const waiting = event.target.closest?.("#report")?.querySelector(".room__waiting");
  if (waiting) waiting.textContent = "The report could not be opened. Reload the page to try again.";
});
enter();
