// Automatic logoff: a warning a minute before, then the sign-in page. What a person does in any tab, and inside the
// viewer's frame, counts; what pages ask by themselves does not (ris/accounts/idle.py).
const dialog = document.getElementById("idle");
const LIMIT = Number(dialog.dataset.idleSeconds) * 1000;
const WARN = Math.min(60_000, LIMIT / 2);
const TELL = Math.min(60_000, LIMIT / 4);
const KEY = "isocenter:last-use";
const KINDS = ["pointermove", "pointerdown", "keydown", "wheel", "touchstart"];
const watched = new WeakSet();
let told = Date.now();
let mine = Date.now();
let over = false;

function note() {
  const now = Date.now();
  if (now - mine < 1000) return;
  mine = now;
  try { localStorage.setItem(KEY, String(now)); } catch { /* a browser that keeps nothing: this tab counts alone */ }
}

function lastUse() {
  let shared = 0;
  try { shared = Number(localStorage.getItem(KEY)) || 0; } catch { shared = 0; }
  return Math.max(mine, Math.min(shared, Date.now()));
}

function watch(target) {
  if (!target || watched.has(target)) return;
  watched.add(target);
  for (const kind of KINDS) target.addEventListener(kind, note, { passive: true, capture: true });
}

// A frame that loads another document has a new window.
function watchFrames() {
  for (const frame of document.querySelectorAll("iframe")) {
    try {
      watch(frame.contentDocument);
    } catch { /* not ours: nothing of it counts */ }
  }
}

function post(url) {
  const token = document.querySelector('meta[name="csrf-token"]').content;
  return fetch(url, { method: "POST", headers: { "X-CSRFToken": token }, credentials: "same-origin" });
}

async function tell() {
  told = Date.now();
  await post(dialog.dataset.idleAlive).catch(() => {});
}

async function end() {
  over = true;
  await post(dialog.dataset.idleLeave).catch(() => {});
  dialog.close();
  const event = new CustomEvent("poll:ended", { cancelable: true, detail: { signedOut: true } });
  if (!document.dispatchEvent(event)) return;
  const signIn = new URL(document.querySelector('meta[name="sign-in"]').content, location.href);
  signIn.searchParams.set("next", location.pathname + location.search);
  location.replace(signIn);
}

function look() {
  if (over) return;
  watchFrames();
  const last = lastUse();
  const left = last + LIMIT - Date.now();
  if (left <= 0) return void end();
  if (left <= WARN) {
    dialog.querySelector("[data-idle-left]").textContent = String(Math.ceil(left / 1000));
    if (!dialog.open) dialog.showModal();
  } else if (dialog.open) dialog.close();
  if (last > told && Date.now() - told > TELL) void tell();
}

watch(window);
dialog.querySelector("[data-idle-stay]").addEventListener("click", () => { mine = 0; note(); dialog.close(); void tell(); });
dialog.addEventListener("cancel", () => { mine = 0; note(); });
setInterval(look, 1000);
