// Segmentations that were painted and not stored. OHIF asks for their names itself when they are; whoever would leave
// them behind is asked first.
const painted = new Set();
const dialog = () => document.getElementById("painted-dialog");
const CHANGES = {
  "segmentation-painted": ({ uid }) => painted.add(uid),
  "segmentation-removed": ({ uid }) => painted.delete(uid),
  "segmentation-stored": () => painted.clear(),
};

async function settle() {
  if (!painted.size || !dialog()) return true;
  dialog().returnValue = "stay";
  dialog().showModal();
  await new Promise((done) => dialog().addEventListener("close", done, { once: true }));
  if (dialog().returnValue !== "drop") return false;
  painted.clear();
  return true;
}

window.addEventListener("message", ({ origin, data }) => {
  if (origin === location.origin && data?.source === "ohif") CHANGES[data.type]?.(data);
});
document.addEventListener("room:leaving", (event) => event.detail.waitUntil(settle()));
window.addEventListener("beforeunload", (event) => painted.size && event.preventDefault());
