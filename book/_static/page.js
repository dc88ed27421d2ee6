// Formulas that are wider than their column scroll in a box of their own (custom.css), and can be
// reached by the keyboard; no other formula is a stop of the Tab key.
function markWide() {
  const all = [...document.querySelectorAll('.bd-article mjx-container')];
  const inline = all.filter(math => !math.matches('[display="true"]'));
  for (const math of all) {
    math.classList.remove('wide', 'scrolls');
    math.removeAttribute('tabindex');
  }
  const column = math => math.closest('p, li, td, th, dd, figcaption, .bd-article');
  const wide = inline.filter(math => math.offsetWidth > column(math).clientWidth);
  for (const math of wide) math.classList.add('wide');
  for (const math of all.filter(math => math.scrollWidth > math.clientWidth
    && (wide.includes(math) || math.matches('[display="true"]')))) {
    math.classList.add('scrolls');
    math.tabIndex = 0;
  }
}

window.addEventListener('load', async () => {
  await window.MathJax?.startup?.promise;
  markWide();
  window.addEventListener('resize', markWide);
  // What was folded is measured when it opens: by this, and by the theme, which makes boxes that
  // scroll reachable for the keyboard.
  document.addEventListener('toggle', () => window.dispatchEvent(new Event('resize')), true);
});

// A page opened from a file may not read the other pages: search shows titles without summaries.
if (location.protocol === 'file:' && typeof DOCUMENTATION_OPTIONS !== 'undefined') {
  DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
}
