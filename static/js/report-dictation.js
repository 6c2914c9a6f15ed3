/* Dictation: Alt+R records for the section where the writer is, and stops; the recording is kept with the draft. One that could
   not be sent stays in the page until it could, and on this computer for when the page dies (recordings.js); then it is offered
   with the report (report-recovered.js). When a dictation was typed meanwhile, the pane shows the new text. */
import { freshen, openedBy } from "./fresh-token.js";
import { toast } from "./htmx-setup.js";
import { growing } from "./recordings.js";
import { pane, saved, writable } from "./report-editor.js";

const KINDS = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/webm"];
const box = () => document.getElementById("dictations");
const longest = () => Number(box()?.dataset.records || 0);
const buttons = () => document.querySelectorAll("[data-dictate]");
let last = "";
let running = null; // { section, recorder, began, ended: Promise }
let unsent = []; // { url, section, seconds, blob, kept }

function say(words) {
  const state = document.getElementById("dictation-state");
  if (!state) return;
  state.textContent = words;
  state.hidden = !words;
}

function show() {
  const seconds = running ? Math.floor((Date.now() - running.began) / 1000) : 0;
  for (const button of buttons()) {
    const on = running?.section === button.dataset.dictate;
    button.setAttribute("aria-pressed", String(on));
    button.querySelector("[data-dictate-words]").textContent = on ? `Stop ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}` : "Dictate";
  }
  if (running && seconds >= longest()) void stop();
  else if (running) window.setTimeout(show, 500);
}

async function start(section) {
  if (!navigator.mediaDevices || !window.MediaRecorder) return toast("This browser records nothing here: it needs a secure page (https) and a microphone.", "error");
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: false, channelCount: 1 } }).catch(() => null);
  if (!stream) return toast("No microphone, or the browser was not allowed to use it.", "error");
  const { dictationsUrl: url, report, keepKey } = pane().dataset;
  const mimeType = KINDS.find((kind) => MediaRecorder.isTypeSupported(kind));
  const recorder = new MediaRecorder(stream, { mimeType, audioBitsPerSecond: 32_000 });
  const parts = [];
  const began = Date.now();
  const lasted = () => Math.min(longest() || 600, Math.max(1, Math.round((Date.now() - began) / 1000)));
  const kept = growing({ report, url, section }, keepKey);
  recorder.addEventListener("dataavailable", ({ data }) => {
    if (!data.size) return;
    parts.push(data);
    kept.add(data, lasted()).catch(() => say("Recording, in this page only: nothing can be kept on this computer. Alt+R stops."));
  });
  const ended = new Promise((resolve) => {
    recorder.addEventListener("stop", () => {
      for (const track of stream.getTracks()) track.stop();
      resolve({ url, section, seconds: lasted(), blob: new Blob(parts, { type: recorder.mimeType }), kept });
    });
  });
  running = { section, recorder, began, ended };
  recorder.start(1000);
  say("Recording. Alt+R stops.");
  show();
  return undefined;
}

async function stop() {
  const { recorder, ended } = running;
  running = null;
  if (recorder.state !== "inactive") recorder.stop();
  unsent.push(await ended);
  show();
  return sendAll();
}

export async function send(one) {
  freshen();
  const data = new FormData();
  data.set("csrfmiddlewaretoken", document.querySelector("input[name=csrfmiddlewaretoken]").value);
  data.set("section", one.section);
  data.set("seconds", String(one.seconds));
  data.set("audio", one.blob, "dictation");
  const answer = await fetch(one.url, { method: "POST", body: data, headers: { "HX-Request": "true", Accept: "application/json", ...openedBy() } }).catch(() => null);
  if (answer?.ok && !answer.redirected) return "";
  const body = answer && !answer.redirected ? await answer.json().catch(() => ({})) : {};
  return body.message || (answer ? "Your session has ended. Sign in again in another tab." : "No connection.");
}

async function sendAll() {
  for (const one of [...unsent]) {
    say("Keeping the recording…");
    const fault = await send(one);
    if (fault) {
      say(`Not kept: ${fault} The recording is still in this page; Alt+R tries again.`);
      toast(`The dictation was not kept: ${fault} It is still in this page; Alt+R tries again.`, "error");
      return false;
    }
    unsent = unsent.filter((other) => other !== one);
    await one.kept.gone();
  }
  arrived();
  return true;
}

export function arrived() {
  say("Kept with the draft.");
  toast("The dictation is kept with the draft.");
  document.dispatchEvent(new CustomEvent("poll:now", { detail: "dictations" }));
}

function toggle(section) {
  if (running) return void stop();
  if (unsent.length) return void sendAll();
  if (writable() && longest() && section) void start(section);
}

document.addEventListener("focusin", ({ target }) => { if (target.matches?.("#report-form textarea[data-section]")) last = target.name.replace("section-", ""); });
document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-dictate]");
  if (button) toggle(button.dataset.dictate);
});
document.addEventListener("keydown", (event) => {
  if (!event.altKey || event.ctrlKey || event.metaKey || event.code !== "KeyR" || (!longest() && !running && !unsent.length)) return;
  event.preventDefault();
  toggle(last || buttons()[0]?.dataset.dictate);
});

/* A typist sent text back: it is in the draft, and not yet in this page. What is typed here and not saved meets it side by side. */
document.addEventListener("poll:changed", async ({ target }) => {
  if (target.id !== "dictations" || !writable() || !(await saved())) return;
  if (Number(target.dataset.revision) <= Number(pane().dataset.revision)) return;
  const focus = document.activeElement?.id;
  await window.htmx.ajax("GET", target.dataset.panelUrl, { target: "#report", swap: "innerHTML" });
  if (focus) document.getElementById(focus)?.focus();
});

document.addEventListener("room:leaving", (event) => { if (running || unsent.length) event.detail.waitUntil(running ? stop() : sendAll()); });
window.addEventListener("beforeunload", (event) => { if (running || unsent.length) event.preventDefault(); });
