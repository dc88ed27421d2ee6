"""Cells and formulas as a browser shows them: what fits, what opens, what the Tab key reaches."""

import pytest
from conftest import EXAMPLES, new_page, set_width, settle

CHAPTER = EXAMPLES[1]

# Equations with two forms: how many are seen of each, and by how much the seen one is too wide.
FORMS = """() => [...document.querySelectorAll('article .two-forms')].map(equation => {
  const all = [...equation.querySelectorAll('mjx-container')];
  const seen = all.filter(form => form.checkVisibility());
  return {
    label: equation.id, forms: all.length, seen: seen.length,
    narrow: Boolean(seen[0]?.closest('.narrow')),
    beyond: seen[0]?.scrollWidth - seen[0]?.clientWidth,
  };
})"""
# Lines of code that the book allows (76 characters), in a box that scrolls all the same.
SCROLLING = """() => [...document.querySelectorAll('article .cell_input pre')].filter(box =>
  box.checkVisibility() && box.scrollWidth > box.clientWidth
  && Math.max(...box.textContent.split('\\n').map(line => line.length)) <= 76
).map(box => box.textContent.slice(0, 60))"""
PRINTED = """() => [...document.querySelectorAll(
  '.cite, .headerlink, .copybtn, .bd-sidebar-primary, .bd-sidebar-secondary, details.hide > summary'
)].filter(e => e.checkVisibility()).map(e => e.outerHTML.slice(0, 80))"""


def misfits(page, narrow):
    """Equations of which not the right form is seen, or not all of it."""
    return [
        equation for equation in page.evaluate(FORMS)
        if (equation["forms"], equation["seen"]) != (2, 1)
        or equation["narrow"] != narrow or equation["beyond"] > 0
    ]


def test_equations_stand_in_the_form_that_fits(page):
    set_width(page, 1280)
    assert misfits(page, narrow=False) == []


def test_code_fits_its_box(page):
    set_width(page, 1280)
    assert page.evaluate(SCROLLING) == []


def test_only_formulas_that_scroll_are_stops_of_the_tab_key(page):
    set_width(page, 1280)
    stops = page.locator("mjx-container[tabindex='0']")
    idle = "all => all.filter(box => box.scrollWidth <= box.clientWidth).length"
    assert stops.evaluate_all(idle) == 0
    assert stops.count() <= 3, "formulas that are too wide for the page"


def test_a_link_opens_the_fold_of_a_claim(chromium, site):
    with new_page(chromium, site + CHAPTER, unfold=False) as page:
        link = page.locator("article a[href^='#claim-']").first
        row = page.locator(f"[id='{link.get_attribute('href')[1:]}']")
        assert row.evaluate("row => row.matches('details.fold:not([open]) tr')")
        link.click()
        settle(page)
        assert row.evaluate("row => row.closest('details').open") and row.is_visible()
        assert 0 <= row.bounding_box()["y"] < 900


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_paper_has_nothing_that_only_a_screen_can_use(chromium, site, scheme):
    with new_page(chromium, site + CHAPTER, 720, unfold=False, color_scheme=scheme) as page:
        page.emulate_media(media="print")
        settle(page)
        assert page.evaluate(PRINTED) == []
        assert page.locator("details.sources td").first.is_visible()
        cut = "all => all.filter(box => box.scrollWidth > box.clientWidth).length"
        assert page.eval_on_selector_all("article pre", cut) == 0, "code goes on beside the paper"
