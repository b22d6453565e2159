// A payout run while it is sent: the server tells how far it is, and the page shows it. Without this, one looks again by hand.
const live = document.querySelector("[data-follow]");
const status = document.querySelector("[data-status]");
const source = new EventSource(live.dataset.follow);
const tenth = () => Math.floor(Number(live.querySelector("[data-percent]").dataset.percent) / 10);
let said = tenth();

source.addEventListener("message", (event) => {
  live.innerHTML = event.data;
  if (tenth() === said) return;
  said = tenth();
  status.textContent = live.querySelector("[data-say]").textContent;
});

// It has come to an end. Whoever is just writing something keeps it, and goes on when they like.
source.addEventListener("over", () => {
  source.close();
  const isWriting = [...document.querySelectorAll("textarea")].some((area) => area.value.trim());
  if (isWriting) document.querySelector("[data-over]").hidden = false;
  else location.reload();
});
