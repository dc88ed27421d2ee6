"""Shared by all tests: the tools of the book can be imported, slow tests are marked."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "book" / "_tools"))


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: takes more than a few seconds (-m 'not slow')")


@pytest.fixture(scope="session")
def made_site(tmp_path_factory):
    """The generated pages, built once for all tests that look at them."""
    from made_pages import MADE, Site

    return Site(tmp_path_factory.mktemp("site")).build(*MADE)
