/* An addendum, a correction or a withdrawal is saved by itself, kept and joined as a report is (report-editor.js,
   report-kept.js, report-conflict.js, report-fields.js), and signed once all that stands in the page is saved. */
import "./report-conflict.js";
import { leave, pane, save, saved } from "./report-editor.js";
import "./report-fields.js";
import { forget } from "./report-kept.js";

const form = document.getElementById("report-form");
let passing = false;
let holding = false;

/* What a passkey is asked for, and what is signed, is what the server has. */
function hold(event, again) {
  if (passing) {
    passing = false;
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  if (holding) return;
  holding = true;
  void saved().then((done) => {
    holding = false;
    if (!done) return;
    passing = true;
    again();
  });
}

/* Before passkey-proof.js, which asks for the passkey. */
document.addEventListener("submit", (event) => {
  const { submitter, target } = event;
  if (target !== form) return;
  if (submitter?.name === "drop") {
    leave();
    forget();
  } else if (submitter?.name === "save") {
    event.preventDefault();
    event.stopImmediatePropagation();
    void save();
  } else hold(event, () => form.requestSubmit(submitter));
}, true);

document.addEventListener("click", (event) => {
  const pressed = event.target.closest?.("#report-form [data-passkey]");
  if (pressed) hold(event, () => pressed.click());
}, true);

/* A password, and what was looked at before signing, are for the signature alone. */
document.addEventListener("input", (event) => {
  if (event.target.closest?.("#report-form :is([data-proof], .doubts)")) event.stopImmediatePropagation();
}, true);
document.addEventListener("report:sending", ({ detail }) => {
  for (const { name } of form.querySelectorAll("[data-proof] input")) detail.delete(name);
});

document.addEventListener("report:saved", () => { delete pane().dataset.unsaved; });

/* The session ended: what was typed is kept sealed on this computer, and the patient leaves the screen (idle.js). */
document.addEventListener("poll:ended", (event) => {
  event.stopImmediatePropagation();
  leave();
}, true);

if (pane().dataset.unsaved !== undefined) form.dispatchEvent(new Event("input", { bubbles: true }));
