// A map that is wider than its frame opens where the reader is.
for (const map of document.querySelectorAll("[data-map]")) {
  const here = map.querySelector(".here rect");
  if (!here) continue;
  const [frame, box] = [map.getBoundingClientRect(), here.getBoundingClientRect()];
  map.scrollLeft += box.left + box.width / 2 - frame.left - frame.width / 2;
  map.scrollTop += box.top + box.height / 2 - frame.top - frame.height / 2;
}
