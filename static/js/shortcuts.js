// Keys. data-shortcut="n" on a link, button or field: pressing it goes there. data-rows on a table: j and k walk its
// rows; data-row-shortcut is a key of the row that has the focus, and of no other. "?" lists what this page knows. Single keys can be switched off (WCAG 2.1.4).
const OFF = "isocenter-shortcuts-off";
const dialog = document.getElementById("shortcuts");
const FIELDS = "input, textarea, select, [contenteditable], dialog[open]";
// A dialog that was just closed may still hold the focus: nobody types there.
const typing = (node) => node.closest(FIELDS) !== null && node.closest("dialog:not([open])") === null;
const words = (node) => node.dataset.shortcutLabel || node.getAttribute("aria-label") || node.labels?.[0]?.innerText || node.textContent.trim();

// The words of a control beside which its key is written.
function bare(node) {
  const copy = node.cloneNode(true);
  for (const key of copy.querySelectorAll("kbd")) key.remove();
  return words(copy);
}

function walk(step) {
  const links = [...document.querySelectorAll("[data-rows] .row-link")];
  if (!links.length) return;
  const here = links.indexOf(document.activeElement.closest("tr")?.querySelector(".row-link"));
  const next = here < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(Math.max(here + step, 0), links.length - 1);
  links[next].focus();
}

function go(key) {
  const row = document.activeElement.closest("tr");
  const target = row?.querySelector(`[data-row-shortcut="${CSS.escape(key)}"]`) ?? document.querySelector(`[data-shortcut="${CSS.escape(key)}"]`);
  if (!target) return false;
  target.focus();
  if (target.matches("a, button, summary")) target.click();
  else target.select?.();
  return true;
}

function list() {
  const rows = [...document.querySelectorAll("[data-shortcut]")].map((node) => [node.dataset.shortcut, words(node)]);
  const inRows = new Map([...document.querySelectorAll("[data-row-shortcut]")].map((node) => [node.dataset.rowShortcut, node.dataset.shortcutLabel]));
  rows.push(...inRows);
  rows.push(...[...document.querySelectorAll("[aria-keyshortcuts]")].map((node) => [node.getAttribute("aria-keyshortcuts"), bare(node)]));
  if (document.querySelector("[data-rows]")) rows.push(["j / k", "Next and previous row"], ["Enter", "Open the row"]);
  rows.push(["?", "This list"]);
  dialog.querySelector("[data-shortcuts-list]").replaceChildren(...rows.flatMap(([key, text]) => {
    const term = document.createElement("dt");
    term.append(Object.assign(document.createElement("kbd"), { textContent: key }));
    return [term, Object.assign(document.createElement("dd"), { textContent: text })];
  }));
  dialog.showModal();
}

const toggle = dialog?.querySelector("[data-shortcuts-switch]");
if (toggle) {
  toggle.checked = localStorage.getItem(OFF) === null;
  toggle.addEventListener("change", () => (toggle.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1")));
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-shortcuts-open]")) list();
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || localStorage.getItem(OFF)) return;
  if (event.key === "?") list();
  else if (event.key === "j") walk(1);
  else if (event.key === "k") walk(-1);
  else if (!go(event.key)) return;
  event.preventDefault();
});
