// The windows that OHIF's menu offers for the case that is shown: what the RIS says of it, over OHIF's own.
import { bridge } from "./alive.js";

const NAME = "cornerstone.windowLevelPresets";

function offer() {
  const said = document.getElementById("viewer-slot")?.dataset.presets;
  const inside = bridge()?.window;
  const customization = inside?.services?.customizationService;
  if (!said || !customization) return;
  const own = customization.getCustomizations("default").get(NAME);
  const told = { [NAME]: { $set: { ...own, ...JSON.parse(said) } } };
  customization.setCustomizations(inside.JSON.parse(JSON.stringify(told)), "global"); // of the frame's own realm
}

// A mode that is entered anew forgets what it was told.
window.addEventListener("message", ({ origin, source, data }) => {
  if (origin !== location.origin || source !== bridge()?.window) return;
  if (data?.source === "ohif" && data.type === "ready") offer();
});
document.addEventListener("viewer:shown", offer);
