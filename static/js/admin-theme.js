// The administration and the rest of Isocenter have one theme: what was chosen last, in either, holds in both.
const OURS = "isocenter-theme";
const DJANGOS = "theme";

function follow() {
  const chosen = localStorage.getItem(OURS) ?? localStorage.getItem(DJANGOS) ?? "auto";
  localStorage.setItem(DJANGOS, chosen);
  document.documentElement.dataset.theme = chosen;
}

follow();
window.addEventListener("storage", (event) => event.key === OURS && follow());
document.addEventListener("click", (event) => {
  if (event.target.closest?.(".theme-toggle")) localStorage.setItem(OURS, localStorage.getItem(DJANGOS));
});
