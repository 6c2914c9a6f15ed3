// Which windows of this browser hold drawings of a case that are not saved: theirs are drawn again nowhere while they live.
import { channel, from } from "./channel.js";

const WHO_MS = 800;
const others = new Set();
let mine = () => ({});

// `said` tells the {url, holder} of this window whenever another one asks.
export function answerAs(said) {
  mine = said;
}

// Of what the RIS has of a case, what no other window holds.
export async function free(url, found) {
  others.clear();
  if (found.length) {
    channel.postMessage({ kind: "drafts-who", from, url });
    await new Promise((done) => setTimeout(done, WHO_MS));
  }
  return found.filter(({ window }) => !others.has(window)).map(({ window: _window, ...one }) => one);
}

channel.addEventListener("message", ({ data }) => {
  const { url, holder } = mine();
  if (data.kind === "drafts-who" && data.url === url) channel.postMessage({ kind: "drafts-here", to: data.from, holder });
  if (data.kind === "drafts-here" && data.to === from) others.add(data.holder);
});
