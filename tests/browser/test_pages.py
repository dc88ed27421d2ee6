"""What a reader's browser makes of the pages."""

import re
from functools import cache
from html import unescape
from urllib.parse import unquote, urlsplit

import pytest
from conftest import EXAMPLES, ROOT, file_of, hosts, set_scheme, set_width
from test_accessibility import faint

# Text of the article outside code, where no mark-up may be left over.
PROSE = """() => {
  const walk = document.createTreeWalker(document.querySelector('article'), NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walk.nextNode()) {
    const {parentElement, data} = walk.currentNode;
    if (!parentElement.closest('pre, code, script, style, mjx-container')) texts.push(data);
  }
  return texts;
}"""
LEFTOVER = re.compile(r"\$[^$]*\$|\\[(\[]|:::|^\s*`{3}|\{[a-z:]+\}`|\]\(#", flags=re.M)

# Text that ends outside the window, and not inside a box that scrolls.
CUT_OFF = """() => {
  const scrolls = e => ['auto', 'scroll'].includes(getComputedStyle(e).overflowX);
  const walk = document.createTreeWalker(document.querySelector('article'), NodeFilter.SHOW_TEXT);
  const range = document.createRange(), found = [];
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement, text = walk.currentNode.data.trim();
    range.selectNodeContents(walk.currentNode);
    if (!text || range.getBoundingClientRect().right <= innerWidth + 1) continue;
    if (element.closest('script, style, mjx-assistive-mml, .visually-hidden')) continue;
    if (!element.checkVisibility({visibilityProperty: true, opacityProperty: true})) continue;
    let box = element;
    while (box && !scrolls(box)) box = box.parentElement;
    if (!box?.closest('article')) found.push(text.slice(0, 60));
  }
  return found;
}"""

# WCAG contrast of every piece of visible text in the article with the background behind it.
CONTRAST = """() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const once = make => {
    const made = new Map();
    return key => made.get(key) ?? made.set(key, make(key)).get(key);
  };
  const rgba = once(colour => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  });
  const over = (top, under) => [0, 1, 2].map(i => top[3] * top[i] + (1 - top[3]) * under[i]);
  const background = once(element => element === null ? [255, 255, 255]
    : over(rgba(getComputedStyle(element).backgroundColor), background(element.parentElement)));
  const opacity = once(element => element === null ? 1
    : Number(getComputedStyle(element).opacity) * opacity(element.parentElement));
  const luminance = colour => {
    const linear = v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
    const [r, g, b] = colour.map(v => linear(v / 255));
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const walk = document.createTreeWalker(document.querySelector('article'), NodeFilter.SHOW_TEXT);
  const found = new Map();
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement, text = walk.currentNode.data.trim();
    const seen = element.checkVisibility({visibilityProperty: true, opacityProperty: true});
    if (!text || !seen) continue;
    if (element.closest('script, style, mjx-assistive-mml, .headerlink, button')) continue;
    const style = getComputedStyle(element), behind = background(element);
    const [r, g, b, a] = rgba(style.color), ink = [r, g, b, a * opacity(element)];
    const key = `${ink} on ${behind.map(Math.round)}`;
    if (found.has(key)) continue;
    const lights = [luminance(over(ink, behind)), luminance(behind)];
    const contrast = (Math.max(...lights) + .05) / (Math.min(...lights) + .05);
    found.set(key, [contrast, key, text.slice(0, 40)]);
  }
  return [...found.values()];
}"""


@cache
def ids(file):
    return set(re.findall(r'\b(?:id|name)="([^"]+)"', file.read_text(encoding="utf-8")))


def noise(page, site):
    """Errors of a page, and what it asked of other machines."""
    own = {urlsplit(site).netloc, ""}
    return page.errors + [address for address in page.asked if urlsplit(address).netloc not in own]


def sideways(page, width):
    """What does not fit in a window of a width."""
    set_width(page, width)
    page.evaluate("window.scrollTo(500, 0)")
    found = page.evaluate("[document.documentElement.scrollWidth, window.scrollX]")
    return [f"scrolls: {found}"] * (found[0] > width or found[1] > 0) + page.evaluate(CUT_OFF)


def pale(page, scheme):
    """Visible texts of the article whose contrast is too low."""
    set_scheme(page, scheme)
    texts = page.evaluate(CONTRAST)
    assert len(texts) > 2
    return [entry for entry in texts if entry[0] < 4.5]


