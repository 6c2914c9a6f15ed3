/* Signing with a passkey: the server's challenge is for this very form, and the answer goes with it.
   The button asks for it, and so does Enter where no password was typed. */
import { freshen } from "./fresh-token.js";
import { toast } from "./htmx-setup.js";
import { ask, words } from "./passkey.js";

const ENDED = "Your session has ended. Sign in again in another tab; what you typed stays here.";
const NOTHING = "Nothing was signed.";
const fieldOf = (form) => form.querySelector("[data-proof] input[name=passkey]");
const signsWith = (form) => form.querySelector("button[type=submit], button:not([type])");

async function challenge(form, button) {
  freshen();
  const said = new FormData(form, button);
  for (const secret of form.querySelectorAll("input[type=password], input[type=file]")) said.delete(secret.name);
  const { proof, askUrl } = form.querySelector("[data-proof]").dataset;
  const address = `${askUrl}?for=${encodeURIComponent(proof)}`;
  const answer = await fetch(address, { method: "POST", body: said, headers: { Accept: "application/json" } });
  if (answer.redirected) throw new Error(ENDED);
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(body.message || "The server could not do this.");
  return body;
}

/* The answer goes once, with no password beside it; what comes back as a fault begins anew. */
function send(form, button, answer) {
  const field = fieldOf(form);
  const password = form.querySelector("[data-proof] input[type=password]");
  field.value = answer;
  if (password) password.disabled = true;
  form.requestSubmit(button);
  setTimeout(() => {
    field.value = "";
    if (password) password.disabled = false;
  });
}

async function sign(form) {
  if (form.dataset.asking !== undefined) return;
  const button = signsWith(form);
  const state = form.querySelector("[data-passkey-state]");
  form.dataset.asking = "";
  state.textContent = "Waiting for your passkey…";
  try {
    send(form, button, await ask(await challenge(form, button)));
  } catch (fault) {
    const told = fault instanceof TypeError ? "The server does not answer." : words(fault);
    toast(told.includes(NOTHING) ? told : `${told} ${NOTHING}`, "error");
  } finally {
    state.textContent = "";
    delete form.dataset.asking;
  }
}

document.addEventListener("click", (event) => {
  const pressed = event.target.closest?.("[data-passkey]");
  if (pressed) void sign(pressed.form);
});

/* Before htmx and all others: a form without any proof is not sent, its passkey is asked for. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  const field = fieldOf(form);
  if (!field || field.value || form.querySelector("[data-proof] input[type=password]")?.value) return;
  if (event.submitter && event.submitter !== signsWith(form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  void sign(form);
}, true);
