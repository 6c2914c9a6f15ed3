// Segmentations that were painted and not stored. OHIF asks for their names itself when they are; whoever would leave
// them behind is asked first.
const painted = new Set();
let isDropping = false; // what is painted is left out, if the page really goes
const dialog = () => document.getElementById("painted-dialog");
const CHANGES = {
  "segmentation-painted": ({ uid }) => painted.add(uid),
  "segmentation-removed": ({ uid }) => painted.delete(uid),
  "segmentation-stored": ({ uid }) => painted.delete(uid),
};

export const isPainted = () => painted.size > 0;

async function settle() {
  if (!isPainted() || !dialog()) return true;
  dialog().returnValue = "stay";
  dialog().showModal();
  await new Promise((done) => dialog().addEventListener("close", done, { once: true }));
  isDropping = dialog().returnValue === "drop";
  return isDropping;
}

window.addEventListener("message", ({ origin, data }) => {
  if (origin === location.origin && data?.source === "ohif") CHANGES[data.type]?.(data);
});
document.addEventListener("room:leaving", (event) => event.detail.ask(settle));
document.addEventListener("room:going", () => isDropping && painted.clear());
document.addEventListener("room:stayed", () => { isDropping = false; });
window.addEventListener("beforeunload", (event) => isPainted() && event.preventDefault());
