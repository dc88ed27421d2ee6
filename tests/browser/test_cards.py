"""Every link to a claim, equation, figure, section, paper or term has a card and a target."""

import json
import re
from functools import cache
from urllib.parse import unquote, urljoin

import pytest
from conftest import EXAMPLES, new_page, pages

KIND = re.compile(r"(claim|eq|fig|sec|ref|term)-")
LINK = re.compile(r'<a class="(?=[^"]*\binternal\b)[^"]*" href="([^"]*)#([^"]+)"')
CHAPTER = "book/foundations/denoising-gaussians.html"
# A link, and words of its card: the expected value in the unit of the text, a title.
SHOWN = {
    "claim": "±|Holds",
    "eq": r"Eq. \(\d+\.\d+\): \w+",
    "fig": r"Fig. \d+\.\d+",
    "sec": r"\w+",
    "ref": r"\(\d{4}\)",
}


@cache
def cards(html):
    text = (html / "_static/cards-data.js").read_text(encoding="utf-8")
    return json.loads(text.removeprefix("window.bookCards=").removesuffix(";\n"))


@cache
def ids(file):
    return set(re.findall(r'\bid="([^"]*)"', file.read_text(encoding="utf-8")))


def faults(html, path, data):
    """Links of a page whose card or target is missing."""
    text = (html / path).read_text(encoding="utf-8")
    article = text[text.index("<article") : text.index("</article>")]
    found = []
    for page, anchor in LINK.findall(article):
        name = unquote(anchor).removeprefix("equation-")
        there = html / (urljoin(path, page) if page else path)
        if KIND.match(name) and (name not in data or name not in ids(there)):
            found.append(f"{path}: {page}#{name}")
    return found


@pytest.mark.parametrize("path", pages(), scope="session")
def test_every_link_has_a_card_and_a_target(html, path):
    assert faults(html, path, cards(html)) == []


def test_a_missing_card_is_found(html):
    """The test above can fail."""
    data = dict(cards(html))
    assert data.pop("eq-gain") and data.pop("ref-Karras2022")
    found = [fault for path in pages() for fault in faults(html, path, data)]
    assert {fault.rpartition("#")[2] for fault in found} == {"eq-gain", "ref-Karras2022"}


def test_data_are_small_and_hold_no_picture(html):
    file = html / "_static/cards-data.js"
    assert file.stat().st_size < 400_000
    assert "data:image" not in file.read_text(encoding="utf-8")
    for name, card in cards(html).items():
        assert card["title"].strip(), name
        if name.startswith("fig-"):
            assert (html / card["picture"]).exists() and card["alt"]
            assert card["lines"] and card["title"].startswith("Fig. ")


def first(page, kind):
    """The first link of a kind that is seen, in the middle of the window."""
    link = page.locator(f"article a.internal[href*='#{kind}-']:not(.headerlink):visible").first
    link.evaluate("link => link.scrollIntoView({block: 'center', behavior: 'instant'})")
    return link


def opened(page):
    page.wait_for_function("document.querySelector('#book-card')?.style.visibility === ''")
    return page.locator("#book-card")


def test_a_card_on_hover_on_focus_and_on_a_page_from_a_file(chromium, html):
    """All kinds, described for a screen reader; Escape closes; no other host is asked."""
    with new_page(chromium, (html / CHAPTER).as_uri()) as page:
        for kind, words in SHOWN.items():
            link = first(page, kind)
            link.hover()
            card = opened(page)
            assert re.search(words, card.inner_text()), card.inner_text()
            described = page.locator(f"#{link.get_attribute('aria-describedby')}")
            assert described.count() == 1 and card.get_attribute("role") == "tooltip"
            assert (kind == "eq") == (described.inner_text() != card.inner_text())
            assert kind != "eq" or card.locator("mjx-container svg, mjx-container mjx-math").count()
            card.hover()
            page.wait_for_timeout(300)  # longer than a card stays without the pointer
            assert card.count() == 1, "the pointer may move onto the card"
            page.keyboard.press("Escape")
            assert card.count() == 0 and link.get_attribute("aria-describedby") is None
        page.mouse.move(0, 0)
        link = first(page, "claim")
        page.keyboard.press("Tab")  # from here on the keyboard is in use
        link.focus()
        assert opened(page).is_visible()
        assert page.errors == [] and all(a.startswith("file:") for a in page.asked)


def test_the_first_tap_opens_and_the_second_follows(chromium, site):
    with new_page(chromium, site + CHAPTER, 360, has_touch=True, color_scheme="dark") as page:
        for kind in ("claim", "fig", "ref"):
            before = page.url
            link = first(page, kind)
            link.tap()
            card = opened(page)
            box = card.bounding_box()
            assert page.url == before and 0 <= box["x"] and box["x"] + box["width"] <= 360
            assert page.evaluate("document.documentElement.scrollWidth") == 360
        link.tap()
        page.wait_for_url(re.compile("references.html#ref-"))


PLACE = """() => {
  const box = document.querySelector('.arrived').getBoundingClientRect();
  return [box.top, box.bottom, innerHeight];
}"""


def test_a_jump_marks_its_target_and_leads_back(chromium, site):
    """On the same page and from another one; the sentence is where it was, and has the focus."""
    with new_page(chromium, site + CHAPTER, unfold=False) as page:
        for kind in ("fig", "claim", "ref"):
            link = first(page, kind)
            name = link.get_attribute("href").rpartition("#")[2]
            top = link.bounding_box()["y"]
            link.click()
            back = page.get_by_role("button", name="back to the sentence")
            back.wait_for()
            above, below, height = page.evaluate(PLACE)
            assert page.url.endswith(f"#{name}")
            assert abs(above + below - height) < height / 2, "not in the middle of the window"
            hidden = page.locator(f"details:not([open]) #{name}")
            assert hidden.count() == 0, "a fold hides the target"
            back.click()
            page.wait_for_function("document.activeElement.matches('article a.internal')")
            focus = page.locator("article a.internal:focus")
            assert focus.get_attribute("href").endswith(f"#{name}")
            assert focus.bounding_box()["y"] == pytest.approx(top, abs=2)
            assert page.locator(".arrived, .book-back").count() == 0
        assert page.errors == []


def test_a_deep_link_marks_its_target_without_a_way_back(chromium, site):
    address = site + EXAMPLES[4] + "#ref-Karras2022"
    with new_page(chromium, address, unfold=False, reduced_motion="no-preference") as page:
        page.locator(".arrived", has_text="Karras").wait_for()
        behaviour = page.evaluate("getComputedStyle(document.documentElement).scrollBehavior")
        assert behaviour == "auto", "the browser's own scroll would carry the target away"
        assert page.locator(".book-back").count() == 0
