// The reading list and the reading room are one page: what stands in it is exchanged, so that the viewer stays.
import { openedBy } from "../fresh-token.js";
import { toast } from "../htmx-setup.js";
import { bring, exchange, isAnothers, parse, tell, wordsOf } from "./exchange.js";

const OURS = /^\/(?:reading\/\d+|worklist\/reading)\/$/;
const FORMS = /^\/worklist\/reading\//;
let going = false;
let here = location.pathname + location.search;

const isOurs = (url) => url.origin === location.origin && OURS.test(url.pathname);

// Whoever holds something unsaved may ask for time, ask the reader, or keep them here. One question after the other; what
// was answered counts when the page goes ("room:going"), since the next one, or the server, may still keep the reader here.
async function mayLeave() {
  const [waits, questions] = [[], []];
  const detail = { waitUntil: (one) => waits.push(one), ask: (question) => questions.push(question) };
  if (!document.dispatchEvent(new CustomEvent("room:leaving", { cancelable: true, detail }))) return false;
  for (const question of questions) if ((await question()) === false) return false;
  return (await Promise.all(waits)).every((answer) => answer !== false);
}

function refuse(page) {
  toast(wordsOf(page) || "The server could not do this. Nothing was changed.", "error");
  return false;
}

async function ask(url, body, signal) {
  const method = body ? "POST" : "GET";
  const answer = await fetch(url, { method, body, headers: body ? openedBy() : {}, credentials: "same-origin", signal });
  const found = new URL(answer.url);
  if (answer.ok) tell("room:granted", { pathname: found.pathname }); // the case is open, before its page is read
  return { page: parse(await answer.text()), url: found, status: answer.status };
}

// Whether it goes there; a page that is not this one's is loaded.
async function travel(url, body, push) {
  const found = await ask(url, body);
  const isRefused = found.status >= 400;
  const isRoom = found.page.querySelector("#viewer-keep") !== null;
  if (isRefused && !isRoom) return refuse(found.page);
  if (!isRoom || (!isRefused && (isAnothers(found.page) || !isOurs(found.url)))) {
    tell("room:going");
    location.assign(found.url);
    return true;
  }
  bring(found.page);
  if (push && isOurs(found.url)) history.pushState(null, "", found.url);
  here = location.pathname + location.search;
  exchange(found.page);
  return true;
}

// What an address holds comes into this page, without a step in its history. Answers why not, in words; empty when it came.
// Once `signal` is aborted, nothing of it comes any more, however late the answer is there: then this throws.
export async function fetchInto(url, signal) {
  const { page, status } = await ask(new URL(url, location.href), null, signal);
  signal.throwIfAborted();
  if (status >= 400 || isAnothers(page) || !page.querySelector("#viewer-keep")) return wordsOf(page) || "It was refused.";
  bring(page);
  exchange(page);
  return "";
}

// Answers whether the page goes, or has gone, to what was asked for. `turn` is what the server said beforehand of the case that will come, when it did (viewer/hints.py).
export async function go(url, { body = null, push = true, turn = null } = {}) {
  if (going) return false;
  going = true;
  let isGone = false;
  document.documentElement.toggleAttribute("data-going", true);
  try {
    if (!(await mayLeave())) return false;
    if (turn) tell("room:coming", JSON.parse(turn));
    isGone = await travel(new URL(url, location.href), body, push);
  } catch {
    toast("The server does not answer. Nothing was changed; please try again.", "error");
  } finally {
    going = false;
    document.documentElement.toggleAttribute("data-going", false);
    tell("room:stayed"); // of no account to whom a room arrived
  }
  return isGone;
}

// The browser has the other address by now, whatever comes of it: for whoever stays, it is this page's again.
async function back() {
  if (location.pathname + location.search === here) return;
  if (!isOurs(location)) return location.reload();
  if (!(await go(location.href, { push: false }))) history.pushState(null, "", here);
}

const turnOf = (node) => node.closest("[data-turn]")?.dataset.turn;

function clicked(event) {
  const link = event.target.closest?.("a[href]");
  if (!link || event.defaultPrevented || event.button !== 0 || link.target) return;
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || !isOurs(link)) return;
  if (link.hash && link.pathname === location.pathname) return;
  event.preventDefault();
  void go(link.href, { turn: turnOf(link) });
}

function submitted(event) {
  const form = event.target;
  const action = new URL(form.getAttribute("action") || location.href, location.href);
  if (form.method !== "post" || !FORMS.test(action.pathname) || form.hasAttribute("hx-post")) return;
  event.preventDefault();
  void go(action, { body: new FormData(form, event.submitter), turn: turnOf(form) });
}

if (document.getElementById("viewer-keep") && !document.querySelector("[data-screen]")) {
  document.addEventListener("click", clicked);
  document.addEventListener("submit", submitted, { capture: true });
  document.addEventListener("shell:go", (event) => {
    event.preventDefault();
    void go(event.detail.url);
  });
  window.addEventListener("popstate", back);
}
