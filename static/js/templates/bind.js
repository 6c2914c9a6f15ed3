/* Inputs of the template editor and the plain data behind them: what an input shows, and what it means. */
const lines = (text) => text.split("\n").map((line) => line.trim()).filter(Boolean);
const parts = (text) => text.split(",").map((part) => part.trim()).filter(Boolean);

const READ = {
  yes: (input) => input.checked,
  list: (input) => parts(input.value),
  number: (input) => (input.value.trim() === "" ? undefined : Number.isNaN(Number(input.value.replace(",", "."))) ? input.value : Number(input.value.replace(",", "."))),
  options: (input) => lines(input.value).map(option),
  code: (input) => code(parts(input.value)),
  text: (input) => input.value,
};

const SHOW = {
  yes: (input, value) => { input.checked = Boolean(value); },
  list: (input, value) => { input.value = (value ?? []).join(", "); },
  number: (input, value) => { input.value = value ?? ""; },
  options: (input, value) => { input.value = (value ?? []).map((one) => `${one.value} = ${one.label}`).join("\n"); },
  code: (input, value) => { input.value = value ? [value.scheme, value.code, value.name].filter(Boolean).join(", ") : ""; },
  text: (input, value) => { input.value = value ?? ""; },
};

function option(line) {
  const at = line.indexOf("=");
  return at < 0 ? { value: line, label: line } : { value: line.slice(0, at).trim(), label: line.slice(at + 1).trim() };
}

function code([scheme, value, ...name]) {
  return scheme ? { scheme, code: value ?? "", name: name.join(", ") } : undefined;
}

/* An option keeps its code while its value stays. */
function merged(name, value, before) {
  if (name !== "options") return value;
  const codes = new Map((before ?? []).map((one) => [one.value, one.code]));
  return value.map((one) => (codes.get(one.value) ? { ...one, code: codes.get(one.value) } : one));
}

/* Ties every [data-bind] of an element to a property of `data`; `changed` is called after each change. */
export function bind(element, data, place, changed) {
  for (const input of element.querySelectorAll("[data-bind]")) {
    const name = input.dataset.bind;
    const kind = input.dataset.as ?? "text";
    SHOW[kind](input, data[name]);
    input.dataset.place = place ? `${place}.${name}` : name;
    input.addEventListener("input", () => {
      data[name] = merged(name, READ[kind](input), data[name]);
      changed(name);
    });
  }
}

/* Data as the server checks it: without what says nothing. */
export function said(row) {
  return Object.fromEntries(Object.entries(row).filter(([name, value]) => name !== "fresh" && value !== undefined && value !== "" && value !== false));
}
