// A "cite" button beside every heading that copies the section's BibTeX entry.
const data = document.getElementById('book-cite');
for (const [label, entry] of Object.entries(data ? JSON.parse(data.textContent) : {})) {
  const target = document.getElementById(label);
  const section = target?.closest('section');
  const heading = section?.querySelector(':scope > h1, :scope > h2, :scope > h3, :scope > h4');
  if (!heading) continue;

  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'cite-section';
  button.textContent = 'cite';
  button.title = 'Copy the BibTeX entry of this section';
  button.setAttribute('aria-label', `cite: copy the BibTeX entry of ${entry.title}`);
  button.dataset.bibtex = entry.bibtex;
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(entry.bibtex);
      button.textContent = 'copied';
    } catch {                          // a page opened from a file may not use the clipboard
      window.prompt('BibTeX entry of this section:', entry.bibtex);
    }
    setTimeout(() => { button.textContent = 'cite'; }, 1500);
  });
  heading.append(button);
}
