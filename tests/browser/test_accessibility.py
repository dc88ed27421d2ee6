"""No barrier that axe finds, on any page: light and dark, on a desktop and on a phone.

Here are menus and pages that are not in the table of contents; `test_phone` looks at the
structure of every page, `test_pages` at colours.
"""

from contextlib import suppress

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import new_page, pages, set_scheme, set_width
from playwright.sync_api import TimeoutError

# Rules that axe leaves out unless they are asked for.
FURTHER = ("label-content-name-mismatch", "target-size")
ALL = {"rules": {name: {"enabled": True} for name in FURTHER}}
COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"]}  # what dark mode may change
STRUCTURE = {"rules": ALL["rules"] | {name: {"enabled": False} for name in COLOURS["runOnly"]}}

# Two places of each look are enough for colours, which cost axe most of its time: words of the
# same element and colours, on the same ground, in a line of the same kind.
LOOKS = """where => {
  const grounds = new Map([[null, '']]), seen = {};
  const ground = element => {
    if (!grounds.has(element)) {
      const {backgroundColor, backgroundImage, opacity} = getComputedStyle(element);
      const own = [backgroundColor, backgroundImage, opacity].join();
      const plain = own === 'rgba(0, 0, 0, 0),none,1';
      grounds.set(element, (plain ? '' : own + ';') + ground(element.parentElement));
    }
    return grounds.get(element);
  };
  const ink = element => {
    const {color, fontSize, fontWeight, textDecorationLine} = getComputedStyle(element);
    return [element.tagName, color, fontSize, fontWeight, textDecorationLine].join();
  };
  document.querySelectorAll('[data-look]').forEach(element => delete element.dataset.look);
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement;
    const seenNow = element.checkVisibility({visibilityProperty: true, opacityProperty: true});
    if (!walk.currentNode.data.trim() || !seenNow || element.closest('svg')) continue;
    if (!element.closest(where)) continue;
    const look = [ink(element), ink(element.parentElement), ground(element)].join(' ');
    seen[look] = (seen[look] ?? 0) + 1;
    if (seen[look] <= 2) (element.closest('a') ?? element).dataset.look = '';
  }
}"""

# What is the same all over a page and no barrier. Code and signatures have thousands of words:
# two of each kind are left. Glyphs of formulas are two thirds of a chapter's elements, and hidden
# from screen readers, which read the MathML beside them: boxes of the same size stand for them.
THIN_OUT = """() => {
  const seen = {};
  for (const word of document.querySelectorAll('.highlight pre span[class], .sig span[class]')) {
    const kind = `${word.closest('.sig') ? 'sig' : 'code'} ${word.className}`;
    seen[kind] = (seen[kind] ?? 0) + 1;
    if (seen[kind] > 2) word.replaceWith(word.textContent);
  }
  const formulas = [...document.querySelectorAll('mjx-math')];
  const sizes = formulas.map(formula => [formula.offsetWidth, formula.offsetHeight]);
  formulas.forEach((formula, i) => {
    const [width, height] = sizes[i];
    formula.replaceChildren();
    formula.style.cssText = `display: inline-block; width: ${width}px; height: ${height}px`;
  });
}"""

# Boxes that scroll can be reached by the keyboard; the theme sees to it a little after a resize.
REACHABLE = """() => [...document.querySelectorAll(
  'pre, .cell_output > .output, .jp-RenderedHTMLCommon, .pst-scrollable-table-container'
)].every(box => box.tabIndex === 0
  || (box.scrollWidth <= box.clientWidth && box.scrollHeight <= box.clientHeight))"""


def barriers(page, rules=ALL, context=None):
    """What axe finds: rule, places and what it says."""
    page.evaluate("window.dispatchEvent(new Event('resize'))")
    with suppress(TimeoutError):  # then axe says it, with the place
        page.wait_for_function(REACHABLE, timeout=5000)
    options = {"resultTypes": ["violations"], "preload": False, **rules}
    found = Axe().run(page, context=context, options=options).response["violations"]
    return [
        f"{fault['id']}: {node['target']} {node['html'][:150]} ({node['failureSummary']})"
        for fault in found
        for node in fault["nodes"]
    ]


def faint(page, scheme):
    """What axe finds wrong with colours; on a phone the article has those of the desktop."""
    set_scheme(page, scheme)
    found = []
    for width, where in ((1280, "body"), (360, "body :not(article, article *, :has(article))")):
        set_width(page, width)
        page.evaluate(LOOKS, where)
        lines = barriers(page, COLOURS, {"include": [["[data-look]"]]})
        found += [f"{scheme}, {width} wide: {line}" for line in lines]
    return found


@pytest.mark.parametrize("further", ["search.html", "genindex.html"])
def test_no_barriers_on_further_pages(chromium, site, further):
    with new_page(chromium, site + further, color_scheme="dark") as page:
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"
        assert faint(page, "dark") + faint(page, "light") == []
        page.evaluate(THIN_OUT)
        for width in (1280, 360):
            set_width(page, width)
            assert barriers(page, STRUCTURE) == [], f"{width} wide"


@pytest.fixture
def first_on_a_phone(chromium, site):
    settings = {"width": 360, "has_touch": True, "is_mobile": True}
    with new_page(chromium, site + pages()[0], **settings) as page:
        yield page


@pytest.mark.parametrize("side", ["primary", "secondary"])
def test_menus_on_a_phone(first_on_a_phone, side):
    first_on_a_phone.locator(f"button.{side}-toggle").click()
    first_on_a_phone.locator(f"#pst-{side}-sidebar-modal[open]").wait_for()
    assert barriers(first_on_a_phone) == []


def test_search_box_and_drop_down(chromium, site):
    with new_page(chromium, site + pages()[0]) as page:
        page.locator(".dropdown-download-buttons button").first.click()
        page.locator(".dropdown-menu.show").wait_for()
        assert barriers(page) == []
        page.keyboard.press("Control+k")
        page.locator("#pst-search-dialog[open]").wait_for()
        assert barriers(page) == []


def test_results_of_a_search(chromium, site):
    with new_page(chromium, site + "search.html?q=denoiser") as page:
        page.locator("#search-results li").first.wait_for()
        assert barriers(page) == []


def test_barriers_are_found(chromium, site):
    """The check would see a fault."""
    with new_page(chromium, site + pages()[0]) as page:
        page.evaluate(
            """document.querySelector('article').insertAdjacentHTML('beforeend',
            '<p style="color: #bbb; background: #fff">pale</p><img src="data:,">'
            + '<button aria-label="Close">Open</button>')"""
        )
        found = {line.split(":")[0] for line in barriers(page)}
        assert {"color-contrast", "image-alt", "label-content-name-mismatch"} <= found
