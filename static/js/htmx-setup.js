// htmx: the CSRF token on every write, and failures told in words.
const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? "";

export function toast(text, kind = "info") {
  const note = document.createElement("div");
  note.className = `toast-note toast-note--${kind}`;
  const words = document.createElement("p");
  words.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "close";
  close.dataset.dismiss = "";
  close.setAttribute("aria-label", "Dismiss");
  close.textContent = "×";
  note.append(words, close);
  // Everything outside an open modal dialog is inert: what is said then is said inside it.
  const dialog = document.querySelector("dialog:modal");
  if (dialog) {
    dialog.querySelectorAll(".toast-note").forEach((older) => older.remove());
    note.setAttribute("role", "alert");
    dialog.prepend(note);
  } else {
    document.getElementById("toasts").append(note);
  }
  if (kind !== "error") setTimeout(() => note.remove(), 8000);
}

document.addEventListener("click", (event) => {
  event.target.closest("[data-dismiss]")?.closest(".toast-note")?.remove();
});

document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.verb === "get") return;
  event.detail.headers["X-CSRFToken"] = meta("csrf-token");
  if (meta("user")) event.detail.headers["X-Opened-By"] = meta("user"); // ris/accounts/opened_by.py
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  const answered = new URL(xhr.responseURL || location.href).pathname;
  if (answered === meta("sign-in")) {
    // The session ended: the sign-in page comes as a page, not as a fragment, and leads back here.
    event.detail.shouldSwap = false;
    location.assign(`${answered}?next=${encodeURIComponent(location.pathname + location.search)}`);
    return;
  }
  if (xhr.status < 400) return;
  const page = new DOMParser().parseFromString(xhr.responseText, "text/html");
  const words = page.querySelector("[data-error-message]")?.textContent.trim();
  // A form that comes back with its faults (422) goes where it was; a refusal is told beside the page.
  event.detail.shouldSwap = xhr.status === 422 && !words;
  if (!event.detail.shouldSwap) toast(words || "The server could not do this. Nothing was saved.", "error");
});

document.addEventListener("htmx:sendError", () => {
  toast("The server does not answer. Nothing was saved; please try again.", "error");
});

document.addEventListener("toast", (event) => toast(event.detail.value ?? event.detail, "success"));
