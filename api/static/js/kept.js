// What was begun in a field and not sent is there again when this tab comes back to its page, under the name in data-keep.
for (const field of document.querySelectorAll("[data-keep]")) {
  if (!field.value) field.value = sessionStorage.getItem(field.dataset.keep) ?? "";
  field.addEventListener("input", () => sessionStorage.setItem(field.dataset.keep, field.value));
}
