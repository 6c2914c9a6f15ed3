// Writes down at the RIS what is drawn and not saved: one after the other, the last one counts.
import { isPassing, keepDrawn } from "./drawn.js";
import { warn } from "./notices.js";

const AGAIN_MS = [5000, 10_000, 30_000, 60_000]; // after a first, a second … failure
const TOO_MANY = 422;
const textOf = ({ annotations, instead }) => JSON.stringify([annotations, instead]);
const NOTHING = textOf({ annotations: [], instead: [] });
let kept = NOTHING;
let failures = 0;
let sending = Promise.resolve();

// Another case: nothing of it was written from here.
export function forget() {
  kept = NOTHING;
}

export const sent = () => sending;

// Where it may help it is tried again: `again` is told after how many milliseconds. With the next drawing it is in any case.
export function send(url, mine, again) {
  const text = textOf(mine);
  if (text === kept) return sending;
  kept = text;
  sending = sending.then(async () => {
    const { status, annotations } = await keepDrawn(url, mine);
    if (annotations) failures = 0;
    if (annotations || kept !== text) return;
    kept = "";
    if (status === TOO_MANY) warn("There are too many unsaved measurements to keep in case the browser dies: save them.");
    if (isPassing(status)) again(AGAIN_MS[Math.min(failures++, AGAIN_MS.length - 1)]);
  });
  return sending;
}
