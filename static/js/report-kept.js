/* What is typed into a report and not saved yet is also kept on this computer, less than half a second behind the keys: a
   browser that dies, a closed tab or a lost network takes nothing with it, and the text is offered when the report is opened
   again. It is sealed with a key that the server gives to this person only; without a secure page there is no sealing, and
   then it stays in this tab, as other forms do, and goes when somebody signs out (typed-text.js). */
import { HERE, isRunning, othersAlive } from "./kept-pages.js";
import { pane, say, writable } from "./report-editor.js";
import { bytes, opened, sealed as sealedBytes } from "./sealing.js";

const EVERY = 400;
const LONGEST = 7 * 24 * 3600_000;
const USER = document.querySelector('meta[name="user"]')?.content ?? "";
const sealed = Boolean(globalThis.crypto?.subtle);
const store = sealed ? localStorage : sessionStorage;
const form = () => document.getElementById("report-form");
const place = () => `${sealed ? "isocenter:report:" : "isocenter:typed:"}${USER}:report-${pane().dataset.report}:`;
let timer = 0;
let sent = "";

const letters = (array) => btoa(Array.from(new Uint8Array(array), (one) => String.fromCharCode(one)).join(""));
const TYPED = /^((section|field|unit|text)-|(reason|caller|called_at|left_out|key_images)$)/;
const boxes = () => [...form().querySelectorAll("input[type=checkbox]")].filter(({ name }) => TYPED.test(name));
const ticks = () => boxes().map((one) => [`${one.name}=${one.value}`, one.checked ? "ticked" : ""]);
const isTicked = ([name]) => boxes().some((one) => one.name === name);
const entries = () => [...[...new FormData(form())].filter((one) => TYPED.test(one[0]) && !isTicked(one)), ...ticks()];
const bases = () => Object.fromEntries([...form().querySelectorAll("textarea[data-section]")].map((area) => [area.name, area.dataset.saved ?? area.defaultValue]));

async function seal(record, secret) {
  if (!sealed) return { plain: record };
  const { iv, data } = await sealedBytes(new TextEncoder().encode(JSON.stringify(record)), secret);
  return { iv: letters(iv), data: letters(data) };
}

async function unseal(entry) {
  if (!sealed) return entry.plain;
  const data = await opened({ iv: bytes(entry.iv), data: bytes(entry.data) }, pane().dataset.keepKey);
  return JSON.parse(new TextDecoder().decode(data));
}

async function keep() {
  window.clearTimeout(timer);
  timer = 0;
  if (!pane() || !writable() || !USER) return;
  const [name, at] = [`${place()}${HERE}`, Date.now()];
  const { revision, origin } = pane().dataset;
  const record = { revision, origin, entries: entries(), bases: bases() };
  const held = await seal(record, pane().dataset.keepKey);
  if (JSON.stringify(record.entries) === sent) return; // It was saved while it was sealed.
  try { store.setItem(name, JSON.stringify({ at, ...held })); } catch { say("Typing… (nothing can be kept on this computer)"); }
}

document.addEventListener("input", (event) => {
  if (!event.target.closest?.("#report-form") || !writable()) return;
  sent = "";
  timer ||= window.setTimeout(keep, EVERY);
});
document.addEventListener("visibilitychange", () => { if (document.hidden && timer) void keep(); });

let sending = "";
document.addEventListener("report:sending", () => { sending = JSON.stringify(entries()); });
document.addEventListener("report:saved", () => {
  if (JSON.stringify(entries()) !== sending) return;
  sent = sending;
  window.clearTimeout(timer);
  timer = 0;
  store.removeItem(`${place()}${HERE}`);
});

const box = (name) => boxes().find((one) => `${one.name}=${one.value}` === name);
const control = (name) => box(name) ?? form().elements.namedItem(name);
const holds = (field) => (field.type === "checkbox" ? (field.checked ? "ticked" : "") : field.value);
const differs = ([name, value]) => (control(name) ? holds(control(name)) !== value : value.trim() !== "");
const words = ([name, value]) => (box(name) ? `${box(name).labels[0].textContent.trim()}: ${value || "not ticked"}` : value);

function button(label, kind, act) {
  const made = Object.assign(document.createElement("button"), { type: "button", className: `btn btn-sm ${kind}`, textContent: label });
  made.addEventListener("click", act);
  return made;
}

/* The page goes back to where that text was: a newer revision on the server shows both side by side (report-conflict.js). */
function putBack(record) {
  pane().dataset.revision = record.revision;
  for (const [name, value] of record.entries) {
    const field = control(name);
    if (!field) continue;
    if (name in record.bases) field.dataset.saved = record.bases[name];
    if (holds(field) === value) continue;
    Object.assign(field, field.type === "checkbox" ? { checked: value !== "" } : { value });
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function offer(name, at, record) {
  const note = document.createElement("div");
  note.className = "alert alert-info report__kept";
  note.setAttribute("role", "status");
  const when = new Date(at).toLocaleString("en-GB", { dateStyle: "short", timeStyle: "short" });
  const about = Object.assign(document.createElement("p"), { textContent: `What you typed here at ${when} was not saved.` });
  const text = Object.assign(document.createElement("pre"), { className: "report__kept-text", tabIndex: 0 });
  text.textContent = record.entries.filter(differs).map(words).join("\n\n");
  text.setAttribute("aria-label", "What was not saved");
  const gone = () => { note.remove(); store.removeItem(name); };
  const back = button("Put it back", "btn-primary", () => { putBack(record); gone(); form().querySelector("textarea")?.focus(); });
  const fits = writable() && record.origin === pane().dataset.origin; // Sections of another version may stand elsewhere.
  note.append(about, text, ...(fits ? [back] : []), button("Discard it", "btn-secondary", gone));
  form().before(note);
}

// What cannot be read is as old as can be.
function readEntry(name) {
  try { return JSON.parse(store.getItem(name)) ?? { at: 0 }; } catch { return { at: 0 }; }
}

/* Each that is found is put aside first: what is typed from now on goes beside it. */
async function offerAll() {
  if (!pane() || !USER) return;
  sent = "";
  const [mine, others] = [place(), await othersAlive()];
  for (const name of Object.keys(store).filter((one) => one.startsWith(mine))) {
    if (others.some((one) => name.endsWith(one))) continue;
    const entry = readEntry(name);
    const record = Date.now() - entry.at < LONGEST ? await unseal(entry).catch(() => null) : null;
    if (isRunning(name)) store.removeItem(name);
    if (!record?.entries.some(differs)) {
      store.removeItem(name);
      continue;
    }
    const aside = `${mine}${entry.at}`;
    store.setItem(aside, JSON.stringify(entry));
    offer(aside, entry.at, record);
  }
}

document.addEventListener("htmx:afterSwap", (event) => { if (event.target.id === "report") void offerAll(); });
document.addEventListener("room:left", () => { window.clearTimeout(timer); timer = 0; });

/* What is given up is not offered again. */
export function forget() {
  window.clearTimeout(timer);
  timer = 0;
  for (const name of Object.keys(store).filter((one) => one.startsWith(place()))) store.removeItem(name);
}

if (pane()) void offerAll(); // A page of its own (report-amending.js) has its text from the beginning.
