// Inline mathematics that is wider than its column scrolls in a box of its own (custom.css).
function markWide() {
  for (const math of document.querySelectorAll('.bd-article mjx-container:not([display="true"])')) {
    math.classList.remove('wide');
    const column = math.closest('p, li, td, dd, figcaption, .bd-article');
    math.classList.toggle('wide', math.offsetWidth > column.clientWidth);
  }
}

window.addEventListener('load', async () => {
  await window.MathJax?.startup?.promise;
  markWide();
  window.addEventListener('resize', markWide);
});
