// Files from a disc, a folder or a ZIP, sent one after the other in pieces, so that neither browser nor server holds them.
const PIECE = 8 * 1024 * 1024;
const area = document.querySelector("[data-drop]");
const status = area.querySelector("[data-drop-status]");
const bar = area.querySelector("progress");
const close = document.querySelector("[data-drop-close]");
const button = close.querySelector("button");
let waiting = Promise.resolve();
let sent = 0;
let total = 0;
let files = 0;

function tell(text) { status.textContent = text; }

async function* walk(entry, path = "") {
  if (entry.isFile) {
    yield { name: path + entry.name, file: await new Promise((done, failed) => entry.file(done, failed)) };
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (!some.length) return;
    for (const inner of some) yield* walk(inner, `${path}${entry.name}/`);
  }
}

async function send(name, file) {
  const token = close.querySelector("[name=csrfmiddlewaretoken]").value;
  for (let offset = 0; offset === 0 || offset < file.size; offset += PIECE) {
    const body = file.slice(offset, offset + PIECE);
    const address = `${area.dataset.drop}?${new URLSearchParams({ name, offset })}`;
    const headers = { "X-CSRFToken": token, "Content-Type": "application/octet-stream", Accept: "application/json" };
    const answer = await fetch(address, { method: "POST", body, headers });
    if (!answer.ok) throw new Error(await words(answer));
    sent += body.size;
    bar.value = total ? sent / total : 0;
  }
}

async function words(answer) {
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return page.querySelector("main p, .error-page p")?.textContent?.trim() || `The server answered ${answer.status}.`;
}

async function take(found) {
  bar.hidden = false;
  button.disabled = true;
  try {
    for (const { name, file } of found) {
      await send(name, file);
      files += 1;
      tell(`${files} file${files === 1 ? "" : "s"} sent.`);
    }
    tell(`${files} file${files === 1 ? "" : "s"} here. Look at them now, or add more.`);
    button.disabled = false;
    button.focus();
  } catch (fault) {
    tell(`${fault.message} ${files} file${files === 1 ? "" : "s"} were sent before that. Drop them again to go on.`);
  } finally {
    button.disabled = false;
  }
}

function queue(found) {
  total += found.reduce((sum, one) => sum + one.file.size, 0);
  waiting = waiting.then(() => take(found));
}

area.addEventListener("dragover", (event) => { event.preventDefault(); area.classList.add("drop--over"); });
area.addEventListener("dragleave", () => area.classList.remove("drop--over"));
area.addEventListener("drop", async (event) => {
  event.preventDefault();
  area.classList.remove("drop--over");
  const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
  const found = [];
  if (!entries.length) return tell("That is no file and no folder.");
  tell("Reading…");
  try {
    for (const entry of entries) for await (const one of walk(entry)) found.push(one);
  } catch (fault) {
    return tell(`It could not be read: ${fault.message} Nothing of it was sent; drop it again.`);
  }
  queue(found);
});
for (const input of area.querySelectorAll("input[type=file]")) {
  input.addEventListener("change", () => {
    queue([...input.files].map((file) => ({ name: file.webkitRelativePath || file.name, file })));
  });
}
