/* Where dictations wait on this computer until they are sent (recordings.js), and how they go when their speaker signs out.
   Signing out leaves a note: that page may be gone before anything is deleted, and the next one does it. */
export const USER = document.querySelector('meta[name="user"]')?.content ?? "";
const OUT = "isocenter:forget-recordings:";
const LONGEST = 7 * 24 * 3600_000;

export const asked = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

export async function parts(mode) {
  const opening = indexedDB.open("isocenter-recordings", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("parts", { keyPath: ["id", "number"] });
  const base = await asked(opening);
  const transaction = base.transaction("parts", mode);
  transaction.oncomplete = transaction.onabort = () => base.close();
  return transaction.objectStore("parts");
}

const notes = () => Object.keys(localStorage).filter((name) => name.startsWith(OUT));

export async function forget() {
  const left = notes();
  const out = new Map(left.map((name) => [name.slice(OUT.length), Number(localStorage.getItem(name))]));
  const store = await parts("readwrite");
  for (const { id, number, user, at } of await asked(store.getAll())) {
    if (at <= out.get(user) || at < Date.now() - LONGEST) store.delete([id, number]);
  }
  for (const name of left) localStorage.removeItem(name);
}

document.addEventListener("submit", ({ target }) => {
  if (USER && target.matches?.("[data-sign-out]")) localStorage.setItem(`${OUT}${USER}`, String(Date.now()));
});
if (notes().length) void forget().catch(() => {}); // A browser that keeps nothing has nothing to forget.
