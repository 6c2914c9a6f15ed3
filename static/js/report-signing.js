/* Opens the signature: first everything is saved, and the numbers that the page shows go with it. */
import "./passkey-proof.js";
import { pane, saved, writable } from "./report-editor.js";

async function openSign() {
  if (!writable() || !(await saved())) return;
  const shown = document.getElementById("numbers")?.dataset.pollVersion ?? "";
  document.querySelector("#sign-form input[name=numbers]").value = shown;
  document.dispatchEvent(new CustomEvent("report:signing"));
  document.getElementById("sign-dialog")?.showModal();
  (document.getElementById("sign-password") ?? document.getElementById("sign-now"))?.focus();
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

/* Whoever signed sees and hears that it is signed: the pane begins at its top again, where the signed versions stand. */
document.addEventListener("htmx:afterSettle", ({ target, detail }) => {
  const copies = document.getElementById("copies");
  if (target.id !== "report-pane" || detail.requestConfig?.elt?.id !== "sign-form" || writable() || !copies) return;
  target.scrollIntoView({ block: "start" });
  copies.tabIndex = -1;
  copies.focus();
});
