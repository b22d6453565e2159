const fetched = async (from) => {
  const answer = await fetch(from, { headers: { "HX-Request": "true", Accept: "text/html" } }).catch(() => null);
  return answer?.ok ? answer.text() : null;
};

// What is behind a folded line is fetched when it is first opened; without this, a link leads to it.
document.addEventListener(
  "toggle",
  async ({ target }) => {
    const place = target.open && target.querySelector("[data-from]");
    if (!place) return;
    const from = place.dataset.from;
    delete place.dataset.from;
    const found = await fetched(from);
    if (found !== null) place.innerHTML = found;
    else place.dataset.from = from;
  },
  true,
);

// What follows in a list is put in its place when one comes near to it; where that fails, its link stays.
const near = new IntersectionObserver(
  (seen) => {
    for (const { target, isIntersecting } of seen) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      fetched(target.dataset.near).then((found) => found !== null && (target.outerHTML = found));
    }
  },
  { rootMargin: "400px" },
);
for (const place of document.querySelectorAll("[data-near]")) near.observe(place);
