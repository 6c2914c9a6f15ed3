/* The report pane: saves by itself, jumps between sections, opens the signature. htmx may replace it: listeners sit on the document. */
import { freshen } from "./fresh-token.js";
import { toast } from "./htmx-setup.js";

const QUIET_MS = 1500;
const AGAIN_MS = 5000;
const ENDED = "Not saved: your session has ended. Your text stays here. Sign in again in another tab, and it is saved by itself.";
let timer = 0;
let ended = false;
let saving = Promise.resolve(true);
let dirty = false;

const pane = () => document.getElementById("report-pane");
const writable = () => pane()?.dataset.writable === "true";

function say(text) {
  const state = document.getElementById("save-state");
  if (state) state.textContent = text;
}

function payload(removed, restored) {
  freshen();
  const data = new FormData(document.getElementById("report-form"));
  data.set("revision", pane().dataset.revision);
  for (const key of removed) data.append("removed", key);
  for (const key of restored) data.append("restored", key);
  document.dispatchEvent(new CustomEvent("report:sending", { detail: data }));
  return data;
}

async function send(removed, restored) {
  dirty = false;
  say("Saving…");
  let answer;
  try {
    answer = await fetch(pane().dataset.saveUrl, { method: "POST", body: payload(removed, restored), headers: { Accept: "application/json" } });
  } catch {
    dirty = true;
    say("Not saved: no connection. Your text stays here and is tried again.");
    schedule(AGAIN_MS);
    return false;
  }
  // Without a session the answer is the sign-in page, and a success: only a new revision says that it was saved.
  const body = answer.redirected ? {} : await answer.json().catch(() => ({}));
  if (answer.redirected) return signedOut();
  if (!answer.ok || !Number.isInteger(body.revision)) {
    dirty = true;
    say(body.message || "Not saved.");
    toast(body.message || "The draft was not saved.", "error");
    return false;
  }
  ended = false;
  pane().dataset.revision = body.revision;
  for (const hidden of document.querySelectorAll("#sign-form input[name=revision]")) hidden.value = body.revision;
  document.dispatchEvent(new CustomEvent("report:saved", { detail: body.fields }));
  say(`Saved ${new Date(body.saved_at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" })}`);
  return true;
}

function signedOut() {
  dirty = true;
  ended = true;
  say(ENDED);
  schedule(AGAIN_MS);
  return false;
}

/* One save after the other: a revision is only known once the save before it was answered. */
function save(removed = [], restored = []) {
  window.clearTimeout(timer);
  saving = saving.then(() => (writable() ? send(removed, restored) : true));
  return saving;
}

function schedule(wait = QUIET_MS) {
  window.clearTimeout(timer);
  timer = window.setTimeout(() => save(), wait);
}

async function openSign() {
  if (!writable()) return;
  if (dirty && !(await save())) return;
  await saving;
  const shown = document.getElementById("numbers")?.dataset.pollVersion ?? "";
  document.querySelector("#sign-form input[name=numbers]").value = shown;
  document.dispatchEvent(new CustomEvent("report:signing"));
  document.getElementById("sign-dialog")?.showModal();
  document.getElementById("sign-password")?.focus();
}

document.addEventListener("input", (event) => {
  if (!event.target.closest?.("#report-form") || !writable()) return;
  dirty = true;
  if (!ended) say("Typing…");
  schedule();
});

document.addEventListener("click", async (event) => {
  const target = event.target.closest?.("[data-open-sign], [data-close-sign], [data-remove-field], [data-restore-field]");
  if (!target) return;
  if (target.matches("[data-open-sign]")) openSign();
  if (target.matches("[data-close-sign]")) document.getElementById("sign-dialog").close();
  if (target.matches("[data-remove-field]")) await save([target.dataset.removeField]);
  if (target.matches("[data-restore-field]")) await save([], [target.dataset.restoreField]);
});

document.addEventListener("keydown", (event) => {
  if (!pane()) return;
  if ((event.ctrlKey || event.metaKey) && event.key === "s") {
    event.preventDefault();
    save();
  } else if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    event.preventDefault();
    openSign();
  } else if (event.altKey && /^[1-9]$/.test(event.key)) {
    event.preventDefault();
    document.querySelector(`[data-section="${event.key}"]`)?.focus();
  }
});

/* Another case comes into the page (viewer/shell.js): first what was typed is kept, and whoever signs is waited for. */
document.addEventListener("room:leaving", (event) => {
  if (document.querySelector("#report .htmx-request form, #report form.htmx-request")) return event.preventDefault();
  event.detail.waitUntil(dirty ? save() : saving.then(() => !dirty));
});

document.addEventListener("room:left", () => {
  window.clearTimeout(timer);
  dirty = ended = false;
});

document.addEventListener("submit", async (event) => {
  if (event.target.id === "report-form") return event.preventDefault();
  if (event.defaultPrevented) return;
  if (!dirty || event.target.id === "sign-form" || !pane()?.contains(event.target)) return;
  event.preventDefault();
  if (await save()) event.target.submit();
});

/* What polls found out: no session any more, or no right. Reloading would throw typed text and drawn measurements away. */
document.addEventListener("poll:ended", (event) => {
  if (!writable() || (!event.detail.signedOut && !dirty)) return;
  event.preventDefault();
  if (event.detail.signedOut) signedOut();
  else say("Not saved: this case is not open to you any more. Copy your text before you leave this page.");
});

window.addEventListener("beforeunload", (event) => {
  if (dirty) event.preventDefault();
});
