/* Autotexts: a dot, a keyword and Tab write the text that they stand for; Tab and Shift+Tab walk the placeholders, from section
   to section, and go on to the next control after the last. Alt+0 writes the texts called "normal" into empty sections. */
import { toast } from "./htmx-setup.js";
import { pane, writable } from "./report-editor.js";

const MACRO = /(?:^|\s)\.([\p{L}\p{N}_-]+)$/u;
/* What stops a signature (reporting/proofreading/completeness.py): [side], {size}, ___, ***. */
const PLACEHOLDER = /\[[^[\]\n]*\p{L}[^[\]\n]*\]|\{[^{}\n]*\p{L}[^{}\n]*\}|_{3,}|\*{3,}/gu;
const SECTIONS = "#report-form textarea[data-section]";
const NORMAL = "normal";
let known = [];
let of = "";

/* Once for each report; a pane that is drawn anew asks again. An answer that did not come leaves what is known of it. */
async function load() {
  const url = pane()?.dataset.autotextsUrl;
  if (!url || !writable()) return;
  if (of !== url) known = [];
  of = url;
  const answer = await fetch(url, { headers: { Accept: "application/json" } }).catch(() => null);
  const found = answer?.ok && !answer.redirected ? await answer.json().catch(() => null) : null;
  if (of !== url || !found) return;
  known = found.autotexts.map((one) => ({ ...one, text: one.text.replaceAll("\r\n", "\n") }));
  if (pane()) pane().dataset.autotexts = known.length;
}

const keyOf = (area) => area.name.replace("section-", "");
const textFor = (keyword, section) => known.find((one) => one.keyword === keyword.toLowerCase() && (!one.section || one.section === section))?.text;

/* As typing does it, so that Ctrl+Z takes it back. */
function write(area, from, to, text) {
  area.focus();
  area.setSelectionRange(from, to);
  if (document.execCommand("insertText", false, text)) return;
  area.setRangeText(text, from, to, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

function select(area, found) {
  if (document.activeElement !== area) area.focus();
  area.setSelectionRange(found.index, found.index + found[0].length);
}

function expand(area) {
  if (area.selectionStart !== area.selectionEnd) return false;
  const before = area.value.slice(0, area.selectionStart);
  const keyword = before.match(MACRO)?.[1];
  const text = keyword && textFor(keyword, keyOf(area));
  if (!text) return false;
  const from = before.length - keyword.length - 1;
  write(area, from, before.length, text);
  const first = [...text.matchAll(PLACEHOLDER)][0];
  if (first) area.setSelectionRange(from + first.index, from + first.index + first[0].length);
  return true;
}

/* The next one in this section or below it; back: the one before, here or above. Never round again: Tab must lead out. */
function walk(area, back) {
  const shown = [...document.querySelectorAll(SECTIONS)].filter((one) => one === area || (!one.readOnly && !one.disabled && one.offsetParent));
  const way = back ? shown.reverse() : shown;
  for (const one of way.slice(way.indexOf(area))) {
    const all = [...one.value.matchAll(PLACEHOLDER)];
    const next = (back ? all.reverse() : all).find((found) => one !== area || isOn(area, found, back));
    if (next) {
      select(one, next);
      return true;
    }
  }
  return false;
}

const isOn = (area, found, back) => (back ? found.index + found[0].length <= area.selectionStart : found.index >= area.selectionEnd);

function normal() {
  const empty = [...document.querySelectorAll(SECTIONS)].filter((area) => !area.value.trim());
  const filled = empty.filter((area) => {
    const text = known.find((one) => one.keyword === NORMAL && one.section === keyOf(area))?.text;
    if (text) write(area, 0, area.value.length, text);
    return Boolean(text);
  });
  if (!filled.length) return toast("No empty section has a normal text for this exam. Make one under Autotexts, with the keyword normal and its section.");
  filled[0].focus();
  filled[0].setSelectionRange(0, 0);
  walk(filled[0], false);
}

document.addEventListener("keydown", (event) => {
  if (!writable()) return;
  if (event.altKey && event.key === "0") {
    event.preventDefault();
    return normal();
  }
  const area = event.target.closest?.(SECTIONS);
  if (!area || event.key !== "Tab" || event.ctrlKey || event.altKey || event.metaKey) return;
  if ((!event.shiftKey && expand(area)) || walk(area, event.shiftKey)) event.preventDefault();
});

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-normal]")) normal();
});

for (const name of ["htmx:afterSwap", "focus"]) {
  (name === "focus" ? window : document).addEventListener(name, (event) => {
    if (name === "focus" || event.target.id === "report") void load();
  });
}
