// The filter of a list: a choice takes effect at once, typing when it rests; the address says what is narrowed.
// The list may come and go while the page stays, so the document listens.
const REST = 500;
const TYPING = "isocenter-typing";
const ours = (node) => node.closest?.("[data-filter]");
let waiting = 0;

function go(form) {
  const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ""));
  const address = `${location.pathname}${query.size ? `?${query}` : ""}`;
  if (address === location.pathname + location.search) return;
  const event = new CustomEvent("shell:go", { cancelable: true, detail: { url: address } });
  if (document.dispatchEvent(event)) location.assign(address);
}

document.addEventListener("change", (event) => {
  if (ours(event.target) && event.target.matches("select")) go(ours(event.target));
});

document.addEventListener("input", (event) => {
  const form = ours(event.target);
  if (!form || !event.target.matches("input")) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    sessionStorage.setItem(TYPING, event.target.id);
    if (form.isConnected) go(form);
  }, REST);
});

document.addEventListener("submit", (event) => {
  if (!ours(event.target)) return;
  event.preventDefault();
  go(ours(event.target));
});

function enter() {
  clearTimeout(waiting);
  document.querySelector("[data-filter] button")?.classList.add("visually-hidden-focusable");
  const typed = document.getElementById(sessionStorage.getItem(TYPING) ?? "");
  sessionStorage.removeItem(TYPING);
  if (!typed) return;
  typed.focus();
  typed.setSelectionRange(typed.value.length, typed.value.length);
}

document.addEventListener("room:arrived", enter);
enter();
