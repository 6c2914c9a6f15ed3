// Which page of this browser keeps what: each writes under a name of its own, and what a living one keeps is its business.
const LIVES = "isocenter:typing:";

export const HERE = `now-${crypto.randomUUID?.() ?? Math.random()}`;

// Held as long as the page lives.
navigator.locks?.request(LIVES + HERE, () => new Promise(() => {}));

// The names of the other pages that live.
export async function othersAlive() {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  const names = held.map(({ name }) => name).filter((name) => name.startsWith(LIVES));
  return names.map((name) => name.slice(LIVES.length)).filter((name) => name !== HERE);
}

// Whether that is what a page keeps while it is typed into, and nothing that was put aside.
export const isRunning = (name) => /:now[^:]*$/.test(name);
