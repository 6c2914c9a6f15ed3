/* The typist's keys: they work while the hands stay in the text. */
const STEP = 3;
const player = document.querySelector("[data-player]");
const acts = {
  KeyK: () => (player.paused ? player.play().catch(() => {}) : player.pause()),
  KeyJ: () => { player.currentTime = Math.max(0, player.currentTime - STEP); },
  KeyL: () => { player.currentTime += STEP; },
};

document.addEventListener("keydown", (event) => {
  if (!player || !event.altKey || event.ctrlKey || event.metaKey || !acts[event.code]) return;
  event.preventDefault();
  acts[event.code]();
});
