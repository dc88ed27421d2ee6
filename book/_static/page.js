// Inline mathematics that is wider than its column scrolls in a box of its own (custom.css).
function markWide() {
  for (const math of document.querySelectorAll('.bd-article mjx-container:not([display="true"])')) {
    math.classList.remove('wide');
    const column = math.closest('p, li, td, th, dd, figcaption, .bd-article');
    math.classList.toggle('wide', math.offsetWidth > column.clientWidth);
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
