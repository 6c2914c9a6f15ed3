/* The editor of a report template: sections, their fields, and a preview that follows. */
import { bind, said } from "./bind.js";
import { drawRule } from "./computing.js";
import { preview, showFaults } from "./preview.js";

const root = document.querySelector("[data-template-editor]");
const { body, faults, formulas, open } = JSON.parse(document.getElementById("template-data").textContent);
const opened = new WeakSet();

const copy = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true);
const slug = (words) => words.toLowerCase().normalize("NFD").replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
const text = () => JSON.stringify({ ...body, sections: body.sections.map(said), fields: body.fields.map(said) });

function changed() {
  if (open) root.querySelector("[name=body]").value = text();
  preview(root, text);
}

function unique(rows, words) {
  const taken = new Set(rows.map((row) => row.key));
  let key = words;
  for (let number = 2; taken.has(key); number += 1) key = `${words}-${number}`;
  return key;
}

/* The key of a new row follows its words until somebody writes one. */
function follow(row, rows, name, element) {
  if (name === "key") row.fresh = undefined;
  if (!row.fresh || name !== "label" && name !== "title") return;
  row.key = unique(rows.filter((one) => one !== row), slug(row[name]) || row.fresh);
  element.querySelector("[data-bind=key]").value = row.key;
}

function move(rows, row, by, same = () => true) {
  const near = rows.filter(same);
  const other = near[near.indexOf(row) + by];
  if (!other) return;
  const [here, there] = [rows.indexOf(row), rows.indexOf(other)];
  [rows[here], rows[there]] = [rows[there], rows[here]];
}

function act(element, rows, row, same) {
  element.addEventListener("click", (event) => {
    const button = event.target.closest("[data-act]");
    if (!button || button.closest(".te__section, .te__field") !== element) return;
    if (button.dataset.act === "remove") rows.splice(rows.indexOf(row), 1);
    else move(rows, row, button.dataset.act === "up" ? -1 : 1, same);
    draw();
  });
}

function drawField(field, section) {
  const element = copy("field-template");
  const at = body.fields.indexOf(field);
  const place = `fields.${at}`;
  const head = () => {
    element.querySelector("summary [data-heading]").textContent = field.label || "New field";
    element.querySelector("[data-kind]").textContent = element.querySelector("[data-bind=type]").selectedOptions[0]?.textContent ?? "";
    for (const part of element.querySelectorAll("[data-for]")) part.hidden = !part.dataset.for.split(" ").includes(field.type ?? "number");
  };
  field.type ??= "number";
  bind(element, field, place, (name) => {
    follow(field, body.fields, name, element);
    if (name === "type") drop(field);
    if (name === "type" && field.type === "computed") drawRule(element.querySelector("[data-compute]"), field, body.fields, formulas, changed);
    head();
    changed();
  });
  element.querySelector("[data-compute]").dataset.place = `${place}.compute`;
  if (field.type === "computed") drawRule(element.querySelector("[data-compute]"), field, body.fields, formulas, changed);
  const rules = field.sources?.length ?? 0;
  element.querySelector("[data-sources]").textContent = rules ? `Filled by ${rules} ${rules > 1 ? "rules" : "rule"}; see Measurements.` : "Filled by hand; see Measurements.";
  head();
  element.open = opened.has(field) || Object.keys(faults).some((name) => name.startsWith(`${place}.`));
  element.addEventListener("toggle", () => (element.open ? opened.add(field) : opened.delete(field)));
  act(element, body.fields, field, (one) => one.section === section.key);
  return element;
}

/* What only the kind before had. */
function drop(field) {
  for (const [name, kind] of [["options", "select"], ["compute", "computed"], ["sources", "number"]]) if (field.type !== kind) delete field[name];
  if (["select", "checkbox", "computed"].includes(field.type)) delete field.merge;
  delete field.default;
}

function drawSection(section, at) {
  const element = copy("section-template");
  const fields = body.fields.filter((field) => field.section === section.key);
  element.querySelector("[data-heading]").textContent = section.title || "New section";
  bind(element, section, `sections.${at}`, (name) => {
    const before = section.key;
    follow(section, body.sections, name, element);
    if (name === "key" || section.key !== before) for (const field of fields) field.section = section.key;
    element.querySelector("[data-heading]").textContent = section.title;
    changed();
  });
  element.querySelector("[data-fields]").append(...fields.map((field) => drawField(field, section)));
  element.querySelector("[data-add-field]").addEventListener("click", () => {
    const field = { key: unique(body.fields, "field"), label: "", section: section.key, type: "number", fresh: "field" };
    body.fields.push(field);
    opened.add(field);
    draw();
    root.querySelector(`[data-place="fields.${body.fields.indexOf(field)}.label"]`).focus();
  });
  act(element, body.sections, section);
  return element;
}

function draw() {
  const keys = new Set(body.sections.map((section) => section.key));
  body.fields = body.fields.filter((field) => keys.has(field.section));
  root.querySelector("[data-sections]").replaceChildren(...body.sections.map(drawSection));
  changed();
}

root.querySelector("[data-add-section]").addEventListener("click", () => {
  body.sections.push({ key: unique(body.sections, "section"), title: "", text: "", fresh: "section" });
  draw();
});
bind(root.querySelector("[data-about]"), body, "", (name) => {
  if (name === "title" && !root.querySelector("[data-bind=key]").readOnly && !body.touchedKey) root.querySelector("[data-bind=key]").value = body.key = slug(body.title);
  if (name === "key") Object.defineProperty(body, "touchedKey", { value: true, enumerable: false });
  changed();
});
root.addEventListener("input", () => { root.dataset.touched = "true"; });
if (Object.keys(faults).length) root.dataset.touched = "true";
draw();
showFaults(root, faults);
