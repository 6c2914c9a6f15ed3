// Signing in again changes the token; the forms of this page were made with the old one. Who opened the page goes with
// it: when somebody else has signed in meanwhile, nothing is written in their name (ris/accounts/opened_by.py).
const OPENER = document.querySelector('meta[name="user"]')?.content ?? "";

export function freshen() {
  const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];
  if (!token) return;
  for (const input of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) {
    input.value = token;
    if (OPENER && !input.form?.elements.opened_by) input.after(Object.assign(document.createElement("input"), { type: "hidden", name: "opened_by", value: OPENER }));
  }
}

// What a write of this page says besides; one that it makes `byItself` keeps nobody signed in (ris/accounts/idle.py).
export const openedBy = (byItself = false) => ({ ...(OPENER && { "X-Opened-By": OPENER }), ...(byItself && { "X-Poll": "1" }) });
