/* What the report pane does beside typing and saving. The technique section follows the exam's record while nobody has typed in it: the numbers' fragment, which polls,
   carries the newest text. */
function follow() {
  const mark = document.querySelector("#numbers [data-composed]");
  const area = mark && document.querySelector(`#report-form [name="section-${CSS.escape(mark.dataset.composed)}"]`);
  if (!area || area.readOnly || area.value !== area.defaultValue) return;
  if (area.value === mark.dataset.composedText) return;
  area.value = area.defaultValue = mark.dataset.composedText;
}

document.addEventListener("poll:changed", (event) => {
  if (event.target.id === "numbers") follow();
});
