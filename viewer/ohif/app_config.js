// OHIF's configuration. The line before this file defines RIS, the values of this request; both make one script.
window.config = (() => {
  const post = (type, detail = {}) => {
    if (window.parent === window) return;
    window.parent.postMessage({ source: "ohif", type, ...detail }, window.location.origin);
  };
  const list = (value) => (value === undefined ? [] : Array.isArray(value) ? value : [value]);

  // Signing in again, in another tab, changes the value: the cookie always holds the present one.
  const csrf = () => {
    const found = document.cookie.split("; ").find((pair) => pair.startsWith(`${RIS.csrfCookie}=`));
    return found ? decodeURIComponent(found.slice(RIS.csrfCookie.length + 1)) : RIS.csrf;
  };

  // Measurements on their way to the archive.
  const storing = [];

  // The SR as it must reach the archive: who measured, for clinical use, and not yet part of a signed report.
  const finishReport = ({ dicomDict, measurementData, naturalizedReport: report }) => {
    storing.splice(0, storing.length, ...list(measurementData).map((one) => one.uid));
    for (const item of list(report.ContentSequence)) {
      const concept = list(item.ConceptNameCodeSequence)[0];
      if (concept && concept.CodeValue === "121008") item.PersonName = RIS.observer;
    }
    const study = report.StudyInstanceUID;
    // A report that is listed before it is sent has no description: ask the images, whichever stands first.
    const described = window.services?.displaySetService.getActiveDisplaySets()
      .filter((set) => set.StudyInstanceUID === study)
      .flatMap((set) => set.instances ?? [])
      .find((instance) => instance.StudyDescription);
    const description = described?.StudyDescription;
    if (description) report.StudyDescription = description;
    report.ContentQualification = "PRODUCT";
    delete report.ImageComments;
    report.CompletionFlag = "PARTIAL";
    report.CompletionFlagDescription = "Preliminary until the report is signed";
    report.PreliminaryFlag = "PRELIMINARY";
    report.VerificationFlag = "UNVERIFIED";
    report.Manufacturer = "Isocenter";
    report.SoftwareVersions = `Isocenter, OHIF ${RIS.version}`;
    return dicomDict;
  };

  // The segmentation that OHIF was asked to store last: it asks for a name in a dialog, so there is one at a time.
  let segmentation = "";
  const watchSegmentationStore = ({ contexts }) => {
    for (const commands of Object.values(contexts)) {
      const command = commands.storeSegmentation;
      if (!command || command.watched) continue;
      const commandFn = (options, ...rest) => {
        segmentation = options?.segmentationId ?? "";
        return command.commandFn(options, ...rest);
      };
      commands.storeSegmentation = { ...command, commandFn, watched: true };
    }
  };

  // OHIF lists a new object before it is sent, whatever becomes of it: only the answer to the store counts.
  const watchStore = (source) => {
    const send = source.store.dicom;
    if (send.watched) return;
    source.store.dicom = async (...args) => {
      const uids = storing.splice(0);
      const painted = args[0]?.Modality === "SEG" && { uid: segmentation };
      try {
        await send(...args);
        post("object-stored", { uids });
        if (painted) post("segmentation-stored", painted);
      } catch (error) {
        const kept = error?.status === 503 && /"kept": ?true/.test(String(error.response ?? ""));
        post(kept ? "object-kept" : "object-refused", { uids, status: error?.status });
        if (kept && painted) post("segmentation-stored", painted);
        throw error;
      }
    };
    source.store.dicom.watched = true;
  };

  // The page around may have begun a turn to a case that the server still opens: until it has, nothing of it is asked.
  // What a patient has besides is asked when the first image is there: it would stand in that image's way.
  const waitForLeave = (source) => {
    const { query, retrieve } = source;
    const askers = [[query.studies, "search"], [query.series, "search"], [query.instances, "search"], [retrieve.series, "metadata"]];
    for (const [owner, name] of askers) {
      const ask = owner[name];
      if (ask.waits) continue;
      owner[name] = async (...args) => {
        await window.mayAsk;
        if (args[0]?.patientId) await window.isDrawn;
        return ask.apply(owner, args);
      };
      owner[name].waits = true;
    }
    window.canWait = true;
  };

  // OHIF makes seven WebGL contexts for each case, before its first image, and drops them with it. All draw in one thread, so
  // two do, which the panes share. What draws one case can draw the next: a mode that ends gives back its panes, and the next
  // one finds the contexts, with their size and their programs, as they are.
  const keepEngine = ({ detail }) => {
    const engine = window.cornerstone.getRenderingEngine(detail.renderingEngineId);
    if (!engine || engine.isKept) return;
    engine.destroy = () => {
      for (const { id } of engine.getViewports()) engine.disableElement(id);
    };
    engine.isKept = true;
  };
  const keepEngines = () => {
    const { eventTarget, Enums, getConfiguration } = window.cornerstone;
    getConfiguration().rendering.webGlContextCount = 2;
    eventTarget.addEventListener(Enums.Events.ELEMENT_ENABLED, keepEngine);
  };

  // What each protocol is, by its name: bridge.js adds what it tells later.
  window.hangings = Object.fromEntries(RIS.protocols.map((one) => [one.id, JSON.stringify(one)]));

  const measurement = (found) => ({
    uid: found.uid,
    tool: found.toolName,
    label: found.label,
    study: found.referenceStudyUID,
    series: found.referenceSeriesUID,
    sop: found.SOPInstanceUID,
  });

  // Its listeners do not outlive a mode for certain; each is there once. Elsewhere than among the brushes nothing is
  // painted: there it changes when a stored one is shown.
  let followed = [];
  const followSegmentations = (service) => {
    for (const one of followed) one.unsubscribe();
    const hasBrushes = () => window.location.pathname.endsWith("/segmentation");
    const painted = ({ segmentationId: uid }) => hasBrushes() && post("segmentation-painted", { uid });
    const removed = ({ segmentationId: uid }) => post("segmentation-removed", { uid });
    const { SEGMENTATION_DATA_MODIFIED, SEGMENTATION_REMOVED } = service.EVENTS;
    followed = [service.subscribe(SEGMENTATION_DATA_MODIFIED, painted), service.subscribe(SEGMENTATION_REMOVED, removed)];
  };

  const bridge = {
    id: "isocenter.bridge",
    preRegistration: ({ servicesManager }) => {
      const { userAuthenticationService, measurementService } = servicesManager.services;
      userAuthenticationService.setServiceImplementation({
        getAuthorizationHeader: () => ({ Authorization: `Bearer ${csrf()}${RIS.opener && `~${RIS.opener}`}` }),
        handleUnauthenticated: () => post("unauthenticated"),
      });
      const events = measurementService.EVENTS;
      const changed = (type) => (event) => post(type, measurement(event.measurement ?? {}));
      measurementService.subscribe(events.MEASUREMENT_ADDED, changed("measurement-added"));
      measurementService.subscribe(events.MEASUREMENT_UPDATED, changed("measurement-updated"));
      measurementService.subscribe(events.RAW_MEASUREMENT_ADDED, changed("measurement-loaded"));
      measurementService.subscribe(events.MEASUREMENT_REMOVED, () => post("measurement-removed"));
      measurementService.subscribe(events.MEASUREMENTS_CLEARED, () => post("measurement-removed"));
    },
    getHangingProtocolModule: () => RIS.protocols.map((protocol) => ({ name: protocol.id, protocol })),
    onModeEnter: ({ extensionManager, servicesManager, commandsManager }) => {
      const [source] = extensionManager.getDataSources(RIS.sourceName);
      watchStore(source);
      watchSegmentationStore(commandsManager);
      waitForLeave(source);
      keepEngines();
      followSegmentations(servicesManager.services.segmentationService);
      post("ready");
    },
    onModeExit: () => post("left"),
  };

  const brand = (React) => React.createElement("span", { className: "text-foreground text-sm" }, RIS.brand);

  return {
    name: "isocenter",
    routerBasename: null,
    modes: [],
    showStudyList: false,
    maxNumberOfWebWorkers: 3,
    showWarningMessageForCrossOrigin: false,
    showCPUFallbackMessage: false,
    showLoadingIndicator: true,
    strictZSpacingForVolumeViewport: true,
    groupEnabledModesFirst: true,
    investigationalUseDialog: { option: "never" },
    measurementTrackingMode: "simplified",
    disableConfirmationPrompts: true,
    maxNumRequests: { interaction: 100, thumbnail: 5, prefetch: 6 },
    showErrorDetails: "production",
    whiteLabeling: { createLogoComponentFn: brand },
    customizationService: [
      {
        "ohif.tours": { $set: [] },
        "segmentation.store.defaultMode": { $set: "bitmap" },
        "segmentation.store.transferSyntaxUID": { $set: "1.2.840.10008.1.2.1" },
        onBeforeDicomStore: { $set: finishReport },
        "cornerstone.windowLevelPresets": { $merge: RIS.presets },
      },
    ],
    extensions: [bridge],
    defaultDataSourceName: RIS.sourceName,
    dataSources: [
      {
        namespace: "@ohif/extension-default.dataSourcesModule.dicomweb",
        sourceName: RIS.sourceName,
        configuration: {
          friendlyName: `${RIS.brand} archive`,
          name: RIS.sourceName,
          qidoRoot: RIS.dicomweb,
          wadoRoot: RIS.dicomweb,
          wadoUriRoot: RIS.dicomweb,
          qidoSupportsIncludeField: false,
          supportsReject: false,
          supportsStow: true,
          dicomUploadEnabled: false,
          // Each frame in one piece: in pieces, one whose length is not told beforehand is decoded twice.
          stackRetrieveOptions: { retrieveOptions: { single: { streaming: false } } },
          imageRendering: "wadors",
          thumbnailRendering: "rendered",
          enableStudyLazyLoad: true,
          supportsFuzzyMatching: false,
          supportsWildcard: true,
          omitQuotationForMultipartRequest: true,
          singlepart: "pdf",
          bulkDataURI: { enabled: true, relativeResolution: "studies" },
        },
      },
    ],
    httpErrorHandler: (error) => {
      const status = error?.status ?? error?.request?.status;
      post(status === 401 ? "unauthenticated" : "http-error", { status });
    },
  };
})();
