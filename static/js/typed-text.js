// What is typed into a form outlives an automatic sign-out: it is kept in this tab and offered again to the same person.
// Never passwords, codes or files. It goes when the form was taken, at a sign-out, with the tab, and when somebody else
// signs in, of which its writer is told later.
import { bury, forgetAll, tellOfGone } from "./typed-gone.js";
const USER = document.querySelector('meta[name="user"]')?.content ?? "";
const KEPT = "isocenter:typed:";
const OUT = "isocenter:signed-out";
const [LONGEST, QUIET, AGAIN] = [12 * 3600_000, 300, 5000];
const SKIPPED = new Set(["password", "hidden", "file", "submit", "button", "reset", "image"]);
const SECRET = /password|one-time-code|username/;
const CHECKS = new Set(["checkbox", "radio"]);
const waiting = new Map();

const fieldsOf = (form) => [...form.elements].filter((field) =>
  field.name && !SKIPPED.has(field.type) && field.tagName !== "BUTTON" && field.tagName !== "FIELDSET" && !SECRET.test(field.autocomplete));
// A report that is amended is kept sealed (report-kept.js), not plain.
const isKept = (form) => USER && form.method === "post" && !form.target && form.id !== "report-form";
const all = () => Object.keys(sessionStorage).filter((key) => key.startsWith(KEPT));
const read = (key) => { try { return JSON.parse(sessionStorage.getItem(key)); } catch { return null; } };

function write(key, entry) {
  try { sessionStorage.setItem(key, JSON.stringify(entry)); } catch { /* a browser that keeps nothing */ }
}

function keyOf(form) {
  const alike = [...document.forms].filter((other) => other.getAttribute("action") === form.getAttribute("action"));
  return `${KEPT}${USER}:${location.pathname}${location.search}#${form.getAttribute("action") ?? ""}#${alike.indexOf(form)}`;
}

function places(form) {
  const seen = {};
  return fieldsOf(form).map((field) => [field, field.name, (seen[field.name] = (seen[field.name] ?? -1) + 1)]);
}

// [name, place among those of that name, value]; of a check only whether it is set.
const valuesOf = (form) => places(form).map(([field, name, place]) => {
  if (CHECKS.has(field.type)) return [name, place, field.checked];
  return [name, place, field.multiple ? [...field.selectedOptions].map((option) => option.value) : field.value];
});

function isTyped(field) {
  if (CHECKS.has(field.type)) return field.checked !== field.defaultChecked;
  if (field.options) {
    const chosen = [...field.options].some((option) => option.defaultSelected);
    return [...field.options].some((option, place) => option.selected !== (chosen || field.multiple ? option.defaultSelected : place === 0));
  }
  return field.value !== field.defaultValue;
}

function keep(form) {
  clearTimeout(waiting.get(form));
  waiting.delete(form);
  if (fieldsOf(form).some(isTyped)) write(keyOf(form), { at: Date.now(), values: valuesOf(form) });
  else sessionStorage.removeItem(keyOf(form));
}

function putBack(form, values) {
  const fields = new Map(places(form).map(([field, name, place]) => [`${place} ${name}`, field]));
  for (const [name, place, value] of values) {
    const field = fields.get(`${place} ${name}`);
    if (!field) continue;
    if (CHECKS.has(field.type)) field.checked = value;
    else if (field.multiple && field.options) for (const option of field.options) option.selected = value.includes(option.value);
    else field.value = value;
    if (isTyped(field)) for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, { bubbles: true }));
  }
}

function button(words, kind, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = `btn btn-sm ${kind}`;
  made.textContent = words;
  made.addEventListener("click", act);
  return made;
}

function offer(form, key, entry) {
  const note = document.createElement("div");
  note.className = "alert alert-info d-flex flex-wrap gap-2 align-items-center";
  note.setAttribute("role", "status");
  const words = document.createElement("span");
  const at = new Date(entry.at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  words.textContent = `What you typed here at ${at} was not saved.`;
  const first = () => fieldsOf(form).find((field) => field.offsetParent)?.focus();
  note.append(words,
    button("Put it back", "btn-primary", () => { note.remove(); putBack(form, entry.values); first(); }),
    button("Discard it", "btn-secondary", () => { note.remove(); sessionStorage.removeItem(key); first(); }));
  form.before(note);
}

// Where the last form led: an answer below 400 on a page of a person took it; anything else did not.
function settle() {
  const [visit] = performance.getEntriesByType("navigation");
  const status = visit?.responseStatus || (document.querySelector(".field__errors, .alert-danger, [data-error-message]") ? 422 : 200);
  const taken = USER && status < 400 && visit?.type !== "back_forward";
  const out = Number(localStorage.getItem(OUT)) || 0;
  for (const key of all()) {
    const entry = read(key);
    const old = !entry || entry.at < out || Date.now() - entry.at > LONGEST;
    const others = USER && !key.startsWith(`${KEPT}${USER}:`);
    if (others && !old) bury(key, KEPT, entry.at);
    if (old || others || (entry.sent && taken)) sessionStorage.removeItem(key);
    else if (entry.sent) write(key, { ...entry, sent: false });
  }
  return status;
}

function offerAll(status) {
  for (const form of document.forms) {
    const entry = isKept(form) ? read(keyOf(form)) : null;
    if (!entry || status >= 400) continue;
    if (JSON.stringify(entry.values) === JSON.stringify(valuesOf(form))) continue;
    offer(form, keyOf(form), entry);
  }
}

document.addEventListener("input", ({ target }) => {
  const form = target.form;
  if (!form || !isKept(form)) return;
  clearTimeout(waiting.get(form));
  waiting.set(form, setTimeout(keep, QUIET, form));
});
addEventListener("pagehide", () => { for (const form of waiting.keys()) keep(form); });
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented) return;
  if (form.matches("[data-sign-out]")) {
    for (const key of all()) sessionStorage.removeItem(key);
    forgetAll();
    for (const timer of waiting.values()) clearTimeout(timer);
    waiting.clear();
    localStorage.setItem(OUT, String(Date.now()));
  } else if (form.elements.once && Date.now() - Number(form.dataset.sentAt ?? 0) < AGAIN) event.preventDefault();
  else if (isKept(form)) {
    form.dataset.sentAt = String(Date.now());
    keep(form);
    const entry = read(keyOf(form));
    if (entry) write(keyOf(form), { ...entry, sent: true });
  }
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const form = detail.elt.closest?.("form");
  if (form && detail.successful && isKept(form)) sessionStorage.removeItem(keyOf(form));
});
addEventListener("storage", ({ key }) => { if (key === OUT) for (const kept of all()) sessionStorage.removeItem(kept); });
addEventListener("pageshow", ({ persisted }) => { if (persisted) for (const form of document.forms) delete form.dataset.sentAt; });
offerAll(settle());
if (USER) tellOfGone(USER);
