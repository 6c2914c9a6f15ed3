/* Earlier reports beside the draft: Alt+E opens them, Copy puts a section under the one of the same name, with its source. */
import { writable } from "./report-editor.js";

const LAST = "findings";
let last = "";

const areas = () => [...document.querySelectorAll("#report-form textarea[data-section]")];
const alike = (one, other) => one.trim().toLowerCase() === other.trim().toLowerCase();

/* The section of that name; else where the writer was, else the findings, else the first. */
function target(title) {
  const all = areas();
  const where = (key) => all.find((area) => area.id === key);
  return all.find((area) => alike(area.dataset.title, title)) ?? where(last) ?? where(`section-${LAST}`) ?? all[0];
}

function copy(button) {
  const text = button.closest(".previous__section").querySelector(".previous__text").textContent.trim();
  const area = target(button.dataset.previousCopy);
  if (!area || !writable()) return;
  const before = area.value.trimEnd();
  const added = `${before ? `${before}\n` : ""}${button.dataset.previousSource}: ${text}`;
  area.focus();
  area.setSelectionRange(0, area.value.length);
  if (!document.execCommand("insertText", false, added)) {
    area.value = added;
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
  area.scrollIntoView({ block: "nearest" });
}

function toggle() {
  const all = document.getElementById("previous");
  if (!all) return;
  all.open = !all.open;
  if (all.open) all.querySelector("summary").focus();
  else (document.getElementById(last) ?? areas()[0])?.focus();
}

document.addEventListener("focusin", ({ target: now }) => {
  if (now.matches?.("#report-form textarea[data-section]")) last = now.id;
});

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-previous-copy]");
  if (button) copy(button);
});

document.addEventListener("keydown", (event) => {
  if (!event.altKey || event.code !== "KeyE" || !document.getElementById("previous")) return;
  event.preventDefault();
  toggle();
});
