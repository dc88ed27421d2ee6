"""Pages that are made from notebooks, laws and docstrings, as they were built."""

import json
import re

import pytest
from conftest import new_page, pages

EQUATION = re.compile(
    r'<a class="reference internal" href="[^"]*#(?:equation-)?eq-[^"]*">(.*?)</a>'
)


@pytest.mark.parametrize("path", pages())
def test_links_to_equations_show_a_number(html, path):
    words = EQUATION.findall((html / path).read_text(encoding="utf-8"))
    assert words or not path.endswith("appendix/equations.html")
    assert [text for text in words if not re.search(r"\(\d+(\.\d+)*\)", text)] == []


def test_claims_can_be_downloaded(chromium, site, html):
    with new_page(chromium, f"{site}book/appendix/claims.html") as page:
        address = page.get_by_role("link", name="claims.json").evaluate("link => link.href")
        shown = page.locator("dl.made > dt").count()
    data = json.loads((html / address.removeprefix(site)).read_text(encoding="utf-8"))
    assert data["count"] == len(data["claims"]) == shown > 0
    for claim in data["claims"]:
        path, _, name = claim["address"].partition("#")
        assert f'id="{name}"' in (html / path).read_text(encoding="utf-8")


def test_equation_and_function_lead_to_each_other(chromium, site):
    with new_page(chromium, f"{site}book/appendix/equations.html") as page:
        page.get_by_role("link", name="theory.LinearLaw.gain").first.click()
        entry = page.locator('dl.py:has(> dt[id="specbook.theory.LinearLaw.gain"])')
        entry.get_by_role("link").filter(has_text=re.compile(r"^\(\d")).first.click()
        page.wait_for_load_state("load")
        assert page.evaluate("location.hash") in ("#eq-gain", "#equation-eq-gain")
        assert page.locator('[id$="eq-gain"]').count() > 0
