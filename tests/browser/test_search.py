"""A reader who types a word finds the chapter, online and in a folder of files."""

import re

import pytest
from conftest import new_page, pages

WHERE = {  # word -> a chapter that is about it
    "Heun": "foundations/denoising-gaussians.html",
    "emergence": "training-time/generated-distribution.html",
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


@pytest.mark.parametrize(("word", "chapter"), WHERE.items())
def test_search_finds_the_chapter(search, word, chapter):
    assert any(link.endswith(chapter) for link in results(search, word))
    assert search.errors == []


def test_a_word_that_is_not_there(search):
    assert results(search, "zzyzx") == []


def test_a_summary_stands_below_a_result(chromium, site):
    with new_page(chromium, site + "search.html?q=Heun") as page:
        page.locator("#search-results p.context").first.wait_for()


def test_search_from_a_page(chromium, html):
    """The box of a page leads to the results; a result leads to its page."""
    with new_page(chromium, (html / pages()[0]).as_uri()) as page:
        page.keyboard.press("Control+k")
        page.keyboard.type("Heun")
        page.keyboard.press("Enter")
        page.locator(f"#search-results a[href$='{WHERE['Heun']}']").first.click()
        page.locator("article h1").wait_for()
        assert WHERE["Heun"] in page.url
