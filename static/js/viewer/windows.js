// Two windows of one browser on two patients: only the one whose case was opened last signs. The server refuses as well
// (reporting/open_patient.py); this tells the reader before.
const me = `${Date.now()}-${Math.random()}`;
const room = () => document.getElementById("room");
const patient = () => room()?.dataset.patient;
const user = document.querySelector("meta[name=user]")?.content ?? "";
const channel = new BroadcastChannel(`isocenter-cases-${user}`);

function mark(isElsewhere) {
  const notice = document.getElementById("elsewhere-notice");
  if (!notice) return;
  room().toggleAttribute("data-elsewhere", isElsewhere);
  notice.hidden = !isElsewhere;
}

function announce() {
  if (patient()) channel.postMessage({ from: me, patient: patient() });
}

// Opening it again is what makes it the one that was opened last.
async function goOn() {
  const answer = await fetch(location.href, { credentials: "same-origin" }).catch(() => null);
  if (!answer?.ok || answer.redirected) return location.reload();
  mark(false);
  return announce();
}

function stop(event) {
  if (room()?.dataset.elsewhere === undefined) return;
  const isKey = event.type === "keydown" && (event.ctrlKey || event.metaKey) && event.key === "Enter";
  if (!isKey && !event.target.closest?.("[data-open-sign], #sign-now")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  document.querySelector("#elsewhere-notice button").focus();
}

channel.addEventListener("message", ({ data }) => {
  if (patient() && data.patient !== patient()) mark(true);
});
for (const type of ["click", "keydown"]) window.addEventListener(type, stop, { capture: true });
document.addEventListener("click", (event) => {
  if (event.target.closest?.("#elsewhere-notice button")) void goOn();
});
document.addEventListener("room:arrived", announce);
announce();
