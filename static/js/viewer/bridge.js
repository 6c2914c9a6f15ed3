// The two directions between this page and OHIF in its frame: its messages, checked; its commands, called.
const CONTEXT = "CORNERSTONE_STRUCTURED_REPORT";
const SOURCE = "isocenter";
const LOOK_MS = 20;
const LOOKS = 100;

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

  get window() {
    return this.frame.contentWindow;
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

  // How the next case is hung, as the RIS says it now (it may have changed since the viewer started).
  learn(protocol) {
    if (!protocol) return;
    const hung = this.window.JSON.parse(protocol);
    this.window.services.hangingProtocolService.addProtocol(hung.id, hung);
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

  // Measurements of two studies become two reports: each belongs into its own study. Rejects at the first that is
  // not taken; the messages of OHIF's store tell what became of it.
  async save() {
    this.#compare();
    await this.#reckoned();
    const waiting = this.#measurements().filter((one) => this.unsaved.has(one.uid));
    const studies = new Map();
    for (const one of waiting) {
      studies.set(one.referenceStudyUID, [...(studies.get(one.referenceStudyUID) ?? []), one]);
    }
    for (const measurementData of studies.values()) await this.#store(measurementData);
  }

  // OHIF reckons a value up to a tenth of a second after its drawing changed: stored before, the new drawing would
  // stand under the old number.
  async #reckoned() {
    const annotations = () => [...this.unsaved].map((uid) => this.window.cornerstoneTools?.annotation.state.getAnnotation(uid));
    for (let left = LOOKS; left && annotations().some((one) => one?.invalidated); left -= 1) {
      await new Promise((done) => setTimeout(done, LOOK_MS));
    }
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
