// What the frame draws, seen from the page around it.
const TURN_MS = 12_000; // until a turn lists what the study holds
const IMAGE_MS = 30_000; // until its first image: a slow line is no faster in a new document
const NO_IMAGE_MS = 2_500; // a study that holds documents only draws none
const LOOK_MS = 40;
const VEIL = "html[data-veiled] body * { visibility: hidden; } html[data-veiled] canvas.cornerstone-canvas { visibility: visible; }";
const veiled = new WeakSet(); // the documents that know it

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

function panes({ contentWindow: inside }) {
  const engines = inside?.cornerstone?.getRenderingEngines() ?? [];
  return engines.flatMap((engine) => engine.getViewports()).filter((one) => one.getCurrentImageId?.());
}

// A pane of single images names the next one as soon as it is asked for: drawn it is once it holds its pixels.
const held = (pane) => pane.getCornerstoneImage?.()?.imageId;
const isThere = (pane) => !pane.getCornerstoneImage || held(pane) === pane.getCurrentImageId();

// All that the panes name or hold.
const images = (frame) => panes(frame).flatMap((one) => [one.getCurrentImageId(), held(one)]).filter(Boolean);

const isOf = (studies, image) => studies.some((uid) => image.includes(`/studies/${uid}/`));
const sets = ({ contentWindow: inside }) => inside?.services?.displaySetService?.getActiveDisplaySets() ?? [];

// What OHIF lists beside the images is drawn a moment after them.
function settled({ contentWindow: { requestAnimationFrame: next } }) {
  return Promise.race([new Promise((done) => next(() => next(done))), pause(100)]);
}

// Of the frame nothing but its images is seen until what stands around them has followed.
export function veil(frame) {
  const { contentDocument: inside, contentWindow } = frame;
  if (!veiled.has(inside)) {
    const sheet = new contentWindow.CSSStyleSheet();
    sheet.replaceSync(VEIL);
    inside.adoptedStyleSheets = [...inside.adoptedStyleSheets, sheet];
    veiled.add(inside);
  }
  inside.documentElement.toggleAttribute("data-veiled", true);
  void settled(frame).then(() => inside.documentElement.toggleAttribute("data-veiled", false));
}

export const isTurnable = (frame) => Boolean(frame.contentDocument && frame.contentWindow.commandsManager?.getCommand?.("navigateHistory"));

// Resolves when an image of these studies is drawn and no other one is there; rejects when none comes.
export function firstImage(frame, studies) {
  const inside = frame.contentDocument;
  let began = performance.now();
  void frame.contentWindow.mayAsk?.then(() => { began = performance.now(); }); // the server's own time is not the viewer's
  const areSetsOf = () => sets(frame).every((set) => studies.includes(set.StudyInstanceUID));
  let look = () => {};
  return new Promise((done, fail) => {
    look = () => {
      const isDrawn = panes(frame).some((one) => isOf(studies, one.getCurrentImageId()) && isThere(one));
      if (isDrawn && images(frame).every((image) => isOf(studies, image)) && areSetsOf()) done();
    };
    inside.addEventListener("CORNERSTONE_IMAGE_RENDERED", look, true);
    const watch = async () => {
      for (;; await pause(LOOK_MS)) {
        look(); // the pixels may come after the last event
        const hasTurned = sets(frame).length > 0 && areSetsOf();
        if (performance.now() > began + (hasTurned ? IMAGE_MS : TURN_MS)) break;
        if (frame.contentWindow.location.pathname.endsWith("/notfoundstudy")) break;
        const late = performance.now() > began + NO_IMAGE_MS;
        if (late && hasTurned && images(frame).length === 0) return done();
      }
      throw new Error("The viewer did not turn.");
    };
    watch().catch(fail); // also when the frame came to hold a page that may not be looked into
  }).finally(() => inside.removeEventListener("CORNERSTONE_IMAGE_RENDERED", look, true));
}

// OHIF goes to this case; resolves as firstImage does. Its questions wait while `mayAsk` of its window does.
export function navigate(bridge, { studies, route }) {
  bridge.forget(studies);
  const drawn = firstImage(bridge.frame, studies);
  bridge.window.isDrawn = drawn.catch(() => {}); // told to whoever waits for it, also when the command itself fails
  bridge.window.commandsManager.runCommand("navigateHistory", { to: route, options: { replace: true } });
  return drawn;
}
