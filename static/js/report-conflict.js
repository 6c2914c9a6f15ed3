/* Two texts of one report: a save that comes too late shows both, section by section, and loses neither. What is chosen or
   joined goes into the editor and is saved on top of the newer revision; until then nothing is sent. */
import { openedBy } from "./fresh-token.js";
import { toast } from "./htmx-setup.js";
import { pane, save, say } from "./report-editor.js";

const areas = () => document.querySelectorAll("#report-form textarea[data-section]");
const named = (name) => document.querySelector(`#report-form [name="${CSS.escape(name)}"]`);
const control = (kind, key) => named(`${kind}-${key}`) ?? named(key);
const ticked = ({ joiningCheck, value }) => document.querySelector(`#report-form [name="${joiningCheck}"][value="${CSS.escape(value)}"]`);
let under = new Map();

function dialog() {
  const found = document.getElementById("joining-dialog");
  if (found) return found;
  const made = document.createElement("dialog");
  made.className = "float joining-dialog";
  made.id = "joining-dialog";
  made.setAttribute("aria-labelledby", "joining-title");
  made.addEventListener("close", () => pane() && delete pane().dataset.joining);
  pane().append(made);
  return made;
}

/* What the page began from: the text as it came, or as it was last saved. */
function payload() {
  const data = new FormData(document.getElementById("report-form"));
  document.dispatchEvent(new CustomEvent("report:sending", { detail: data }));
  for (const area of areas()) {
    const key = area.name.replace("section-", "");
    if (pane().dataset.unsaved === undefined) data.set(`base-${key}`, area.dataset.saved ?? area.defaultValue);
  }
  return data;
}

async function open() {
  if (pane().dataset.joining !== undefined) return;
  pane().dataset.joining = "";
  const answer = await fetch(pane().dataset.joinUrl, { method: "POST", body: payload(), headers: openedBy() }).catch(() => null);
  if (!answer?.ok || answer.redirected) {
    delete pane().dataset.joining;
    toast("The draft was saved elsewhere, and the two texts could not be put side by side. Yours stays in this page.", "error");
    return;
  }
  const shown = dialog();
  shown.innerHTML = await answer.text();
  shown.showModal();
}

function joined(area) {
  return [area.dataset.saved.trimEnd(), area.dataset.mine.trimStart()].filter(Boolean).join("\n");
}

function take(button) {
  const area = button.closest(".joining__section").querySelector("textarea");
  area.value = button.dataset.joiningTake === "both" ? joined(area) : area.dataset[button.dataset.joiningTake];
  area.focus();
}

function putIn(form) {
  for (const area of form.querySelectorAll("[data-joining-section]")) {
    const target = control("section", area.dataset.joiningSection);
    if (target) target.value = area.value;
  }
  for (const choice of form.querySelectorAll("[data-joining-field]")) {
    if (choice.value !== "saved") continue;
    const key = choice.dataset.joiningField;
    const [value, unit] = [control("field", key), named(`unit-${key}`)];
    value.value = value.dataset.settled = choice.dataset.raw;
    if (unit) unit.value = unit.dataset.settled = choice.dataset.unit;
  }
  for (const choice of form.querySelectorAll("[data-joining-check]")) {
    if (choice.value === "saved") ticked(choice.dataset).checked = choice.dataset.saved === "true";
  }
}

async function finish(form) {
  putIn(form);
  pane().dataset.revision = form.dataset.revision;
  form.closest("dialog").close();
  delete pane().dataset.joining;
  if (await save()) document.querySelector("#report-form [data-section]")?.focus();
}

document.addEventListener("report:conflict", () => void open());

document.addEventListener("submit", (event) => {
  if (!event.target.matches?.("[data-joining-form]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  void finish(event.target);
}, { capture: true });

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-joining-take], [data-joining-later]");
  if (!button) return;
  if (button.dataset.joiningTake) return take(button);
  button.closest("dialog").close();
  say("Not saved: two texts wait to be joined. Press Ctrl+S to see them again.", "bad");
});

document.addEventListener("report:sending", (event) => {
  under = new Map([...event.detail].filter(([name]) => named(name)?.matches("textarea[data-section]")));
});

document.addEventListener("report:saved", () => {
  for (const area of areas()) if (under.has(area.name)) area.dataset.saved = under.get(area.name);
});
