// The walk-in page: letters find the exam, Enter takes the first, Enter again sends it off.
import { ask } from "./safety-questions.js";

const SHOWN = 8;
const form = document.getElementById("walk-in");
const field = document.getElementById("id_exam");
const list = document.getElementById("exam-list");
const side = document.getElementById("id_side");
const room = document.getElementById("id_room");
const warning = document.getElementById("unasked");
const plain = (text) => text.normalize("NFD").replace(/\p{Diacritic}/gu, "").toLowerCase();

const exams = [...document.getElementById("exams").content.querySelectorAll("li")].map((option, order) => {
  const { code, name } = option.dataset;
  const words = plain(name).split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  return { option, order, words, code: plain(code), label: `${name} (${code})`, all: plain(`${name} ${code}`), initials: words.map((word) => word[0]).join("") };
});
let chosen = null;
let active = 0;

// Smaller is better; what does not fit is infinite.
function distance(exam, text) {
  const parts = text.split(/\s+/).filter(Boolean);
  if (!parts.length || exam.code === text) return 0;
  if (exam.code.startsWith(text)) return 1;
  if (exam.initials.startsWith(text)) return 2;
  if (parts.every((part) => exam.words.some((word) => word.startsWith(part)))) return 3;
  return parts.every((part) => exam.all.includes(part)) ? 4 : Infinity;
}

function found() {
  const text = plain(field.value.trim());
  const fitting = exams.map((exam) => ({ exam, far: distance(exam, text) })).filter(({ far }) => far < Infinity);
  return fitting.sort((a, b) => a.far - b.far || a.exam.order - b.exam.order).slice(0, SHOWN).map(({ exam }) => exam);
}

function mark(options) {
  options.forEach((option, number) => option.setAttribute("aria-selected", String(number === active)));
  if (options[active]) field.setAttribute("aria-activedescendant", options[active].id);
  else field.removeAttribute("aria-activedescendant");
  options[active]?.scrollIntoView({ block: "nearest" });
}

function show(open) {
  list.hidden = !open;
  field.setAttribute("aria-expanded", String(open));
  if (!open) return field.removeAttribute("aria-activedescendant");
  active = field.value.trim() ? 0 : -1; // nothing typed: an arrow chooses, Enter alone takes no exam
  list.replaceChildren(...found().map((exam) => exam.option));
  mark([...list.children]);
}

function warn() {
  const missing = (chosen?.option.dataset.asks ?? "").split(" ").filter((kind) => kind && !document.getElementById(`id_safety-${kind}`).value);
  const labels = missing.map((kind) => document.querySelector(`[data-question="${kind}"]`).dataset.label);
  warning.hidden = !labels.length;
  warning.textContent = labels.length ? `Not asked yet: ${labels.join(", ")}.` : "";
}

function about(exam) {
  const { asks, rooms, paired } = exam?.option.dataset ?? { asks: "", rooms: "", paired: undefined };
  ask(asks.split(" ").filter(Boolean));
  side.closest(".field").hidden = paired === undefined;
  for (const option of room.options) option.hidden = Boolean(exam && option.value && !rooms.split(" ").includes(option.value));
  if (room.selectedOptions[0]?.hidden) room.value = "";
  warn();
}

function take(exam) {
  chosen = exam;
  field.value = exam.label;
  show(false);
  about(exam);
  (exam.option.dataset.paired === undefined ? document.getElementById("now") : side).focus();
}

const examOf = (option) => exams.find((exam) => exam.option === option);

field.setAttribute("role", "combobox");
field.setAttribute("aria-controls", "exam-list");
field.setAttribute("aria-autocomplete", "list");
field.addEventListener("input", () => { chosen = null; about(null); show(true); });
field.addEventListener("focus", () => { if (!chosen) show(true); });
field.addEventListener("blur", () => show(false));
field.addEventListener("keydown", (event) => {
  const options = [...list.children];
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (list.hidden) return show(true);
    active = Math.min(Math.max(active + (event.key === "ArrowDown" ? 1 : -1), 0), options.length - 1);
    mark(options);
  } else if (event.key === "Enter" && !list.hidden && options[active]) take(examOf(options[active]));
  else if (event.key === "Escape" && !list.hidden) show(false);
  else if (event.key !== "Enter" || field.value.trim()) return;
  event.preventDefault();
});
list.addEventListener("mousedown", (event) => {
  const option = event.target.closest("li");
  if (!option) return;
  event.preventDefault();
  take(examOf(option));
});
// Enter in a list of choices sends the form, as it does in a text field.
form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("select")) {
    event.preventDefault();
    form.requestSubmit();
  }
});
form.addEventListener("change", warn);

chosen = exams.find((exam) => exam.label === field.value) ?? null;
about(chosen);
// Whoever types as soon as the page stands types into the field, whenever the browser comes to `autofocus`.
if (document.activeElement === document.body) field.focus();
if (!chosen && document.activeElement === field) show(true);
