// Starts Swagger UI over the hub's OpenAPI document. Requests go to the address that this page was opened at: the
// document names the public one, which the browser would not let it ask from another.
"use strict";

const place = document.getElementById("docs");

async function described() {
  const text = await (await fetch(place.dataset.openapi)).text();
  const here = new URL(".", location.href).href.replace(/\/$/, "");
  return JSON.parse(text.replaceAll(JSON.parse(text).servers[0].url, here));
}

described().then((spec) =>
  SwaggerUIBundle({
    spec,
    domNode: place,
    deepLinking: true,
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    docExpansion: "none",
    filter: true,
    tryItOutEnabled: true,
    validatorUrl: null,
  }),
);
