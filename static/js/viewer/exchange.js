// What an answer of the server brings into this page: another case, or the words of a refusal.
export const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));
export const parse = (html) => new DOMParser().parseFromString(html, "text/html");
export const wordsOf = (page) => page.querySelector("[data-error-message]")?.textContent.trim() ?? "";

export function bring(page) {
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
export function exchange(page) {
  tell("room:going");
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

// Somebody else has signed in: the page is theirs from its head on.
export function isAnothers(page) {
  const [mine, theirs] = [document, page].map((one) => one.querySelector('meta[name="user"]')?.content);
  return Boolean(theirs) && theirs !== mine;
}
