"""Shared by all tests: the tools of the book can be imported, slow tests are marked."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "book" / "_tools"))


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: takes more than a few seconds (-m 'not slow')")
