// What comes next is in the browser's memory before it is asked for. The page works without it.
const next = document.querySelector("[data-ahead]");
if (next && !navigator.connection?.saveData)
  addEventListener("load", () => {
    for (const address of next.dataset.ahead.split(" ")) fetch(address, { priority: "low" });
  });
