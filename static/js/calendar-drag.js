// Dragging an order from the list into the calendar, and greying the rooms that cannot do an exam.
const label = document.getElementById("drag-label");

function parsed(text) {
  return Object.fromEntries(text.split("|").filter(Boolean).map((part) => part.split(/=(.*)/s).slice(0, 2)));
}

// Heads and columns stand in the order of the rooms, so often as days are shown.
export function dim(frame, rooms, refusals) {
  for (const selector of [".ec-header .ec-col-head", ".ec-body .ec-day"]) {
    const cells = [...frame.querySelectorAll(selector)];
    if (cells.length % rooms.length) continue;
    cells.forEach((cell, index) => {
      const room = rooms.length === 1 ? rooms[0] : rooms[index % rooms.length];
      cell.classList.toggle("is-unfit", room.id in refusals);
    });
  }
}

export function undim(frame) {
  frame.querySelectorAll(".is-unfit").forEach((cell) => cell.classList.remove("is-unfit"));
}

function show(event, words, refused) {
  label.hidden = !words;
  label.textContent = words;
  label.classList.toggle("drag-label--refused", refused);
  label.style.left = `${event.clientX + 14}px`;
  label.style.top = `${event.clientY + 14}px`;
}

// Calls drop(order, {resource, date}) when an order is let go on a slot. `at(x, y)` finds the slot, `clock(date)` its time.
export function acceptOrders(frame, { rooms, at, clock, drop, busy }) {
  let order = null;

  document.addEventListener("dragstart", (event) => {
    const item = event.target.closest?.("[data-book]");
    if (!item) return;
    order = { url: item.dataset.book, minutes: item.dataset.minutes, refusals: parsed(item.dataset.refusals) };
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", item.querySelector(".slot__name").textContent);
    item.classList.add("is-dragged");
    busy(true);
    dim(frame, rooms, order.refusals);
  });

  document.addEventListener("dragend", () => {
    document.querySelectorAll(".is-dragged").forEach((item) => item.classList.remove("is-dragged"));
    label.hidden = true;
    order = null;
    undim(frame);
    busy(false);
  });

  frame.addEventListener("dragover", (event) => {
    if (!order) return;
    event.preventDefault();
    const slot = at(event.clientX, event.clientY);
    const why = slot && order.refusals[slot.resource.id];
    show(event, slot ? `${slot.resource.title} ${clock(slot.date)}${why ? `: ${why}` : ""}` : "", Boolean(why));
  });

  frame.addEventListener("drop", (event) => {
    const slot = order && at(event.clientX, event.clientY);
    if (!slot) return;
    event.preventDefault();
    drop(order, slot);
  });
}
