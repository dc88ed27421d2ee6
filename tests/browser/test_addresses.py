"""Addresses: labels, the root, the sitemap, and what the first page weighs."""

import gzip
from urllib.parse import urlsplit
from xml.etree import ElementTree

from conftest import file_of, hosts, new_page, open_in, pages, settle

FIRST_PAGE = 1_000_000  # bytes, compressed


def test_an_address_shows_its_place(chromium, site):
    """Also after the mathematics above it has grown. Folds stay as a reader finds them."""
    with new_page(chromium, "about:blank") as page:
        for label in ("eq-gain", "equation-eq-gain", "sec-linear-denoiser"):
            page.goto("about:blank")  # a new place on the same page would not load it again
            address = f"{site}book/training-time/linear-denoiser.html#{label}"
            open_in(page, address, unfold=False)
            settle(page)
            top, height = page.evaluate(
                "label => [document.getElementById(label).getBoundingClientRect().top,"
                " window.innerHeight]", label
            )
            # a heading at the top, what is marked in the middle
            assert 0 <= top < (300 if label.startswith("sec-") else 0.6 * height), label


def test_the_root_leads_to_the_first_page(chromium, site, html):
    for start in (site, (html / "index.html").as_uri()):
        with new_page(chromium, start) as page:
            assert page.url.endswith("/" + pages()[0])


def test_sitemap_lists_the_pages(html, config):
    tree = ElementTree.parse(html / "sitemap.xml")
    found = [place.text for place in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert sorted(found) == sorted(config["html"]["baseurl"] + page for page in pages())


def test_weight_of_the_first_page(chromium, site, html):
    """Everything that a first visit loads, compressed as a server would."""
    with new_page(chromium, site) as page:
        sizes = {}
        for address in page.asked:
            if not address.startswith("data:"):
                file = file_of(address, site, html)
                sizes[file] = len(gzip.compress(file.read_bytes(), 6))
        assert hosts(page) <= {urlsplit(site).netloc, ""}
        assert len(sizes) > 10
        heavy = sorted(((size, file.name) for file, size in sizes.items()), reverse=True)
        assert sum(sizes.values()) < FIRST_PAGE, heavy[:8]


def test_icons_are_drawn(page):
    """By the fonts of the theme, not by its script."""
    assert not [address for address in page.asked if "fontawesome.js" in address]
    icons = page.locator("i[class*='fa-'], span[class*='fa-']")
    assert icons.count() > 5
    drawn = icons.evaluate_all("all => all.map(i => getComputedStyle(i, '::before').content)")
    assert all(len(content.strip('"')) == 1 for content in drawn), drawn
