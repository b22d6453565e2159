// What every page does beyond what the browser does by itself. Nothing here is needed: each page works without it.

// A second click on the same button sends nothing: the first is still on its way.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "dialog") return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  const once = form.elements.once;
  if (once) history.replaceState({ ...history.state, sent: { ...history.state?.sent, [form.action]: once.value } }, "");
  event.submitter?.setAttribute("aria-busy", "true");
});
// A page that comes back from the browser's memory is ready to be sent again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
  // A form that was sent from here and is come back to is still the same one: its words pressed again are not said again.
  for (const form of document.forms) {
    const key = history.state?.sent?.[form.action];
    if (key && form.elements.once) form.elements.once.value = key;
  }
});

// Whoever turns the page before the last turn was drawn misses nothing: that its fading was skipped is no fault.
addEventListener("unhandledrejection", (event) => {
  const { name, message } = event.reason ?? {};
  if (name === "AbortError" && message.includes("Transition was skipped")) event.preventDefault();
});

// What was refused is where the reader should be.
const refused = document.querySelector('[aria-invalid="true"]') ?? document.getElementById("refused");
// A fault within something folded away would not be seen.
for (let fold = refused?.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
refused?.focus();

// A strip that is wider than the screen shows where one is; the page itself stays where it stands, and so this is no scrollIntoView.
const showWhereOneIs = () => {
  for (const strip of document.querySelectorAll(".rooms, .tabs, .stepper, .steps ol, .takes")) {
    const here = strip.querySelector("[aria-current]")?.getBoundingClientRect(), seen = strip.getBoundingClientRect();
    if (here) strip.scrollLeft += Math.max(here.right - seen.right, 0) + Math.min(here.left - seen.left, 0);
  }
};
document.fonts.ready.then(showWhereOneIs);
addEventListener("followed", showWhereOneIs);

// One open sheet at a time; Escape and a click beside it close it.
const sheets = () => document.querySelectorAll("details.menu[open], details.confirm[open]");
addEventListener("click", (event) => sheets().forEach((sheet) => sheet.contains(event.target) || (sheet.open = false)));
addEventListener("keydown", (event) => {
  if (event.key === "Escape")
    sheets().forEach((sheet) => {
      sheet.open = false;
      sheet.querySelector("summary").focus();
    });
});

// Whoever has switched single keys off has none of ours; what the browser does with them stays.
const isOff = document.querySelector('main[data-shortcuts="off"]');
addEventListener("keydown", (event) => {
  if (isOff && event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) event.stopImmediatePropagation();
}, true);

// j and k walk a list, a data-key presses what it stands on; never while someone types.
const isTyping = (target) => target.closest("input, textarea, select, [contenteditable]");
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (event.key === "j" || event.key === "k") {
    const items = [...document.querySelectorAll("[data-walk]")];
    const at = items.findIndex((item) => item.contains(document.activeElement));
    const next = items[event.key === "j" ? at + 1 : Math.max(at - 1, 0)];
    (next?.matches("a, button") ? next : next?.querySelector("a, button, summary"))?.focus();
  }
  document.querySelector(`[data-key="${CSS.escape(event.key)}"]`)?.click();
  // A data-here does so within the item of the list that one is at; what unfolds is entered.
  const here = event.target.closest("[data-walk]")?.querySelector(`[data-here="${CSS.escape(event.key)}"]`);
  here?.click();
  here?.closest("details.menu[open]")?.querySelector(".sheet button")?.focus();
});

// A page that its reader left open is asked for anew once their session has lain idle, and when they sign out in another tab: what it
// shows is nobody else's. Whoever is writing loses nothing.
const idle = document.querySelector("main[data-idle]")?.dataset.idle;
if (idle) {
  const isWriting = () => [...document.querySelectorAll("textarea, input")].some((field) => field.value !== field.defaultValue);
  const askAnew = (milliseconds) => setTimeout(() => isWriting() || location.reload(), milliseconds);
  const tabs = new BroadcastChannel("signed out");
  tabs.onmessage = () => askAnew(3000);
  document.querySelector('form[action="/sign-out"]').addEventListener("submit", () => tabs.postMessage(""));
  askAnew(idle * 1000);
}

// A guest has no time zone of their own with us: the browser knows it.
for (const time of document.querySelectorAll("time[data-local]")) {
  const local = new Date(time.dateTime).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
  time.title = local;
  time.after(` (${local}, ${time.dataset.local})`);
}

// How many things wait for the reader is counted after the page, which shows what was last counted.
const bell = document.querySelector("[data-recount]");
if (bell) {
  const answer = await fetch(bell.dataset.recount, { headers: { Accept: "application/json" } });
  if (answer.ok) {
    const { needed } = await answer.json();
    bell.querySelector("[data-count]").textContent = needed.toLocaleString(document.documentElement.lang);
    bell.querySelector(".count").hidden = needed === 0;
  }
}
