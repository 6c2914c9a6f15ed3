// The reading list and the reading room are one page: what stands in it is exchanged, so that the viewer stays.
import { openedBy } from "../fresh-token.js";
import { toast } from "../htmx-setup.js";

const OURS = /^\/(?:reading\/\d+|worklist\/reading)\/$/;
const FORMS = /^\/worklist\/reading\//;
let going = false;
let here = location.pathname + location.search;

const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));
const parse = (html) => new DOMParser().parseFromString(html, "text/html");
const isOurs = (url) => url.origin === location.origin && OURS.test(url.pathname);

// Whoever holds something unsaved may ask for time, or keep the reader here.
async function mayLeave() {
  const waits = [];
  const leaving = new CustomEvent("room:leaving", { cancelable: true, detail: { waitUntil: (one) => waits.push(one) } });
  if (!document.dispatchEvent(leaving)) return false;
  return (await Promise.all(waits)).every((answer) => answer !== false);
}

function bring(page) {
  for (const node of page.head.querySelectorAll('link[rel="stylesheet"], script[type="module"][src]')) {
    const name = node.matches("link") ? "href" : "src";
    if (document.head.querySelector(`[${name}="${CSS.escape(node.getAttribute(name))}"]`)) continue;
    const fresh = document.createElement(node.localName);
    for (const { name: key, value } of node.attributes) fresh.setAttribute(key, value);
    document.head.append(fresh);
  }
  const token = 'meta[name="csrf-token"]';
  document.querySelector(token).content = page.querySelector(token).content;
}

// One task, so one frame: banner, report and the place of the images change together.
function exchange(page) {
  tell("room:left");
  document.title = page.title;
  for (const old of document.querySelectorAll("[data-banner], main")) old.remove();
  const after = document.getElementById("viewer-keep");
  for (const banner of page.querySelectorAll("[data-banner]")) after.before(document.adoptNode(banner));
  const main = document.adoptNode(page.querySelector("main"));
  after.after(main);
  window.htmx.process(main);
  window.scrollTo(0, 0);
  main.focus({ preventScroll: true });
  tell("room:arrived", { task: main.querySelector("#room")?.dataset.taskId });
}

function refuse(page) {
  const words = page.querySelector("[data-error-message]")?.textContent.trim();
  toast(words || "The server could not do this. Nothing was changed.", "error");
  return false;
}

async function ask(url, body) {
  const answer = await fetch(url, { method: body ? "POST" : "GET", body, headers: body ? openedBy() : {}, credentials: "same-origin" });
  const found = new URL(answer.url);
  if (answer.ok) tell("room:granted", { pathname: found.pathname }); // the case is open, before its page is read
  return { page: parse(await answer.text()), url: found, status: answer.status };
}

// Somebody else has signed in: the page is theirs from its head on.
function isAnothers(page) {
  const [mine, theirs] = [document, page].map((one) => one.querySelector('meta[name="user"]')?.content);
  return Boolean(theirs) && theirs !== mine;
}

// Whether it goes there; a page that is not this one's is loaded.
async function travel(url, body, push) {
  const found = await ask(url, body);
  const isRefused = found.status >= 400;
  const isRoom = found.page.querySelector("#viewer-keep") !== null;
  if (isRefused && !isRoom) return refuse(found.page);
  if (!isRoom || (!isRefused && (isAnothers(found.page) || !isOurs(found.url)))) {
    location.assign(found.url);
    return true;
  }
  bring(found.page);
  if (push && isOurs(found.url)) history.pushState(null, "", found.url);
  here = location.pathname + location.search;
  exchange(found.page);
  return true;
}

// What an address holds comes into this page, without a step in its history; false when it was refused.
export async function fetchInto(url) {
  const found = await ask(new URL(url, location.href));
  if (found.status >= 400 || isAnothers(found.page) || !found.page.querySelector("#viewer-keep")) return false;
  bring(found.page);
  exchange(found.page);
  return true;
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
