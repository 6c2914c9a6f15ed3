// Measurements of an image window that are not saved when its case goes, though that was tried: whoever reads saves them
// there, or leaves them out on purpose.
import { bridge } from "./alive.js";
import { part, say } from "./notices.js";

const notice = () => part("left-notice");

export function offerToLeaveOut(words) {
  if (!notice()) return;
  notice().querySelector("p").textContent = words;
  notice().hidden = false;
}

export function withdrawOffer() {
  if (notice()) notice().hidden = true;
}

document.addEventListener("click", (event) => {
  if (!event.target.closest?.("#left-notice button")) return;
  bridge().leaveOut();
  say("");
  withdrawOffer();
  document.dispatchEvent(new Event("viewer:left-out"));
});
