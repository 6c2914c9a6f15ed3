// Of all questions of safety a form shows those that the chosen exams ask.
const frame = document.getElementById("safety");

export function ask(kinds) {
  if (!frame) return;
  for (const row of frame.querySelectorAll("[data-question]")) row.hidden = !kinds.includes(row.dataset.question);
  frame.hidden = !kinds.length;
}
