"""Addresses: the sitemap, old ones that lead on, and what the first page weighs."""

import gzip
import json
import re
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
import yaml
from conftest import ROOT, file_of, hosts, new_page, pages, settle
from small_book import build

FIRST_PAGE = 1_000_000  # bytes, compressed
REDIRECTS = ROOT / "book" / "redirects.yml"


def moved():
    """Old address and where it leads, for every entry of the book's table."""
    if not REDIRECTS.exists():
        return
    data = yaml.safe_load(REDIRECTS.read_text(encoding="utf-8")) or {}
    for old, new in (data.get("pages") or {}).items():
        yield f"{old}.html", f"{new}.html"
    for old, labels in (data.get("labels") or {}).items():
        for label, new in labels.items():
            yield f"{old}.html#{label}", f"{new}.html#{label}"


def examples():
    """One entry for each pair of pages."""
    pairs = {(old.split("#")[0], new.split("#")[0]): (old, new) for old, new in moved()}
    return list(pairs.values())


def arrives(page, start, old, new):
    page.goto("about:blank")
    page.goto(start + old)
    page.wait_for_url(start + new, timeout=20_000)


def test_every_old_address_leads_on(html):
    """By what stands in the pages; the browser tries examples."""
    for old, new in moved():
        page, _, label = old.partition("#")
        text = (html / page).read_text(encoding="utf-8")
        table, otherwise = re.search(r"const moved = (.*?), otherwise = (.*?);", text).groups()
        leads = json.loads(table).get(label) or json.loads(otherwise)
        target = html / Path(page).parent / leads
        assert target.resolve() == html / new.partition("#")[0]
        assert not label or f'id="{label}"' in target.read_text(encoding="utf-8"), old


@pytest.mark.parametrize(("old", "new"), examples())
def test_an_old_address_leads_on(chromium, site, html, old, new):
    context = chromium.new_context()
    page = context.new_page()
    for start in (site, html.as_uri() + "/"):
        arrives(page, start, old, new)
        label = new.partition("#")[2]
        assert not label or page.evaluate("label => !!document.getElementById(label)", label)
    context.close()


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A book in which a page and some labels have moved."""
    pages = {
        "book/start": "(sec-start)=\n# Start\n\n[here](#sec-stays)\n\n(sec-stays)=\n## Stays\n",
        "book/part/new": "(sec-new)=\n# New\n\n(sec-moved)=\n## Moved\n\n$$c = d$$ (eq-moved)\n",
    }
    table = (
        "pages: {book/old/page: book/part/new}\nlabels:\n"
        "  book/start: {sec-moved: book/part/new, eq-moved: book/part/new}\n"
        "  book/old/page: {sec-stays: book/start}\n"
    )
    extensions = "specbook_cite", "specbook_redirects"
    folder = tmp_path_factory.mktemp("small")
    built = build(
        folder, pages, *extensions, files={"book/redirects.yml": table},
        suppress_warnings=["specbook.cite"],
    )
    assert built.warnings == ""
    return built.html.as_uri() + "/"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("book/old/page.html", "book/part/new.html"),
        ("book/old/page.html#sec-moved", "book/part/new.html#sec-moved"),
        ("book/old/page.html?x=1#claim-y", "book/part/new.html?x=1#claim-y"),
        ("book/old/page.html#sec-stays", "book/start.html#sec-stays"),
        ("book/start.html#sec-moved", "book/part/new.html#sec-moved"),
        ("book/start.html#equation-eq-moved", "book/part/new.html#eq-moved"),
        ("book/start.html#sec-stays", "book/start.html#sec-stays"),
        ("index.html", "book/start.html"),
        ("index.html#sec-moved", "book/part/new.html#sec-moved"),
    ],
)
def test_redirects_of_a_small_book(chromium, small, old, new):
    context = chromium.new_context()
    arrives(context.new_page(), small, old, new)
    context.close()


def test_a_link_on_the_page_to_a_label_that_moved(chromium, small):
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{small}book/start.html")
    page.evaluate("location.hash = 'sec-moved'")
    page.wait_for_url(f"{small}book/part/new.html#sec-moved", timeout=20_000)
    context.close()


@pytest.mark.parametrize("label", ["eq-gain", "equation-eq-gain", "sec-linear-denoiser"])
def test_an_address_shows_its_place(chromium, site, label):
    """Also after the mathematics above it has grown. Folds stay as a reader finds them."""
    address = f"{site}book/training-time/linear-denoiser.html#{label}"
    with new_page(chromium, address, unfold=False) as page:
        settle(page)
        top = page.evaluate(
            "label => document.getElementById(label).getBoundingClientRect().top", label
        )
        assert 0 <= top < 300


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


def test_icons_come_without_a_whole_font(page, html):
    """Every icon of the page is in the small fonts of the book, and is drawn."""
    assert not [address for address in page.asked if "fontawesome" in address]
    icons = page.locator("i[class*='fa-'], span[class*='fa-']")
    assert icons.count() > 5
    drawn = icons.evaluate_all("all => all.map(i => getComputedStyle(i, '::before').content)")
    assert all(len(content.strip('"')) == 1 for content in drawn), drawn
