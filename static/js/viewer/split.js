// The divider between images and report: by pointer and by keyboard, remembered on this workstation.
const KEY = "isocenter-room-width";
const STEP = 2;

export function divide(room, divider) {
  const least = Number(divider.getAttribute("aria-valuemin"));
  const most = Number(divider.getAttribute("aria-valuemax"));

  const set = (percent) => {
    const width = Math.min(most, Math.max(least, Math.round(percent)));
    room.style.setProperty("--images", `${width}%`);
    divider.setAttribute("aria-valuenow", String(width));
    localStorage.setItem(KEY, String(width));
  };
  const now = () => Number(divider.getAttribute("aria-valuenow"));

  divider.addEventListener("pointerdown", (event) => {
    divider.setPointerCapture(event.pointerId);
    room.dataset.dragging = "";
  });
  divider.addEventListener("pointermove", (event) => {
    if (!divider.hasPointerCapture(event.pointerId)) return;
    const box = room.getBoundingClientRect();
    set(((event.clientX - box.left) / box.width) * 100);
  });
  for (const kind of ["pointerup", "pointercancel", "lostpointercapture"]) {
    divider.addEventListener(kind, () => delete room.dataset.dragging);
  }
  divider.addEventListener("keydown", (event) => {
    const moves = { ArrowLeft: now() - STEP, ArrowRight: now() + STEP, Home: least, End: most };
    if (!(event.key in moves)) return;
    event.preventDefault();
    set(moves[event.key]);
  });
  const kept = Number(localStorage.getItem(KEY));
  if (kept) set(kept);
}
