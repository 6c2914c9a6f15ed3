/* The rule of a computed field: which one, and which fields go into it. */
const TYPES = { select: ["select"], checkbox: ["checkbox"], length: ["number", "computed"], number: ["number", "computed"] };

function labelled(text, control) {
  const label = document.createElement("label");
  label.append(`${text} `, control);
  return label;
}

function select(options, value, name) {
  const element = document.createElement("select");
  for (const [key, words] of options) element.add(new Option(words, key, false, key === value));
  element.dataset.input = name;
  return element;
}

const fitting = (fields, self, kind) => fields.filter((one) => one !== self && TYPES[kind].includes(one.type ?? "number")).map((one) => [one.key, one.label || one.key]);

export function drawRule(holder, field, fields, formulas, changed) {
  const rule = field.compute ?? { rule: "", inputs: {} };
  const rules = [["", "Choose…"], ...Object.entries(formulas).map(([name, one]) => [name, one.label])];
  const chosen = select(rules, rule.rule, "rule");
  holder.replaceChildren(labelled("Rule", chosen));
  chosen.addEventListener("input", () => {
    field.compute = chosen.value ? { rule: chosen.value, inputs: {} } : undefined;
    field.units = chosen.value ? formulas[chosen.value].units.slice(0, 1) : [];
    holder.closest("details").querySelector("[data-bind=units]").value = field.units.join(", ");
    drawRule(holder, field, fields, formulas, changed);
    changed();
  });
  const formula = formulas[rule.rule];
  if (!formula) return;
  if (formula.many) drawMany(holder, field, fields, formula, changed);
  else for (const [name, kind] of Object.entries(formula.inputs)) drawOne(holder, field, fields, { name, kind, changed });
}

function drawOne(holder, field, fields, { name, kind, changed }) {
  const input = select([["", "–"], ...fitting(fields, field, kind)], field.compute.inputs[name], name);
  holder.append(" ", labelled(name, input));
  input.addEventListener("input", () => {
    field.compute.inputs[name] = input.value;
    if (!input.value) delete field.compute.inputs[name];
    changed();
  });
}

function drawMany(holder, field, fields, formula, changed) {
  const [name, kind] = Object.entries(formula.inputs)[0];
  const held = new Set(Object.values(field.compute.inputs));
  const group = document.createElement("span");
  group.className = "te__many";
  for (const [key, words] of fitting(fields, field, kind)) {
    const box = Object.assign(document.createElement("input"), { type: "checkbox", value: key, checked: held.has(key) });
    const label = document.createElement("label");
    label.append(box, ` ${words}`);
    group.append(label, " ");
  }
  holder.append(group);
  group.addEventListener("input", () => {
    const keys = [...group.querySelectorAll("input:checked")].map((box) => box.value);
    field.compute.inputs = Object.fromEntries(keys.map((key, at) => [`${name}-${at + 1}`, key]));
    changed();
  });
}
