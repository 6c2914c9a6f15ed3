/* Dictations that the server does not have yet: second by second on this computer, each sealed for its speaker (sealing.js), so
   that a browser that dies takes nothing with it. They go when they were sent or discarded, when their speaker signs out
   (recordings-out.js), and after a week. */
import { asked, forget, parts, USER } from "./recordings-out.js";
import { opened, sealed } from "./sealing.js";

const place = (id) => `isocenter:recording:${id}`;

/* A recording as it grows. `about`: { report, url, section }. While this page has it, no other offers it. */
export function growing(about, secret) {
  const id = crypto.randomUUID();
  let [number, kept, release] = [0, Promise.resolve(), () => {}];
  void navigator.locks?.request(place(id), () => new Promise((resolve) => { release = resolve; }));
  const keep = async (one) => asked((await parts("readwrite")).put(one));
  return {
    /* One after the other, and none after one that could not be kept: what is there can be played. */
    add(blob, seconds) {
      const one = { ...about, id, number, seconds, user: USER, type: blob.type, at: Date.now() };
      number += 1;
      kept = kept.then(async () => keep({ ...one, ...(await sealed(await blob.arrayBuffer(), secret)) }));
      return kept;
    },
    async gone() {
      await kept.catch(() => {});
      await drop(id).catch(() => {});
      release();
    },
  };
}

export const drop = async (id) => asked((await parts("readwrite")).delete(IDBKeyRange.bound([id], [id, Infinity])));

async function whole(rows, secret) {
  const sound = await Promise.all(rows.map((row) => opened(row, secret)));
  return { ...rows.at(-1), blob: new Blob(sound, { type: rows[0].type }) };
}

async function mine(report) {
  const rows = await asked((await parts("readonly")).getAll());
  return rows.filter((row) => row.user === USER && row.report === report);
}

/* What this person dictated for a report, each as soon as no page has it any more: `offer` gets { id, url, section, seconds, at,
   blob } and answers when this page is done with it. `until` ends the waiting. */
export async function left(report, secret, until, offer) {
  await forget();
  const begun = (await mine(report)).filter(({ number }) => number === 0);
  for (const { id } of begun) {
    void navigator.locks.request(place(id), { signal: until }, async () => {
      const rows = (await mine(report)).filter((row) => row.id === id);
      if (rows.length && !until.aborted) await offer(await whole(rows, secret));
    }).catch(() => {}); // Nobody waits any more, or the key is another: nothing to offer.
  }
}
