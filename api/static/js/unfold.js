// What is behind a folded line is fetched when it is first opened; without this, a link leads to it.
document.addEventListener(
  "toggle",
  async ({ target }) => {
    const place = target.open && target.querySelector("[data-from]");
    if (!place) return;
    const from = place.dataset.from;
    delete place.dataset.from;
    const answer = await fetch(from, { headers: { "HX-Request": "true", Accept: "text/html" } }).catch(() => null);
    if (answer?.ok) place.innerHTML = await answer.text();
    else place.dataset.from = from;
  },
  true,
);
