/* Opens the signature: first everything is saved, and the numbers that the page shows go with it. */
import { pane, saved, writable } from "./report-editor.js";

async function openSign() {
  if (!writable() || !(await saved())) return;
  const shown = document.getElementById("numbers")?.dataset.pollVersion ?? "";
  document.querySelector("#sign-form input[name=numbers]").value = shown;
  document.dispatchEvent(new CustomEvent("report:signing"));
  document.getElementById("sign-dialog")?.showModal();
  document.getElementById("sign-password")?.focus();
}

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-open-sign]")) void openSign();
  if (event.target.closest?.("[data-close-sign]")) document.getElementById("sign-dialog").close();
});

document.addEventListener("keydown", (event) => {
  if (!pane() || !(event.ctrlKey || event.metaKey) || event.key !== "Enter") return;
  event.preventDefault();
  void openSign();
});
