/* The report pane: saves by itself and jumps between sections. htmx may replace it: listeners sit on the document. */
import { freshen, openedBy } from "./fresh-token.js";
import { toast } from "./htmx-setup.js";

const QUIET_MS = 1500;
const LONGEST_MS = 5000;
const AGAIN_MS = 5000;
const ENDED = "Not saved: your session has ended. Your text stays here. Sign in again in another tab, and it is saved by itself.";
let timer = 0;
let ended = false;
let saving = Promise.resolve(true);
let dirty = false;
let since = 0;

export const pane = () => document.getElementById("report-pane");
export const writable = () => pane()?.dataset.writable === "true";

export function say(text, kind = "") {
  const state = document.getElementById("save-state");
  if (!state) return;
  state.textContent = text;
  state.dataset.kind = kind;
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
  [dirty, since] = [false, 0];
  say("Saving…");
  let answer;
  try {
    answer = await fetch(pane().dataset.saveUrl, { method: "POST", body: payload(removed, restored), headers: { Accept: "application/json", ...openedBy(ended) } });
  } catch {
    dirty = true;
    say("Not saved: no connection. Your text stays here and is tried again.", "bad");
    schedule(AGAIN_MS);
    return false;
  }
  // Without a session the answer is the sign-in page, and a success: only a new revision says that it was saved.
  const body = answer.redirected ? {} : await answer.json().catch(() => ({}));
  if (answer.redirected || body.error === "another-user") return signedOut(body.message);
  if (!answer.ok || !Number.isInteger(body.revision)) {
    dirty = true;
    say(body.message || "Not saved.", "bad");
    if (body.error === "changed-meanwhile") document.dispatchEvent(new CustomEvent("report:conflict"));
    else toast(body.message || "The draft was not saved.", "error");
    if (answer.status >= 500) schedule(AGAIN_MS);
    return false;
  }
  ended = false;
  pane().dataset.revision = body.revision;
  for (const hidden of document.querySelectorAll(":is(#sign-form, #report-form) input[name=revision]")) hidden.value = body.revision;
  document.dispatchEvent(new CustomEvent("report:saved", { detail: body.fields }));
  if (dirty) say("Typing…"); // more was typed while this was on its way
  else say(`Saved ${new Date(body.saved_at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" })}`, "good");
  return true;
}

function signedOut(words = ENDED) {
  dirty = ended = true;
  say(words, "bad");
  schedule(AGAIN_MS);
  return false;
}

/* One save after the other: a revision is only known once the save before it was answered. While two texts are joined
   (report-conflict.js), nothing is sent. */
export function save(removed = [], restored = []) {
  window.clearTimeout(timer);
  saving = saving.then(() => {
    if (pane()?.dataset.joining !== undefined) return false;
    return writable() ? send(removed, restored) : true;
  });
  return saving;
}

/* Whether all that stands in the page is saved; what is not yet is saved first. */
export async function saved() {
  if (dirty && !(await save())) return false;
  await saving;
  return !dirty;
}

function schedule(wait = QUIET_MS) {
  window.clearTimeout(timer);
  timer = window.setTimeout(() => save(), wait);
}

document.addEventListener("input", (event) => {
  if (!event.target.closest?.("#report-form") || !writable()) return;
  dirty = true;
  since ||= Date.now();
  if (!ended) say("Typing…");
  schedule(Math.max(0, Math.min(QUIET_MS, since + LONGEST_MS - Date.now())));
});

document.addEventListener("click", async (event) => {
  const { removeField, restoreField } = event.target.closest?.("[data-remove-field], [data-restore-field]")?.dataset ?? {};
  if (removeField) await save([removeField]);
  if (restoreField) await save([], [restoreField]);
});

document.addEventListener("keydown", (event) => {
  if (!pane()) return;
  if ((event.ctrlKey || event.metaKey) && event.key === "s") {
    event.preventDefault();
    save();
  } else if (event.altKey && /^[1-9]$/.test(event.key)) {
    event.preventDefault();
    document.querySelector(`#report-form [data-section="${event.key}"]`)?.focus();
  }
});

/* Another case comes into the page (viewer/shell.js): first what was typed is kept, and whoever signs is waited for. */
document.addEventListener("room:leaving", (event) => {
  if (document.querySelector("#report .htmx-request form, #report form.htmx-request")) return event.preventDefault();
  event.detail.waitUntil(dirty ? save() : saving.then(() => !dirty));
});

/* Nothing more goes from here: another case came into the page, or it is left. */
export function leave() {
  window.clearTimeout(timer);
  [dirty, ended, since] = [false, false, 0];
}
document.addEventListener("room:left", leave);

document.addEventListener("submit", async (event) => {
  if (event.target.id === "report-form") return event.target.method === "post" || event.preventDefault();
  if (event.defaultPrevented || !dirty || event.target.id === "sign-form" || !pane()?.contains(event.target)) return;
  event.preventDefault();
  if (await save()) event.target.submit();
});

/* What polls found out: no session any more, or no right. Reloading would throw typed text and drawn measurements away. */
document.addEventListener("poll:ended", (event) => {
  if (!writable() || (!event.detail.signedOut && !dirty)) return;
  event.preventDefault();
  if (event.detail.signedOut) signedOut();
  else say("Not saved: this case is not open to you any more. Copy your text before you leave this page.", "bad");
});

window.addEventListener("beforeunload", (event) => dirty && event.preventDefault());
