// Swagger UI on our own page: everything comes from this server, and writes carry the page's CSRF value.
const place = document.getElementById("api-docs");

function load(address) {
  // The bundle is a classic script: it puts its one name on the window.
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = resolve;
    script.onerror = () => reject(new Error("The viewer of the description did not load."));
    document.head.append(script);
  });
}

function signed(request) {
  if (!["GET", "HEAD", undefined].includes(request.method)) {
    request.headers["X-CSRFToken"] = document.querySelector('meta[name="csrf-token"]').content;
  }
  return request;
}

try {
  await load(place.dataset.viewer);
  window.SwaggerUIBundle({
    url: place.dataset.schema,
    domNode: place,
    presets: [window.SwaggerUIBundle.presets.apis],
    layout: "BaseLayout",
    deepLinking: true,
    // With all of them open only those on the screen are drawn, and the browser's own search finds no other.
    docExpansion: "none",
    validatorUrl: null,
    requestInterceptor: signed,
  });
} catch (error) {
  place.textContent = error.message;
}
