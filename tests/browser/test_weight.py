"""A page is light: what it loads by itself has less than 1 MB, compressed."""

import gzip
from functools import cache

from conftest import file_of

MOST = 1_000_000  # bytes
PACKED = {".woff", ".woff2", ".png", ".jpg"}  # compressed already
# What comes when a reader reaches for it, and not before (test_sliders; a search; a card).
ASKED_FOR = ("plotly-basic", "searchindex", "cards-data")


@cache
def weight(file):
    data = file.read_bytes()
    return len(data if file.suffix in PACKED else gzip.compress(data, 6))


def test_a_page_is_light(page, path, site, html):
    files = {
        file_of(address, site, html) for address in page.asked
        if address.startswith(site) and not any(name in address for name in ASKED_FOR)
    }
    weights = {file.name: weight(file) for file in files if file.is_file()}
    assert len(weights) > 10, "the page, its styles, scripts and fonts"
    heaviest = sorted(weights.items(), key=lambda item: -item[1])[:5]
    assert sum(weights.values()) < MOST, f"{path}: {sum(weights.values())} bytes, {heaviest}"
