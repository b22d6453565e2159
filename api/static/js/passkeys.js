// Passkeys: the browser makes one, or answers with one. Forms say which by data-passkey, and are hidden where it cannot.

const canAnswer = Boolean(globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON);

const ask = {
  create: (question) => navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(question) }),
  get: (question) => navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(question) }),
};

async function question(form) {
  const answer = await fetch(form.dataset.question, { method: "POST", headers: { Accept: "application/json" } });
  const told = await answer.json();
  if (!answer.ok) throw new Refused(told.detail);
  return told;
}

class Refused extends Error {}

async function fill(form) {
  const fault = form.querySelector("[data-fault]");
  const button = form.querySelector("button");
  fault.textContent = "";
  button.setAttribute("aria-busy", "true");
  try {
    const credential = await ask[form.dataset.passkey](await question(form));
    form.elements.answer.value = JSON.stringify(credential);
    form.requestSubmit();
  } catch (error) {
    fault.textContent = error instanceof Refused ? error.message : form.dataset.failed;
    button.removeAttribute("aria-busy");
  }
}

if (canAnswer) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.elements.answer.value = "";
    form.addEventListener("submit", (event) => {
      if (form.elements.answer.value) return;
      event.preventDefault();
      event.stopPropagation();
      fill(form);
    });
  }
  for (const note of document.querySelectorAll("[data-no-passkeys]")) note.hidden = true;
}
