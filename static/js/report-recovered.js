/* A dictation that a browser took along when it died is offered again when its report is opened (recordings.js). */
import { toast } from "./htmx-setup.js";
import { drop, left } from "./recordings.js";
import { arrived, send } from "./report-dictation.js";
import { pane, writable } from "./report-editor.js";

function button(words, kind, act) {
  const made = Object.assign(document.createElement("button"), { type: "button", className: `btn btn-sm ${kind}`, textContent: words });
  made.addEventListener("click", () => act(made));
  return made;
}

function words({ section, seconds, at }) {
  const title = document.getElementById(`section-${section}`)?.dataset.title ?? section;
  const when = new Date(at).toLocaleString("en-GB", { dateStyle: "short", timeStyle: "short" });
  return `A recording of ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} for ${title}, made here at ${when}, was not sent.`;
}

/* Answers when it was kept or discarded, or another pane took this one's place. */
function offer(one, until) {
  const { promise, resolve } = deferred();
  const note = Object.assign(document.createElement("div"), { className: "alert alert-info report__kept" });
  note.setAttribute("role", "status");
  note.dataset.recording = one.id;
  const gone = async () => { note.remove(); await drop(one.id); resolve(); };
  const back = button("Keep it with the draft", "btn-primary", async (pressed) => {
    pressed.disabled = true;
    const fault = await send(one);
    if (!fault) return gone().then(arrived);
    pressed.disabled = false;
    return toast(`The dictation was not kept: ${fault} It is still on this computer.`, "error");
  });
  const text = Object.assign(document.createElement("p"), { textContent: words(one) });
  note.append(text, ...(writable() ? [back] : []), button("Discard it", "btn-secondary", () => void gone()));
  document.getElementById("dictations").before(note);
  until.addEventListener("abort", resolve);
  return promise;
}

function deferred() {
  let resolve;
  const promise = new Promise((done) => { resolve = done; });
  return { promise, resolve };
}

let shown = new AbortController();

async function offerAll() {
  shown.abort();
  shown = new AbortController();
  const { signal } = shown;
  if (!pane() || !globalThis.crypto?.subtle || !navigator.locks) return;
  await left(pane().dataset.report, pane().dataset.keepKey, signal, (one) => offer(one, signal)).catch(() => {}); // Nothing is kept here.
}

document.addEventListener("htmx:afterSwap", ({ target }) => { if (target.id === "report") void offerAll(); });
document.addEventListener("room:left", () => shown.abort());
