/* The fields beside the text of a report. Only what the writer touched is sent; what comes back (computed values, what is
   not yet a value) is put where it belongs. What was measured goes into a field that nobody is typing in. */
const FROM = { measured: "measured", merged: "from the exam" };
const rows = () => document.querySelectorAll("#report-form [data-entry]");
const control = (row) => row.querySelector(`[name="field-${CSS.escape(row.dataset.entry)}"]`);
const unit = (row) => row.querySelector(`[name="unit-${CSS.escape(row.dataset.entry)}"]`);

const settled = (element) => element.dataset.settled ?? initial(element);

function initial(element) {
  if (element.tagName !== "SELECT") return element.defaultValue;
  return [...element.options].find((option) => option.defaultSelected)?.value ?? element.options[0]?.value ?? "";
}

function touched(row) {
  const value = control(row);
  const beside = unit(row);
  if (!value) return false;
  return value.value !== settled(value) || (beside && value.value !== "" && beside.value !== settled(beside));
}

/* A day or time of which parts are there has no value: the browser tells nobody, so the page does. */
const HALF = { date: "This day is not whole yet: it is not saved.", time: "This time is not whole yet: it is not saved." };
const half = (element) => (element?.validity?.badInput && HALF[element.type]) || "";

/* Takes what nobody touched out of what is about to be sent, and remembers what is. */
let sent = new Map();

document.addEventListener("report:sending", (event) => {
  const data = event.detail;
  sent = new Map();
  for (const row of rows()) {
    const key = row.dataset.entry;
    if (touched(row) && !half(control(row))) sent.set(key, control(row).value);
    else {
      data.delete(`field-${key}`);
      data.delete(`unit-${key}`);
    }
  }
});

document.addEventListener("report:saved", (event) => {
  for (const row of rows()) show(row, event.detail?.[row.dataset.entry], sent);
});

function tell(row, fault) {
  const element = control(row);
  row.querySelector("[data-entry-fault]").textContent = fault;
  if (fault) element?.setAttribute("aria-invalid", "true");
  else element?.removeAttribute("aria-invalid");
}

document.addEventListener("focusout", ({ target }) => {
  const row = target.type in HALF && target.closest("#report-form [data-entry]");
  const told = row && row.querySelector("[data-entry-fault]").textContent;
  if (row && (half(target) || Object.values(HALF).includes(told))) tell(row, half(target));
});

function show(row, field, before) {
  if (!field) return;
  const text = row.querySelector("[data-entry-text]");
  if (text) text.textContent = field.text || "–";
  const element = control(row);
  const unfinished = half(element);
  tell(row, field.fault || (document.activeElement === element ? "" : unfinished));
  const from = row.querySelector("[data-entry-from]");
  from.hidden = !(field.kind in FROM);
  from.textContent = FROM[field.kind] ?? "";
  if (!element) return;
  const key = row.dataset.entry;
  const typing = unfinished || (before.has(key) ? element.value !== before.get(key) : touched(row));
  settle(element, field.raw, typing);
  if (unit(row) && field.unit) settle(unit(row), field.unit, typing);
}

/* The value that the server has; what is being typed right now stays in the field and is sent the next time. */
function settle(element, value, typing) {
  element.dataset.settled = value;
  if (!typing) element.value = value;
}

/* The list of measured numbers is drawn anew when something was measured or chosen; it brings the fields' values along. */
function follow() {
  const brought = document.querySelector("#numbers [data-entries]")?.dataset.entries;
  const fields = brought ? JSON.parse(brought) : {};
  for (const row of rows()) show(row, fields[row.dataset.entry], new Map());
}

for (const name of ["poll:changed", "htmx:afterSwap"]) {
  document.addEventListener(name, (event) => {
    if (event.target.id === "numbers") follow();
  });
}

/* Enter goes on to the next field or section, Shift+Enter back. */
document.addEventListener("keydown", (event) => {
  const row = event.target.closest?.("[data-entry]");
  if (!row || event.key !== "Enter" || event.ctrlKey || event.metaKey || event.target.tagName !== "INPUT") return;
  event.preventDefault();
  const all = [...document.querySelectorAll("#report-form [data-section], #report-form [data-entry] [name^='field-']")];
  all[all.indexOf(event.target) + (event.shiftKey ? -1 : 1)]?.focus();
});
