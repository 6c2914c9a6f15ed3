// The lease on a case: whoever moves, types or looks at images keeps it. Told at most once a minute; no work, no word.
// The page may come to hold another case (viewer/shell.js), so the room is looked up on each beat.
import { openedBy } from "./fresh-token.js";
import { toast } from "./htmx-setup.js";

const room = () => document.getElementById("room");
let told = Date.now();
let lost = "";

function token() {
  return document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";
}

async function tell() {
  const { leaseUrl: url, leaseSeconds = 60 } = room()?.dataset ?? {};
  if (!url || Date.now() - told < Number(leaseSeconds) * 1000) return;
  told = Date.now();
  const answer = await fetch(url, { method: "POST", headers: { "X-CSRFToken": token(), Accept: "application/json", ...openedBy() }, credentials: "same-origin" }).catch(() => null);
  if (answer?.status !== 409 || lost === url) return;
  lost = url;
  const body = await answer.json().catch(() => ({}));
  toast(body.message || "This case is with another reader now.", "error");
}

function follow(target) {
  for (const kind of ["pointermove", "pointerdown", "keydown", "wheel"]) {
    target.addEventListener(kind, tell, { passive: true, capture: true });
  }
}

follow(window);
document.addEventListener("room:arrived", () => { told = Date.now(); });
const frame = document.getElementById("viewer");
frame?.addEventListener("load", () => follow(frame.contentWindow));
