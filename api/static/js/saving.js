// A form that saves as it is written: what has changed is sent in the background, and the page's live parts follow.
// Without this the form has a button; with it nobody has to press it.

const PAUSE = 1200;
const AGAIN = 5000;
const PREVIEW_PAUSE = 250;

const parse = (text) => new DOMParser().parseFromString(text, "text/html");

function follow(page) {
  for (const part of document.querySelectorAll("[data-live]")) {
    const fresh = page.getElementById(part.id);
    if (fresh && !part.isEqualNode(fresh)) part.replaceWith(document.importNode(fresh, true));
  }
  dispatchEvent(new Event("followed"));
}

// Each field shows what is wrong with it, or nothing any more; what is being typed is left alone.
function mark(form, page) {
  for (const control of form.querySelectorAll("input[id], select[id], textarea[id]")) {
    const fresh = page.getElementById(control.id);
    if (!fresh) continue;
    document.getElementById(`${control.id}-fault`)?.remove();
    for (const name of ["aria-invalid", "aria-describedby"]) {
      if (fresh.hasAttribute(name)) control.setAttribute(name, fresh.getAttribute(name));
      else control.removeAttribute(name);
    }
    const fault = page.getElementById(`${control.id}-fault`);
    if (fault) control.closest(".field").append(document.importNode(fault, true));
  }
}

function keep(form) {
  const status = form.querySelector(".saving");
  const fields = () => new URLSearchParams([...new FormData(form), ["then", "stay"]]).toString();
  const typed = () => fields().replace(/(^|&)version=\d+/, "");
  let saved = typed();
  let timer = 0;
  let underWay = null;

  const say = (word, isBad = false) => {
    status.textContent = status.dataset[word];
    status.classList.toggle("bad", isBad);
  };
  const later = (pause) => {
    clearTimeout(timer);
    timer = setTimeout(save, pause);
  };

  async function send() {
    const sent = typed();
    if (sent === saved) return;
    say("saving");
    let answer;
    try {
      const headers = { Accept: "text/html", "Content-Type": "application/x-www-form-urlencoded" };
      answer = await fetch(form.action, { method: "POST", body: fields(), headers, keepalive: true });
    } catch {
      say("away", true);
      return later(AGAIN);
    }
    if (answer.status === 401) return say("out", true);
    if (answer.status >= 500) {
      say("away", true);
      return later(AGAIN);
    }
    const page = parse(await answer.text());
    mark(form, page);
    if (answer.status === 409 && !page.querySelector("[aria-invalid]")) return say("unlike", true);
    if (!answer.ok) return say("refused", true);
    follow(page);
    saved = sent;
    form.elements.version.value = page.querySelector('[name="version"]').value;
    say("saved");
  }

  async function save() {
    clearTimeout(timer);
    if (underWay) await underWay;
    underWay = send();
    await underWay;
    underWay = null;
  }

  form.addEventListener("input", () => later(PAUSE));
  form.addEventListener("change", () => later(0));
  addEventListener("visibilitychange", () => document.visibilityState === "hidden" && save());
  // The button waits for what is still on its way, so that it is not taken for someone else's change.
  form.addEventListener("submit", async (event) => {
    clearTimeout(timer);
    if (!underWay) return;
    event.preventDefault();
    event.stopPropagation();
    await underWay;
    form.requestSubmit(event.submitter);
  });
}

function preview(form) {
  let timer = 0;
  let latest = 0;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const mine = ++latest;
      const address = `${form.dataset.preview}?${new URLSearchParams(new FormData(form))}`;
      const answer = await fetch(address, { headers: { Accept: "text/html" } }).catch(() => null);
      if (answer?.ok && mine === latest) follow(parse(await answer.text()));
    }, PREVIEW_PAUSE);
  });
}

for (const form of document.querySelectorAll("form[data-saves]")) keep(form);
for (const form of document.querySelectorAll("form[data-preview]")) preview(form);
