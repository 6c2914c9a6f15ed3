// Somebody calls about a report: Alt+C asks for it on any page, even while something is typed there.
const dialog = document.getElementById("call-back");

document.addEventListener("keydown", (event) => {
  if (!dialog || !event.altKey || event.ctrlKey || event.metaKey || event.code !== "KeyC") return;
  event.preventDefault();
  if (!dialog.open) dialog.showModal();
  dialog.querySelector("input").select();
});

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-call-back-close]")) dialog.close();
  if (!event.target.closest?.("[data-call-back-open]")) return;
  document.getElementById("user-menu")?.hidePopover();
  dialog.showModal();
});
