// What the bar over the images says, and the notice under it. The page may come to hold another case, so nothing is
// looked up before it is needed.
export const part = (id) => document.getElementById(id);
export const isBlank = () => part("room")?.dataset.blank !== undefined;
export const isClosed = () => part("room")?.dataset.closed !== undefined;

export function say(text, kind = "") {
  const status = part("viewer-status");
  if (!status) return;
  status.textContent = text;
  status.dataset.kind = kind;
}

export function warn(text) {
  const notice = part("viewer-notice");
  if (!notice) return;
  notice.querySelector("p").textContent = text;
  notice.hidden = false;
}

export function calm() {
  const notice = part("viewer-notice");
  if (notice) notice.hidden = true;
}

// What the page calls these studies, such as "CT chest, 2026-03-01"; those that it does not know are left out.
export function named(studies) {
  const names = JSON.parse(part("viewer-slot")?.dataset.exams || "{}");
  return [...new Set(studies)].map((uid) => names[uid]).filter(Boolean).join(" and ");
}
