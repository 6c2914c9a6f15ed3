// A document for a frame. The old one stays on the screen until the new one is there: nobody may see it meanwhile.

// Resolves when the new document is loaded. The old one may still tell that it is loaded itself, after the new one was
// asked for: that counts for nothing.
export function load(frame, url) {
  const before = frame.contentDocument;
  return new Promise((done) => {
    frame.addEventListener("load", function arrived() {
      if (frame.contentDocument === before) return;
      frame.removeEventListener("load", arrived);
      done();
    });
    frame.src = url;
  });
}
