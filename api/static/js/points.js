// While points are given: which part of them each contribution has.
const inputs = [...document.querySelectorAll('input[name$=".points"]')];
const percent = new Intl.NumberFormat(document.documentElement.lang, { style: "percent", maximumFractionDigits: 1 });
const show = () => {
  const points = inputs.map((input) => (input.validity.valid ? input.valueAsNumber || 0 : 0));
  const all = points.reduce((sum, each) => sum + each, 0);
  inputs.forEach((input, place) => {
    const part = input.closest("fieldset").querySelector("output");
    part.value = all && points[place] ? percent.format(points[place] / all) : "–";
  });
};
for (const output of document.querySelectorAll("output")) output.parentElement.hidden = false;
addEventListener("input", show);
show();
