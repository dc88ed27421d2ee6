"""A reader who types a word finds the chapter, online and in a folder of files."""

import re

import pytest
from conftest import new_page, pages

FIRST = {  # what a reader types -> the chapter that stands first: by its title, or as introducing
    "law of emergence": "training-time/emergence-law.html",
    "Heun": "foundations/denoising-gaussians.html",
    "eigenmode": "training-time/linear-denoiser.html",  # a word of the papers, not of the book
}


def results(page, word):
    """Pages that a search lists, without the place on the page, best first."""
    page.locator("main input[type=search]").fill(word)
    page.keyboard.press("Enter")
    page.get_by_text(re.compile("Search finished|did not match any documents")).wait_for()
    links = page.eval_on_selector_all(
        "#search-results li > a", "all => all.map(a => a.getAttribute('href'))"
    )
    return list(dict.fromkeys(link.split("#")[0] for link in links))


@pytest.fixture(params=["server", "file"])
def search(request, chromium, site, html):
    start = site if request.param == "server" else html.as_uri() + "/"
    with new_page(chromium, start + "search.html") as page:
        yield page


def test_search_lists_the_chapter_first(search):
    first = {word: (results(search, word) or [""])[0] for word in FIRST}
    assert {word for word, link in first.items() if not link.endswith(FIRST[word])} == set(), first
    assert results(search, "zzyzx") == []
    assert search.errors == []


def test_summaries_stand_below_the_results(chromium, site):
    """Without raw formulas: most pages that have this word have formulas near it."""
    with new_page(chromium, site + "search.html?q=gain") as page:
        page.locator("#search-results li:nth-child(5) p.context").wait_for()
        for text in page.locator("#search-results p.context").all_inner_texts():
            assert not re.search(r"\\[a-zA-Z([]|Binder", text), text


def test_search_from_a_page(chromium, html):
    """The box of a page leads to the results; a result leads to its page."""
    with new_page(chromium, (html / pages()[0]).as_uri()) as page:
        page.keyboard.press("Control+k")
        page.keyboard.type("Heun")
        page.keyboard.press("Enter")
        page.locator(f"#search-results a[href*='{FIRST['Heun']}']").first.click()
        page.locator("article h1").wait_for()
        assert FIRST["Heun"] in page.url
