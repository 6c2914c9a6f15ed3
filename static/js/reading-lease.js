// The lease on a case: whoever moves, types or looks at images keeps it. Told at most once a minute; no work, no word.
import { toast } from "./htmx-setup.js";

const room = document.getElementById("room");
const url = room?.dataset.leaseUrl;
const every = Number(room?.dataset.leaseSeconds || 60) * 1000;
let told = Date.now();
let lost = false;

function token() {
  return document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";
}

async function tell() {
  if (Date.now() - told < every) return;
  told = Date.now();
  const answer = await fetch(url, { method: "POST", headers: { "X-CSRFToken": token(), Accept: "application/json" }, credentials: "same-origin" }).catch(() => null);
  if (answer?.status !== 409 || lost) return;
  lost = true;
  const body = await answer.json().catch(() => ({}));
  toast(body.message || "This case is with another reader now.", "error");
}

function follow(target) {
  for (const kind of ["pointermove", "pointerdown", "keydown", "wheel"]) {
    target.addEventListener(kind, tell, { passive: true, capture: true });
  }
}

if (url) {
  follow(window);
  const frame = document.getElementById("viewer");
  frame?.addEventListener("load", () => follow(frame.contentWindow));
}
