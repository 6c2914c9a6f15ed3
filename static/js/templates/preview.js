/* What a report begins with, drawn by the server a moment after each change, and every mistake beside what it is about. */
const WAIT_MS = 400;
let timer = 0;
let asked = 0;

const token = () => document.querySelector("[name=csrfmiddlewaretoken]").value;

export async function post(url, values) {
  const data = new FormData();
  for (const [name, value] of Object.entries(values)) data.set(name, value);
  const answer = await fetch(url, { method: "POST", body: data, headers: { "X-CSRFToken": token(), Accept: "application/json" } });
  return answer.ok && !answer.redirected ? answer.json() : null;
}

export function showFaults(root, faults) {
  for (const old of root.querySelectorAll(".te__fault")) old.remove();
  for (const old of root.querySelectorAll("[data-place][aria-invalid]")) {
    old.removeAttribute("aria-invalid");
    if (old.dataset.about) old.setAttribute("aria-describedby", old.dataset.about);
    else old.removeAttribute("aria-describedby");
  }
  const left = Object.entries(faults).filter(([place, words]) => !beside(root, place, words));
  return left.map(([, words]) => words);
}

/* The input that a place names, or the nearest around it: "fields.2.options.0.label" stands at the options. */
function beside(root, place, words) {
  for (let name = place; name.includes(".") || name === place; name = name.slice(0, name.lastIndexOf("."))) {
    const input = root.querySelector(`[data-place="${CSS.escape(name)}"]`);
    if (input) return mark(input, words, place);
    if (!name.includes(".")) return false;
  }
  return false;
}

function mark(input, words, place) {
  const note = Object.assign(document.createElement("span"), { className: "te__fault", textContent: words, id: `fault-${place.replaceAll(".", "-")}` });
  const field = input.matches("input, select, textarea");
  if (field) {
    input.dataset.about ??= input.getAttribute("aria-describedby") ?? "";
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", `${input.dataset.about} ${note.id}`.trim());
  }
  (field ? input.closest("p") ?? input : input).append(note);
  input.closest("details")?.classList.add("te__field--wrong");
  return true;
}

export function preview(root, body) {
  window.clearTimeout(timer);
  timer = window.setTimeout(() => ask(root, body()), WAIT_MS);
}

async function ask(root, body) {
  asked += 1;
  const mine = asked;
  const state = root.querySelector("[data-preview-state]");
  const answer = await post(root.dataset.previewUrl, { body }).catch(() => null);
  if (mine !== asked) return;
  if (!answer) {
    state.textContent = "No preview: the server did not answer. Your changes are still in this page.";
    return;
  }
  for (const old of root.querySelectorAll(".te__field--wrong")) old.classList.remove("te__field--wrong");
  const faults = root.dataset.touched ? answer.faults : {}; // an empty new template is no mistake yet
  const left = showFaults(root, faults);
  const count = Object.keys(faults).length;
  state.textContent = count ? `${count} ${count > 1 ? "mistakes" : "mistake"} to mend. ${left.join(" ")}` : "";
  if (answer.html) root.querySelector("[data-preview]").innerHTML = answer.html; // drawn and escaped by our own server
}
