// "cite" buttons that copy BibTeX entries: beside headings, under the numbers of equations, and
// at the end of captions.
const data = document.getElementById('book-cite');

const PLACES = {
  sec: element => element.closest('section')?.querySelector(':scope > :is(h1, h2, h3, h4)'),
  eq: element => element.closest('.math')?.querySelector('.eqno'),
  fig: element => element.querySelector('figcaption > p') ?? element.querySelector('figcaption'),
};

// Read aloud when something was copied.
const status = document.createElement('span');
status.className = 'visually-hidden';
status.setAttribute('role', 'status');
document.querySelector('article')?.append(status);

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {                            // no permission, or a page that is not served securely
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
}

for (const [label, {title, bibtex}] of Object.entries(data ? JSON.parse(data.textContent) : {})) {
  const element = document.getElementById(label);
  const place = element && PLACES[label.split('-')[0]](element);
  if (!place) continue;

  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'cite';
  const show = word => {                 // what is read aloud begins with what is seen
    button.textContent = word;
    button.setAttribute('aria-label', `${word}: copy the BibTeX entry of ${title}`);
  };
  show('cite');
  button.title = `Copy the BibTeX entry of ${label}`;
  button.dataset.label = label;
  button.addEventListener('click', async () => {
    await copy(bibtex);
    button.focus();
    show('copied');
    status.textContent = `BibTeX entry of ${title} copied`;
    setTimeout(() => { show('cite'); status.textContent = ''; }, 2000);
  });
  place.insertBefore(button, place.querySelector(':scope > .headerlink'));
  if (!place.matches('.eqno')) button.before(' ');
}
