// The measurements beside the report: one click shows a number's image; the image that is shown becomes a key image.
// Works on a fragment that is replaced, so every listener sits on the document.
import { toast } from "./htmx-setup.js";
import { bridge } from "./viewer/alive.js";
import { current } from "./viewer/showing.js";

function said(text) {
  try {
    return JSON.parse(text || "{}");
  } catch {
    return {};
  }
}

function show({ showImage, study, series, frame, presentation }) {
  const detail = { study, series, image: showImage, frame: Number(frame) || null, presentation: said(presentation) };
  document.dispatchEvent(new CustomEvent("viewer:show", { detail }));
}

async function choose(button) {
  const viewer = bridge();
  const shown = viewer && (await current(viewer));
  if (!shown?.image) return toast("No image is shown at the moment. Click into an image first.", "error");
  const { study, series, image, frame, presentation } = shown;
  const values = { study, series, image, frame: frame ?? "", presentation: JSON.stringify(presentation ?? {}) };
  return window.htmx.ajax("POST", button.dataset.url, { target: "#numbers", swap: "outerHTML", values });
}

document.addEventListener("click", (event) => {
  const target = event.target.closest?.("[data-show-image], [data-key-image]");
  if (!target) return;
  if (target.matches("[data-key-image]")) void choose(target);
  else show(target.dataset);
});
