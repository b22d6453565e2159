// The desk by keyboard, and what was begun kept in this tab. The page works without any of it.
const form = document.getElementById("judgement");
const criteria = [...document.querySelectorAll(".criterion")];
const reason = document.getElementById("reason");
const scoreOf = (criterion) => criterion.querySelector("input:checked");

// A number scores the question that one is at, or the first that is open, or the first when none is, and goes on to the next.
function score(value) {
  const at = criteria.find((each) => each.contains(document.activeElement)) ?? criteria.find((each) => !scoreOf(each)) ?? criteria[0];
  if (!at) return;
  const radio = at.querySelector(`input[value="${value}"]`);
  radio.checked = true;
  radio.dispatchEvent(new Event("input", { bubbles: true }));
  document.getElementById("scored").textContent = `${at.dataset.name}: ${value}`;
  const next = criteria[criteria.indexOf(at) + 1];
  (next ? (scoreOf(next) ?? next.querySelector("input")) : reason).focus();
}

const played = document.querySelector(".played, .heard");
const isAtControl = (target) => target.closest("button, a, summary, audio, video");
function openConflict() {
  const conflict = document.querySelector(".further .confirm");
  if (!conflict) return;
  conflict.open = true;
  conflict.querySelector("button").focus();
}

const deeds = {
  r: () => reason?.focus(),
  x: openConflict,
  " ": () => played && (played.paused ? played.play() : played.pause()),
};

addEventListener("keydown", (event) => {
  const isWriting = event.target.closest("textarea, [contenteditable], input:not([type=radio])");
  if (isWriting) {
    if (event.key === "Escape") criteria[0]?.querySelector("input:checked, input")?.focus();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    return;
  }
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return form?.requestSubmit();
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (form && /^[1-5]$/.test(event.key)) {
    event.preventDefault();
    return score(event.key);
  }
  if (event.key === " " && (!played || isAtControl(event.target))) return;
  const deed = deeds[event.key] ?? (/^[a-z]$/.test(event.key) ? () => document.querySelector(`[data-desk="${event.key}"]`)?.click() : null);
  if (!deed) return;
  if (event.key in deeds) event.preventDefault();
  deed();
});

// What was begun and not sent is there again when the tab comes back to this contribution.
if (form) {
  const place = `desk ${form.dataset.draft}`;
  const kept = JSON.parse(sessionStorage.getItem(place) ?? "null");
  const isUntouched = !reason.value && !criteria.some(scoreOf);
  if (kept && isUntouched) {
    reason.value = kept.reason;
    for (const [name, value] of kept.scores) form.querySelector(`[name="${CSS.escape(name)}"][value="${value}"]`)?.click();
  }
  form.addEventListener("input", () => {
    const scores = criteria.map(scoreOf).filter(Boolean).map((radio) => [radio.name, radio.value]);
    sessionStorage.setItem(place, JSON.stringify({ reason: reason.value, scores }));
  });
}
