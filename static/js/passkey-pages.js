/* The pages of one's account and the sign-in: a form that a passkey answers. What is asked stands in the page, or is fetched. */
import { toast } from "./htmx-setup.js";
import { ask, make, words } from "./passkey.js";

async function asked(form) {
  const { optionsUrl } = form.dataset;
  if (!optionsUrl) return JSON.parse(document.getElementById("passkey-options").textContent);
  const answer = await fetch(optionsUrl, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(answer.status === 429 ? "Too many attempts. Wait a minute." : "The server does not answer. Please try again.");
  return answer.json();
}

async function answer(form) {
  const { creation_options: creation, request_options: request } = await asked(form);
  form.elements.credential.value = await (creation ? make(creation) : ask(request));
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-passkey-form]")) return;
  event.preventDefault();
  if (form.dataset.asking !== undefined) return;
  form.dataset.asking = "";
  try {
    await answer(form);
    form.submit();
  } catch (fault) {
    toast(words(fault), "error");
  } finally {
    delete form.dataset.asking;
  }
});
