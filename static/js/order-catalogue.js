// The catalogue of the order form: rows are narrowed while typing; what is ticked always stays in sight.
import { ask } from "./safety-questions.js";

const catalogue = document.getElementById("catalogue");

const plain = (text) => text.normalize("NFD").replace(/\p{Diacritic}/gu, "").toLowerCase();

function narrow(rows, text, count) {
  const words = plain(text).split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const row of rows) {
    const fits = words.every((word) => row.words.includes(word));
    row.element.hidden = !fits && !row.box.checked;
    if (fits) shown += 1;
  }
  count.textContent = words.length ? `${shown} of ${rows.length} procedures` : `${rows.length} procedures`;
}

function chooseOnly(rows, event) {
  if (event.key !== "Enter") return;
  event.preventDefault(); // Enter in the search never sends a half-filled order
  const fitting = rows.filter((row) => !row.element.hidden && !row.box.checked);
  if (fitting.length === 1) fitting[0].box.click();
}

const asked = (rows) => rows.filter((row) => row.box.checked).flatMap((row) => (row.element.dataset.asks ?? "").split(" ").filter(Boolean));

if (catalogue) {
  const search = catalogue.querySelector("#catalogue-search");
  const count = catalogue.querySelector(".catalogue__count");
  const rows = [...catalogue.querySelectorAll(".catalogue__row")].map((element) => ({
    element, words: plain(element.dataset.words), box: element.querySelector("input[type=checkbox]"),
  }));
  const chosen = rows.filter((row) => row.box.checked);
  catalogue.querySelector(".catalogue__list").prepend(...chosen.map((row) => row.element));
  catalogue.querySelector(".catalogue__search").hidden = false;
  search.addEventListener("input", () => narrow(rows, search.value, count));
  search.addEventListener("keydown", (event) => chooseOnly(rows, event));
  // A side alone is as good as a tick: nobody picks one for an exam that is not wanted.
  catalogue.addEventListener("change", (event) => {
    const row = event.target.closest(".catalogue__row");
    if (event.target.matches("select") && event.target.value) row.querySelector("input").checked = true;
    ask(asked(rows));
  });
  ask(asked(rows));
  narrow(rows, search.value, count);
}
