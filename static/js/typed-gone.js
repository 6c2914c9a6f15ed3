// Text of one person is not left on a computer that another uses now. What had to go so is not lost in silence: its writer
// is told when and where it was typed, at the next sign-in in this tab. Of the text nothing is kept (typed-text.js).
const GONE = "isocenter:typed-gone:";
const mine = (user) => Object.keys(sessionStorage).filter((key) => key.startsWith(`${GONE}${user}:`));

/* `key`: "<prefix><user>:<path>#<form>"; only the person and the page are kept of it, never what follows a "?". */
export function bury(key, prefix, at) {
  const [user, ...rest] = key.slice(prefix.length).split(":");
  const path = rest.join(":").split(/[?#]/)[0];
  if (!path.startsWith("/")) return;
  try { sessionStorage.setItem(`${GONE}${user}:${path}`, String(at)); } catch { /* a browser that keeps nothing */ }
}

export const forgetAll = () => { for (const key of Object.keys(sessionStorage)) if (key.startsWith(GONE)) sessionStorage.removeItem(key); };

function note(user, key) {
  const box = document.createElement("div");
  box.className = "alert alert-warning d-flex flex-wrap gap-2 align-items-center";
  box.setAttribute("role", "status");
  const at = new Date(Number(sessionStorage.getItem(key))).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  const words = Object.assign(document.createElement("span"), {
    textContent: `What you typed at ${at} was not saved. It was removed from this computer when somebody else signed in here: please type it again.`,
  });
  const there = Object.assign(document.createElement("a"), { href: key.slice(`${GONE}${user}:`.length), textContent: "Go to that page" });
  const done = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-sm btn-secondary", textContent: "I know" });
  done.addEventListener("click", () => { sessionStorage.removeItem(key); box.remove(); });
  box.append(words, there, done);
  (document.querySelector("main") ?? document.body).prepend(box);
}

export function tellOfGone(user) {
  for (const key of mine(user)) note(user, key);
}
