"""Sections, equations and figures can be cited: by a button, and by reference managers."""

import re

import pytest
from conftest import EXAMPLES, set_width
from pybtex.database import parse_string

from specbook.reading.citation import cite

HEADINGS = "article section > :is(h1, h2, h3, h4)"
EQUATIONS = "article div.math:has(.eqno)"
FIGURES = "article figure:has(figcaption)"
# The page's title without its number and its buttons.
TITLE = """() => {
  const title = document.querySelector('article h1').cloneNode(true);
  title.querySelectorAll('.section-number, .headerlink, .cite').forEach(part => part.remove());
  return title.innerText.trim();
}"""
LABELS = "all => all.map(button => button.dataset.label)"


def meta(page, name):
    return page.locator(f"meta[name='{name}']").get_attribute("content")


@pytest.mark.parametrize(
    ("places", "kind"), [(HEADINGS, "sec"), (EQUATIONS, "eq"), (FIGURES, "fig")]
)
def test_everything_with_a_label_has_a_button(page, places, kind):
    count = page.locator(places).count()
    assert page.locator(f"{places} >> .cite").count() == count
    assert count > 0 or kind != "sec"
    labels = page.eval_on_selector_all(f":is({places}) .cite", LABELS)
    assert all(label.startswith(f"{kind}-") for label in labels)
    links = page.eval_on_selector_all(
        f":is({places}) .headerlink", "all => all.map(link => link.getAttribute('href'))"
    )
    assert all(link.startswith(f"#{kind}-") for link in links)


def test_a_button_copies_what_the_command_prints(page, config, path):
    """One of each kind; the address in the entry leads to what is cited."""
    first = {}
    for label in page.eval_on_selector_all(".cite", LABELS):
        first.setdefault(label.split("-")[0], label)
    for label in first.values():
        button = page.locator(f".cite[data-label='{label}']")
        button.focus()
        page.keyboard.press("Enter")
        page.wait_for_function("b => b.textContent === 'copied'", arg=button.element_handle())
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied == cite(label)
        entries = parse_string(copied, "bibtex").entries
        entry = next(e for key, e in entries.items() if key.endswith(f":{label}"))
        assert entry.fields["url"] == f"{config['html']['baseurl']}{path}#{label}"
        assert entry.fields["note"] == f"Version {config['sphinx']['config']['release']}"
        assert page.evaluate("label => document.getElementById(label) !== null", label)


def test_stated_laws_bring_their_paper(page):
    for label in page.eval_on_selector_all(".eqno .cite", LABELS):
        entry = cite(label)
        named = re.search(r"arXiv:(\d{4}\.\d{4,5})", entry.splitlines()[0])
        if named:
            assert f"eprint = {{{named[1]}}}" in entry


def test_buttons_are_seen_when_they_are_reached(page):
    """Of equations and figures: under the pointer, by the keyboard; see also `test_phone`."""
    set_width(page, 1280)
    for place in (EQUATIONS, FIGURES):
        button = page.locator(f":is({place}) .cite").first
        if not button.count():
            continue
        button.scroll_into_view_if_needed()
        page.evaluate("document.activeElement?.blur()")
        page.mouse.move(0, 0)
        assert button.evaluate("b => getComputedStyle(b).opacity") == "0"
        button.locator("xpath=ancestor::*[self::figure or contains(@class, 'math')][1]").hover()
        assert button.evaluate("b => getComputedStyle(b).opacity") == "1"
        page.mouse.move(0, 0)
        page.evaluate("document.activeElement?.blur()")
        page.keyboard.press("Tab")  # so that what follows counts as use of the keyboard
        button.focus()
        assert button.evaluate("b => getComputedStyle(b).opacity") == "1"


def test_citation_tags(page, config, path):
    address = config["html"]["baseurl"] + path
    assert meta(page, "citation_title") == page.evaluate(TITLE)
    assert meta(page, "citation_author") == config["author"]
    assert re.fullmatch(r"\d{4}/\d{2}/\d{2}", meta(page, "citation_publication_date"))
    assert meta(page, "citation_public_url") == address
    assert meta(page, "citation_fulltext_html_url") == address
    assert meta(page, "citation_language") == "en"
    if meta(page, "citation_title") != config["title"]:
        assert meta(page, "citation_inbook_title") == config["title"]
    assert page.locator("link[rel=canonical]").get_attribute("href") == address
    assert page.locator("meta[property='og:url']").get_attribute("content") == address


@pytest.mark.parametrize("path", EXAMPLES, scope="session")
def test_a_button_works_from_a_file(file_page):
    file_page.locator(".cite").first.click()
    file_page.wait_for_function("document.querySelector('.cite').textContent === 'copied'")
    label = file_page.locator(".cite").first.get_attribute("data-label")
    assert file_page.evaluate("navigator.clipboard.readText()") == cite(label)
