/* The mapping page: click a measurement, then the field that it fills; each change is tried on the object at once. */
import { post } from "./preview.js";

const root = document.querySelector("[data-mapping]");
const { body, open, of, measurements } = JSON.parse(document.getElementById("mapping-data").textContent);
const NARROWED = { tools: "tool", labels: "label", finding: "finding", site: "site", laterality: "side", method: "method", derivation: "derivation" };
const FIRST = ["finding", "site", "laterality", "method", "derivation"]; // what a new rule asks for besides the code
const hint = root.querySelector("[data-hint]");
let chosen = null;
let asked = 0;

const numbers = () => body.fields.filter((field) => (field.type ?? "number") === "number");
const words = (one, name) => one.words[name] || one.narrowing[name];
const make = (name, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};

function say() {
  hint.textContent = open && measurements.length ? (chosen === null ? "Choose a measurement first." : `Now choose the field for “${measurements[chosen].name}”.`) : "";
}

function pick(button) {
  chosen = button.getAttribute("aria-pressed") === "true" ? null : Number(button.dataset.measurement);
  for (const other of root.querySelectorAll("[data-measurement]")) other.setAttribute("aria-pressed", String(Number(other.dataset.measurement) === chosen));
  say();
  draw();
}

function take(field) {
  const one = measurements[chosen];
  const rule = { scheme: one.scheme, code: one.code, name: one.name };
  for (const name of FIRST) if (one.narrowing[name]) rule[name] = [one.narrowing[name]];
  field.sources = [...(field.sources ?? []), rule];
  if (one.unit && !(field.units ?? []).includes(one.unit)) hint.textContent = `The field takes ${(field.units ?? []).join(", ") || "no unit"}, this was written in ${one.unit}.`;
  draw();
}

/* A box for each thing that could narrow a rule: of what the chosen measurement says, and of what the rule asks already. */
function narrowing(field, rule) {
  const one = chosen === null ? null : measurements[chosen];
  const same = one && one.scheme === rule.scheme && one.code === rule.code;
  const boxes = [];
  for (const [name, label] of Object.entries(NARROWED)) {
    const values = new Set([...(rule[name] ?? []), ...(same && one.narrowing[name] ? [one.narrowing[name]] : [])]);
    for (const value of values) {
      const box = make("input", { type: "checkbox", checked: (rule[name] ?? []).includes(value), disabled: !open });
      box.addEventListener("input", () => {
        rule[name] = box.checked ? [...(rule[name] ?? []), value] : rule[name].filter((other) => other !== value);
        if (!rule[name].length) delete rule[name];
        changed();
      });
      boxes.push(make("label", {}, box, ` ${label}: ${same && value === one.narrowing[name] ? words(one, name) : value} `));
    }
  }
  return boxes;
}

function drawRule(field, rule) {
  const known = measurements.find((one) => one.scheme === rule.scheme && one.code === rule.code);
  const row = make("li", { className: "te__rule" }, make("strong", { textContent: known?.name ?? rule.name ?? `${rule.scheme} ${rule.code}` }), " ", ...narrowing(field, rule));
  if (open) {
    const remove = make("button", { type: "button", textContent: "Remove" });
    remove.setAttribute("aria-label", `Remove this rule from ${field.label}`);
    remove.addEventListener("click", () => {
      field.sources = field.sources.filter((other) => other !== rule);
      draw();
    });
    row.append(" ", remove);
  }
  return row;
}

function drawField(field) {
  const units = (field.units ?? []).join(", ");
  const title = make("span", { textContent: `${field.label}${units ? ` (${units})` : ""}` });
  const head = open && chosen !== null ? make("button", { type: "button", className: "te__target" }, title) : make("span", { className: "te__target" }, title);
  if (head.tagName === "BUTTON") head.addEventListener("click", () => take(field));
  const result = make("span", { className: "te__result" });
  result.dataset.result = field.key;
  const rules = make("ul", { className: "te__rules" }, ...(field.sources ?? []).map((rule) => drawRule(field, rule)));
  return make("div", { className: "te__mapped" }, head, result, rules);
}

function draw() {
  const focused = document.activeElement?.closest?.(".te__mapped") ? [...root.querySelectorAll(".te__target")].indexOf(document.activeElement) : -1;
  const targets = root.querySelector("[data-targets]");
  targets.replaceChildren(...numbers().map(drawField));
  if (!numbers().length) targets.append(make("p", { textContent: "This template has no numbers. Add some in the editor." }));
  root.querySelectorAll(".te__target")[focused]?.focus();
  changed();
}

async function changed() {
  root.querySelector("[name=body]").value = JSON.stringify(body);
  if (!of) return;
  asked += 1;
  const mine = asked;
  const answer = await post(root.dataset.tryUrl, { body: JSON.stringify(body), of }).catch(() => null);
  if (mine !== asked) return;
  if (!answer) hint.textContent = "The server did not answer, so nothing was tried.";
  for (const element of root.querySelectorAll("[data-result]")) {
    const result = answer?.fields[element.dataset.result];
    element.textContent = result?.words ?? "";
    element.classList.toggle("te__result--fills", Boolean(result?.fills));
  }
}

root.addEventListener("click", (event) => {
  const button = event.target.closest("[data-measurement]");
  if (button) pick(button);
});
say();
draw();
