"""What makes a page wider than its window."""

WIDER = """() => {
  if (document.documentElement.scrollWidth <= innerWidth) return [];
  const scrolls = each => each !== document.documentElement && each !== document.body && getComputedStyle(each).overflowX !== 'visible';
  const isWithin = each => { for (let up = each.parentElement; up; up = up.parentElement) if (scrolls(up)) return true; };
  const isBeside = each => { const box = each.getBoundingClientRect(); return box.right > innerWidth + 1 || box.left < -1; };
  const isShown = each => !each.matches('.unseen, .skip') && !isWithin(each);
  const wide = [...document.querySelectorAll('body *')].filter(each => isBeside(each) && isShown(each));
  return ['wider than the window', ...wide.slice(0, 3).map(each => each.outerHTML.slice(0, 160))];
}"""
