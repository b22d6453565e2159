// Files on their way, by tus: a lost connection, a closed page and a sign-in that ended lose nothing of what has arrived.
// A form with data-upload has a place to drop files ([data-drop]), a list of those at hand ([data-files]), the pattern of one
// (template[data-file]) and its sentences ([data-words]); what has arrived whole is chosen in it by a radio button `upload_id`.

const UPLOADS = "/api/v1/uploads";
const PATIENCE = [0, 1000, 3000, 5000, 10000, 20000];
const STEP = 10;

const form = document.querySelector("form[data-upload]");
const words = form?.querySelector("[data-words]").dataset;
const language = document.documentElement.lang;
const under_way = new Set();
let is_asked_to_send = false;

// What is listed from before, whole or not, is given up as what is on its way now.
for (const button of form?.querySelectorAll("[data-discard]") ?? []) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const answer = await fetch(`${UPLOADS}/${button.dataset.discard}`, { method: "DELETE", headers: { "Tus-Resumable": "1.0.0" } });
    if (answer.ok || answer.status === 404) button.closest("li").remove();
  });
}

function written(bytes) {
  const steps = [["GB", 1e9], ["MB", 1e6], ["kB", 1e3]];
  const [unit, step] = steps.find(([, size]) => bytes >= size) ?? ["B", 1];
  return `${(bytes / step).toLocaleString(language, { maximumFractionDigits: 1 })} ${unit}`;
}

// One file in the list, from the moment that it is chosen.
class Arrival {
  constructor(file) {
    this.file = file;
    this.line = form.querySelector("template[data-file]").content.firstElementChild.cloneNode(true);
    this.part("name").textContent = file.name;
    this.part("size").textContent = written(file.size);
    this.part("go-on").addEventListener("click", () => this.go_on());
    this.part("give-up").addEventListener("click", () => this.give_up());
    const files = form.querySelector("[data-files]");
    for (const half of files.querySelectorAll(".half-way")) if (half.querySelector("b").textContent === file.name) half.remove();
    files.hidden = false;
    files.prepend(this.line);
    this.said = -1;
  }

  part(name) {
    return this.line.querySelector(`[data-${name}]`);
  }

  say(sentence, { refused = false, can_go_on = false } = {}) {
    this.part("said").textContent = refused ? "" : sentence;
    this.part("refused").textContent = refused ? sentence : "";
    this.part("go-on").hidden = !can_go_on;
  }

  async begin() {
    const most = Number(form.dataset.most);
    if (this.file.size === 0) return this.refuse(words.empty);
    if (this.file.size > most) return this.refuse(`${words.tooLarge} (${written(this.file.size)} > ${written(most)})`);
    this.upload = new tus.Upload(this.file, {
      endpoint: UPLOADS,
      retryDelays: PATIENCE,
      removeFingerprintOnSuccess: true,
      metadata: { filename: this.file.name, filetype: this.file.type },
      onShouldRetry: (error) => can_be_tried_again(error) && this.waits_for_the_line(error),
      onProgress: (sent, whole) => this.tell(sent, whole),
      onSuccess: () => this.arrived(),
      onError: (error) => this.stopped(error),
    });
    const [before] = await this.upload.findPreviousUploads();
    if (before) this.upload.resumeFromPreviousUpload(before);
    this.go_on();
  }

  async go_on() {
    under_way.add(this);
    this.say("");
    // A try that waits for its turn is taken back, so that there is one at a time.
    await this.upload.abort();
    this.upload.start();
  }

  waits_for_the_line(error) {
    const status = error.originalResponse?.getStatus() ?? 0;
    if (status === 0 || status >= 500) this.say_that_it_is_lost(error);
    return true;
  }

  // Bytes that are under way when the line goes would be waited for until the browser has given them up.
  lose_the_line() {
    this.upload?.abort();
    this.say_that_it_is_lost();
  }

  say_that_it_is_lost(error) {
    this.said = -1;
    this.say(has_no_room(error) ? reason_of(error) : words.lost, { can_go_on: true });
  }

  tell(sent, whole) {
    const percent = Math.floor((100 * sent) / whole);
    this.line.querySelector("progress").value = percent;
    if (sent === whole) return this.say(words.proving);
    // A reader who listens hears of every tenth part, not of every packet.
    if (Math.floor(percent / STEP) === this.said) return;
    this.said = Math.floor(percent / STEP);
    this.say(words.coming.replace("{percent}", (percent / 100).toLocaleString(language, { style: "percent" })));
  }

  async arrived() {
    const answer = await fetch(this.upload.url, { headers: { Accept: "application/json" } });
    const shown = await answer.json();
    if (shown.state !== "proven") return this.refuse(shown.refusal ?? shown.detail ?? words.failed);
    under_way.delete(this);
    this.say(words.here);
    this.line.querySelector("progress").hidden = true;
    this.part("give-up").hidden = true;
    const choice = this.line.querySelector("input");
    choice.disabled = false;
    choice.value = shown.id;
    choice.checked = true;
    if (is_asked_to_send && under_way.size === 0) form.requestSubmit();
  }

  stopped(error) {
    const status = error.originalResponse?.getStatus();
    if (status === 401) return this.say(words.signedOut, { can_go_on: true });
    if (!status || status >= 500) return this.say_that_it_is_lost(error);
    this.refuse(reason_of(error) ?? words.failed);
  }

  refuse(sentence) {
    under_way.delete(this);
    is_asked_to_send = false;
    show_that_it_waits();
    this.line.querySelector("progress").hidden = true;
    this.line.querySelector("input").remove();
    this.part("give-up").textContent = words.remove;
    this.say(sentence, { refused: true });
  }

  give_up() {
    under_way.delete(this);
    this.upload?.abort(true).catch(() => {});
    this.line.remove();
  }
}

function can_be_tried_again(error) {
  const status = error.originalResponse?.getStatus() ?? 0;
  return status === 0 || status === 409 || status === 423 || status === 429 || status >= 500;
}

function has_no_room(error) {
  return error?.originalResponse?.getStatus() === 507;
}

function reason_of(error) {
  try {
    return JSON.parse(error.originalResponse.getBody()).detail;
  } catch {
    return null;
  }
}

function show_that_it_waits() {
  form.querySelector("[data-on-its-way]").hidden = !is_asked_to_send;
}

function take(files) {
  for (const file of files) new Arrival(file).begin();
}

if (form) {
  const drop = form.querySelector("[data-drop]");
  const field = drop.querySelector("input[type=file]");
  drop.hidden = false;
  for (const note of form.querySelectorAll("[data-without-script]")) note.hidden = true;
  field.addEventListener("change", () => {
    take(field.files);
    field.value = "";
  });
  for (const name of ["dragover", "dragleave", "drop"])
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", name === "dragover");
      if (name === "drop") take(event.dataTransfer.files);
    });
  // Sent too early, the form waits for its file.
  form.addEventListener("submit", (event) => {
    if (under_way.size === 0) return;
    event.preventDefault();
    event.stopPropagation();
    is_asked_to_send = true;
    show_that_it_waits();
  });
  addEventListener("offline", () => under_way.forEach((arrival) => arrival.lose_the_line()));
  addEventListener("online", () => under_way.forEach((arrival) => arrival.part("go-on").hidden || arrival.go_on()));
  addEventListener("beforeunload", (event) => under_way.size && event.preventDefault());
}
