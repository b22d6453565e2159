// Draws the API's documentation from its own description; no file comes from anywhere else.
const place = document.getElementById("api");
const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();
SwaggerUIBundle({
  domNode: place,
  url: place.dataset.openapi,
  deepLinking: true,
  defaultModelsExpandDepth: -1,
  docExpansion: "none",
  persistAuthorization: false,
  tryItOutEnabled: true,
  validatorUrl: null,
});
