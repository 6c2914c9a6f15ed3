// The two directions between this page and OHIF in its frame: its messages, checked; its commands, called.
import { numberless } from "./reckoning.js";

const CONTEXT = "CORNERSTONE_STRUCTURED_REPORT";
const SOURCE = "isocenter";

// What a saved measurement consists of; drawing it again with new statistics does not change it.
const shape = (one) => JSON.stringify([one.points, one.label, one.SOPInstanceUID]);

export class Bridge {
  #listeners = new Map();
  #saved = new Map(); // uid to the shape that the archive has
  #sent = new Map(); // uid to the shape that is on its way there
  #drafts = new Set(); // uids that the RIS draws again: they come like loaded ones, and the archive has none of them

  constructor(frame) {
    this.frame = frame;
    this.unsaved = new Set();
    window.addEventListener("message", (event) => this.#receive(event));
  }

  on(type, listener) {
    this.#listeners.set(type, listener);
  }

  // Null while the frame holds a page that may not be looked into, such as the browser's own of an error.
  get window() {
    return this.frame.contentDocument && this.frame.contentWindow;
  }

  #receive(event) {
    if (event.origin !== location.origin || event.source !== this.window) return;
    const message = event.data;
    if (message?.source !== "ohif" || typeof message.type !== "string") return;
    this.#note(message);
    this.#listeners.get(message.type)?.(message);
  }

  #note({ type, uid, uids }) {
    if (type === "measurement-loaded" && !this.#drafts.has(uid)) this.#settle([uid]);
    else if (type === "object-stored" || type === "object-kept") this.#settle(uids, this.#sent);
    else if (type.startsWith("measurement-")) this.#compare();
  }

  // To be told before the frame's message of it comes.
  expectDraft(uid) {
    this.#drafts.add(uid);
  }

  // Another case comes: what was measured in this one is settled, and what OHIF remembers of the next one's list of
  // objects is asked anew.
  forget(studies) {
    this.rest();
    const source = this.window.extensionManager?.getDataSources?.(SOURCE)?.[0];
    for (const uid of studies) source?.deleteStudyMetadataPromise?.(uid);
    this.window.services?.measurementService?.clearMeasurements?.();
    this.#saved.clear();
    this.#sent.clear();
    this.#drafts.clear();
    this.unsaved = new Set();
  }

  // What is still to be fetched of the case that goes would stand in the way of whatever comes.
  rest() {
    const pool = this.window?.cornerstone?.imageLoadPoolManager;
    for (const kind of ["prefetch", "thumbnail", "interaction"]) pool?.clearRequestStack(kind);
  }

  // No image stays, whoever shows the frame.
  close() {
    this.frame.src = "about:blank";
    this.frame.hidden = true;
  }

  // These are safe as they were sent (or are now): in the archive, or kept by the RIS until the archive takes them.
  #settle(uids, sent = new Map()) {
    for (const one of this.#measurements()) {
      if (uids.includes(one.uid)) this.#saved.set(one.uid, sent.get(one.uid) ?? shape(one));
    }
    this.#compare();
  }

  // OHIF's own list tells which measurements there are, and how they look.
  #compare() {
    const changed = this.#measurements().filter((one) => this.#saved.get(one.uid) !== shape(one));
    this.unsaved = new Set(changed.map((one) => one.uid));
  }

  #measurements() {
    return this.window?.services?.measurementService?.getMeasurements() ?? [];
  }

  // The studies of these measurements.
  studiesOf(uids) {
    return this.#measurements().filter(({ uid }) => uids.includes(uid)).map((one) => one.referenceStudyUID);
  }

  // What is not saved is left out on purpose: as it looks now it is settled.
  leaveOut() {
    this.#settle([...this.unsaved]);
  }

  // Measurements of two studies become two reports: each belongs into its own study, and one that is not taken holds up
  // none of the others. The messages of OHIF's store tell what became of each. Answers whether each was taken, and how
  // many measurements have no number to be stored: those stay not saved.
  async save() {
    this.#compare();
    const without = await numberless(this.window, () => this.unsaved);
    const waiting = this.#measurements().filter(({ uid }) => this.unsaved.has(uid) && !without.has(uid));
    const studies = new Map();
    for (const one of waiting) {
      studies.set(one.referenceStudyUID, [...(studies.get(one.referenceStudyUID) ?? []), one]);
    }
    const taken = [];
    for (const measurementData of studies.values()) {
      taken.push(await this.#store(measurementData).then(() => true, () => false));
    }
    return { taken, numberless: without.size };
  }

  async #store(measurementData) {
    for (const one of measurementData) this.#sent.set(one.uid, shape(one));
    const options = { SeriesDescription: "Preliminary measurements", SeriesNumber: this.#seriesNumber() };
    const command = { measurementData, dataSource: SOURCE, additionalFindingTypes: ["ArrowAnnotate"], options };
    await this.window.commandsManager.runCommand("storeMeasurements", command, CONTEXT);
  }

  #seriesNumber() {
    const sets = this.window.services.displaySetService.getActiveDisplaySets();
    const used = sets.map((set) => Number(set.SeriesNumber)).filter((number) => number > 3000 && number < 9000);
    return Math.max(3000, ...used) + 1;
  }
}
