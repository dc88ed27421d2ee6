// A card at every link to a claim, equation, figure, section, paper or term: on hover, on focus,
// and at the first tap (the second follows the link). Escape closes it. The data are a script,
// loaded at the first card, so that pages opened from files have cards, too (specbook_cards.py).
(() => {
  const ROOT = document.documentElement.dataset.content_root ?? './';
  const GO = {claim: 'go to cell', eq: 'go to equation', fig: 'go to figure',
    sec: 'go to section', ref: 'go to references', term: 'go to index of terms'};
  const DELAY = 200;                     // milliseconds
  const main = document.querySelector('main') ?? document.body;
  let data, card, owner, wanted, timer, touch;

  const linkAt = target => {
    const link = target?.closest?.(JUMPS);
    return link && JUMP_KINDS.test(jumpId(link.href)) ? link : null;
  };
  const make = (name, properties, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };
  const script = name => new Promise(done => document.head.append(
    make('script', {src: `${ROOT}_static/${name}`, onload: done, onerror: done})));
  const load = () => data ??= script('cards-data.js').then(() => window.bookCards ?? {});

  async function typeset(element) {      // pages without formulas have no MathJax yet
    if (!window.MathJax) {
      window.MathJax = {startup: {typeset: false}};
      await script('mathjax/tex-mml-chtml.js');
    }
    await window.MathJax.startup?.promise;
    await window.MathJax.typesetPromise?.([element]);
  }

  function build(link, kind, {title, lines = [], tex, picture, alt}) {
    const parts = [make('strong', {id: 'book-card-title', textContent: title})];
    if (tex) parts.push(make('div', {className: 'formula', textContent: `\\[${tex}\\]`}));
    if (picture) parts.push(make('img', {src: ROOT + picture, alt}));
    parts.push(...lines.map(textContent => make('p', {textContent})));
    parts.push(make('a', {href: link.href, textContent: GO[kind], tabIndex: -1, className: 'go'}));
    return make('div', {id: 'book-card', className: `book-card ${kind}`, role: 'tooltip'}, ...parts);
  }

  function place(link, y) {              // under the line of the link, or above it
    const rows = [...link.getClientRects()];
    const row = rows.find(r => r.top <= y && y <= r.bottom) ?? rows[0];
    const frame = card.offsetParent.getBoundingClientRect();
    const widest = document.documentElement.clientWidth - 8 - card.offsetWidth;
    const [over, under] = [row.top - 64, innerHeight - row.bottom - 12];  // 64: the theme's header
    const above = card.offsetHeight > under && over > under;
    card.style.maxHeight = `${Math.max(above ? over : under, 120)}px`;
    card.style.left = `${Math.max(8, Math.min(row.left, widest)) - frame.left}px`;
    card.style.top = `${(above ? row.top - card.offsetHeight - 4 : row.bottom + 4) - frame.top}px`;
  }

  async function show(link, y) {         // whether there is something to show
    wanted = link;
    const id = jumpId(link.href), kind = id.split('-')[0], entry = (await load())[id];
    if (!entry || wanted !== link || owner === link) return Boolean(entry);
    hide();
    const mine = card = build(link, kind, entry);
    owner = wanted = link;
    card.style.visibility = 'hidden';
    main.append(card);
    if (/\\[([]/.test(card.textContent)) await typeset(mine);
    await mine.querySelector('img')?.decode().catch(() => {});
    if (card !== mine) return true;
    place(link, y);
    card.style.visibility = '';
    // A formula read aloud is a soup of symbols: its title says more.
    link.setAttribute('aria-describedby', kind === 'eq' ? 'book-card-title' : 'book-card');
    return true;
  }

  function hide() {
    clearTimeout(timer);
    if (card) window.MathJax?.typesetClear?.([card]);
    card?.remove();
    owner?.removeAttribute('aria-describedby');
    card = owner = wanted = null;
  }

  const later = action => { clearTimeout(timer); timer = setTimeout(action, DELAY); };

  document.addEventListener('pointerover', ({target, pointerType, clientY}) => {
    if (pointerType === 'touch') return;
    const link = linkAt(target);
    if (card?.contains(target) || (link && link === owner)) clearTimeout(timer);
    else if (link) later(() => show(link, clientY));
    else if (card) later(hide);
    else { clearTimeout(timer); wanted = null; }
  });
  document.addEventListener('focusin', ({target}) => {
    const link = linkAt(target);
    if (link && !touch && link.matches(':focus-visible')) show(link);
    else if (target !== owner && !card?.contains(target)) hide();
  });
  document.addEventListener('keydown', ({key}) => { touch = false; if (key === 'Escape') hide(); });
  document.addEventListener('pointerdown', event => { touch = event.pointerType === 'touch'; }, true);
  // Before jump.js hears of it: a first tap is no jump.
  document.addEventListener('click', async event => {
    const link = linkAt(event.target);
    if (!touch || !link || link === owner) {
      if (!card?.contains(event.target) || event.target.matches('.go')) setTimeout(hide);
      return;
    }
    event.preventDefault();
    if (!await show(link)) { touch = false; link.click(); }
  }, true);
})();
