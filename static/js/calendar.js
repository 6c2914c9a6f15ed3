// The booking calendar: rooms as columns. The server decides; what it refuses goes back where it was.
import EventCalendar from "../vendor/event-calendar/event-calendar.min.js";
import { acceptOrders, dim, undim } from "./calendar-drag.js";
import { post, tellWithUndo, wallOf } from "./calendar-write.js";

const SECONDS = 4;
const frame = document.getElementById("calendar");
const { offset, view } = frame.dataset;
const rooms = [...frame.querySelector("template").content.querySelectorAll("[data-room]")].map((mark) => ({
  id: mark.dataset.room,
  title: mark.textContent,
}));
let version = "";
let held = false;

const clock = (date) => wallOf(date).time;
const minutesOf = (duration) => Math.round(duration.seconds / 60) + duration.days * 1440;

function line(className, text) {
  const part = document.createElement("div");
  part.className = className;
  part.textContent = text;
  return part;
}

function content({ event, timeText }) {
  if (event.display === "background") return { domNodes: [line("shut__reason", event.title)] };
  const { exam, state } = event.extendedProps;
  return {
    domNodes: [line("visit__name", `${timeText.slice(0, 5)} ${event.title}`), line("visit__exam", `${exam}, ${state}`)],
  };
}

const roomOf = (event) => event.resourceIds[0];

async function refresh() {
  const url = new URL(frame.dataset.events, location.href);
  url.searchParams.set("seen", version);
  const answer = await fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  if (answer.redirected || answer.status === 403) return location.reload();
  if (answer.status !== 204 && !answer.ok) throw new Error(String(answer.status));
  if (answer.status !== 200 || held) return;
  const found = await answer.json();
  version = found.version;
  calendar.setOption("events", found.events);
}

// Something was written: what the widget thinks is replaced by what the server says.
async function afterwards() {
  version = "";
  await refresh().catch(() => mark(true));
}

function mark(stale) {
  for (const sign of document.querySelectorAll('[data-live-mark="calendar"]')) {
    sign.toggleAttribute("data-stale", stale);
    sign.textContent = stale ? "Not live: the server does not answer" : "Live";
  }
}

function whereIs(event, extra) {
  const { minutes, was, place } = event.extendedProps;
  return { url: place, fields: { room: roomOf(event), ...wallOf(event.start), minutes, was, ...extra } };
}

async function write(info, extra) {
  const before = whereIs(info.oldEvent, {});
  const { url, fields } = whereIs(info.event, extra);
  const done = await post(url, { ...fields, was: before.fields.was });
  if (!done) info.revert();
  await afterwards();
  if (!done) return;
  tellWithUndo(done.message, async () => {
    await post(url, { ...before.fields, ...(extra.keep_start ? { keep_start: "1" } : {}), was: done.was });
    await afterwards();
  });
}

// The list itself comes anew with its next poll.
function countWaiting() {
  const list = document.getElementById("waiting");
  list.querySelector(".count").textContent = list.querySelectorAll("li").length;
}

async function bookOrder(order, { resource, date }) {
  const done = await post(order.url, { room: resource.id, ...wallOf(date), minutes: order.minutes });
  await afterwards();
  if (!done) return;
  document.querySelector(`[data-book="${order.url}"]`)?.remove();
  countWaiting();
  tellWithUndo(done.message, async () => {
    await post(frame.dataset.undo.replace("/0/", `/${done.appointment}/`), { was: done.was });
    await afterwards();
  });
}

function began(info) {
  held = true;
  dim(frame, rooms, info.event.extendedProps.refusals);
}

function ended() {
  held = false;
  undim(frame);
}

const calendar = EventCalendar.create(frame, {
  view: view === "week" ? "resourceTimeGridWeek" : "resourceTimeGridDay",
  date: frame.dataset.first,
  timeZone: offset,
  resources: rooms,
  events: [],
  headerToolbar: { start: "", center: "", end: "" },
  height: "100%",
  firstDay: 1,
  allDaySlot: false,
  nowIndicator: true,
  slotEventOverlap: false,
  slotDuration: "00:15",
  snapDuration: "00:05",
  slotLabelInterval: "01:00",
  slotHeight: 28,
  locale: "en-GB",
  slotMinTime: frame.dataset.opens,
  slotMaxTime: frame.dataset.closes,
  flexibleSlotTimeLimits: { eventFilter: (event) => event.display !== "background" },
  scrollTime: `${String(Math.max(Number(frame.dataset.hour) - 1, 0)).padStart(2, "0")}:00`,
  slotLabelFormat: { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  eventTimeFormat: { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  dayHeaderFormat: { weekday: "short", day: "numeric", month: "short" },
  editable: true,
  eventContent: content,
  eventClick: ({ event }) => event.extendedProps.url && location.assign(event.extendedProps.url),
  eventDragStart: began,
  eventDragStop: ended,
  eventResizeStart: () => { held = true; },
  eventResizeStop: ended,
  eventDrop: (info) => write(info, {}),
  eventResize: (info) => write(info, { minutes: info.oldEvent.extendedProps.minutes + minutesOf(info.endDelta), keep_start: "1" }),
});

frame.querySelector(".ec-main").tabIndex = 0; // it scrolls, also by keyboard

acceptOrders(frame, { rooms, at: (x, y) => calendar.dateFromPoint(x, y), clock, drop: bookOrder, busy: (on) => { held = on; } });

async function round() {
  if (!document.hidden && !held) await refresh().then(() => mark(false), () => mark(true));
  setTimeout(round, SECONDS * 1000);
}
round();
