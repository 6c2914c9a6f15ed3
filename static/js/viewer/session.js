// A session that ended: the images and the report are hidden, and come back when the same person has signed in again.
const PROBE = "/viewer/ohif/app-config.js";

async function reader() {
  const answer = await fetch(PROBE, { method: "HEAD", credentials: "same-origin", cache: "no-store" });
  return answer.ok ? answer.headers.get("X-Isocenter-User") : null;
}

// `room` is a function: the page may come to hold another one.
export function guardSession(room, { warn, calm, isUnsaved, isPainted, isHeld }) {
  let ended = false;

  const end = () => {
    if (!room()) return;
    ended = true;
    room().dataset.blank = "";
    let words = "Sign in again to go on.";
    if (isPainted()) words = "What you painted is still in the viewer: sign in again, then store it.";
    if (isUnsaved() && document.getElementById("save-measurements")) words = "Your measurements are still in the viewer: sign in again, then save them.";
    warn(`Your session has ended. ${words}`);
  };
  const look = async () => {
    if (!ended || document.hidden) return;
    const found = await reader().catch(() => null);
    if (found === null) return;
    if (found !== room()?.dataset.user) return isHeld() || location.reload(); // what is held waits for its owner
    ended = false;
    delete room().dataset.blank;
    calm();
    document.dispatchEvent(new Event("session:back"));
  };
  window.addEventListener("focus", look);
  document.addEventListener("visibilitychange", look);
  setInterval(look, 5000);
  return end;
}
