// A turn that begins while the server still opens the case: OHIF leaves the old case and makes its panes, unseen, but it
// asks the archive nothing before the server has opened that very case (viewer/hints.py).
import { isTurnable, navigate } from "./drawing.js";
import { knows } from "./hanging.js";

let begun = null;

// `hint` is {room, studies, route, protocol} of the case that was asked for.
export function begin(bridge, hint) {
  drop(bridge);
  if (!isTurnable(bridge.frame) || !bridge.window.canWait || !knows(bridge.window, hint.protocol)) return;
  let open = () => {};
  bridge.window.mayAsk = new Promise((done) => { open = done; });
  try {
    const drawn = navigate(bridge, { ...hint, studies: hint.studies.split(",") });
    begun = { ...hint, drawn, open, isGranted: false };
  } catch {
    drop(bridge); // the turn that comes meets the same, and loads the viewer anew
  }
}

// The server answered with this page: only the room that the turn is for opens its questions.
export function granted(pathname) {
  if (!begun || pathname !== begun.room) return;
  begun.isGranted = true;
  begun.open();
}

// What was begun for exactly this case, or null; from now on OHIF may ask.
export function take(bridge, { studies, route, protocol }) {
  const found = begun;
  drop(bridge);
  const isSame = found?.isGranted && found.route === route && found.studies === studies.join(",");
  return isSame && knows(bridge.window, protocol) ? found : null;
}

export const isBegun = () => begun !== null;

// The questions of what was begun are never asked; those of the next turn are.
export function drop(bridge) {
  begun = null;
  if (bridge.window) bridge.window.mayAsk = undefined;
}
