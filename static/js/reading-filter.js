// The filter of a list: a choice takes effect at once, typing when it rests; the address says what is narrowed.
const REST = 500;
const form = document.querySelector("[data-filter]");
let waiting = 0;

function go() {
  const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ""));
  const address = `${location.pathname}${query.size ? `?${query}` : ""}`;
  if (address !== location.pathname + location.search) location.assign(address);
}

if (form) {
  form.querySelector("button")?.classList.add("visually-hidden-focusable");
  form.addEventListener("change", (event) => {
    if (event.target.matches("select")) go();
  });
  form.addEventListener("input", (event) => {
    if (!event.target.matches("input")) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      sessionStorage.setItem("isocenter-typing", event.target.id);
      go();
    }, REST);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    go();
  });
  const typed = document.getElementById(sessionStorage.getItem("isocenter-typing") ?? "");
  sessionStorage.removeItem("isocenter-typing");
  if (typed) {
    typed.focus();
    typed.setSelectionRange(typed.value.length, typed.value.length);
  }
}
