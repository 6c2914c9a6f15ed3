// How the windows of one reader in one browser talk to each other, and which of them this one is.
const user = document.querySelector("meta[name=user]")?.content ?? "";
export const channel = new BroadcastChannel(`isocenter-screens-${user}`);
export const from = `${Date.now()}-${Math.random()}`;
