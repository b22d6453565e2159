// The review room: pins on the film's length, a note stamped with its moment, frames by key, and a word when something happened.

const FRAME = 1 / 24;
const POLL_MS = 5_000;
const media = document.querySelector("[data-media]");
const moment = document.getElementById("moment");
const words = document.getElementById("words");

const written = (seconds) => {
  const tenths = Math.round(seconds * 10);
  const minutes = Math.floor(tenths / 600);
  const rest = (tenths - minutes * 600) / 10;
  return `${minutes}:${rest < 10 ? "0" : ""}${Number.isInteger(rest) ? rest : rest.toFixed(1)}`;
};

function seek(ms) {
  media.pause();
  media.currentTime = ms / 1000;
}

function stamp() {
  if (!moment) return;
  media.pause();
  moment.value = written(media.currentTime);
  words.focus();
}

const bar = document.querySelector("[data-pins]");
const head = document.createElement("i");
const timed = () => [...document.querySelectorAll(".note[data-at]")];

function pin_notes() {
  if (!Number.isFinite(media?.duration) || media.duration <= 0) return;
  const pins = timed().map((note) => {
    const pin = document.createElement("button");
    pin.type = "button";
    pin.className = note.classList.contains("open") ? "open" : note.classList.contains("done") ? "done" : "let_go";
    pin.style.insetInlineStart = `${Math.min(100, note.dataset.at / media.duration / 10)}%`;
    pin.setAttribute("aria-label", `${written(note.dataset.at / 1000)} ${note.querySelector(".words").textContent.slice(0, 60)}`);
    pin.addEventListener("click", () => {
      seek(note.dataset.at);
      note.scrollIntoView({ block: "nearest" });
    });
    return pin;
  });
  bar.replaceChildren(...pins, head);
  bar.hidden = false;
  tell_moment();
}

function tell_moment() {
  head.style.insetInlineStart = `${(media.currentTime / media.duration) * 100}%`;
  document.querySelector("[data-clock]").textContent = written(media.currentTime);
  for (const note of timed()) note.classList.toggle("near", Math.abs(note.dataset.at / 1000 - media.currentTime) < 0.5);
}

if (media) {
  media.readyState >= 1 ? pin_notes() : media.addEventListener("loadedmetadata", pin_notes);
  media.addEventListener("timeupdate", tell_moment);
  media.addEventListener("seeked", tell_moment);
  document.querySelector("[data-keys]").hidden = false;
  const now = document.querySelector("[data-stamp]");
  if (now) {
    now.hidden = false;
    now.addEventListener("click", stamp);
  }
  addEventListener("click", (event) => {
    const link = event.target.closest("[data-seek]");
    if (!link) return;
    event.preventDefault();
    seek(link.dataset.seek);
  });
  const keys = {
    " ": () => (media.paused ? media.play() : media.pause()),
    ",": () => seek((media.currentTime - FRAME) * 1000),
    ".": () => seek((media.currentTime + FRAME) * 1000),
    c: stamp,
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in keys)) return;
    // Space presses what it is on; no key is taken from someone who types.
    if (event.target.closest(event.key === " " ? "input, textarea, select, button, summary, a, video, audio" : "input, textarea, select")) return;
    event.preventDefault();
    keys[event.key]();
  });
}

// Whoever else is in the room may have written or decided meanwhile: it is put in, but for what the reader has begun to use.
const side = document.querySelector("[data-standing]");
const changed = document.querySelector("[data-changed]");
const isInUse = (part) => part.contains(document.activeElement) || part.querySelector("details.confirm[open]");

function put_in(part, fresh) {
  if (!fresh || part.isEqualNode(fresh)) return true;
  if (isInUse(part)) return false;
  fresh.open = part.open;
  part.replaceWith(document.importNode(fresh, true));
  return true;
}

function tell_what_came(known, is_whole) {
  const came = [...document.querySelectorAll(".note")].filter((note) => !known.has(note.id));
  const noted = came.map((note) => {
    const [name, words] = [".by b", ".words"].map((each) => note.querySelector(each).textContent);
    return changed.dataset.noted.replace("{name}", () => name).replace("{words}", () => words);
  });
  changed.querySelector("b").textContent = noted.join(" ") || (is_whole ? changed.dataset.putIn : "");
  changed.querySelector("span").hidden = is_whole;
}

async function look_again() {
  const answer = await fetch(changed.querySelector("a").href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const known = new Set([...document.querySelectorAll(".note")].map((note) => note.id));
  const parts = [...document.querySelectorAll("[data-live]")];
  const are_in = parts.map((part) => put_in(part, page.getElementById(part.id)));
  side.dataset.standing = page.querySelector("[data-standing]").dataset.standing;
  pin_notes();
  tell_what_came(known, are_in.every(Boolean));
}

async function look() {
  if (document.hidden) return;
  const answer = await fetch(side.dataset.ask, { headers: { Accept: "application/json" } }).catch(() => null);
  if (answer?.ok && (await answer.json()).standing !== side.dataset.standing) await look_again();
}

setInterval(look, POLL_MS);
addEventListener("visibilitychange", look);
