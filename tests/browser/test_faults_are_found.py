"""The checks of the pages bite: a page that is spoiled in the browser is found out."""

import pytest
from conftest import new_page, open_in
from test_accessibility import STRUCTURE, THIN_OUT, barriers, faint
from test_pages import broken_links, noise, pale, sideways

PAGE = "book/how-to-read.html"


@pytest.fixture(scope="module")
def tab(chromium):
    with new_page(chromium, "about:blank") as page:
        yield page


@pytest.fixture
def good(tab, site):
    """A page with its scripts done, at 360 px, as it was built."""
    tab.set_viewport_size({"width": 360, "height": 900})
    tab.emulate_media(color_scheme="light")
    open_in(tab, site + PAGE)
    return tab


def append(page, html):
    page.evaluate(
        "html => document.querySelector('article').insertAdjacentHTML('beforeend', html)", html
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("fault", ["color: #777", "opacity: 0.5"])
def test_a_wrong_colour_in_one_mode_only(good, scheme, fault):
    append(good, f"<style>html[data-theme={scheme}] article p {{{fault}}}</style>")
    other = {"light": "dark", "dark": "light"}[scheme]
    assert pale(good, other) == []
    assert pale(good, scheme) != []
    assert pale(good, other) == []


def test_a_wrong_colour_that_axe_finds(good, site):
    """One word among many that look well, in a menu, in one mode only; a link like its text."""
    open_in(good, site + "book/index.html")  # axe does not judge a link round another element
    assert faint(good, "dark") + faint(good, "light") == []
    style = "html[data-theme=dark] .bd-sidebar-primary li:nth-child(3) > a {color: #666}"
    append(good, f"<style>{style}</style>")
    assert faint(good, "light") == []
    found = faint(good, "dark")
    assert found and all("color-contrast" in line and "1280 wide" in line for line in found)
    append(good, "<style>article p a {text-decoration: none !important}</style>")
    assert [line for line in faint(good, "light") if "link-in-text-block" in line]


def test_something_too_wide_for_a_phone_only(good):
    append(good, "<div style='width: 500px; white-space: nowrap'>" + 9 * "wide word " + "</div>")
    assert sideways(good, 1280) == []
    assert sideways(good, 360) != []


def test_an_error_and_a_request_to_another_machine(good, site):
    assert noise(good, site) == []
    good.evaluate("console.error('something is wrong')")
    good.evaluate("setTimeout(() => { throw new Error('thrown') })")
    good.evaluate("new Image().src = 'http://elsewhere.invalid/picture.png'")
    good.evaluate("new Image().src = 'not-there.png'")
    good.wait_for_timeout(200)
    found = " ".join(noise(good, site))
    for fault in ("something is wrong", "thrown", "elsewhere.invalid", "not-there.png"):
        assert fault in found


def test_an_address_from_the_root_of_the_machine(good, site):
    good.evaluate("new Image().src = '/book/_static/book.png'")
    good.wait_for_timeout(200)
    assert noise(good, site) != []


@pytest.mark.parametrize(
    "link", ["#sec-nowhere", "notation.html#sec-nowhere", "nowhere.html", "/book/notation.html"]
)
def test_a_broken_link(good, site, html, link):
    assert broken_links(good, site, html) == []
    append(good, f"<a href='{link}'>there</a>")
    assert len(broken_links(good, site, html)) == 1


def test_a_barrier_in_the_structure(good):
    append(good, "<img src='data:,'><button aria-label='Close'>Open</button><h6>Too deep</h6>")
    long = "<p style='height: 900px'>Only for a mouse.</p><p>The end.</p>"
    append(good, f"<div style='overflow: auto; height: 40px'>{long}</div>")
    good.evaluate(THIN_OUT)
    found = {line.split(":")[0] for line in barriers(good, STRUCTURE)}
    assert found >= {
        "image-alt", "label-content-name-mismatch", "heading-order", "scrollable-region-focusable"
    }
