// Live parts of a page. <div id="x" data-poll="/url/" data-poll-seconds="4" data-poll-version="…">
// asks /url/?seen=<version>: 204 means nothing changed, 200 brings the element anew.
const IDLE_AFTER = 60_000;
const SLOWEST = 60_000;
let lastUse = Date.now();
for (const kind of ["pointermove", "keydown", "focus"]) {
  window.addEventListener(kind, () => { lastUse = Date.now(); }, { passive: true, capture: true });
}

function pause(element, failures) {
  const base = Number(element.dataset.pollSeconds || 5) * 1000;
  const idle = Date.now() - lastUse > IDLE_AFTER ? 4 : 1;
  return Math.min(base * idle * 2 ** failures, Math.max(SLOWEST, base));
}

function mark(element, stale) {
  for (const sign of document.querySelectorAll(`[data-live-mark="${element.id}"]`)) {
    sign.toggleAttribute("data-stale", stale);
    sign.textContent = stale ? "Not live: the server does not answer" : "Live";
  }
}

// The focused control by its id, its address or its form's, and which of several it is; null when focus is elsewhere.
function whereFocusIs(element) {
  const focused = document.activeElement;
  if (!element.contains(focused)) return null;
  const href = focused.getAttribute("href");
  const action = focused.closest("form")?.getAttribute("action");
  let selector = focused.id && `#${CSS.escape(focused.id)}`;
  selector ||= href && `a[href="${CSS.escape(href)}"]`;
  selector ||= action && `form[action="${CSS.escape(action)}"] button`;
  if (!selector) return null;
  return { selector, index: [...element.querySelectorAll(selector)].indexOf(focused) };
}

function replace(element, html) {
  const focused = whereFocusIs(element);
  const open = [...element.querySelectorAll("details[open] > summary")].map((summary) => summary.textContent);
  const holder = document.createElement("template");
  holder.innerHTML = html.trim();
  const fresh = holder.content.firstElementChild;
  for (const summary of fresh.querySelectorAll("details > summary")) {
    if (open.includes(summary.textContent)) summary.parentElement.open = true;
  }
  element.replaceWith(fresh);
  window.htmx?.process(fresh);
  if (focused) fresh.querySelectorAll(focused.selector)[focused.index]?.focus({ preventScroll: true });
  fresh.dispatchEvent(new CustomEvent("poll:changed", { bubbles: true }));
}

// Signed out, or not allowed any more: the page comes anew, unless it holds work that would be lost.
function end(signedOut) {
  const event = new CustomEvent("poll:ended", { cancelable: true, detail: { signedOut } });
  if (document.dispatchEvent(event)) return location.reload();
  throw new Error("ended");
}

async function ask(element) {
  const url = new URL(element.dataset.poll, location.href);
  url.searchParams.set("seen", element.dataset.pollVersion ?? "");
  const answer = await fetch(url, { headers: { "HX-Request": "true", "X-Poll": "1" }, credentials: "same-origin" });
  if (answer.redirected || answer.status === 404 || answer.status === 403) return end(answer.redirected);
  if (answer.status !== 204 && !answer.ok) throw new Error(String(answer.status));
  if (answer.status === 200) replace(element, await answer.text());
}

const followed = new Set();

function follow(id) {
  let failures = 0;
  let timer = 0;
  followed.add(id);
  const round = async () => {
    clearTimeout(timer);
    const element = document.getElementById(id);
    if (!element?.dataset.poll) {
      followed.delete(id);
      document.removeEventListener("visibilitychange", round);
      return;
    }
    if (document.hidden) return;
    try {
      await ask(element);
      failures = 0;
    } catch {
      failures = Math.min(failures + 1, 5);
    }
    mark(element, failures > 1);
    timer = setTimeout(round, pause(document.getElementById(id) ?? element, failures));
  };
  document.addEventListener("visibilitychange", round);
  timer = setTimeout(round, pause(document.getElementById(id), 0));
}

// Parts that arrive later (htmx swaps, a dialog) are followed too, each once.
function followAll() {
  for (const element of document.querySelectorAll("[data-poll][id]")) {
    if (!followed.has(element.id)) follow(element.id);
  }
}

followAll();
for (const event of ["htmx:afterSettle", "room:arrived"]) document.addEventListener(event, followAll);
// Somebody knows that a part has changed: it is asked now, and then goes on as before.
document.addEventListener("poll:now", (event) => {
  const element = document.getElementById(event.detail);
  if (element?.dataset.poll) ask(element).catch(() => {});
});
