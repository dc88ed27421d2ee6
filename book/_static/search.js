// The order of search results, and their summaries: titles that have every word come first, those
// of pages before those of sections, then the sections that introduce a term; the appendix and the
// functions of the package come last. A summary has no raw formulas and no code.
const LETTERS = {lambda: 'λ', sigma: 'σ', tau: 'τ', eta: 'η', star: '⋆', mu: 'μ', alpha: 'α',
  beta: 'β', rho: 'ρ', psi: 'ψ', phi: 'φ', varphi: 'φ', Phi: 'Φ', kappa: 'κ', xi: 'ξ', zeta: 'ζ',
  pi: 'π', epsilon: 'ε', delta: 'δ', gamma: 'γ', nu: 'ν', times: '×', to: '→', infty: '∞',
  le: '≤', ge: '≥', approx: '≈', ll: '≪', gg: '≫', sqrt: '√', ldots: '…', dots: '…', cdot: '·'};

function readable(tex) {
  const text = tex.replace(/\\(?:mathrm|text|tilde|bar|hat|[dt]frac)\b/g, '')
    .replace(/\\([A-Za-z]+)\s*/g, (all, name) => LETTERS[name] ?? all)
    .replace(/\\[,;!\s()]|[{}$]/g, '');
  return /[\\^_]/.test(text.replace(/_\w|\^\d/g, '')) || text.length > 24 ? '…' : text;
}

Search.htmlToText = (html, anchor) => {
  const page = new DOMParser().parseFromString(html, 'text/html');
  const drop = '.headerlink, .eqno, .cite, script, style, div.math, .cell, details, nav, .tooltip';
  page.querySelectorAll(drop).forEach(element => element.remove());
  page.querySelectorAll('dt, dd, li, p, th, td, h1, h2, h3, h4').forEach(e => e.append(' '));
  page.querySelectorAll('.math').forEach(e => { e.textContent = readable(e.textContent); });
  const main = page.querySelector('article') ?? page.querySelector('[role="main"]');
  const place = anchor ? main?.querySelector(`[id="${CSS.escape(anchor.slice(1))}"]`) : null;
  return ((place ?? main)?.textContent ?? '').replace(/\s+/g, ' ').trim();
};

Scorer.score = ([docname, name, anchor, description, score]) => {
  const query = document.querySelector('main input[type=search]')?.value
    || new URLSearchParams(location.search).get('q') || '';
  const words = splitQuery(query.toLowerCase()).filter(word => !stopwords.includes(word));
  const title = name.split(' > ').at(-1).toLowerCase().replace(/[^\p{L}\p{N}]+/gu, ' ');
  const whole = anchor === '' || !name.includes(' > ');
  let points = score - (docname.includes('/appendix/') ? 4 : 0);
  if (description !== null) return points - 20;   // an object of the package
  if (words.length && words.every(word => ` ${title}`.includes(` ${word}`))) {
    points += (whole ? 200 : 100) * (0.5 + words.join(' ').length / title.length / 2);
  }
  return points;
};

// The same place once, with its best score; the results come worst first.
const perform = Search._performSearch;
Search._performSearch = (...query) => {
  const seen = new Set();
  const fresh = ([page, , anchor]) => !seen.has(page + anchor) && seen.add(page + anchor);
  return perform(...query).reverse().filter(fresh).reverse();
};
