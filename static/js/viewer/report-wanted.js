// The report beside the images: asked for once the first of them is seen, so that neither server nor browser is busy with
// it before, and in any case a moment after the case has come. A page that is loaded anew asks at once.
const LATEST_MS = 300;
let timer = 0;

const want = () => document.getElementById("report")?.dispatchEvent(new Event("report:wanted"));

document.addEventListener("viewer:shown", want);
document.addEventListener("room:arrived", () => {
  clearTimeout(timer); // of the page before
  timer = setTimeout(want, LATEST_MS);
});
if (document.readyState === "complete") want();
else document.addEventListener("DOMContentLoaded", () => setTimeout(want, 0)); // what it triggers is bound by then
