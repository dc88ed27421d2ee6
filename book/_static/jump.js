// After a jump the very line, row, formula or picture is marked, whatever folds hide it open, and
// a button leads back to the sentence, on this page or another. cards.js uses the three constants.
const JUMPS = 'article a.internal[href*="#"]:not(.headerlink)';
const JUMP_KINDS = /^(claim|eq|fig|sec|ref|term)-/;
const jumpId = address => decodeURIComponent(new URL(address, location).hash.slice(1))
  .replace(/^equation-/, '');

(() => {
  const KEY = 'book-back';               // of the session: the sentence that was left
  const HEADINGS = 'h1, h2, h3, h4, h5';
  const pageOf = address => new URL(address, location).href.split('#')[0];
  const load = () => { try { return JSON.parse(sessionStorage.getItem(KEY)); } catch { return null; } };
  const save = value => { try { sessionStorage.setItem(KEY, JSON.stringify(value)); } catch { /* none */ } };

  function leave(link, to) {
    const index = [...document.querySelectorAll(JUMPS)].indexOf(link);
    const {top} = link.getBoundingClientRect();
    save({from: pageOf(location), index, top, to: new URL(to, location).href});
  }

  function reveal(element) {
    for (let e = element.closest('details'); e; e = e.parentElement.closest('details')) e.open = true;
  }

  function markOf(element) {
    if (element.matches('section')) return element.querySelector(HEADINGS) ?? element;
    const whole = element.closest('tr, li, dt, figure, div.math');
    if (whole || element.textContent.trim()) return whole ?? element;
    let next = element;                  // an empty anchor stands for what follows it
    while (next.matches('span:empty') && next.nextElementSibling) next = next.nextElementSibling;
    return next.matches('section') ? markOf(next) : next;
  }

  function clear() {
    document.querySelector('.arrived')?.classList.remove('arrived');
    document.querySelector('.book-back')?.remove();
  }

  function arrive() {
    clear();
    const element = document.getElementById(jumpId(location.href));
    if (!element || !JUMP_KINDS.test(jumpId(location.href))) return;
    reveal(element);
    const mark = markOf(element);
    mark.classList.add('arrived');
    const centre = !mark.matches(HEADINGS) && mark.offsetHeight < innerHeight;
    mark.scrollIntoView({block: centre ? 'center' : 'start', behavior: 'instant'});
    if (load()?.to !== location.href) return;
    const button = document.createElement('button');
    Object.assign(button, {type: 'button', className: 'book-back', onclick: back});
    button.textContent = 'back to the sentence';
    document.querySelector('main').append(button);
  }

  function back() {
    const left = {...load(), to: null, returning: true};
    clear();
    save(left);
    if (pageOf(location) === left.from) resume(); else location.assign(left.from);
  }

  function resume() {
    const left = load();
    if (!left?.returning || left.from !== pageOf(location)) return;
    save(null);
    const link = document.querySelectorAll(JUMPS)[left.index];
    if (!link) return;
    reveal(link);
    link.focus({preventScroll: true});
    scrollBy({top: link.getBoundingClientRect().top - left.top, behavior: 'instant'});
  }

  document.addEventListener('click', event => {
    const way = event.target.closest?.(`${JUMPS}, #book-card a.go`);
    if (!way || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const link = way.matches('.go') ? document.querySelector('[aria-describedby^=book-card]') : way;
    leave(link, way.href);
    setTimeout(arrive);                  // also where the address stays the same
  });
  window.addEventListener('hashchange', arrive);
  window.addEventListener('load', async () => {
    await window.MathJax?.startup?.promise;  // formulas have their heights
    if (location.hash) arrive(); else resume();
  });
})();
