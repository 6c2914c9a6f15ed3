// OHIF reckons a value up to a tenth of a second after its drawing changed, and only of the image that it shows: stored
// before, the new drawing would stand under the old number, or under none.
const LOOK_MS = 20;
const LOOKS = 150;
const SHOWN_FOR = 15;

// Drawn and not reckoned since, by a tool that reckons: an arrow with words has no number.
function invalid({ cornerstoneTools }, uids) {
  const { annotation, ToolGroupManager } = cornerstoneTools ?? {};
  const reckons = (name) => ToolGroupManager.getAllToolGroups().some((group) => group.getToolInstance(name)?._calculateCachedStats);
  const drawn = [...uids].map((uid) => annotation?.state.getAnnotation(uid));
  return drawn.filter((one) => one?.invalidated && reckons(one.metadata.toolName));
}

function show({ services: { measurementService, viewportGridService } }, uid) {
  measurementService.jumpToMeasurement(viewportGridService.getActiveViewportId(), uid);
}

// What has not been shown since it was drawn again is shown now. `uids` may change meanwhile. Answers those that still
// have no number.
export async function numberless(inside, uids) {
  for (let look = 0; look < LOOKS && invalid(inside, uids()).length; look += 1) {
    if (look % SHOWN_FOR === SHOWN_FOR - 1) show(inside, invalid(inside, uids())[0].annotationUID);
    await new Promise((done) => setTimeout(done, LOOK_MS));
  }
  const left = invalid(inside, uids()).filter(({ data }) => !Object.keys(data.cachedStats ?? {}).length);
  return new Set(left.map(({ annotationUID }) => annotationUID));
}
