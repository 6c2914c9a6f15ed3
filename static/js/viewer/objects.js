// One click on an object beside the report shows it in the images: the object itself where OHIF draws it, else the image
// that it speaks of (OHIF opens neither key objects nor presentation states: ohif.md B3).
import { toast } from "../htmx-setup.js";
import { bridge } from "./alive.js";

const DRAWN_BY_OHIF = (set) => !set.unsupported;

function shownIn(inside, series) {
  const found = inside.services.displaySetService.getActiveDisplaySets();
  return found.find((set) => set.SeriesInstanceUID === series && DRAWN_BY_OHIF(set));
}

function show({ showObject, study, series, image }) {
  const inside = bridge()?.window;
  const set = inside?.services && shownIn(inside, showObject);
  if (set) {
    const viewportId = inside.services.viewportGridService.getActiveViewportId();
    const displaySetInstanceUIDs = [set.displaySetInstanceUID];
    inside.services.viewportGridService.setDisplaySetsForViewport({ viewportId, displaySetInstanceUIDs });
  } else if (image) {
    document.dispatchEvent(new CustomEvent("viewer:show", { detail: { study, series, image, frame: null } }));
  } else toast("The viewer opened before this was stored. Reload the page to see it.", "error");
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-show-object]");
  if (button) show(button.dataset);
});