def broken_links(page, site, html):
    """Links to pages of the book, or to places on them, that are not there."""
    broken = []
    for link in page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)"):
        if urlsplit(link).netloc == urlsplit(site).netloc:
            file, anchor = file_of(link, site, html), unquote(urlsplit(link).fragment)
            there = file.exists() and link.startswith(site)
            if not there or (anchor and file.suffix == ".html" and anchor not in ids(file)):
                broken.append(link.removeprefix(site))
    return broken


def test_page_is_quiet_and_alone(page, site):
    assert noise(page, site) == []


@pytest.mark.parametrize("width", [1280, 768])
def test_no_sideways_scrolling(page, width):
    assert sideways(page, width) == []


def test_pictures_have_text_and_caption(page):
    for image in page.query_selector_all("article img"):
        source = image.get_attribute("src")
        image.scroll_into_view_if_needed()
        image.evaluate("image => image.decode()")
        assert (image.get_attribute("alt") or "").strip(), f"{source} has no alt text"
        assert image.evaluate("image => image.naturalWidth") > 0, f"{source} is not shown"
    for image in page.query_selector_all("article .cell_output img"):
        caption = image.evaluate(
            "image => image.closest('figure')?.querySelector('figcaption')?.innerText ?? ''"
        )
        words = re.sub(r"^Fig\. [\d.]+", "", caption.strip()).strip(" #\n")
        assert words, f"{image.get_attribute('src')} has no caption"


def test_mathematics_is_typeset(page, html, path):
    source = (html / path).read_text(encoding="utf-8")
    article = source[source.index("<article") : source.index("</article>")]
    formulas = len(re.findall(r'class="[^"]*\bmath notranslate', article))
    assert page.locator("article .math").count() == formulas
    assert page.locator("article .math:not(:has(mjx-container))").count() == 0
    assert page.locator("mjx-merror, [data-mjx-error]").count() == 0
    left = [text for text in page.evaluate(PROSE) if LEFTOVER.search(text)]
    assert left == [], "mark-up is left over in the text"


def test_colours_in_both_modes(page, path):
    """Text is readable; figures have colours of their own for dark mode, and nothing dims them.

    On one page of each kind axe looks at what is around the article, too.
    """
    found = {"dark": pale(page, "dark")}
    looks = page.eval_on_selector_all(
        "article .cell_output img",
        "all => all.map(getComputedStyle).map(s => `${s.backgroundColor} ${s.filter}`)",
    )
    found["light"] = pale(page, "light")
    assert found == {"dark": [], "light": []}
    assert set(looks) <= {"rgba(0, 0, 0, 0) none"}
    if path in EXAMPLES:
        assert faint(page, "light") + faint(page, "dark") == []


def test_launch_buttons(page, config, path):
    notebook = path.replace(".html", ".ipynb")
    is_notebook = (ROOT / notebook).exists()
    address, branch = config["repository"]["url"], config["repository"]["branch"]
    name = urlsplit(address).path.strip("/")
    binder = f"https://mybinder.org/v2/gh/{name}/{branch}?urlpath=lab/tree/{notebook}"
    colab = f"https://colab.research.google.com/github/{name}/blob/{branch}/{notebook}"
    links = page.eval_on_selector_all("a[href]", "all => all.map(a => a.getAttribute('href'))")
    assert {link for link in links if "mybinder" in link} == ({binder} if is_notebook else set())
    assert {link for link in links if "colab" in link} == ({colab} if is_notebook else set())
    assert address in links


def test_links_within_the_book(page, site, html):
    assert broken_links(page, site, html) == []


def test_a_page_describes_itself(html, path):
    source = (html / path).read_text(encoding="utf-8")
    (text,) = re.findall(r'<meta name="description" content="([^"]*)"', source)
    assert 50 <= len(unescape(text)) <= 200, text
    assert not re.search(r"[\\$]|:::", text), "mark-up in a description"
    assert re.findall(r'<meta property="og:description" content="([^"]*)"', source) == [text]


# What a page loads is the same on all pages of its kind, and `site` is in a folder: an address
# from the root of a machine is seen there, too.
@pytest.mark.parametrize("path", EXAMPLES, scope="session")
def test_page_works_from_a_file(file_page):
    assert file_page.locator("article h1").count() == 1
    assert file_page.locator("article .math:not(:has(mjx-container))").count() == 0
    assert hosts(file_page) <= {""}
    assert file_page.errors == []
