// The browser knows where its reader is; it offers that zone, and nobody has to look for it among four hundred.

const zones = document.querySelector("select[data-zone]");
const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zones && zones.value !== here && [...zones.options].some((option) => option.value === here)) {
  const offer = document.createElement("button");
  offer.type = "button";
  offer.className = "button small";
  offer.textContent = zones.dataset.zone.replace("{zone}", here.replaceAll("_", " "));
  offer.addEventListener("click", () => {
    zones.value = here;
    offer.remove();
    zones.focus();
  });
  zones.after(offer);
}
