// While someone types a title, the contributions with these words in their titles stand below the field to choose from.
const PAUSE = 200;
let waits;

for (const field of document.querySelectorAll("[data-titles]"))
  field.addEventListener("input", () => {
    clearTimeout(waits);
    if (field.value.trim().length > 1) waits = setTimeout(() => suggest(field), PAUSE);
  });

async function suggest(field) {
  const answer = await fetch(`${field.dataset.titles}?${new URLSearchParams({ like: field.value })}`);
  if (answer.ok) field.list.innerHTML = await answer.text();
}
