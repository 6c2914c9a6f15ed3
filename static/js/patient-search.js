// The search box: arrows walk from the field into the answers and back. Fetching while typing is htmx's.
const field = document.getElementById("q");
const links = () => [...document.querySelectorAll("[data-found] .row-link")];

document.addEventListener("keydown", (event) => {
  if (!["ArrowDown", "ArrowUp"].includes(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
  const found = links();
  const here = found.indexOf(document.activeElement);
  if (document.activeElement !== field && here < 0) return;
  const next = here + (event.key === "ArrowDown" ? 1 : -1);
  if (next < 0) field.focus();
  else found[Math.min(next, found.length - 1)]?.focus();
  event.preventDefault();
});

// Who was not found is registered with what was typed.
field.addEventListener("input", () => {
  const link = document.querySelector("[data-register]");
  if (!link) return;
  const address = new URL(link.href);
  address.search = field.value.trim() ? `?${new URLSearchParams({ q: field.value.trim() })}` : "";
  link.href = address.href;
});
