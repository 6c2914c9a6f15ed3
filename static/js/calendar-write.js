// What the calendar writes: one request each, refusals told in words, and a way back.
import { toast } from "./htmx-setup.js";

const csrf = () => document.querySelector('meta[name="csrf-token"]').content;
let wayBack = null;

// POSTs a form; the answer, or null after telling why not.
export async function post(url, fields = {}) {
  let answer;
  try {
    answer = await fetch(url, {
      method: "POST",
      body: new URLSearchParams(fields),
      headers: { Accept: "application/json", "X-CSRFToken": csrf() },
      credentials: "same-origin",
    });
  } catch {
    toast("The server does not answer. Nothing was saved; please try again.", "error");
    return null;
  }
  if (answer.redirected) {
    location.reload();
    return null;
  }
  const told = await answer.json().catch(() => ({}));
  if (answer.ok) return told;
  const why = Object.values(told.fields ?? {}).filter((words) => !told.message.includes(words));
  toast([told.message ?? "The server could not do this. Nothing was saved.", ...why].join(" "), "error");
  return null;
}

// Tells what was done, with a button that takes it back; so does Ctrl+Z.
export function tellWithUndo(words, undo) {
  toast(words, "success");
  const note = document.querySelector("#toasts .toast-note:last-child");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-secondary btn-sm";
  button.textContent = "Undo";
  note?.querySelector("p").after(button);
  wayBack = async () => {
    wayBack = null;
    note?.remove();
    await undo();
  };
  const mine = wayBack;
  button.addEventListener("click", () => mine());
}

document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.key !== "z" || event.target.closest("input, select, textarea")) return;
  if (wayBack) {
    event.preventDefault();
    wayBack();
  }
});

const two = (number) => String(number).padStart(2, "0");

// The widget's dates show the site's wall clock in the browser's own hours; the server is told the wall clock.
export function wallOf(date) {
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return { day, time: `${two(date.getHours())}:${two(date.getMinutes())}` };
}
