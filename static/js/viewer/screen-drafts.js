// What is drawn in an image window and not saved yet: the report window, which is told of it, keeps it with the RIS, and
// has it drawn here again when a browser, or a window, died.
import { keepDrawn, ready, redraw, studies, unsaved } from "./drawn.js";

const page = `${Date.now()}-${Math.random()}`;
const uids = (annotations) => annotations.map((one) => one.annotationUID);
const room = () => document.getElementById("room");
const task = () => room()?.dataset.task ?? "";
let told = "";
let drawn = []; // the UIDs that were told last
let isDrawing = false;
const again = new Set(); // UIDs that were drawn again here: asked for twice, they are answered twice

// Whenever it is another than it was, or another report window hears it. `say` sends to the one that is `followed`.
export function tellDrawn(say, followed, instead = []) {
  const message = { kind: "drawn", page, task: task(), annotations: unsaved(), instead };
  const text = JSON.stringify([followed, message]);
  if (text === told) return;
  [told, drawn] = [text, uids(message.annotations)];
  say(message);
}

// The frame may be empty by now: what was told before counts.
export const tellGone = (say) => say({ kind: "drawn-gone", page });

// Measurements were saved. No report window of this case may be there any more to hear it: they are no drafts all the same.
export async function leaveOut() {
  const [url, left] = [room()?.dataset.drawnUrl, uids(unsaved())];
  const saved = drawn.filter((uid) => !left.includes(uid));
  if (!url || !saved.length) return;
  drawn = left;
  await keepDrawn(url, { annotations: [], window: page, instead: saved });
}

export function askForDrafts(say) {
  if (task() && !isDrawing) say({ kind: "drafts-ask", task: task(), shows: studies() });
}

export async function drawDrafts(say, followed, { task: wanted, annotations }) {
  if (isDrawing) return;
  isDrawing = true;
  const isWanted = () => task() === wanted;
  const isReady = (await ready(isWanted)) && isWanted();
  const done = isReady ? uids(redraw(annotations.filter((one) => !again.has(one.annotationUID)))) : [];
  for (const uid of done) again.add(uid);
  if (done.length) tellDrawn(say, followed, done);
  isDrawing = false;
}
